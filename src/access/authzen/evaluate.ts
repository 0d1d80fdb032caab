import { setImmediate } from 'node:timers/promises';
import { isFault, parseRole } from '#domain';
import { ProblemError } from '#problem';
import type { SearchAnswer } from '../ask/search-organisations.js';
import { APPLICATION, levelIn, ORGANISATION, PERSON, placeOf } from './asked.js';
import { type Asking, isNamed } from './asking.js';
import { decideByKinds } from './kinds.js';
import type { Evaluation, Outcome } from './nouns.js';

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
 * judged by the bundle that declares them, and of kinds that nobody judges it is a no.
 * @throws MayNotAsk if the caller may ask nothing of the kind; ProblemError `invalid-request` for a property of another type, `evaluation-failed`
 */
export async function evaluate(asking: Asking, question: Evaluation): Promise<Outcome> {
  return (await decide(asking, question)).answer;
}

/** The same, with what the decision log calls it. @throws as evaluate */
export async function decide(asking: Asking, question: Evaluation): Promise<Decided<Outcome>> {
  const { subject, action, resource, context } = question;
  const kinds = asking.kindsOf(subject.type, resource.type);
  if (kinds !== undefined) {
    const permission = await asking.mayAsk(kinds);
    assertMayAsk(permission);
    if (permission.allowed) return decideByKinds(asking.parts.judge, asking.caller, kinds, question);
    return { answer: NO, decisionId: permission.decisionId };
  }
  const isJudged = subject.type === PERSON && (resource.type === APPLICATION || resource.type === ORGANISATION);
  // Of what nobody here judges the caller's own right is settled all the same.
  const { appId, named } = isJudged ? placeOf(resource) : { appId: undefined, named: {} };
  const securityLevel = isJudged ? levelIn(context) : undefined;
  const found = await asking.search({ appId, subject, role: roleOf(action.name), securityLevel });
  assertMayAsk(found);
  const { organisations, decisionId } = found;
  return { answer: organisations.some((organisation) => isNamed(organisation, named)) ? YES : NO, decisionId };
}

/** What is no role's name is a role that nobody knows: it is neither judged nor logged as it was sent. */
export function roleOf(name: string): string {
  const role = parseRole(name);
  return isFault(role) ? '' : role;
}

/** Holds that the caller may ask something. What is foreign to it looks like what is not there. @throws MayNotAsk */
export function assertMayAsk({ allowed, reasons }: Pick<SearchAnswer, 'allowed' | 'reasons'>): void {
  if (!allowed && isWholeRefusal(reasons)) throw new MayNotAsk(reasons);
}

/** Whether the caller may ask nothing of the kind, for these reasons. */
export function isWholeRefusal([reason = '']: readonly string[]): boolean {
  return WHOLE_REFUSALS.has(reason);
}

/** A question of a list, or what is wrong with it. */
export type Item = Evaluation | { readonly fault: string };

/** So many are asked at once, and other requests get their turn between them. */
const TOGETHER = 50;

/**
 * The same for a list, in its order; what fails of one question is told in its own outcome, which is then a no, and alters no other.
 * @returns as many as were asked, or as it took to know (AuthZEN 1.0 §7.1.2.1)
 * @throws MayNotAsk; ProblemError for what concerns all of them, such as `store-unavailable`
 */
export async function evaluateAll(asking: Asking, items: readonly Item[], semantic: Semantic): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const last = { execute_all: undefined, deny_on_first_deny: false, permit_on_first_permit: true }[semantic];
  // Where the first of a kind ends it, nothing after it is asked.
  const together = last === undefined ? TOGETHER : 1;
  for (let at = 0; at < items.length; at += together) {
    const part = await Promise.all(items.slice(at, at + together).map((item) => outcomeOf(asking, item)));
    outcomes.push(...part);
    if (last !== undefined && part[0]?.decision === last) break;
    if (outcomes.length % TOGETHER === 0) await setImmediate();
  }
  return outcomes;
}

async function outcomeOf(asking: Asking, item: Item): Promise<Outcome> {
  if ('fault' in item) return failed(400, item.fault);
  try {
    return await evaluate(asking, item);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    if (error.slug === 'invalid-request') return failed(400, error.at.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; '));
    if (error.slug === 'evaluation-failed') return failed(error.entry.status, error.entry.title);
    throw error;
  }
}

function failed(status: number, message: string): Outcome {
  return { decision: false, context: { error: { status, message } } };
}
