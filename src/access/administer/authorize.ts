import { isTexts, type Rule } from '#decisions';
import {
  type Activation,
  type Administrators,
  type AppId,
  type Application,
  type ApplicationState,
  type BrukerId,
  type Instant,
  type Organisation,
  type OrganisationSettings,
  type Orgnr,
  type RoleAssignment,
  toInstant,
} from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Stored } from '#storage';
import type { AccessCaller } from '../ask/search-organisations.js';
import { type AccessParts, activationKey, collectionsOf } from '../parts.js';
import { asRefusal } from '../refused.js';
import { refusalOf } from './refusal.js';

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

/** What the policy is told of a grant that is to be. */
export interface JudgedGrant {
  /** In which application, and whether the organisation has it on; absent: in the one that the act is about. */
  readonly place?: {
    readonly application: Pick<Application, 'id'> & { readonly state: ApplicationState | undefined };
    readonly activated: boolean;
  };
  readonly subject: BrukerId;
  readonly roles: readonly string[];
  readonly until?: string;
  /** How long it lasts; absent means without end. */
  readonly days?: number;
}

export interface Act {
  /** As policies/tilgang/admin names it. */
  readonly action: string;
  /** For whom; `undefined` if what was sent is no organisation number, `all` for what the operator does for all of them at once. */
  readonly orgnr: Orgnr | 'all' | undefined;
  /** Present if the act is about one application: its App-ID, or `undefined` if what was sent is none. */
  readonly about?: { readonly appId: AppId | undefined };
  /** The state that the application is to have. */
  readonly to?: ApplicationState;
  readonly grants?: readonly JudgedGrant[];
  /** Who is to be appointed, or what an administrator is to be changed to. */
  readonly administrator?: Pick<RoleAssignment, 'brukerId'> & Partial<RoleAssignment>;
  /** The assignment that is to be changed or removed. */
  readonly held?: RoleAssignment;
  /** All assignments of the organisation as they stand, and as they would be after it. */
  readonly standing?: readonly RoleAssignment[];
  readonly remaining?: readonly RoleAssignment[];
}

/** What an allowed act may go on with. */
export interface Clearance {
  readonly organisation: Organisation;
  readonly settings: OrganisationSettings;
  readonly administrators: Stored<Administrators> | undefined;
  /** Present if the act is about an application. */
  readonly application: Stored<Application> | undefined;
  /** Present if the organisation has ever switched that application on. */
  readonly activation: Stored<Activation> | undefined;
  /** The applications that the caller may act on; absent means all. */
  readonly applications: ReadonlySet<AppId> | undefined;
  /** Why each of the judged grants may not be, in their order; empty means it may. */
  readonly grantFaults: readonly (readonly string[])[];
  /** When it was asked, and how events name who did. */
  readonly at: Instant;
  readonly actor: string;
  /** The facts of a change that is made under it. */
  facts(action: string, reason?: string): ChangeFacts;
}

const EVALUATE: Rule<Verdict> = { entrypoint: 'tilgang/admin/evaluate', isAnswer: isVerdict };

/**
 * Asks the policy whether the caller may do it; a refusal is recorded as an event of whoever tried.
 * @throws ProblemError as refusalOf says; `evaluation-failed` if the policy gives no whole answer
 */
export async function authorize(parts: AccessParts, request: AdminRequest, act: Act): Promise<Clearance> {
  const { reasons, organisation, clearance } = await judge(parts, request, act);
  if (clearance === undefined) throw await refuse(parts, request, act, organisation, reasons);
  return clearance;
}

/** What the policy says; without a clearance it is a no, for these reasons. */
export interface Judgement {
  readonly clearance: Clearance | undefined;
  readonly reasons: readonly string[];
  readonly organisation: Organisation | undefined;
}

/** Asks the policy and records nothing. @throws ProblemError `evaluation-failed` if it gives no whole answer */
export async function judge(parts: AccessParts, request: AdminRequest, act: Act): Promise<Judgement> {
  const { store, clock } = parts;
  const collections = collectionsOf(store);
  const { caller } = request;
  const { about } = act;
  const orgnr = act.orgnr === 'all' ? undefined : act.orgnr;
  const appId = about?.appId;
  const at = toInstant(clock());
  const [organisation, own, staff, application, activation] = await Promise.all([
    orgnr === undefined ? undefined : collections.organisations.get(orgnr),
    orgnr === undefined ? undefined : collections.settings.get(orgnr),
    orgnr === undefined ? undefined : collections.administrators.get(orgnr),
    appId === undefined ? undefined : collections.applications.get(appId),
    appId === undefined || orgnr === undefined ? undefined : collections.activations.get(activationKey(appId, orgnr)),
  ]);
  const actor = actorOf(caller);
  const settings = own?.value ?? { orgnr: orgnr as Orgnr, fourEyes: false };
  const activated = activation?.value.active ?? false;
  const input = {
    caller,
    action: { name: act.action, to: act.to },
    organisation: organisation === undefined ? undefined : judgedOrganisation(organisation.value),
    settings: { fourEyes: settings.fourEyes, longestGrantDays: settings.longestGrantDays },
    assignments:
      caller.kind === 'person' ? (staff?.value.assignments ?? []).filter((one) => one.brukerId === caller.brukerId).map(judged) : [],
    concernsOrganisation: act.orgnr !== 'all',
    concernsApplication: about !== undefined,
    application: application === undefined ? undefined : { ...judgedApplication(application.value), activated },
    grants: (act.grants ?? []).map(({ place, ...rest }) => {
      const { id, state } = place?.application ?? application?.value ?? {};
      return { ...rest, application: id, state, activated: place?.activated ?? activated };
    }),
    administrator:
      act.administrator === undefined ? undefined : { ...judged({ roles: [], ...act.administrator }), subject: act.administrator.brukerId },
    held: act.held === undefined ? undefined : judged(act.held),
    standing: act.standing?.map(judged),
    remaining: act.remaining?.map(judged),
    context: { time: at },
  };
  const { answer: verdict } = await parts.judge.ask(
    EVALUATE,
    input,
    ({ allowed, grants }) => !allowed || grants.length === input.grants.length,
  );
  const { reasons } = verdict;
  if (!verdict.allowed) return { clearance: undefined, reasons, organisation: organisation?.value };
  if (organisation === undefined && act.action !== 'logo.read' && act.orgnr !== 'all') {
    throw new ProblemError('evaluation-failed', {
      cause: new Error(`${EVALUATE.entrypoint} gave a yes for an organisation that is not there`),
    });
  }
  const clearance: Clearance = {
    organisation: organisation?.value as Organisation,
    settings,
    administrators: staff,
    application,
    activation,
    applications: verdict.applications === null ? undefined : new Set(verdict.applications as AppId[]),
    grantFaults: verdict.grants,
    at,
    actor,
    facts: (action, reason) => ({
      action,
      at,
      actor,
      ...(orgnr === undefined ? {} : { onBehalfOf: orgnr }),
      ...(reason === undefined ? {} : { reason }),
      ...(request.requestId === undefined ? {} : { requestId: request.requestId }),
    }),
  };
  return { clearance, reasons, organisation: organisation?.value };
}

/** Records the attempt and answers the problem to throw. Recorded for unknown organisations too: it takes the same time. */
export async function refuse(
  { store, clock }: AccessParts,
  { caller, requestId }: AdminRequest,
  act: Act,
  organisation: Organisation | undefined,
  reasons: readonly string[],
): Promise<ProblemError> {
  const { action, about } = act;
  const orgnr = act.orgnr === 'all' ? undefined : act.orgnr;
  const problem = asRefusal(refusalOf(reasons, act));
  // Whoever shows no token could fill the disk.
  if (caller.kind === 'anonymous') return problem;
  const actor = actorOf(caller);
  const value = {
    actor,
    action,
    ...(organisation === undefined ? {} : { orgnr: organisation.orgnr }),
    ...(about?.appId === undefined ? {} : { appId: about.appId }),
    reasons,
  };
  const facts = {
    action: 'attempt.refused',
    at: toInstant(clock()),
    actor,
    ...(orgnr === undefined ? {} : { onBehalfOf: orgnr }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  await collectionsOf(store).refusals.put(value, { expect: 'any', facts });
  return problem;
}

/** How events name who did it: the brukerId, the supplier that acts by delegation, the organisation itself, or `operator`. */
export function actorOf(caller: AdminCaller): string {
  if (caller.kind === 'person') return caller.brukerId;
  return caller.kind === 'machine' ? (caller.supplier ?? caller.consumer) : caller.kind;
}

function judgedOrganisation({ orgnr, mayBeTilbyder, mayBeKonsument }: Organisation): object {
  return { orgnr, mayBeTilbyder, mayBeKonsument };
}

function judgedApplication({ id, tilbyder, state, roles }: Application): object {
  return { id, tilbyder, state, roles };
}

/** What the policy reads of an assignment; JSON leaves out what is undefined. */
function judged({ roles, applications, mayGive, from, until, withdrawn }: Pick<RoleAssignment, 'roles'> & Partial<RoleAssignment>): object {
  return { roles, applications, mayGive, from, until, withdrawn };
}

interface Verdict {
  readonly allowed: boolean;
  readonly reasons: readonly string[];
  readonly grants: readonly (readonly string[])[];
  readonly applications: readonly string[] | null;
}

function isVerdict(value: unknown): value is Verdict {
  const verdict = value as Verdict | null | undefined;
  return (
    typeof verdict === 'object' &&
    verdict !== null &&
    typeof verdict.allowed === 'boolean' &&
    isTexts(verdict.reasons) &&
    Array.isArray(verdict.grants) &&
    verdict.grants.every(isTexts) &&
    (verdict.applications === null || isTexts(verdict.applications)) &&
    verdict.allowed === (verdict.reasons.length === 0)
  );
}
