import type { Decision, Judge, Rule } from '#decisions';
import type { BrukerId, Instant, Orgnr, SecurityLevel } from '#domain';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import type { AccessQuestion, JudgedGrant } from '../ask/access-input.js';
import { explainAccess } from '../ask/explain-access.js';
import { judgeAccess } from '../ask/judge-access.js';
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

const ALIKE: Compared = { differences: [], failed: { before: false, after: false } };

/**
 * Asks both sets of rules the same. Where the standard rules let nobody in and no bundle is trusted to judge alone, the answer is known whatever own rules say, and these
 * are not asked.
 */
export async function compareOne(before: RuleSet, after: RuleSet, question: AccessQuestion): Promise<Compared> {
  if (before.own?.isTrusted !== true && after.own?.isTrusted !== true) {
    const alone = coveredByStandard(before, question);
    if ((alone instanceof Promise ? await alone : alone)?.size === 0) return ALIKE;
  }
  const [first, second] = await Promise.all([covered(before, question), covered(after, question)]);
  const failed = { before: first === undefined, after: second === undefined };
  if (first === undefined || second === undefined) return { differences: [], failed };
  return { differences: await differencesOf({ was: before, becomes: after, first, second }, question), failed };
}

/** Two sets of rules over the same standard rules, which are asked a question once though both ask it; what is thought up here is no decision of the log. */
export function ruleSets(standard: Judge, before: OwnRules | undefined, after: OwnRules | undefined): readonly [RuleSet, RuleSet] {
  const once = remembering(standard);
  return [
    { standard: once, own: before },
    { standard: once, own: after },
  ];
}

function coveredByStandard(
  { standard }: RuleSet,
  question: AccessQuestion,
): ReadonlySet<Orgnr> | undefined | Promise<ReadonlySet<Orgnr> | undefined> {
  try {
    const judged = judgeAccess(standard, undefined, question);
    return judged instanceof Promise ? covered({ standard, own: undefined }, question) : konsumenterOf(judged.covering);
  } catch (error) {
    return unanswered(error);
  }
}

/** The konsumenter, or `undefined` if the rules gave no whole answer. */
async function covered({ standard, own }: RuleSet, question: AccessQuestion): Promise<ReadonlySet<Orgnr> | undefined> {
  try {
    return konsumenterOf((await judgeAccess(standard, own, question)).covering);
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

async function differencesOf({ was, becomes, first, second }: Verdicts, question: AccessQuestion): Promise<readonly Difference[]> {
  const { subject, role, time, securityLevel } = question;
  const found: Difference[] = [];
  for (const { grant } of question.grants) {
    const { konsument } = grant;
    const had = first.has(konsument);
    if (had === second.has(konsument)) continue;
    const reasons = await reasonsOf(had ? becomes : was, question, konsument);
    found.push({ kind: had ? 'loss' : 'gain', subject, konsument, role, reasons, time, securityLevel });
  }
  return found;
}

/** Why not, by the rules that say no. */
async function reasonsOf({ standard, own }: RuleSet, question: AccessQuestion, konsument: Orgnr): Promise<readonly string[]> {
  try {
    return (await explainAccess(standard, own, { ...question, konsument })).reasons;
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'evaluation-failed') return ['reasons_failed'];
    throw error;
  }
}

/** Both sets ask one question directly after each other, so the last answer is remembered and no other. */
function remembering(judge: Judge): Judge {
  let last: { readonly rule: Rule<never>; readonly text: string; readonly answer: Decision<never> | Promise<Decision<never>> } | undefined;
  return {
    revision: judge.revision,
    bundle: judge.bundle,
    written: () => undefined,
    decide: (_rule, _input, _by, work) => work(),
    ask<Answer>(rule: Rule<Answer>, input: unknown, isWhole?: (answer: Answer) => boolean) {
      const text = input instanceof JsonText ? input.text : undefined;
      if (last !== undefined && last.rule === (rule as Rule<never>) && last.text === text) return last.answer;
      const answer = judge.ask(rule, input, isWhole, 'nobody') as Decision<never> | Promise<Decision<never>>;
      if (text !== undefined) last = { rule: rule as Rule<never>, text, answer };
      return answer;
    },
  };
}
