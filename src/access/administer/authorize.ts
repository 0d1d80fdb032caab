import type {
  Activation,
  Administrators,
  AppId,
  Application,
  Instant,
  Organisation,
  OrganisationSettings,
  Orgnr,
  RoleAssignment,
} from '#domain';
import { present, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Stored } from '#storage';
import { type AccessParts, collectionsOf, type Refusal } from '../parts.js';
import { asRefusal } from '../refused.js';
import { type Act, type AdminRequest, actorOf } from './act.js';
import { type Basis, basisFor } from './basis.js';
import { EVALUATE, heldBy, isWholeFor, questionOf, type Standing, type Verdict } from './question.js';
import { refusalOf } from './refusal.js';

export {
  type Act,
  type AdminCaller,
  type AdminRequest,
  actorOf,
  type Candidate,
  type JudgedGrant,
  type JudgedOrganisation,
  operatorRequest,
} from './act.js';
export type { Basis } from './basis.js';

/** Leave for an act that is about no single organisation. */
export interface Leave {
  /** Present if the act is about an application. */
  readonly application: Stored<Application> | undefined;
  /** The applications that the caller may act on; absent means all. */
  readonly applications: ReadonlySet<AppId> | undefined;
  /** Why each of the judged grants may not be, in their order, the most telling reason first; empty means it may. */
  readonly grantFaults: readonly (readonly string[])[];
  /** The same for each of the judged organisations. */
  readonly organisationFaults: readonly (readonly string[])[];
  /** Whether each of the candidates is there for the caller, in their order. */
  readonly shown: readonly boolean[];
  /** When it was asked, and how events name who did. */
  readonly at: Instant;
  readonly actor: string;
  /** All that was read for it, to ask once more in the same request without reading again. */
  readonly basis: Basis;
  /** The facts of a change that is made under it. */
  facts(action: string, reason?: string): ChangeFacts;
}

/** Leave for an act, with all that was read for it: nothing of it need be read again. */
export interface Clearance extends Leave {
  /** Not there for whoever reads a logo, which is everybody's. */
  readonly organisation: Organisation;
  /** Those in force, for acts about them; the revision is 0 while they are those that everybody begins with. */
  readonly settings: { readonly value: OrganisationSettings; readonly revision: number } | undefined;
  /** The change of them that was asked for waits until another one confirms it. */
  readonly needsTwo: boolean;
  /** Nobody is left afterwards who could undo everything; only of whoever may do that all the same. */
  readonly strands: boolean;
  readonly administrators: Stored<Administrators> | undefined;
  /** Of the application that the act is about, by the organisation. */
  readonly activation: Stored<Activation> | undefined;
  /** The assignment of whomever the act is about, withdrawn or not, and how it stands. */
  readonly held: RoleAssignment | undefined;
  readonly standing: Standing | undefined;
}

/**
 * Asks the policy whether the caller may do it; a refusal is recorded as an event of whoever tried.
 * @param basis what has been read already in this request, for another act about the same
 * @throws ProblemError as refusalOf says; `evaluation-failed` if the policy gives no whole answer
 */
export async function authorize(
  parts: AccessParts,
  request: AdminRequest,
  act: Act & { readonly orgnr: 'all' },
  basis?: Basis,
): Promise<Leave>;
/** The same for an act of one organisation: leave names it. */
export async function authorize(parts: AccessParts, request: AdminRequest, act: Act, basis?: Basis): Promise<Clearance>;
/** Both of them. */
export async function authorize(parts: AccessParts, request: AdminRequest, act: Act, basis?: Basis): Promise<Clearance> {
  const judgement = await judge(parts, request, act, basis);
  if (judgement.clearance === undefined) throw await refuseAsJudged(parts, request, act, judgement);
  return judgement.clearance;
}

/** What the policy says; without a clearance it is a no, for these reasons. */
export interface Judgement {
  readonly clearance: Clearance | undefined;
  readonly reasons: readonly string[];
  readonly basis: Basis;
}

/** Asks the policy and records nothing. @throws ProblemError `evaluation-failed` if it gives no whole answer */
export async function judge(parts: AccessParts, request: AdminRequest, act: Act, known?: Basis): Promise<Judgement> {
  const { caller } = request;
  const basis = known ?? (await basisFor(parts, caller, act));
  const at = toInstant(parts.clock());
  const input = questionOf(caller, act, basis, at);
  const { answer: verdict } = await parts.judge.ask(EVALUATE, input, isWholeFor(input), { requestedBy: actorOf(caller) });
  const { reasons } = verdict;
  if (!verdict.allowed) return { clearance: undefined, reasons, basis };
  if (basis.organisation === undefined && act.action !== 'logo.read' && act.orgnr !== 'all') {
    throw new ProblemError('evaluation-failed', {
      cause: new Error(`${EVALUATE.entrypoint} gave a yes for an organisation that is not there`),
    });
  }
  return { clearance: clearanceOf(request, act, basis, verdict, at), reasons, basis };
}

function clearanceOf({ caller, requestId }: AdminRequest, act: Act, basis: Basis, verdict: Verdict, at: Instant): Clearance {
  const { orgnr, administrators, application, activation } = basis;
  const actor = actorOf(caller);
  return {
    organisation: basis.organisation?.value as Organisation,
    settings: settingsOf(basis, verdict),
    needsTwo: verdict.needsTwo,
    strands: verdict.strands,
    administrators,
    application,
    activation,
    applications: verdict.applications === null ? undefined : new Set(verdict.applications as AppId[]),
    grantFaults: verdict.grants,
    organisationFaults: verdict.organisations,
    shown: verdict.shown,
    held: heldBy(act, basis),
    standing: verdict.held ?? undefined,
    at,
    actor,
    basis,
    facts: (action, reason) => present({ action, at, actor, onBehalfOf: orgnr, reason, requestId }),
  };
}

function settingsOf({ orgnr, settings }: Basis, verdict: Verdict): Clearance['settings'] {
  if (settings !== undefined) return settings;
  return verdict.settings === null || orgnr === undefined ? undefined : { value: { ...verdict.settings, orgnr }, revision: 0 };
}

/** Refuses what has been judged: the event is one of the organisation that it was tried on, if there is such a one. */
export function refuseAsJudged(parts: AccessParts, request: AdminRequest, act: Act, { basis, reasons }: Judgement): Promise<ProblemError> {
  const { orgnr, organisation, isForeign } = basis;
  const isThere = organisation !== undefined || isForeign;
  const told = refusalOf(reasons, act);
  return refuse(parts, request, { ...act, orgnr }, isThere && orgnr !== undefined ? { orgnr } : undefined, reasons, told);
}

/**
 * Records the attempt and answers the problem to throw. Recorded for unknown organisations too: it takes the same time.
 * @throws ProblemError `store-full`, `store-unavailable` if it cannot be recorded
 */
export function refuse(
  parts: AccessParts,
  request: AdminRequest,
  act: Act,
  organisation: { readonly orgnr: Orgnr } | undefined,
  reasons: readonly string[],
  told: ProblemError = refusalOf(reasons, act),
): Promise<ProblemError> {
  const onBehalfOf = act.orgnr === 'all' || act.orgnr === 'of-application' ? organisation?.orgnr : act.orgnr;
  const attempt = { action: act.action, orgnr: organisation?.orgnr, appId: act.about?.appId, reasons, onBehalfOf };
  return recordRefusal(parts, request, attempt, told);
}

/** What somebody tried that may not be done. */
export interface Attempt {
  readonly action: string;
  /** Who hears of it: the organisation that it was tried on, if there is such a one. */
  readonly orgnr: Orgnr | undefined;
  readonly appId?: AppId | undefined;
  readonly reasons: readonly string[];
  /** In whose name, as far as that was told. */
  readonly onBehalfOf: Orgnr | undefined;
}

/**
 * Records an attempt as an event of whoever tried, and answers the problem to throw, marked as the policy's no.
 * @param told the problem; what is wrong with what was sent (`invalid-request`) is no attempt at what the caller may not, and is only answered
 * @throws ProblemError `store-full`, `store-unavailable` if it cannot be recorded
 */
export async function recordRefusal(
  { store, clock }: Pick<AccessParts, 'store' | 'clock'>,
  { caller, requestId }: AdminRequest,
  { action, orgnr, appId, reasons, onBehalfOf }: Attempt,
  told: ProblemError,
): Promise<ProblemError> {
  if (told.slug === 'invalid-request') return told;
  const problem = asRefusal(told);
  // Whoever shows no token could fill the disk, and what the operator mistypes is no attempt.
  if (caller.kind === 'anonymous' || caller.kind === 'operator') return problem;
  const actor = actorOf(caller);
  const value: Refusal = present({ actor, action, orgnr, appId, reasons });
  const facts = present({ action: 'attempt.refused', at: toInstant(clock()), actor, onBehalfOf, requestId });
  await collectionsOf(store)
    .refusals.put(value, { expect: 'any', facts })
    .catch((fault: Error) => {
      // An attempt that cannot be recorded counts against the caller all the same.
      throw asRefusal(fault);
    });
  return problem;
}
