import type { AppId, BrukerId, GrantTerms, Orgnr, PersonNumber } from '#domain';

/** One grant to be given. Giving again what is already so changes nothing; giving anew what was withdrawn restores it. */
export interface GrantOrder extends GrantTerms {
  readonly appId: AppId;
  readonly person: PersonNumber;
  /** The person's name, if it has been made already: making it costs more than all else about an order. */
  readonly brukerId?: BrukerId;
  readonly konsument: Orgnr;
}

/** An order whose person has been named. */
export interface NamedOrder extends GrantOrder {
  readonly brukerId: BrukerId;
}
