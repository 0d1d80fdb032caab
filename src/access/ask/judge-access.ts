import { type Asker, isTexts, type Judge, type Rule } from '#decisions';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import { type AccessQuestion, accessInput, type JudgedGrant } from './access-input.js';

/** What was decided about a person in an application. */
export interface AccessVerdict<G extends JudgedGrant> {
  /** The grants under whose konsumenter the person may use it, in the order in which they were asked about. */
  readonly covering: readonly G[];
  /** Of the bundle that judged. */
  readonly revision: string;
}

const SEARCH: Rule<readonly string[]> = { entrypoint: 'tilgang/access/search', isAnswer: isTexts, isLogged: true };

/**
 * Under which of the grants may the person use the application? The one answer that search, evaluate and try are made from; at once where the rules
 * answer at once. A fault is thrown, or rejects what is awaited.
 * @throws ProblemError `evaluation-failed` if a rule gives anything but a whole answer, or organisations that no grant is of: neither a yes nor a no
 */
export function judgeAccess<G extends JudgedGrant>(
  judge: Judge,
  question: AccessQuestion<G>,
  asker: Asker,
): AccessVerdict<G> | Promise<AccessVerdict<G>> {
  const asked = judge.ask(SEARCH, new JsonText(accessInput(question)), undefined, asker);
  if (asked instanceof Promise) return asked.then(({ answer, revision }) => ({ covering: grantsOf(answer, question), revision }));
  return { covering: grantsOf(asked.answer, question), revision: asked.revision };
}

/** The grants of those konsumenter. Each is looked for where the one before was found: the policy answers in their order. */
function grantsOf<G extends JudgedGrant>(orgnrs: readonly string[], { grants }: AccessQuestion<G>): readonly G[] {
  let at = 0;
  return orgnrs.map((orgnr) => {
    for (let looked = 0; looked < grants.length; looked += 1) {
      const judged = grants[at];
      at = (at + 1) % grants.length;
      if (judged?.grant.konsument === orgnr) return judged;
    }
    throw new ProblemError('evaluation-failed', {
      cause: new Error(`${SEARCH.entrypoint} gave an organisation that was not among the grants`),
    });
  });
}
