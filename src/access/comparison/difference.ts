import type { Judge } from '#decisions';
import type { BrukerId, Instant, Orgnr, SecurityLevel } from '#domain';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import { type AccessQuestion, accessInputs, type JudgedGrant } from '../ask/access-input.js';
import { reasonsAgainst } from '../ask/explain-access.js';
import { everybodyIn, ownSayings, type Said, standardSayings, together } from '../ask/judge-access.js';
import { reasonText } from '../ask/reason-texts.js';
import type { OwnRules } from '../bundles/own-rules.js';

/** What judges an application before and after: the same standard rules, and perhaps own ones. */
export interface RuleSets {
  readonly standard: Judge;
  readonly before: OwnRules | undefined;
  readonly after: OwnRules | undefined;
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
 * Asks both sets of rules the same, each rule about all of the questions at once. Where no bundle is trusted to judge alone, and the own rules of both name the same
 * organisations, the answer is the same whatever the standard rules say, and these are not asked.
 */
export async function compareMany(rules: RuleSets, questions: readonly AccessQuestion[]): Promise<readonly Compared[]> {
  const { standard, before, after } = rules;
  const inputs = accessInputs(questions).map((text) => new JsonText(text));
  const all = everybodyOf(questions);
  const named = async (own: OwnRules | undefined) => (own === undefined ? all : ownSayings(own.judge, questions, inputs, all));
  const [was, becomes] = await Promise.all([named(before), named(after)]);
  const isJudgedAlone = before?.isTrusted === true || after?.isTrusted === true;
  const open = [...questions.keys()].filter((i) => isJudgedAlone || !isAlike(was[i], becomes[i]));
  const asked = open.map((i) => questions[i] as AccessQuestion);
  const openInputs = open.map((i) => inputs[i] as JsonText);
  const ours = await standardSayings(standard, asked, openInputs);
  const compared = questions.map(() => ALIKE);
  await Promise.all(
    open.map(async (i, at) => {
      const said = { was: was[i], becomes: becomes[i], ours: ours[at] };
      compared[i] = await comparedBy(rules, asked[at] as AccessQuestion, said);
    }),
  );
  return compared;
}

/** Whom own rules name that do not exist; those of one person stand beside each other. */
function everybodyOf(questions: readonly AccessQuestion[]): readonly ReadonlySet<string>[] {
  const all: ReadonlySet<string>[] = [];
  for (const [i, { grants }] of questions.entries())
    all.push(questions[i - 1]?.grants === grants ? (all[i - 1] as ReadonlySet<string>) : everybodyIn(grants));
  return all;
}

function isAlike(one: Said<ReadonlySet<string>>, other: Said<ReadonlySet<string>>): boolean {
  if (one === other) return one !== undefined;
  if (one === undefined || other === undefined || one.size !== other.size) return false;
  for (const orgnr of one) if (!other.has(orgnr)) return false;
  return true;
}

interface Sayings {
  readonly was: Said<ReadonlySet<string>>;
  readonly becomes: Said<ReadonlySet<string>>;
  /** Of the standard rules. */
  readonly ours: Said<readonly JudgedGrant[]>;
}

async function comparedBy(
  { standard, before, after }: RuleSets,
  question: AccessQuestion,
  { was, becomes, ours }: Sayings,
): Promise<Compared> {
  const [first, second] = [covered(before, question, was, ours), covered(after, question, becomes, ours)];
  const failed = { before: first === undefined, after: second === undefined };
  if (first === undefined || second === undefined) return { differences: [], failed };
  const { subject, role, time, securityLevel } = question;
  const isCovered = (konsument: Orgnr): boolean => ours?.some(({ grant }) => grant.konsument === konsument) === true;
  const differences: Promise<Difference>[] = [];
  for (const { grant } of question.grants) {
    const { konsument } = grant;
    const had = first.has(konsument);
    if (had === second.has(konsument)) continue;
    const differs = { kind: had ? 'loss' : 'gain', subject, konsument, role, time, securityLevel } as const;
    const reasons = reasonsOf({ standard, own: had ? after : before }, { ...question, konsument }, isCovered(konsument));
    differences.push(reasons.then((told) => ({ ...differs, reasons: told })));
  }
  return { differences: await Promise.all(differences), failed };
}

/** The konsumenter of a set of rules. */
function covered(
  own: OwnRules | undefined,
  question: AccessQuestion,
  named: Said<ReadonlySet<string>>,
  ours: Said<readonly JudgedGrant[]>,
): Said<ReadonlySet<Orgnr>> {
  const isAlone = own?.isTrusted === true;
  if (named === undefined || (ours === undefined && !isAlone)) return undefined;
  return new Set(together(question, named, isAlone ? undefined : ours).map(({ grant }) => grant.konsument));
}

/** Why not, by the rules that say no: what neither the standard rules nor the bundle's manifest has a text for is `other_reasons`. */
async function reasonsOf(
  rules: { readonly standard: Judge; readonly own: OwnRules | undefined },
  question: AccessQuestion & { readonly konsument: Orgnr },
  isCovered: boolean,
): Promise<readonly string[]> {
  try {
    const { reasons } = await reasonsAgainst(rules, question, isCovered);
    // A slug that nobody has declared could spell a person: these counts go to the tilbyder.
    return reasons.map((slug) => (reasonText(slug, rules.own?.texts) === undefined ? OTHER_REASON : slug));
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'evaluation-failed') return ['reasons_failed'];
    throw error;
  }
}
