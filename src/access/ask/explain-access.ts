import { isTexts, type Judge, type Rule } from '#decisions';
import type { Orgnr } from '#domain';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import { type OwnRules, REASONS, SEARCH } from '../bundles/own-rules.js';
import { type AccessQuestion, accessInput } from './access-input.js';
import { judgeAccess, STANDARD_SEARCH } from './judge-access.js';

/** A rule that was asked, and the bundle that it stands in. */
export interface RuleRef {
  /** `own`: of the application. */
  readonly source: 'standard' | 'own';
  readonly entrypoint: string;
  readonly revision: string;
}

/** Whether a person may use an application for one organisation, and why. */
export interface Explanation {
  readonly allowed: boolean;
  /** As slugs of the policy; `own_rule` where the application's own rules stand in the way and do not say why. */
  readonly reasons: readonly string[];
  /** Whether the reasons are those of the application's own rules. */
  readonly isOwn: boolean;
  /** The rules that say so: all that were asked of a yes, the one that stands in the way of a no. */
  readonly decidedBy: readonly RuleRef[];
}

type Verdict = Pick<Explanation, 'allowed' | 'reasons'>;
const EVALUATE: Rule<Verdict> = { entrypoint: 'tilgang/access/evaluate', isAnswer: isVerdict };
type Told = Readonly<Record<string, readonly string[]>>;
const OWN_REASONS: Rule<Told | undefined> = { entrypoint: REASONS, isAnswer: isReasons };

/**
 * Why the person may use the application for the organisation that is asked about, or may not. Whether is what judgeAccess says; the reasons are those of
 * the rules that stand in the way.
 * @throws ProblemError `evaluation-failed`; so it is too if the standard reasons say otherwise
 */
export async function explainAccess(
  standard: Judge,
  own: OwnRules | undefined,
  question: AccessQuestion & { readonly konsument: Orgnr },
): Promise<Explanation> {
  const { covering } = await judgeAccess(standard, own, question);
  const allowed = covering.some(({ grant }) => grant.konsument === question.konsument);
  const ofOwn = own === undefined ? [] : [ruleOf('own', SEARCH, own.judge)];
  if (own?.isTrusted === true) {
    return allowed ? { allowed, reasons: ['granted'], isOwn: false, decidedBy: ofOwn } : denied(own, question, ofOwn);
  }
  const { answer } = await standard.ask(EVALUATE, new JsonText(accessInput(question)));
  if (answer.allowed && !allowed && own !== undefined) return denied(own, question, ofOwn);
  const ofStandard = ruleOf('standard', STANDARD_SEARCH, standard);
  if (answer.allowed === allowed) return { ...answer, isOwn: false, decidedBy: allowed ? [ofStandard, ...ofOwn] : [ofStandard] };
  throw otherwise();
}

/** Why not: as slugs of the policy, and whether they are those of the application's own rules. */
export type Refused = Pick<Explanation, 'reasons' | 'isOwn'>;

interface Rules {
  readonly standard: Judge;
  readonly own: OwnRules | undefined;
}

/**
 * Why the person may not, where it is known that these rules say no: as explainAccess, without asking again whether.
 * @param isCovered whether the standard rules say yes by themselves, if that is known
 * @throws as explainAccess
 */
export async function reasonsAgainst(
  { standard, own }: Rules,
  question: AccessQuestion & { readonly konsument: Orgnr },
  isCovered?: boolean,
): Promise<Refused> {
  if (own !== undefined && (own.isTrusted || isCovered === true)) return denied(own, question, []);
  const { answer } = await standard.ask(EVALUATE, new JsonText(accessInput(question)));
  if (!answer.allowed) return { reasons: answer.reasons, isOwn: false };
  if (own !== undefined && isCovered === undefined) return denied(own, question, []);
  throw otherwise();
}

/** The same where it was not asked about one organisation: why not for any. @throws as explainAccess */
export async function reasonsAgainstAll({ standard, own }: Rules, question: AccessQuestion): Promise<Refused> {
  if (own !== undefined) {
    const { covering } = own.isTrusted ? { covering: question.grants } : await judgeAccess(standard, undefined, question);
    const konsumenter = covering.map(({ grant }) => grant.konsument);
    if (konsumenter.length > 0) return { reasons: await ownReasons(own, question, konsumenter), isOwn: true };
  }
  const { answer } = await standard.ask(EVALUATE, new JsonText(accessInput(question)));
  return { reasons: answer.reasons, isOwn: false };
}

function otherwise(): ProblemError {
  return new ProblemError('evaluation-failed', { cause: new Error(`${EVALUATE.entrypoint} says otherwise than the search`) });
}

function ruleOf(source: RuleRef['source'], entrypoint: string, { revision }: Judge): RuleRef {
  return { source, entrypoint, revision };
}

/** A no of the application's own rules, with what they say of it. */
async function denied(
  own: OwnRules,
  question: AccessQuestion & { readonly konsument: Orgnr },
  decidedBy: readonly RuleRef[],
): Promise<Explanation> {
  return { allowed: false, reasons: await ownReasons(own, question, [question.konsument]), isOwn: true, decidedBy };
}

/** What own rules say against some of the konsumenter, each once; `own_rule` if nothing. */
async function ownReasons(
  { judge, givesReasons }: OwnRules,
  question: AccessQuestion,
  konsumenter: readonly Orgnr[],
): Promise<readonly string[]> {
  const told = (givesReasons ? (await judge.ask(OWN_REASONS, new JsonText(accessInput(question)))).answer : undefined) ?? {};
  const reasons = new Set(
    konsumenter.flatMap((konsument) => (Object.hasOwn(told, konsument) ? (told[konsument] as readonly string[]) : [])),
  );
  return reasons.size === 0 ? ['own_rule'] : [...reasons];
}

function isVerdict(value: unknown): value is Verdict {
  const { allowed, reasons } = (value ?? {}) as Partial<Verdict>;
  return typeof allowed === 'boolean' && isTexts(reasons);
}

/** Reasons are shown to people: words of the policy's own, not whatever it was told. None at all are fit too. */
function isReasons(value: unknown): value is Told | undefined {
  if (value === undefined) return true;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.values(value).every(
    (slugs) => isTexts(slugs) && slugs.length <= 50 && slugs.every((slug) => /^[a-z][a-z_]{0,63}$/.test(slug)),
  );
}
