import { isTexts, type Judge, type Rule } from '#decisions';
import type { Orgnr } from '#domain';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import { type OwnRules, REASONS } from '../bundles/own-rules.js';
import { type AccessQuestion, accessInput } from './access-input.js';
import { judgeAccess } from './judge-access.js';

/** Whether a person may use an application for one organisation, and why. */
export interface Explanation {
  readonly allowed: boolean;
  /** As slugs of the policy; `own_rule` where the application's own rules stand in the way and do not say why. */
  readonly reasons: readonly string[];
}

const EVALUATE: Rule<Explanation> = { entrypoint: 'tilgang/access/evaluate', isAnswer: isExplanation };
const OWN_REASONS: Rule<Readonly<Record<string, readonly string[]>>> = { entrypoint: REASONS, isAnswer: isReasons };

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
  const input = new JsonText(accessInput(question));
  if (own?.isTrusted === true) return allowed ? { allowed, reasons: ['granted'] } : ownReasons(own, input, question.konsument);
  const { answer } = await standard.ask(EVALUATE, input);
  if (answer.allowed && !allowed && own !== undefined) return ownReasons(own, input, question.konsument);
  if (answer.allowed === allowed) return answer;
  throw new ProblemError('evaluation-failed', { cause: new Error(`${EVALUATE.entrypoint} says otherwise than the search`) });
}

async function ownReasons({ judge, givesReasons }: OwnRules, input: JsonText, konsument: Orgnr): Promise<Explanation> {
  const told = givesReasons ? (await judge.ask(OWN_REASONS, input)).answer : {};
  const reasons = Object.hasOwn(told, konsument) ? (told[konsument] as readonly string[]) : [];
  return { allowed: false, reasons: reasons.length === 0 ? ['own_rule'] : reasons };
}

function isExplanation(value: unknown): value is Explanation {
  const { allowed, reasons } = (value ?? {}) as Partial<Explanation>;
  return typeof allowed === 'boolean' && isTexts(reasons);
}

/** Reasons are shown to people: words of the policy's own, not whatever it was told. */
function isReasons(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return Object.values(value).every(
    (slugs) => isTexts(slugs) && slugs.length <= 50 && slugs.every((slug) => /^[a-z][a-z_]{0,63}$/.test(slug)),
  );
}
