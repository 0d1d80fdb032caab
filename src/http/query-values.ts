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
  // Without a prototype: `__proto__` is a name like others.
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, text] of new URLSearchParams(querystring)) {
    if (name in values && types.has(name)) {
      throw new ProblemError('invalid-request', { at: [{ pointer: '', parameter: name, detail: 'must stand in the query once' }] });
    }
    values[name] = valueOf(text, types.get(name));
  }
  return values;
}

function valueOf(text: string, type: unknown): unknown {
  if (type === 'integer') return INTEGER.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' || text === 'false' ? text === 'true' : text;
  return text;
}
