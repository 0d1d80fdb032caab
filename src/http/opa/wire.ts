import type { Evaluation } from '#access';
import { holdsPersonNumber, present } from '#domain';
import { type FieldFault, ProblemError } from '#problem';
import { soleIn } from '../authzen/wire.js';
import { jsonIn } from '../json-body.js';
import type { Reply } from '../state.js';
import type { components } from './wire.gen.js';

/** A shape of the description. */
export type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];

type Flag = components['parameters']['pretty'];

/** What may be asked for beside the answer. */
export interface Flags {
  readonly pretty?: Flag;
  readonly metrics?: Flag;
  readonly provenance?: Flag;
}

/** Whether a flag is set: as OPA reads it, `?pretty` is as good as `?pretty=true`. */
export function isSet(flag: Flag | undefined): boolean {
  return flag !== undefined && !/^false$/i.test(flag);
}

/** A body as it is written. */
export function written(body: object, { pretty }: Flags): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const indent = isSet(pretty) ? 2 : undefined;
  return { headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(body, undefined, indent) };
}

/** The input in a query. @throws ProblemError `invalid-request` if it is no JSON, or names a person: what stands in a URL is logged on its way */
export function inputIn(text: string | undefined, maxDepth: number): unknown {
  if (text === undefined) return undefined;
  if (holdsPersonNumber(text)) throw ofInput('must not hold a person number: send it in the body of a POST');
  try {
    return jsonIn(Buffer.from(text), maxDepth);
  } catch {
    throw ofInput(`must be one JSON value, nested at most ${maxDepth} levels`);
  }
}

function ofInput(detail: string): ProblemError {
  return new ProblemError('invalid-request', { at: [{ pointer: '', parameter: 'input', detail }] });
}

/** The question of AuthZEN that an input is. @param at pointer to the input @throws ProblemError `invalid-request` */
export function questionIn(input: unknown, at: string): Evaluation {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new ProblemError('invalid-request', { at: [{ pointer: at, detail: 'must be an object with subject, action and resource' }] });
  return under(at, () => soleIn(input));
}

/** Has faults named by where they stand in what was sent. @param at pointer to what is looked at */
export function under<T>(at: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof ProblemError) || error.slug !== 'invalid-request') throw error;
    throw new ProblemError('invalid-request', { at: error.at.map((fault) => ({ ...fault, pointer: `${at}${fault.pointer}` })) });
  }
}

/** The input of one of a batch: what all have in common, and its own before that. */
export function withCommon(common: Wire<'Batch'>['common_input'], input: unknown): unknown {
  if (common === undefined || typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return { ...common, ...input };
}

type Code = Wire<'Error'>['code'];

const CODES: Readonly<Record<number, Code>> = {
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'resource_not_found',
  405: 'invalid_operation',
  409: 'resource_conflict',
};

/** A problem as OPA tells it (REST API, "Errors"). */
export function opaProblem({ slug, entry, detail, at }: ProblemError): Wire<'Error'> {
  const { status, title, remedy } = entry;
  const code: Code =
    slug === 'not-offered' ? 'invalid_operation' : (CODES[status] ?? (status < 500 ? 'invalid_parameter' : 'internal_error'));
  const told = slug === 'method-not-allowed' ? 'Data come in bundles, and are not changed here.' : detail;
  const message = `${title} ${told ?? (at.length === 0 ? remedy : 'See errors.')}`;
  const errors = at.length === 0 ? undefined : at.map((fault) => ({ code, message: inWords(fault) }));
  return present({ code, message, errors });
}

function inWords({ pointer, parameter, detail }: FieldFault): string {
  return `${parameter ?? pointer} ${detail}`.trim();
}

/** The same as an answer. */
export function opaProblemReply(problem: ProblemError): Reply {
  return { status: problem.entry.status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(opaProblem(problem)) };
}
