import { type Asker, isTexts, type Judge, type Rule } from '#decisions';
import type { Orgnr } from '#domain';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import { type AccessQuestion, accessInput } from './access-input.js';
import { judgeAccess } from './judge-access.js';

/** Whether a person may use an application for one organisation, and why. */
export interface Explanation {
  readonly allowed: boolean;
  /** As slugs of the policy. */
  readonly reasons: readonly string[];
}

const EVALUATE: Rule<Explanation> = { entrypoint: 'tilgang/access/evaluate', isAnswer: isExplanation, isLogged: true };

/**
 * Why the person may use the application for the organisation that is asked about, or may not. Whether is what judgeAccess says; the reasons are those of
 * the rule that stands in the way.
 * @throws ProblemError `evaluation-failed`; so it is too if the rule for reasons says otherwise
 */
export async function explainAccess(
  judge: Judge,
  question: AccessQuestion & { readonly konsument: Orgnr },
  asker: Asker,
): Promise<Explanation> {
  const { covering } = await judgeAccess(judge, question, 'nobody');
  const { answer } = await judge.ask(EVALUATE, new JsonText(accessInput(question)), undefined, asker);
  if (answer.allowed === covering.some(({ grant }) => grant.konsument === question.konsument)) return answer;
  throw new ProblemError('evaluation-failed', { cause: new Error(`${EVALUATE.entrypoint} says otherwise than the search`) });
}

function isExplanation(value: unknown): value is Explanation {
  const { allowed, reasons } = (value ?? {}) as Partial<Explanation>;
  return typeof allowed === 'boolean' && isTexts(reasons);
}
