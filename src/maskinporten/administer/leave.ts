import { type AdminCaller, type AdminRequest, actorOf, ownOrganisation, recordRefusal, standingIn } from '#access';
import { isRuling, type Rule, type Ruling } from '#decisions';
import { type Instant, type Orgnr, present, toInstant } from '#domain';
import type { ChangeFacts } from '#storage';
import type { Scope } from '../nouns.js';
import { type MaskinportenParts, termsRef } from '../parts.js';
import { refusalOf } from './refusal.js';

/** Who asks, and for which organisation: a machine for its own, a person for one that it names, the operator for anybody. */
export interface Asking extends AdminRequest {
  readonly orgnr?: Orgnr;
}

/** What an act is about, as policies/schemas/maskinporten-admin-input.json says it. */
export interface JudgedObject {
  /** Whose it is; of a scope that is not there, whose its prefix is. Absent: nobody's. */
  readonly owner?: Orgnr | undefined;
  /** Who keeps a client for its owner. */
  readonly supplier?: Orgnr | undefined;
  readonly exists: boolean;
  readonly active?: boolean;
  readonly prefixActive?: boolean;
  /** It is one of the product's own scopes, or a client that has such. */
  readonly ofProduct?: boolean;
  /** Whoever it is given to has ceased. */
  readonly recipientClosed?: boolean;
  readonly visibility?: Scope['visibility'];
  readonly granted?: boolean;
  readonly delegatedHere?: boolean;
}

/** What is asked leave for. */
export interface Act {
  /** As policies/maskinporten/admin names it. */
  readonly action: string;
  /** For whom the operator does it, if that is not whose the object is. */
  readonly orgnr?: Orgnr | undefined;
  readonly object?: JudgedObject;
}

/** Leave for an act. */
export interface Leave {
  /** The organisation that it is done for. */
  readonly orgnr: Orgnr;
  /** When it was asked, and how events name who did. */
  readonly at: Instant;
  readonly actor: string;
  /** The facts of a change that is made under it. */
  facts(action: string, reason?: string): ChangeFacts;
}

/** The organisation that a request is for, if it says one: the operator's need not. */
export function actingFor({ caller, orgnr }: Asking): Orgnr | undefined {
  return orgnr ?? ownOrganisation(caller);
}

const EVALUATE: Rule<Ruling> = { entrypoint: 'maskinporten/admin/evaluate', isAnswer: isRuling, isLogged: true };

/**
 * Asks the policy whether the caller may do it; a refusal is recorded as an event of whoever tried.
 * @throws ProblemError as refusalOf says; `evaluation-failed` if the policy gives no whole answer
 */
export async function leaveFor(parts: MaskinportenParts, request: Asking, act: Act): Promise<Leave> {
  const { caller, requestId } = request;
  const isOperator = caller.kind === 'operator';
  const orgnr = actingFor(request) ?? (isOperator ? (act.orgnr ?? act.object?.owner) : undefined);
  const standing = orgnr === undefined ? undefined : await standingOf(parts, caller, orgnr);
  const at = toInstant(parts.clock());
  const { organisation, assignments } = standing ?? {};
  const input = { caller, action: { name: act.action }, organisation, assignments, object: act.object, context: { time: at } };
  const actor = actorOf(caller);
  const { answer } = await parts.judge.ask(EVALUATE, input, undefined, { requestedBy: actor });
  if (!answer.allowed) {
    const attempt = { action: act.action, orgnr: triedOn(answer, act, standing), reasons: answer.reasons, onBehalfOf: orgnr };
    throw await recordRefusal(parts, request, attempt, refusalOf(answer.reasons, act.action, caller));
  }
  // An act of nobody's has none: it asks for no organisation.
  return {
    orgnr: orgnr as Orgnr,
    at,
    actor,
    facts: (action, reason) => present({ action, at, actor, onBehalfOf: orgnr, reason, requestId }),
  };
}

/** Who hears of a refusal. Not the caller's own organisation where it is about another one's: whether there is such a thing is not for it to know. */
function triedOn({ reasons: [first] }: Ruling, { object }: Act, standing: Standing | undefined): Orgnr | undefined {
  if (first === 'object_foreign') return object?.owner;
  return standing?.isKnown === true ? standing.organisation.orgnr : undefined;
}

type Standing = Awaited<ReturnType<typeof standingOf>>;

/** How the organisation and the caller in it stand, as it was read for the question. */
async function standingOf({ store }: MaskinportenParts, caller: AdminCaller, orgnr: Orgnr) {
  const reading = await store.read([termsRef(store, orgnr)]);
  const termsSigned = reading.documents[0] !== undefined;
  const standing = await standingIn(store, reading, orgnr, caller.kind === 'person' ? caller.brukerId : undefined);
  return { ...standing, isKnown: standing.isKnown || termsSigned, organisation: { ...standing.organisation, termsSigned } };
}
