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
  const at = unsoundIn(sent);
  if (at !== undefined) throw new ProblemError('invalid-request', { at: [at] });
  return knownOf(sent) as Question<Sent>;
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
const NEEDED = [
  ['subject', ['type', 'id']],
  ['action', ['name']],
  ['resource', ['type', 'id']],
] as const satisfies readonly (readonly [(typeof FIELDS)[number], readonly string[]])[];
const LONGEST: Readonly<Record<string, number>> = { type: 200, name: 200, id: 1000 };

/**
 * The questions of a list, each with the defaults that stand beside it (AuthZEN 1.0 §7.1.1); of one that is none, what is wrong.
 * What is wrong with a default is wrong with the questions that need it.
 */
export function itemsIn({ evaluations = [], ...defaults }: Wire<'EvaluationsRequest'>): readonly Item[] {
  return evaluations.map((sent) => {
    if (!isObject(sent)) return { at: [{ pointer: '', detail: 'the question must be an object' }] };
    const part = (name: (typeof FIELDS)[number]): unknown => (Object.hasOwn(sent, name) ? sent[name] : defaults[name]);
    const whole = { subject: part('subject'), action: part('action'), resource: part('resource'), context: part('context') };
    const at = faultsOf(whole);
    return at.length === 0 ? (knownOf(whole) as unknown as Evaluation) : { at };
  });
}

/** The one question that stands there without a list. @throws ProblemError `invalid-request` */
export function soleIn(body: Wire<'EvaluationsRequest'>): Evaluation {
  const at = faultsOf(body);
  if (at.length > 0) throw new ProblemError('invalid-request', { at });
  return knownOf(body) as unknown as Evaluation;
}

/** A question of which nothing is known yet. */
type Sent = Readonly<Partial<Record<(typeof FIELDS)[number], unknown>>>;

function faultsOf(question: Sent): FieldFault[] {
  const faults: FieldFault[] = [];
  const fault = (pointer: string, detail: string): number => faults.push({ pointer, detail });
  for (const [part, names] of NEEDED) {
    const value = question[part];
    if (!isObject(value)) {
      fault(`/${part}`, value === undefined ? 'is missing' : 'must be an object');
      continue;
    }
    for (const name of names) {
      const text = Object.hasOwn(value, name) ? value[name] : undefined;
      const longest = LONGEST[name] as number;
      if (text === undefined) fault(`/${part}/${name}`, 'is missing');
      else if (typeof text !== 'string' || (text.length > longest && [...text].length > longest))
        fault(`/${part}/${name}`, `must be a text of at most ${longest} characters`);
    }
    if (value['properties'] !== undefined && !isObject(value['properties'])) fault(`/${part}/properties`, 'must be an object');
  }
  if (question['context'] !== undefined && !isObject(question['context'])) fault('/context', 'must be an object');
  const unsound = unsoundIn(question);
  return unsound === undefined ? faults : [...faults, unsound];
}

/** What else is sent is nobody's: neither rules nor the log see it. */
function knownOf({ subject, action, resource, context }: Sent): Readonly<Record<string, unknown>> {
  return present({ subject: ofPart(subject), action: ofPart(action), resource: ofPart(resource), context });
}

function ofPart(part: unknown): object | undefined {
  if (part === undefined) return undefined;
  const { type, id, name, properties } = part as Readonly<Record<string, unknown>>;
  return present({ type, id, name, properties });
}

/** The first part in which something would be another one to whoever reads it elsewhere: a whole number that no double holds, or half a character. */
function unsoundIn(question: Sent): FieldFault | undefined {
  const name = FIELDS.find((field) => !isSound(question[field]));
  if (name === undefined) return undefined;
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
