import type { AskedPage, Evaluation, Found, Item } from '#access';
import { present } from '#domain';
import { type FieldFault, ProblemError } from '#problem';
import type { components } from './wire.gen.js';

/** A shape of the description. */
export type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];

/** A question as it was sent. */
export type SentEvaluation = Wire<'EvaluationRequest'>;

/** A search as it was sent. */
export type SentSearch = Wire<'SubjectSearchRequest'> | Wire<'ResourceSearchRequest'> | Wire<'ActionSearchRequest'>;

/** Of a question, or of a search, only what is known of it. @throws ProblemError `invalid-request` for what would not be the same wherever it is read */
export function questionIn<Sent extends SentEvaluation | SentSearch>(sent: Sent): Question<Sent> {
  const parts = sent as Readonly<Partial<Record<Field, Readonly<Record<string, unknown>>>>>;
  const at = FIELDS.find((name) => !isSound(parts[name]));
  if (at !== undefined) throw new ProblemError('invalid-request', { at: [unsound(at)] });
  const question: Partial<Record<Field, unknown>> = {};
  for (const name of FIELDS) if (parts[name] !== undefined) question[name] = knownOf(name, parts[name]);
  return question as Question<Sent>;
}

/** What is known of one. */
export type Question<Sent> = Sent extends { readonly page?: unknown } ? Omit<Sent, 'page'> : Evaluation;

/** Which page is asked for. */
export function pageIn({ limit, token }: Wire<'PageRequest'> = {}): AskedPage {
  return present({ limit, token });
}

/** What was found, as it is answered. */
export function foundOut<T>({ results, nextToken = '' }: Found<T>) {
  return { results, page: { next_token: nextToken } };
}

const FIELDS = ['subject', 'action', 'resource', 'context'] as const;

/** What the parts of a question must have, each a text. */
const NEEDED = { subject: ['type', 'id'], action: ['name'], resource: ['type', 'id'] } as const;
const LONGEST = { type: 200, name: 200, id: 1000 } as const;

/**
 * The questions of a list, each with the defaults that stand beside it (AuthZEN 1.0 §7.1.1); of one that is none, what is wrong.
 * What is wrong with a default is wrong with the questions that need it.
 */
export function itemsIn({ evaluations = [], ...defaults }: Wire<'EvaluationsRequest'>): readonly Item[] {
  // Most of a list stands beside it: that is looked at once.
  const beside = partsOf(defaults);
  return evaluations.map((sent) => {
    if (!isObject(sent)) return { at: [{ pointer: '', detail: 'the question must be an object' }] };
    const part = (name: Field): Part => (Object.hasOwn(sent, name) ? partOf(name, sent[name]) : beside[name]);
    const whole = { subject: part('subject'), action: part('action'), resource: part('resource'), context: part('context') };
    const at = faultsOf(whole);
    return at.length === 0 ? evaluationOf(whole) : { at };
  });
}

/** The one question that stands there without a list. @throws ProblemError `invalid-request` */
export function soleIn(body: Wire<'EvaluationsRequest'>): Evaluation {
  const parts = partsOf(body);
  const at = faultsOf(parts);
  if (at.length > 0) throw new ProblemError('invalid-request', { at });
  return evaluationOf(parts);
}

type Field = (typeof FIELDS)[number];
/** A question of which nothing is known yet. */
type Sent = Readonly<Partial<Record<Field, unknown>>>;

/** A part of a question. */
interface Part {
  /** What is known of it. */
  readonly known: unknown;
  readonly faults: readonly FieldFault[];
  /** Whether it is the same wherever it is read. */
  readonly isSound: boolean;
}

const NO_FAULTS: readonly FieldFault[] = [];

function partsOf({ subject, action, resource, context }: Sent): Readonly<Record<Field, Part>> {
  return {
    subject: partOf('subject', subject),
    action: partOf('action', action),
    resource: partOf('resource', resource),
    context: partOf('context', context),
  };
}

function partOf(name: Field, value: unknown): Part {
  const isKnown = isObject(value);
  const faults = isKnown ? faultsIn(name, value) : lacking(name, value);
  return { known: isKnown && faults.length === 0 ? knownOf(name, value) : undefined, faults, isSound: isSound(value) };
}

function lacking(name: Field, value: unknown): readonly FieldFault[] {
  if (value === undefined && name === 'context') return NO_FAULTS;
  return [{ pointer: `/${name}`, detail: value === undefined ? 'is missing' : 'must be an object' }];
}

function faultsIn(part: Field, value: Readonly<Record<string, unknown>>): readonly FieldFault[] {
  if (part === 'context') return NO_FAULTS;
  let faults = NO_FAULTS;
  const fault = (pointer: string, detail: string): void => {
    faults = [...faults, { pointer: `/${part}/${pointer}`, detail }];
  };
  for (const name of NEEDED[part]) {
    const text = Object.hasOwn(value, name) ? value[name] : undefined;
    const longest = LONGEST[name];
    if (text === undefined) fault(name, 'is missing');
    else if (typeof text !== 'string' || (text.length > longest && [...text].length > longest))
      fault(name, `must be a text of at most ${longest} characters`);
  }
  if (value['properties'] !== undefined && !isObject(value['properties'])) fault('properties', 'must be an object');
  return faults;
}

function faultsOf(parts: Readonly<Record<Field, Part>>): readonly FieldFault[] {
  const { subject, action, resource, context } = parts;
  const isWhole = subject.faults.length + action.faults.length + resource.faults.length + context.faults.length === 0;
  const faults = isWhole ? NO_FAULTS : FIELDS.flatMap((name) => parts[name].faults);
  if (subject.isSound && action.isSound && resource.isSound && context.isSound) return faults;
  return [...faults, unsound(FIELDS.find((name) => !parts[name].isSound) as Field)];
}

function evaluationOf({ subject, action, resource, context }: Readonly<Record<Field, Part>>): Evaluation {
  const known = { subject: subject.known, action: action.known, resource: resource.known };
  return (context.known === undefined ? known : { ...known, context: context.known }) as Evaluation;
}

/** What else is sent is nobody's: neither rules nor the log see it. */
function knownOf(field: Field, part: Readonly<Record<string, unknown>>): unknown {
  if (field === 'context') return part;
  const { type, id, name, properties } = part;
  if (field === 'action') return properties === undefined ? { name } : { name, properties };
  if (id === undefined) return properties === undefined ? { type } : { type, properties };
  return properties === undefined ? { type, id } : { type, id, properties };
}

/** Something in that part would be another one to whoever reads it elsewhere: a whole number that no double holds, or half a character. */
function unsound(name: Field): FieldFault {
  return {
    pointer: `/${name}`,
    detail: `must hold no number beyond ${Number.MAX_SAFE_INTEGER}, and no lone surrogate: send such a number as a text`,
  };
}

function isSound(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSound);
  for (const key in value) if (!(key.isWellFormed() && isSound((value as Readonly<Record<string, unknown>>)[key]))) return false;
  return true;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
