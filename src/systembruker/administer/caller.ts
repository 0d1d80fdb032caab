import { type AdminCaller, ownOrganisation } from '#access';
import type { BrukerId, Orgnr } from '#domain';

/** Who asks: as of all APIs, or (`citizen`) a person who has logged in at a page of ours. */
export type SystembrukerCaller = AdminCaller | { readonly kind: 'citizen'; readonly brukerId: BrukerId; readonly acr?: string };

/** Who asks, and for which organisation: a machine for its own, a person for one that it names, the operator for anybody. */
export interface Asking {
  readonly caller: SystembrukerCaller;
  readonly requestId?: string;
  readonly orgnr?: Orgnr;
}

/** The caller as the other sides know it. */
export function asAdmin(caller: SystembrukerCaller): AdminCaller {
  return caller.kind === 'citizen' ? { ...caller, kind: 'person', clientId: '', scopes: [] } : caller;
}

/** The organisation that a request is for, if it says one: the operator's need not. */
export function actingFor({ caller, orgnr }: Asking): Orgnr | undefined {
  return orgnr ?? ownOrganisation(asAdmin(caller));
}
