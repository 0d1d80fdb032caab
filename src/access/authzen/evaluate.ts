import { isFault, type Organisation, parseRole } from '#domain';
import { type FieldFault, ProblemError } from '#problem';
import { noteUse, type SearchAnswer } from '../ask/search-organisations.js';
import { inTurns, Turns } from '../turns.js';
import { judgedPlace, levelIn, type Named, NOWHERE, rememberingLast } from './asked.js';
import { type Asking, isNamed, type PersonSearch, type Telling } from './asking.js';
import type { JudgedKinds } from './judged-kinds.js';
import { decideByKinds } from './kinds.js';
import type { Evaluation, Outcome } from './nouns.js';
import type { RoomDecision, RoomKinds } from './room-kinds.js';
import { toldReasons, withReasons } from './with-reasons.js';

/** How a list of questions is gone through (AuthZEN 1.0 §7.1.2.1). */
export type Semantic = 'execute_all' | 'deny_on_first_deny' | 'permit_on_first_permit';

/** What was decided, and what the decision log calls it. */
export interface Decided<Answer> {
  readonly answer: Answer;
  readonly decisionId: string | undefined;
}

/** Who may not ask at all is told so whatever is asked about; what else stands in the caller's way is a no. */
const WHOLE_REFUSALS: ReadonlySet<string> = new Set(['caller_not_machine', 'scope_missing']);

const NO: Outcome = Object.freeze({ decision: false });
const YES: Outcome = Object.freeze({ decision: true });

/** That a caller may not ask: why, as slugs of the policy, the most telling first. */
export class MayNotAsk extends Error {
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    super('the caller may not ask');
    this.reasons = reasons;
  }
}

/**
 * May the subject do that to the resource? (AuthZEN 1.0 §6) A person's access is what searchOrganisations says of it, other kinds are
 * judged by the room or the bundle whose they are, and of kinds that nobody judges it is a no.
 * @throws MayNotAsk if the caller may ask nothing of the kind; ProblemError `invalid-request` for a property of another type, `evaluation-failed`
 */
export async function evaluate(asking: Asking, question: Evaluation): Promise<Outcome> {
  return (await decide(asking, question)).answer;
}

/** The same, with what the decision log calls it; at once where all that it takes is known. A fault is thrown, or rejects what is awaited, as of evaluate. */
export function decide(asking: Asking, question: Evaluation): Decided<Outcome> | Promise<Decided<Outcome>> {
  return decideRead(asking, read(asking, question));
}

/** A question as it is gone about: by another room, by a bundle, or by the grants of a person. */
type Read =
  | { readonly room: RoomKinds; readonly question: Evaluation }
  | { readonly room?: undefined; readonly kinds: JudgedKinds; readonly question: Evaluation }
  | {
      readonly room?: undefined;
      readonly kinds?: undefined;
      readonly search: PersonSearch;
      readonly named: Named;
      readonly isJudged: boolean;
    };

/** @throws ProblemError `invalid-request` */
function read(asking: Asking, question: Evaluation): Read {
  const { subject, action, resource, context } = question;
  const room = asking.roomOf(subject.type, resource.type);
  if (room !== undefined) return { room, question };
  const kinds = asking.kindsOf(subject.type, resource.type);
  if (kinds !== undefined) return { kinds, question };
  const place = judgedPlace(subject, resource);
  // Of what nobody here judges the caller's own right is settled all the same.
  const { appId, named } = place ?? NOWHERE;
  const securityLevel = place && levelIn(context);
  return {
    search: { appId, subject, role: roleOf(action.name), securityLevel, purpose: 'evaluation' },
    named,
    isJudged: place !== undefined,
  };
}

function decideRead(asking: Asking, asked: Read): Decided<Outcome> | Promise<Decided<Outcome>> {
  if (asked.room !== undefined) return decideInRoom(asking, asked.room, asked.question);
  if (asked.kinds !== undefined) return decideIfOpen(asking, asked.kinds, asked.question);
  const answer = asking.search(asked.search);
  return answer instanceof Promise ? answer.then((found) => decided(asking, asked, found)) : decided(asking, asked, answer);
}

async function decideIfOpen(asking: Asking, kinds: JudgedKinds, question: Evaluation): Promise<Decided<Outcome>> {
  const permission = await asking.mayAsk(kinds);
  assertMayAsk(permission);
  if (permission.allowed) return decideByKinds(asking, kinds, question);
  return { answer: NO, decisionId: permission.decisionId };
}

async function decideInRoom(asking: Asking, room: RoomKinds, question: Evaluation): Promise<Decided<Outcome>> {
  const decided = await asking.decideInRoom(room, question);
  return { answer: await outcomeWith(asking, decided), decisionId: decided.decisionId };
}

/** With the reasons, for whoever may hear them. */
async function outcomeWith(asking: Asking, { decision, reasons }: RoomDecision): Promise<Outcome> {
  const telling = await asking.telling();
  if (telling === undefined) return decision ? YES : NO;
  return { decision, context: toldReasons(reasons, telling) };
}

type Searched = Extract<Read, { readonly search: PersonSearch }>;

function decided(asking: Asking, asked: Searched, answer: SearchAnswer): Decided<Outcome> | Promise<Decided<Outcome>> {
  assertMayAsk(answer);
  const found = foundIn(answer, asked.named);
  if (found.length > 0) noteUse(asking.parts, asked.search.appId, answer, found);
  const outcome = found.length > 0 ? YES : NO;
  const telling = asking.telling();
  if (telling === undefined) return { answer: outcome, decisionId: answer.decisionId };
  return told(asking, asked, answer, { outcome, found, telling });
}

/** The organisations that were found and are named. */
function foundIn({ organisations }: SearchAnswer, named: Named): readonly Organisation[] {
  return organisations.filter((organisation) => isNamed(organisation, named));
}

interface Tellable {
  readonly outcome: Outcome;
  readonly found: readonly Organisation[];
  readonly telling: Telling | Promise<Telling | undefined>;
}

async function told(
  asking: Asking,
  { named, isJudged }: Searched,
  answer: SearchAnswer,
  { outcome, found, telling: heard }: Tellable,
): Promise<Decided<Outcome>> {
  const { decisionId } = answer;
  const telling = await heard;
  if (telling === undefined) return { answer: outcome, decisionId };
  const searched = isJudged ? answer : { ...answer, reasons: ['kind_unknown'] };
  return { answer: await withReasons(asking, searched, outcome, { named, found, telling }), decisionId };
}

/** What is no role's name is a role that nobody knows: it is neither judged nor logged as it was sent. */
export const roleOf = rememberingLast((name) => {
  const role = parseRole(name);
  return isFault(role) ? '' : role;
});

/** Holds that the caller may ask something. What is foreign to it looks like what is not there. @throws MayNotAsk */
export function assertMayAsk({ allowed, reasons }: Pick<SearchAnswer, 'allowed' | 'reasons'>): void {
  if (!allowed && isWholeRefusal(reasons)) throw new MayNotAsk(reasons);
}

/** Whether the caller may ask nothing of the kind, for these reasons. */
export function isWholeRefusal([reason = '']: readonly string[]): boolean {
  return WHOLE_REFUSALS.has(reason);
}

/** A question of a list, or what is wrong with it. */
export type Item = Evaluation | { readonly at: readonly FieldFault[] };

/**
 * The same for a list, in its order; what fails of one question is told in its own outcome, which is then a no, and alters no other.
 * @returns as many as were asked, or as it took to know (AuthZEN 1.0 §7.1.2.1)
 * @throws MayNotAsk; ProblemError for what concerns all of them, such as `store-unavailable`
 */
export async function evaluateAll(asking: Asking, items: readonly Item[], semantic: Semantic): Promise<readonly Outcome[]> {
  if (semantic === 'execute_all') {
    const asked = items.map((item) => readOrFaulty(asking, item));
    await asking.searchAhead(asked.map((one) => ('search' in one ? one.search : undefined)));
    await asking.decideAhead(asked.flatMap((one) => ('room' in one && one.room !== undefined ? one : [])));
    return inTurns(asked, (one) => outcomeOf(asking, one));
  }
  // The first of a kind ends it: nothing after it is asked.
  const last = semantic === 'permit_on_first_permit';
  const outcomes: Outcome[] = [];
  const turns = new Turns();
  for (const item of items) {
    const outcome = await outcomeOf(asking, readOrFaulty(asking, item));
    outcomes.push(outcome);
    if (outcome.decision === last) break;
    await turns.next();
  }
  return outcomes;
}

function readOrFaulty(asking: Asking, item: Item): Read | Outcome {
  if ('at' in item) return faulty(item.at);
  try {
    return read(asking, item);
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'invalid-request') return faulty(error.at);
    throw error;
  }
}

function outcomeOf(asking: Asking, asked: Read | Outcome): Outcome | Promise<Outcome> {
  if ('decision' in asked) return asked;
  try {
    const decision = decideRead(asking, asked);
    return decision instanceof Promise ? decision.then(({ answer }) => answer).catch(toldInPlace) : decision.answer;
  } catch (error) {
    return toldInPlace(error);
  }
}

/** What fails of one question is its own outcome. @throws what concerns all of them */
function toldInPlace(error: unknown): Outcome {
  if (!(error instanceof ProblemError)) throw error;
  if (error.slug === 'invalid-request') return faulty(error.at);
  if (error.slug === 'evaluation-failed') return failed(error.entry.status, error.entry.title);
  throw error;
}

function faulty(at: readonly FieldFault[]): Outcome {
  return failed(400, at.map(({ pointer, detail }) => `${pointer} ${detail}`.trimStart()).join('; '));
}

function failed(status: number, message: string): Outcome {
  return { decision: false, context: { error: { status, message } } };
}
