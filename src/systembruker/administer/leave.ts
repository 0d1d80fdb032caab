import { type AdminRequest, actorOf, recordRefusal, type StandingIn, standingIn } from '#access';
import { isRuling, type Rule, type Ruling } from '#decisions';
import { type Instant, type Orgnr, present, toInstant } from '#domain';
import type { ProblemError } from '#problem';
import type { ChangeFacts } from '#storage';
import type { SystembrukerParts } from '../parts.js';
import { type Asking, actingFor, asAdmin, type SystembrukerCaller } from './caller.js';
import { refusalOf } from './refusal.js';

export type { Asking, SystembrukerCaller } from './caller.js';

/** What an act is about, as policies/schemas/systembruker-admin-input.json says it. */
export interface JudgedObject {
  readonly exists: boolean;
  /** Who keeps the service, or is to. */
  readonly owner?: Orgnr | undefined;
  /** Whose the system is, or is to be. */
  readonly vendor?: Orgnr | undefined;
  /** Whose the request or the system user is. */
  readonly party?: Orgnr | undefined;
}

/** What is asked leave for. */
export interface Act {
  /** As policies/systembruker/admin names it. */
  readonly action: string;
  /** For whom the operator does it, if that is not whose the object is. */
  readonly orgnr?: Orgnr | undefined;
  readonly object?: JudgedObject;
  /** How a no is told, where it is not told as usual. */
  readonly told?: (reasons: readonly string[]) => ProblemError | undefined;
}

/** Leave for an act. */
export interface Leave {
  /** The organisation that it is done for; `undefined` of what is done for nobody in particular, such as reading what all may read. */
  readonly orgnr: Orgnr | undefined;
  /** When it was asked, and how events name who did. */
  readonly at: Instant;
  readonly actor: string;
  /** The facts of a change that is made under it. */
  facts(action: string, reason?: string): ChangeFacts;
}

const EVALUATE: Rule<Ruling> = { entrypoint: 'systembruker/admin/evaluate', isAnswer: isRuling, isLogged: true };

/**
 * Asks the policy whether the caller may do it; a refusal is recorded as an event of whoever tried.
 * @throws ProblemError, also SystembrukerFault, as refusalOf says; `evaluation-failed` if the policy gives no whole answer
 */
export async function leaveFor(parts: SystembrukerParts, request: Asking, act: Act): Promise<Leave> {
  const { requestId } = request;
  const caller = asAdmin(request.caller);
  const { verdict, at, orgnr, standing } = await judged(parts, request, act);
  const actor = actorOf(caller);
  if (!verdict.allowed) {
    const attempt = { action: act.action, orgnr: triedOn(verdict, act, standing), reasons: verdict.reasons, onBehalfOf: orgnr };
    throw await recordRefusal(
      parts,
      present({ caller, requestId }) as AdminRequest,
      attempt,
      act.told?.(verdict.reasons) ?? refusalOf(verdict.reasons, act.action, request.caller),
    );
  }
  return { orgnr, at, actor, facts: (action, reason) => present({ action, at, actor, onBehalfOf: orgnr, reason, requestId }) };
}

/** Whether the caller could do it: for what is shown or not. Nothing is recorded. @throws ProblemError `evaluation-failed` */
export async function mayDo(parts: SystembrukerParts, request: Asking, act: Act): Promise<Ruling> {
  return (await judged(parts, request, act)).verdict;
}

async function judged(parts: SystembrukerParts, request: Asking, act: Act) {
  const { caller } = request;
  const orgnr = actingFor(request) ?? (caller.kind === 'operator' ? (act.orgnr ?? ownerOf(act.object)) : undefined);
  const standing = orgnr === undefined ? undefined : await standingOf(parts, caller, orgnr);
  const at = toInstant(parts.clock());
  const { organisation, assignments } = standing ?? {};
  const input = { caller, action: { name: act.action }, organisation, assignments, object: act.object, context: { time: at } };
  const { answer: verdict } = await parts.judge.ask(EVALUATE, input, undefined, { requestedBy: actorOf(asAdmin(caller)) });
  return { verdict, at, orgnr, standing };
}

/** Whose it is: the operator does it for them. */
function ownerOf(object: JudgedObject | undefined): Orgnr | undefined {
  return object?.vendor ?? object?.party ?? object?.owner;
}

/** Who hears of a refusal: whose it is that somebody else has tried it on; else the caller's own organisation, if there is such a one. */
function triedOn({ reasons: [first] }: Ruling, { object }: Act, standing: StandingIn | undefined): Orgnr | undefined {
  if (first === 'object_foreign') return ownerOf(object);
  return standing?.isKnown === true ? standing.organisation.orgnr : undefined;
}

/** How the organisation and the caller in it stand, as it was read for the question. */
export async function standingOf(
  { store }: Pick<SystembrukerParts, 'store'>,
  caller: SystembrukerCaller,
  orgnr: Orgnr,
): Promise<StandingIn> {
  const isPerson = caller.kind === 'person' || caller.kind === 'citizen';
  return standingIn(store, await store.read([]), orgnr, isPerson ? caller.brukerId : undefined);
}
