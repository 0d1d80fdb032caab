import { isRuling, isTexts, type Judge, type Rule, type Ruling } from '#decisions';
import { isFault, maskedJson, parseOrgnr, present } from '#domain';
import { JsonText } from '#policy';
import { ProblemError } from '#problem';
import { type AccessCaller, type Permission, requestedBy } from '../ask/may-ask.js';
import type { AccessParts } from '../parts.js';
import { APPLICATION, ORGANISATION, PERSON, SYSTEM_USER } from './asked.js';
import type { AskedWork } from './asked-work.js';
import type { JudgedKinds } from './judged-kinds.js';
import { type Action, type Entity, type Evaluation, nameOf, type Outcome, type Properties } from './nouns.js';

/** What is searched for, as the rules of `candidates` are told beside the question. */
export type SearchedPart = 'subject' | 'resource' | 'action';

const MAY_ASK: Rule<Ruling> = { entrypoint: 'tilgang/kinds/may_ask', isAnswer: isRuling, isLogged: true };
/** More that may be meant are no answer: what is listed is whole. */
const MOST_CANDIDATES = 10_000;
/** Nobody could ask about a longer one. */
const LONGEST_ID = 1000;

/** Kinds that are judged here, and by no bundle that says so of itself. */
const OWN_KINDS: ReadonlySet<string> = new Set([PERSON, APPLICATION, ORGANISATION, SYSTEM_USER]);

/** A bundle of the operator's as it was loaded. */
export interface DeclaringBundle {
  /** What the decision log is to call it. */
  readonly name: string;
  readonly judge: Judge;
  /** Of its manifest. */
  readonly metadata: unknown;
}

/**
 * What the manifests of bundles declare.
 * @throws ProblemError `bundle-invalid` if one declares nothing, what it has not, or what is another's to judge
 */
export function judgedKinds(bundles: readonly DeclaringBundle[]): readonly JudgedKinds[] {
  const judged: JudgedKinds[] = [];
  for (const bundle of bundles) {
    const kinds = declaredBy(bundle);
    for (const before of judged) assertApart(before, kinds);
    judged.push(kinds);
  }
  return judged;
}

function declaredBy({ name, judge, metadata }: DeclaringBundle): JudgedKinds {
  const declared = ((metadata ?? {}) as { tilgang?: { judges?: Record<string, unknown> } }).tilgang?.judges ?? {};
  const entrypoint = (value: unknown): value is string => typeof value === 'string' && judge.bundle.entrypoints.includes(value);
  const { documents = [], candidates, callers, ...rest } = declared;
  const judgesNone = isTexts(documents) && documents.length > 0 && candidates === undefined && Object.keys(rest).length === 0;
  const { subjects, resources, decision } = judgesNone ? { subjects: [], resources: [], decision: '' } : rest;
  const faults = [
    judgesNone || isKinds(subjects) ? [] : [`subjects must be a list of kinds ${OTHERS}`],
    judgesNone || isKinds(resources) ? [] : [`resources must be a list of kinds ${OTHERS}`],
    judgesNone || entrypoint(decision) ? [] : ['decision must be an entrypoint of the bundle'],
    isTexts(documents) && documents.every((one) => entrypoint(one) && !one.startsWith('tilgang/'))
      ? []
      : ['documents must be a list of entrypoints of the bundle, none of them under tilgang/'],
    candidates === undefined || entrypoint(candidates) ? [] : ['candidates must be an entrypoint of the bundle'],
    callers === undefined || isOrgnrs(callers) ? [] : ['callers must be a list of organisation numbers'],
  ].flat();
  if (faults.length > 0) throw invalid(`${name}: metadata.tilgang.judges of its .manifest: ${faults.join('; ')}`);
  return present({ name, judge, subjects, resources, decision, candidates, documents, callers }) as JudgedKinds;
}

const OTHERS = `other than ${[...OWN_KINDS].join(', ')}, which are judged here`;

function isKinds(value: unknown): value is readonly string[] {
  return isTexts(value) && value.length > 0 && !value.some((kind) => OWN_KINDS.has(kind));
}

function isOrgnrs(value: unknown): boolean {
  return isTexts(value) && !value.some((text) => isFault(parseOrgnr(text)));
}

/** Of two bundles none may depend on the order in which they are named: who judges, and whom the log means. */
function assertApart(one: JudgedKinds, other: JudgedKinds): void {
  if (one.name === other.name)
    throw invalid(`two bundles are named ${one.name}: the decision log could not tell them apart, so rename a file`);
  const subject = one.subjects.find((kind) => other.subjects.includes(kind));
  const resource = one.resources.find((kind) => other.resources.includes(kind));
  if (subject === undefined || resource === undefined) return;
  throw invalid(`${one.name} and ${other.name} both judge what ${subject} may do to ${resource}: let one of them declare it`);
}

function invalid(detail: string): ProblemError {
  return new ProblemError('bundle-invalid', { detail });
}

/** May this caller ask the bundle? @param kinds absent: none judges what is asked about @throws ProblemError `evaluation-failed` */
export async function mayAskKinds(judge: Judge, caller: AccessCaller, kinds: JudgedKinds | undefined): Promise<Permission> {
  const input = present({ caller, kinds: kinds && present({ callers: kinds.callers }) });
  const { answer, id } = await judge.ask(MAY_ASK, input, undefined, { requestedBy: requestedBy(caller) });
  return answer.allowed ? answer : { ...answer, decisionId: id };
}

/** Who asks, and how much of its bundles so far. */
export interface KindsAsker {
  readonly parts: Pick<AccessParts, 'judge'>;
  readonly caller: AccessCaller;
  readonly work: AskedWork;
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
  { parts, caller, work }: KindsAsker,
  { name, judge }: JudgedKinds,
  rule: Pick<Rule<Answer>, 'entrypoint' | 'isAnswer'>,
  input: unknown,
): Promise<Answered<Answer>> {
  const text = input === undefined ? undefined : JSON.stringify(input);
  work.add(text?.length ?? 0);
  const by = { asker: { requestedBy: requestedBy(caller) }, bundles: { [name]: judge.revision } };
  const { said, decisionId } = await parts.judge.decide(
    rule,
    new JsonText(JSON.stringify(maskedJson(input ?? null))),
    by,
    async (decisionId) => {
      const { answer: said } = await judge.ask(rule, text === undefined ? undefined : new JsonText(text), undefined, 'nobody');
      return { answer: maskedJson(said), said, decisionId };
    },
  );
  return { answer: said, decisionId };
}

/** May the subject do that to the resource, by the bundle's rule? @throws ProblemError `evaluation-failed` */
export async function decideByKinds(asker: KindsAsker, kinds: JudgedKinds, question: Evaluation): Promise<Answered<Outcome>> {
  const { answer, decisionId } = await askKinds(asker, kinds, { entrypoint: kinds.decision, isAnswer: isOutcome }, question);
  return { answer: typeof answer === 'boolean' ? { decision: answer } : answer, decisionId };
}

/** What is searched for: the entity or the action that the search gives. */
export type Candidate<Part extends SearchedPart> = Part extends 'action' ? Action : Entity;

/** All that may be meant of what is searched for, each once, in the order of their ids or names. @throws ProblemError `evaluation-failed` */
export async function candidatesOf<Part extends SearchedPart>(
  { judge, candidates }: JudgedKinds,
  search: Part,
  question: Partial<Record<SearchedPart, unknown>> & { readonly context?: Properties },
): Promise<readonly Candidate<Part>[]> {
  if (candidates === undefined) return [];
  const isOne = search === 'action' ? isAction : isEntity;
  const isAnswer = (value: unknown): value is readonly (Action | Entity)[] =>
    Array.isArray(value) && value.length <= MOST_CANDIDATES && value.every(isOne);
  const { answer } = await judge.ask({ entrypoint: candidates, isAnswer }, { search, ...question }, undefined, 'nobody');
  const sought = (question[search] as { readonly type?: string } | undefined)?.type;
  const byName = new Map<string, Action | Entity>();
  for (const one of answer) if (!('type' in one) || one.type === sought) byName.set(nameOf(one), one);
  return [...byName.keys()].sort().map((name) => onlyKnown(byName.get(name) as Action | Entity)) as unknown as readonly Candidate<Part>[];
}

function onlyKnown(one: Entity | Action): Entity | Action {
  return 'id' in one
    ? present({ type: one.type, id: one.id, properties: one.properties })
    : present({ name: one.name, properties: one.properties });
}

function isOutcome(value: unknown): value is boolean | Outcome {
  if (typeof value === 'boolean') return true;
  const { decision, context, ...rest } = (value ?? {}) as Partial<Outcome>;
  return typeof decision === 'boolean' && (context === undefined || isObject(context)) && Object.keys(rest).length === 0;
}

function isEntity(value: unknown): value is Entity {
  const { type, id, properties } = (value ?? {}) as Partial<Entity>;
  return (
    typeof type === 'string' && typeof id === 'string' && id.length <= LONGEST_ID && (properties === undefined || isObject(properties))
  );
}

function isAction(value: unknown): value is Action {
  const { name, properties } = (value ?? {}) as Partial<Action>;
  return typeof name === 'string' && name.length <= LONGEST_ID && (properties === undefined || isObject(properties));
}

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
