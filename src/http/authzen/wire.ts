import type { AskedPage, Evaluation, Found, Item } from '#access';
import { present } from '#domain';
import { type FieldFault, ProblemError } from '#problem';
import type { components } from './wire.gen.js';

/** A shape of the description. */
export type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];

/** A question as it was sent. */
export type SentEvaluation = Wire<'EvaluationRequest'>;

/** Of a question only what is known of it. */
export function evaluationIn({ subject, action, resource, context }: SentEvaluation): Evaluation {
  return present({ subject, action, resource, context }) as Evaluation;
}

/** Which page is asked for. */
export function pageIn({ limit, token }: Wire<'PageRequest'> = {}): AskedPage {
  return present({ limit, token });
}

/** What was found, as it is answered. */
export function foundOut<T>({ results, nextToken = '' }: Found<T>) {
  return { results, page: { next_token: nextToken } };
}

const FIELDS = ['subject', 'action', 'resource', 'context'] as const;

/** What a part of a question must have, each a text. */
const NEEDED = { subject: ['type', 'id'], action: ['name'], resource: ['type', 'id'] } as const satisfies Partial<
  Record<(typeof FIELDS)[number], readonly string[]>
>;
const LONGEST: Readonly<Record<string, number>> = { type: 200, name: 200, id: 1000 };

/**
 * The questions of a list, each with the defaults that stand beside it (AuthZEN 1.0 §7.1.1); of one that is none, what is wrong.
 * What is wrong with a default is wrong with the questions that need it.
 */
export function itemsIn({ evaluations = [], ...defaults }: Wire<'EvaluationsRequest'>): readonly Item[] {
  return evaluations.map((sent) => {
    if (!isObject(sent)) return { fault: 'the question must be an object' };
    const whole = Object.fromEntries(FIELDS.map((name) => [name, Object.hasOwn(sent, name) ? sent[name] : defaults[name]]));
    const [fault] = faultsOf(whole);
    return fault === undefined ? evaluationIn(whole as unknown as SentEvaluation) : { fault: `${fault.pointer.slice(1)} ${fault.detail}` };
  });
}

/** The one question that stands there without a list. @throws ProblemError `invalid-request` */
export function soleIn(body: Wire<'EvaluationsRequest'>): Evaluation {
  const at = faultsOf(body);
  if (at.length > 0) throw new ProblemError('invalid-request', { at });
  return evaluationIn(body as unknown as SentEvaluation);
}

function faultsOf(question: Readonly<Record<string, unknown>>): FieldFault[] {
  const faults: FieldFault[] = [];
  const fault = (pointer: string, detail: string): number => faults.push({ pointer, detail });
  for (const [part, names] of Object.entries(NEEDED)) {
    const value = question[part];
    if (!isObject(value)) {
      fault(`/${part}`, value === undefined ? 'is missing' : 'must be an object');
      continue;
    }
    for (const name of names) {
      const text = Object.hasOwn(value, name) ? value[name] : undefined;
      const longest = LONGEST[name] as number;
      if (text === undefined) fault(`/${part}/${name}`, 'is missing');
      else if (typeof text !== 'string' || text.length > longest)
        fault(`/${part}/${name}`, `must be a text of at most ${longest} characters`);
    }
    if (value['properties'] !== undefined && !isObject(value['properties'])) fault(`/${part}/properties`, 'must be an object');
  }
  if (question['context'] !== undefined && !isObject(question['context'])) fault('/context', 'must be an object');
  return faults;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
