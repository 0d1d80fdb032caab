import { isTexts, type Judge, type Rule } from '#decisions';
import { holdsPersonNumber, maskPersonNumbers, present } from '#domain';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import { type AccessCaller, isPermission, type Permission, requestedBy } from '../ask/may-ask.js';
import type { Action, Entity, Evaluation, Outcome, Properties } from './nouns.js';

/** A bundle of the operator's that judges kinds of its own, as its manifest declares (`metadata.tilgang.judges`). */
export interface JudgedKinds {
  /** What the decision log calls it. */
  readonly name: string;
  readonly judge: Judge;
  readonly subjects: readonly string[];
  readonly resources: readonly string[];
  /** Entrypoint: may the subject do that to the resource? A boolean, or an Outcome. Empty: the bundle judges no kinds. */
  readonly decision: string;
  /** Entrypoint: of what is searched for, all that may be meant; each is then judged by `decision`. Absent: nothing is found. */
  readonly candidates?: string;
  /** Entrypoints that may be asked by name, with any input and for whatever they answer; such a bundle need judge no kinds. */
  readonly documents: readonly string[];
  /** Organisations that may ask; absent: any. */
  readonly callers?: readonly string[];
}

/** What is searched for, as the rules of `candidates` are told beside the question. */
export type SearchedPart = 'subject' | 'resource' | 'action';

const MAY_ASK: Rule<Permission> = { entrypoint: 'tilgang/kinds/may_ask', isAnswer: isPermission, isLogged: true };
/** More that may be meant are no answer: what is listed is whole. */
const MOST_CANDIDATES = 10_000;

/**
 * What the manifest of a bundle declares.
 * @throws ProblemError `bundle-invalid` if it declares nothing, or what it has not
 */
export function judgedKinds(name: string, judge: Judge, metadata: unknown): JudgedKinds {
  const { bundle } = judge;
  const declared = ((metadata ?? {}) as { tilgang?: { judges?: Record<string, unknown> } }).tilgang?.judges ?? {};
  const entrypoint = (value: unknown): value is string => typeof value === 'string' && bundle.entrypoints.includes(value);
  const { documents = [], candidates, callers, ...rest } = declared;
  const judgesNone = isNames(documents) && candidates === undefined && Object.keys(rest).length === 0;
  const { subjects, resources, decision } = judgesNone ? { subjects: [], resources: [], decision: '' } : rest;
  const faults = [
    judgesNone || isNames(subjects) ? [] : ['subjects must be a list of kinds'],
    judgesNone || isNames(resources) ? [] : ['resources must be a list of kinds'],
    judgesNone || entrypoint(decision) ? [] : ['decision must be an entrypoint of the bundle'],
    isTexts(documents) && documents.every((one) => entrypoint(one) && !one.startsWith('tilgang/'))
      ? []
      : ['documents must be a list of entrypoints of the bundle, none of them under tilgang/'],
    candidates === undefined || entrypoint(candidates) ? [] : ['candidates must be an entrypoint of the bundle'],
    callers === undefined || isTexts(callers) ? [] : ['callers must be a list of organisation numbers'],
  ].flat();
  if (faults.length > 0)
    throw new ProblemError('bundle-invalid', { detail: `${name}: metadata.tilgang.judges of its .manifest: ${faults.join('; ')}` });
  return present({ name, judge, subjects, resources, decision, candidates, documents, callers }) as JudgedKinds;
}

function isNames(value: unknown): value is readonly string[] {
  return isTexts(value) && value.length > 0;
}

/** May this caller ask the bundle? @param kinds absent: none judges what is asked about @throws ProblemError `evaluation-failed` */
export async function mayAskKinds(judge: Judge, caller: AccessCaller, kinds: JudgedKinds | undefined): Promise<Permission> {
  const input = present({ caller, kinds: kinds && present({ callers: kinds.callers }) });
  const { answer, id } = await judge.ask(MAY_ASK, input, undefined, { requestedBy: requestedBy(caller) });
  return answer.allowed ? answer : { ...answer, decisionId: id };
}

/** What a bundle answered, and what the decision log calls it. */
export interface Answered<Answer> {
  readonly answer: Answer;
  readonly decisionId: string;
}

/**
 * What one of the bundle's rules answers: a decision of the log, in which no person number stands.
 * @param input any JSON value; `undefined` is none
 * @throws ProblemError `evaluation-failed`
 */
export async function askKinds<Answer>(
  standard: Judge,
  caller: AccessCaller,
  { name, judge }: JudgedKinds,
  rule: Pick<Rule<Answer>, 'entrypoint' | 'isAnswer'>,
  input: unknown,
): Promise<Answered<Answer>> {
  const text = input === undefined ? undefined : JSON.stringify(input);
  const by = { asker: { requestedBy: requestedBy(caller) }, bundles: { [name]: judge.revision } };
  const { said, decisionId } = await standard.decide(rule, new JsonText(logged(text)), by, async (decisionId) => {
    const { answer: said } = await judge.ask(rule, text === undefined ? undefined : new JsonText(text), undefined, 'nobody');
    return { answer: said === undefined ? said : JSON.parse(logged(JSON.stringify(said))), said, decisionId };
  });
  return { answer: said, decisionId };
}

/** JSON as the decision log has it. */
function logged(text = 'null'): string {
  // An escape may stand for what is told apart: only text without one can be looked at as a whole.
  return text.includes('\\') || holdsPersonNumber(text) ? JSON.stringify(masked(JSON.parse(text))) : text;
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskPersonNumbers(value);
  if (typeof value === 'number') return holdsPersonNumber(String(value)) ? maskPersonNumbers(String(value)) : value;
  if (Array.isArray(value)) return value.map(masked);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [maskPersonNumbers(name), masked(one)]));
}

/** May the subject do that to the resource, by the bundle's rule? @throws ProblemError `evaluation-failed` */
export async function decideByKinds(
  standard: Judge,
  caller: AccessCaller,
  kinds: JudgedKinds,
  question: Evaluation,
): Promise<Answered<Outcome>> {
  const { answer, decisionId } = await askKinds(standard, caller, kinds, { entrypoint: kinds.decision, isAnswer: isOutcome }, question);
  return { answer: typeof answer === 'boolean' ? { decision: answer } : answer, decisionId };
}

/** All that may be meant of what is searched for, each once, in the order of their ids or names. @throws ProblemError `evaluation-failed` */
export async function candidatesOf<Part extends SearchedPart>(
  { judge, candidates }: JudgedKinds,
  search: Part,
  question: Partial<Record<SearchedPart, unknown>> & { readonly context?: Properties },
): Promise<readonly (Part extends 'action' ? Action : Entity)[]> {
  if (candidates === undefined) return [];
  const isAnswer = (value: unknown): value is readonly (Part extends 'action' ? Action : Entity)[] =>
    Array.isArray(value) && value.length <= MOST_CANDIDATES && value.every(search === 'action' ? isAction : isEntity);
  const rule = { entrypoint: candidates, isAnswer };
  const { answer } = await judge.ask(rule, { search, ...question }, undefined, 'nobody');
  const byId = new Map(answer.map((one) => ['id' in one ? one.id : one.name, one]));
  return [...byId].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, one]) => one);
}

function isOutcome(value: unknown): value is boolean | Outcome {
  if (typeof value === 'boolean') return true;
  const { decision, context, ...rest } = (value ?? {}) as Partial<Outcome>;
  return typeof decision === 'boolean' && (context === undefined || isObject(context)) && Object.keys(rest).length === 0;
}

function isEntity(value: unknown): value is Entity {
  const { type, id, properties } = (value ?? {}) as Partial<Entity>;
  return typeof type === 'string' && typeof id === 'string' && (properties === undefined || isObject(properties));
}

function isAction(value: unknown): value is Action {
  const { name, properties } = (value ?? {}) as Partial<Action>;
  return typeof name === 'string' && (properties === undefined || isObject(properties));
}

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
