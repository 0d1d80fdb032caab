import { ProblemError } from '#problem';

/** A query parameter, as far as its schema says how its text is read. */
export interface TypedParameter {
  readonly name: string;
  readonly schema: { readonly type?: unknown };
}

/** More digits than a double holds exactly are no number here. */
const INTEGER = /^(0|-?[1-9][0-9]{0,14})$/;

/**
 * The values of a query by the types of its parameters, and nothing wider: a whole number is its digits, a boolean `true` or `false`. What is neither
 * stays the text that was sent, for the check to refuse.
 * @throws ProblemError `invalid-request` for a parameter that was sent twice
 */
export function queryValues(querystring: string, parameters: readonly TypedParameter[]): Record<string, unknown> {
  const types = new Map(parameters.map(({ name, schema }) => [name, schema.type]));
  const values = new Map<string, unknown>();
  for (const [name, text] of new URLSearchParams(querystring)) {
    if (values.has(name) && types.has(name)) {
      throw new ProblemError('invalid-request', { at: [{ pointer: '', parameter: name, detail: 'must stand in the query once' }] });
    }
    values.set(name, valueOf(text, types.get(name)));
  }
  // Without a prototype: `__proto__` is a name like others.
  return Object.assign(Object.create(null), Object.fromEntries(values)) as Record<string, unknown>;
}

function valueOf(text: string, type: unknown): unknown {
  if (type === 'integer') return INTEGER.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' || text === 'false' ? text === 'true' : text;
  return text;
}
