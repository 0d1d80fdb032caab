import type { AppId, Application, ApplicationState, BrukerId, OrganisationSettings, Orgnr, RoleAssignment } from '#domain';
import type { AccessCaller } from '../ask/may-ask.js';

/** Whoever asks to administer, as the policy is told. */
export type AdminCaller =
  | Extract<AccessCaller, { readonly kind: 'machine' }>
  | {
      readonly kind: 'person';
      readonly brukerId: BrukerId;
      /** Level of the log-in, such as `idporten-loa-high`. */
      readonly acr?: string;
      readonly clientId: string;
      readonly scopes: readonly string[];
    }
  | { readonly kind: 'anonymous' }
  /** Whoever may run commands on the data folder. */
  | { readonly kind: 'operator' };

/** An administrative request: who asks, and the id that its events carry. */
export interface AdminRequest {
  readonly caller: AdminCaller;
  /** Absent for the operator's commands. */
  readonly requestId?: string;
}

/** What a command asks: the operator is a caller like others, whom the policy judges. */
export function operatorRequest(): AdminRequest {
  return { caller: { kind: 'operator' } };
}

/** How events name who did it: the brukerId, the supplier that acts by delegation, the organisation itself, or `operator`. */
export function actorOf(caller: AdminCaller): string {
  if (caller.kind === 'person') return caller.brukerId;
  return caller.kind === 'machine' ? (caller.supplier ?? caller.consumer) : caller.kind;
}

/** The organisation that a question is about when it names none: the one that a machine is. Whether that may be, the policy says. */
export function ownOrganisation(caller: AdminCaller): Orgnr | undefined {
  return caller.kind === 'machine' ? caller.consumer : undefined;
}

/** What the policy is told of a grant that is to be. */
export interface JudgedGrant {
  /** In which application, and whether the organisation has it on; absent: in the one that the act is about. */
  readonly place?: { readonly application: Pick<Application, 'id' | 'state' | 'roles'> | undefined; readonly activated: boolean };
  readonly subject: BrukerId;
  readonly roles: readonly string[];
  readonly until?: string;
  /** How long it lasts; absent means without end. */
  readonly days?: number;
}

/** An organisation of a list, each judged by itself. */
export interface JudgedOrganisation {
  readonly orgnr: Orgnr;
  readonly mayBeTilbyder?: boolean;
  readonly mayBeKonsument?: boolean;
  /** That it has ceased; absent means it goes on. */
  readonly closed?: { readonly at: string; readonly into?: Orgnr };
  /** The caller's own. */
  readonly assignments?: readonly RoleAssignment[];
}

/** An application of a list, which is shown or not; `undefined` if there is none. */
export type Candidate = (Pick<Application, 'state' | 'tilbyder'> & { readonly activated?: boolean }) | undefined;

/** What an organisation may decide. */
export type SettingsTerms = Pick<OrganisationSettings, 'fourEyes' | 'longestGrantDays'>;

/** What is asked leave for. */
export interface Act {
  /** As policies/tilgang/admin names it. */
  readonly action: string;
  /**
   * For whom; `undefined` if what was sent is no organisation number. `of-application`: no organisation was named, so it is the machine's own,
   * or the tilbyder of the application that a person acts on. `all`: it is about no single one.
   */
  readonly orgnr: Orgnr | 'of-application' | 'all' | undefined;
  /** Present if the act is about one application: its App-ID, or `undefined` if what was sent is none. */
  readonly about?: { readonly appId: AppId | undefined };
  /** The state that the application is to have. */
  readonly to?: ApplicationState;
  readonly grants?: readonly JudgedGrant[];
  readonly organisations?: readonly JudgedOrganisation[];
  /** Applications that are shown to the caller or not. */
  readonly candidates?: readonly Candidate[];
  /** Applications that the caller has named: they are read, and are the candidates. */
  readonly named?: readonly AppId[];
  /** Whose assignment is to be made, changed or removed. */
  readonly whom?: BrukerId | undefined;
  /** Who is to be appointed, or what an administrator is to be changed to. */
  readonly administrator?: Pick<RoleAssignment, 'brukerId'> & Partial<RoleAssignment>;
  /** All assignments of the organisation as they would be after it, from those that stand. */
  readonly remaining?: (standing: readonly RoleAssignment[]) => readonly RoleAssignment[];
  /** The organisation to merge into; `undefined` if it is not registered. */
  readonly successor?: { readonly orgnr: Orgnr; readonly mayBeKonsument: boolean } | undefined;
  /** What the settings are to become. */
  readonly asked?: SettingsTerms;
  /** It is about the change of the settings that waits for a second person. */
  readonly isOfPending?: true;
  /** Whom a trial is about. */
  readonly subject?: { readonly synthetic: boolean };
}
