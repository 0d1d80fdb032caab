import type { Decision, Judge, Rule } from '#decisions';
import type { BrukerId, Instant, Orgnr, SecurityLevel } from '#domain';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import { type AccessQuestion, accessInput, type JudgedGrant } from '../ask/access-input.js';
import { reasonsAgainst } from '../ask/explain-access.js';
import { askOwn, judgeAccess } from '../ask/judge-access.js';
import { reasonText } from '../ask/reason-texts.js';
import type { OwnRules } from '../bundles/own-rules.js';

/** What judges an application: the standard rules, and perhaps its own. */
export interface RuleSet {
  readonly standard: Judge;
  readonly own: OwnRules | undefined;
}

/** An organisation for which a person may use an application by one set of rules and not by the other. */
export interface Difference {
  /** What the person would have, or not have any more. */
  readonly kind: 'gain' | 'loss';
  readonly subject: BrukerId;
  readonly konsument: Orgnr;
  readonly role: string;
  /** Why not, by the rules that say no, as slugs. */
  readonly reasons: readonly string[];
  readonly time: Instant;
  /** Of the log-in; absent if nobody told. */
  readonly securityLevel?: SecurityLevel | undefined;
}

/** What two sets of rules say of one question; a set that fails says nothing, so there is no difference to tell. */
export interface Compared {
  readonly differences: readonly Difference[];
  readonly failed: { readonly before: boolean; readonly after: boolean };
}

/** What stands for reasons that are not told by name. */
export const OTHER_REASON = 'other_reasons';

const ALIKE: Compared = { differences: [], failed: { before: false, after: false } };

/**
 * Asks both sets of rules the same. Where no bundle is trusted to judge alone, and the own rules of both name the same organisations, the answer is the same whatever the
 * standard rules say, and these are not asked.
 */
export async function compareOne(before: RuleSet, after: RuleSet, question: AccessQuestion): Promise<Compared> {
  const input = new PutQuestion(accessInput(question));
  if (before.own?.isTrusted !== true && after.own?.isTrusted !== true) {
    if (await isOwnAlike(before, after, question, input)) return ALIKE;
    const alone = await covered({ standard: before.standard, own: undefined }, question, input);
    if (alone?.size === 0) return ALIKE;
  }
  const [first, second] = await Promise.all([covered(before, question, input), covered(after, question, input)]);
  const failed = { before: first === undefined, after: second === undefined };
  if (first === undefined || second === undefined) return { differences: [], failed };
  return { differences: await differencesOf({ was: before, becomes: after, first, second }, question, input), failed };
}

async function isOwnAlike({ own: one }: RuleSet, { own: other }: RuleSet, question: AccessQuestion, input: JsonText): Promise<boolean> {
  const everybody = question.grants.length;
  try {
    if (one === undefined || other === undefined) {
      const own = one ?? other;
      return own === undefined || (await askOwn(own.judge, question, input)).size === everybody;
    }
    const [first, second] = await Promise.all([askOwn(one.judge, question, input), askOwn(other.judge, question, input)]);
    return first.size === second.size && [...first].every((orgnr) => second.has(orgnr));
  } catch (error) {
    return unanswered(error) ?? false;
  }
}

/** Two sets of rules over the same standard rules. A question is put to nobody twice; what is thought up here is no decision of the log. */
export function ruleSets(standard: Judge, before: OwnRules | undefined, after: OwnRules | undefined): readonly [RuleSet, RuleSet] {
  const once = remembering(standard);
  return [
    { standard: once, own: askedOnce(before) },
    { standard: once, own: askedOnce(after) },
  ];
}

function askedOnce(own: OwnRules | undefined): OwnRules | undefined {
  return own === undefined ? undefined : { ...own, judge: remembering(own.judge) };
}

/** The konsumenter, or `undefined` if the rules gave no whole answer. */
async function covered({ standard, own }: RuleSet, question: AccessQuestion, input: JsonText): Promise<ReadonlySet<Orgnr> | undefined> {
  try {
    return konsumenterOf((await judgeAccess(standard, own, question, 'nobody', input)).covering);
  } catch (error) {
    return unanswered(error);
  }
}

function unanswered(error: unknown): undefined {
  if (error instanceof ProblemError && error.slug === 'evaluation-failed') return undefined;
  throw error;
}

function konsumenterOf(covering: readonly JudgedGrant[]): ReadonlySet<Orgnr> {
  return new Set(covering.map(({ grant }) => grant.konsument));
}

interface Verdicts {
  readonly was: RuleSet;
  readonly becomes: RuleSet;
  readonly first: ReadonlySet<Orgnr>;
  readonly second: ReadonlySet<Orgnr>;
}

async function differencesOf(
  { was, becomes, first, second }: Verdicts,
  question: AccessQuestion,
  input: JsonText,
): Promise<readonly Difference[]> {
  const { subject, role, time, securityLevel } = question;
  const found: Difference[] = [];
  for (const { grant } of question.grants) {
    const { konsument } = grant;
    const had = first.has(konsument);
    if (had === second.has(konsument)) continue;
    const reasons = await reasonsOf(had ? becomes : was, question, konsument, input);
    found.push({ kind: had ? 'loss' : 'gain', subject, konsument, role, reasons, time, securityLevel });
  }
  return found;
}

/** Why not, by the rules that say no: what neither the standard rules nor the bundle's manifest has a text for is `other_reasons`. */
async function reasonsOf(rules: RuleSet, question: AccessQuestion, konsument: Orgnr, input: JsonText): Promise<readonly string[]> {
  const { standard, own } = rules;
  try {
    // Answered before, if it was asked.
    const alone = own?.isTrusted === true ? undefined : await covered({ standard, own: undefined }, question, input);
    const { reasons } = await reasonsAgainst(rules, { ...question, konsument }, alone?.has(konsument) === true);
    // A slug that nobody has declared could spell a person: these counts go to the tilbyder.
    return reasons.map((slug) => (reasonText(slug, own?.texts) === undefined ? OTHER_REASON : slug));
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'evaluation-failed') return ['reasons_failed'];
    throw error;
  }
}

/** Written once, and put to nobody twice: it knows what it was answered. */
class PutQuestion extends JsonText {
  readonly answers: { readonly judge: Judge; readonly rule: Rule<never>; readonly answer: Decision<never> | Promise<Decision<never>> }[] =
    [];
}

function remembering(judge: Judge): Judge {
  return {
    revision: judge.revision,
    bundle: judge.bundle,
    written: () => undefined,
    decide: (_rule, _input, _by, work) => work(''),
    decideMany: async (_rule, _questions, work) => (await work()).map((made) => ({ made, id: '' })),
    ask<Answer>(asked: Rule<Answer>, input: unknown, isWhole?: (answer: Answer) => boolean) {
      const rule = asked as Rule<never>;
      const known = input instanceof PutQuestion ? input.answers.find((one) => one.judge === judge && one.rule === rule) : undefined;
      if (known !== undefined) return known.answer;
      const answer = judge.ask(asked, input, isWhole, 'nobody') as Decision<never> | Promise<Decision<never>>;
      if (input instanceof PutQuestion) input.answers.push({ judge, rule, answer });
      return answer;
    },
  };
}
