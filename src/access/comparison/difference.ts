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

/** Asks both sets of rules the same. */
export async function compareOne(before: RuleSet, after: RuleSet, question: AccessQuestion): Promise<Compared> {
  const [was, becomes] = remembered(before, after);
  const [first, second] = await Promise.all([covered(was, question), covered(becomes, question)]);
  const failed = { before: first === undefined, after: second === undefined };
  if (first === undefined || second === undefined) return { differences: [], failed };
  return { differences: await differencesOf({ was, becomes, first, second }, question), failed };
}

/** The konsumenter, or `undefined` if the rules gave no whole answer. */
async function covered({ standard, own }: RuleSet, question: AccessQuestion): Promise<ReadonlySet<Orgnr> | undefined> {
  try {
    return konsumenterOf((await judgeAccess(standard, own, question)).covering);
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'evaluation-failed') return undefined;
    throw error;
  }
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

/** The same sets of rules, whose standard rules are asked a question once, however many ask it; what is thought up here is no decision of the log. */
function remembered(...sets: [RuleSet, RuleSet]): [RuleSet, RuleSet] {
  const judges = new Map(sets.map(({ standard }) => [standard, remembering(standard)]));
  return sets.map(({ standard, own }) => ({ standard: judges.get(standard) as Judge, own })) as [RuleSet, RuleSet];
}

function remembering(judge: Judge): Judge {
  const answers = new Map<string, Decision<never> | Promise<Decision<never>>>();
  return {
    revision: judge.revision,
    bundle: judge.bundle,
    written: () => undefined,
    decide: (_rule, _input, _by, work) => work(),
    ask<Answer>(rule: Rule<Answer>, input: unknown, isWhole?: (answer: Answer) => boolean) {
      if (!(input instanceof JsonText)) return judge.ask(rule, input, isWhole, 'nobody');
      const key = `${rule.entrypoint} ${input.text}`;
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = judge.ask(rule, input, isWhole, 'nobody') as Decision<never> | Promise<Decision<never>>;
      answers.set(key, answer);
      return answer;
    },
  };
}
