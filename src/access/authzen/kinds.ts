import { isTexts, type Judge, type Rule } from '#decisions';
import { maskPersonNumbers, present } from '#domain';
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
  /** Entrypoint: may the subject do that to the resource? A boolean, or an Outcome. */
  readonly decision: string;
  /** Entrypoint: of what is searched for, all that may be meant; each is then judged by `decision`. Absent: nothing is found. */
  readonly candidates?: string;
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
  const { subjects, resources, decision, candidates, callers } = declared;
  const entrypoint = (value: unknown): value is string => typeof value === 'string' && bundle.entrypoints.includes(value);
  const faults = [
    isNames(subjects) ? [] : ['subjects must be a list of kinds'],
    isNames(resources) ? [] : ['resources must be a list of kinds'],
    entrypoint(decision) ? [] : ['decision must be an entrypoint of the bundle'],
    candidates === undefined || entrypoint(candidates) ? [] : ['candidates must be an entrypoint of the bundle'],
    callers === undefined || isTexts(callers) ? [] : ['callers must be a list of organisation numbers'],
  ].flat();
  if (faults.length > 0)
    throw new ProblemError('bundle-invalid', { detail: `${name}: metadata.tilgang.judges of its .manifest: ${faults.join('; ')}` });
  return present({ name, judge, subjects, resources, decision, candidates, callers }) as JudgedKinds;
}

function isNames(value: unknown): value is readonly string[] {
  return isTexts(value) && value.length > 0;
}

/** May this caller ask the bundle? @throws ProblemError `evaluation-failed` */
export async function mayAskKinds(judge: Judge, caller: AccessCaller, { callers }: JudgedKinds): Promise<Permission> {
  const asker = { requestedBy: requestedBy(caller) };
  return (await judge.ask(MAY_ASK, { caller, kinds: present({ callers }) }, undefined, asker)).answer;
}

/** What the bundle decides; it is a decision of the log, in which no person number stands. @throws ProblemError `evaluation-failed` */
export async function decideByKinds(standard: Judge, caller: AccessCaller, kinds: JudgedKinds, question: Evaluation): Promise<Outcome> {
  const { judge } = kinds;
  const rule: Rule<boolean | Outcome> = { entrypoint: kinds.decision, isAnswer: isOutcome, isLogged: true };
  const input = JSON.stringify(question);
  const by = { asker: { requestedBy: requestedBy(caller) }, bundles: { [kinds.name]: judge.revision } };
  const { answer } = await standard.decide(rule, new JsonText(maskPersonNumbers(input)), by, async () =>
    judge.ask(rule, new JsonText(input), undefined, 'nobody'),
  );
  return typeof answer === 'boolean' ? { decision: answer } : answer;
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
