import { type Asker, type Decision, isBooleans, isTexts, type Judge, type Rule } from '#decisions';
import type { BrukerId } from '#domain';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import { SEARCH as OWN_SEARCH, type OwnRules } from '../bundles/own-rules.js';
import { type AccessQuestion, accessInput, type JudgedGrant, type ManyQuestion, manyQuestion } from './access-input.js';

/** What was decided about a person in an application. */
export interface AccessVerdict<G extends JudgedGrant> {
  /** The grants under whose konsumenter the person may use it, in the order in which they were asked about. */
  readonly covering: readonly G[];
  /** Of the standard bundle. */
  readonly revision: string;
  /** Of the application's own bundle, if that has judged. */
  readonly ownRevision?: string;
  /** What the decision log calls it, if somebody asked. */
  readonly decisionId: string;
}

/** The standard rule. */
export const STANDARD_SEARCH = 'tilgang/access/search';
const SEARCH: Rule<readonly string[]> = { entrypoint: STANDARD_SEARCH, isAnswer: isTexts, isLogged: true };
const OWN: Rule<readonly string[]> = { entrypoint: OWN_SEARCH, isAnswer: isTexts };

/**
 * Under which of the grants may the person use the application? The one answer that search, evaluate and try are made from; at once where the rules
 * answer at once. A fault is thrown, or rejects what is awaited.
 * @param own the application's own rules, if it has some: what they say counts only together with the standard rules, unless they are trusted to judge alone
 * @param asker for whom it is decided, for the decision log; by default it is thought up
 * @param input the question, where it is written already
 * @throws ProblemError `evaluation-failed` if a rule gives anything but a whole answer, or organisations that no grant is of: neither a yes nor a no
 */
export function judgeAccess<G extends JudgedGrant>(
  standard: Judge,
  own: OwnRules | undefined,
  question: AccessQuestion<G>,
  asker: Asker = 'nobody',
  input: JsonText = new JsonText(accessInput(question)),
): AccessVerdict<G> | Promise<AccessVerdict<G>> {
  if (own !== undefined) return judgeByOwn(standard, own, input, question, asker);
  const asked = standard.ask(SEARCH, input, undefined, asker);
  const verdict = ({ answer, revision, id }: Decision<readonly string[]>): AccessVerdict<G> => ({
    covering: grantsOf(answer, question),
    revision,
    decisionId: id,
  });
  return asked instanceof Promise ? asked.then(verdict) : verdict(asked);
}

const COVERS: Rule<readonly boolean[]> = { entrypoint: 'tilgang/many/covers', isAnswer: isBooleans };
/** The same of grants of which the konsument is not told; bundles whose rules look at that do not have it. */
const TERMS: Rule<readonly boolean[]> = { entrypoint: 'tilgang/many/terms', isAnswer: isBooleans };

/** Whose grants they are, of several that are asked about together. */
export interface JudgedSubject<G extends JudgedGrant> {
  readonly subject: BrukerId;
  readonly grants: readonly G[];
}

type AboutMany = Omit<AccessQuestion, 'subject' | 'grants' | 'konsument'>;

/**
 * The same of many persons, in their order: by the standard rules in one evaluation. What is asked so is nobody's decision, and not logged.
 * @throws ProblemError `evaluation-failed`, as judgeAccess, for all of them
 */
export async function judgeMany<G extends JudgedGrant>(
  standard: Judge,
  own: OwnRules | undefined,
  question: AboutMany,
  subjects: readonly JudgedSubject<G>[],
): Promise<readonly (readonly G[])[]> {
  if (own !== undefined) {
    const verdicts = await Promise.all(subjects.map((one) => judgeAccess(standard, own, { ...question, ...one })));
    return verdicts.map(({ covering }) => covering);
  }
  return covered(standard, asMany(standard, question, subjects), subjects);
}

/** A person, and for whom it is decided. */
export interface DecidedSubject<G extends JudgedGrant> extends JudgedSubject<G> {
  readonly asker: Asker;
}

/**
 * The same as a decision about each, as judgeAccess makes it, by the standard rules.
 * @throws ProblemError `evaluation-failed` for all of them: then none is logged, and whoever asks goes on one by one
 */
export async function decideMany<G extends JudgedGrant>(
  standard: Judge,
  question: AboutMany,
  subjects: readonly DecidedSubject<G>[],
): Promise<readonly Omit<AccessVerdict<G>, 'ownRevision'>[]> {
  const many = asMany(standard, question, subjects);
  const asked = {
    askers: subjects.map(({ asker }) => asker),
    inputOf: (i: number) => many.inputOf(i, (subjects[i] as JudgedSubject<G>).subject),
  };
  const judged = await standard.decideMany(SEARCH, asked, async () => {
    const found = await covered(standard, many, subjects);
    return found.map((covering) => ({ answer: covering.map(({ grant }) => grant.konsument), covering }));
  });
  return judged.map(({ made: { covering }, id }) => ({ covering, revision: standard.revision, decisionId: id }));
}

interface AskedOfMany extends ManyQuestion {
  readonly rule: Rule<readonly boolean[]>;
}

function asMany({ bundle }: Judge, question: AboutMany, subjects: readonly JudgedSubject<JudgedGrant>[]): AskedOfMany {
  const rule = bundle.entrypoints.includes(TERMS.entrypoint) ? TERMS : COVERS;
  const grants = subjects.map((one) => one.grants);
  return { rule, ...manyQuestion(question, grants, rule === COVERS) };
}

async function covered<G extends JudgedGrant>(
  standard: Judge,
  { rule, input, count, places }: AskedOfMany,
  subjects: readonly JudgedSubject<G>[],
): Promise<readonly (readonly G[])[]> {
  const { answer } = await standard.ask(rule, new JsonText(input), ({ length }) => length === count, 'nobody');
  return subjects.map(({ grants: own }, i) => own.filter((_, at) => answer[places[i]?.[at] as number] === true));
}

async function judgeByOwn<G extends JudgedGrant>(
  standard: Judge,
  { judge, isTrusted }: OwnRules,
  input: JsonText,
  question: AccessQuestion<G>,
  asker: Asker,
): Promise<AccessVerdict<G>> {
  // Both by promise: of two that fail none may be left without anybody who hears of it.
  const ask = async (one: Judge, rule: typeof OWN): Promise<Decision<readonly string[]>> => one.ask(rule, input, undefined, 'nobody');
  const decide = async (decisionId: string) => {
    const [own, ours] = await Promise.all([ask(judge, OWN), isTrusted ? undefined : ask(standard, SEARCH)]);
    const covering = together(
      question,
      konsumenterOf(own.answer, question),
      ours === undefined ? undefined : grantsOf(ours.answer, question),
    );
    return { answer: covering.map(({ grant }) => grant.konsument), covering, decisionId };
  };
  const own = { [question.application.id]: judge.revision };
  const bundles = isTrusted ? own : { tilgang: standard.revision, ...own };
  const { covering, decisionId } = await standard.decide(SEARCH, input, { asker, bundles }, decide);
  return { covering, revision: standard.revision, ownRevision: judge.revision, decisionId };
}

/** The konsumenter that own rules name, in any order. @param known all that may be named */
function konsumenterOf(answer: readonly string[], { grants }: AccessQuestion, known = everybodyIn(grants)): ReadonlySet<string> {
  if (answer.length === grants.length && grants.every(({ grant }, i) => grant.konsument === answer[i])) return known;
  for (const orgnr of answer) if (!known.has(orgnr)) throw strange(OWN);
  return new Set(answer);
}

/** The konsumenter of grants: whom rules would name that say no to nobody. */
export function everybodyIn(grants: readonly JudgedGrant[]): ReadonlySet<string> {
  return new Set(grants.map(({ grant }) => grant.konsument));
}

/**
 * Where standard and own rules meet: the grants that both name, in the order of the standard rules.
 * @param said the konsumenter that own rules name @param ours those of the standard rules; `undefined`: own rules judge alone
 */
export function together<G extends JudgedGrant>(
  { grants }: Pick<AccessQuestion<G>, 'grants'>,
  said: ReadonlySet<string>,
  ours: readonly G[] | undefined,
): readonly G[] {
  return (ours ?? grants).filter(({ grant }) => said.has(grant.konsument));
}

/** Which of the grants' konsumenter own rules name. @throws as judgeAccess */
export async function askOwn(judge: Judge, question: AccessQuestion): Promise<ReadonlySet<string>> {
  return konsumenterOf((await judge.ask(OWN, new JsonText(accessInput(question)))).answer, question);
}

/** What rules say of a question; `undefined`: they gave no whole answer. */
export type Said<What> = What | undefined;

/**
 * Which of the grants' konsumenter own rules name, for each of many questions.
 * @param inputs they, written @param everybody whom each may name: the same object where all are named
 * @throws ProblemError other than `evaluation-failed`
 */
export async function ownSayings(
  judge: Judge,
  questions: readonly AccessQuestion[],
  inputs: readonly JsonText[],
  everybody: readonly ReadonlySet<string>[],
): Promise<readonly Said<ReadonlySet<string>>[]> {
  return sayings(await judge.askMany(OWN, inputs), (answer, i) => konsumenterOf(answer, questions[i] as AccessQuestion, everybody[i]));
}

/** Which of the grants the standard rules name, for each of many questions. @param inputs they, written @throws as ownSayings */
export async function standardSayings(
  judge: Judge,
  questions: readonly AccessQuestion[],
  inputs: readonly JsonText[],
): Promise<readonly Said<readonly JudgedGrant[]>[]> {
  return sayings(await judge.askMany(SEARCH, inputs), (answer, i) => grantsOf(answer, questions[i] as AccessQuestion));
}

function sayings<What>(
  answers: readonly (readonly string[] | ProblemError)[],
  read: (answer: readonly string[], place: number) => What,
): readonly Said<What>[] {
  return answers.map((answer, i) => {
    try {
      if (answer instanceof ProblemError) throw answer;
      return read(answer, i);
    } catch (error) {
      if (error instanceof ProblemError && error.slug === 'evaluation-failed') return undefined;
      throw error;
    }
  });
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
    throw strange(SEARCH);
  });
}

function strange({ entrypoint }: Rule<unknown>): ProblemError {
  return new ProblemError('evaluation-failed', { cause: new Error(`${entrypoint} gave an organisation that was not among the grants`) });
}
