import { readFile } from 'node:fs/promises';
import { Ajv, type ValidateFunction } from 'ajv';
import { type Json, root } from './world.js';

const ODD = [null, 5, '', [], {}];

/** The schema of an input, such as `admin-input`. */
export const schema = async (name: string): Promise<ValidateFunction> =>
  new Ajv({ allErrors: true }).compile(JSON.parse(await readFile(`${root}policies/schemas/${name}.json`, 'utf8')));

/** None or one answer, as native OPA gives them. */
export const optional = (answer: unknown): unknown[] => (answer === undefined ? [] : [answer]);

/** The input with each of its values, at every depth, in turn replaced by each odd one. */
export function* oddities(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const replace = (by: unknown): unknown =>
      Array.isArray(value) ? value.map((v, i) => (String(i) === key ? by : v)) : { ...value, [key]: by };
    for (const odd of ODD) yield replace(odd);
    for (const odd of oddities(inner)) yield replace(odd);
  }
}

/** Whether two values are the same JSON. */
export function isDeepEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && isDeepEqual((a as Json)[key], (b as Json)[key]))
  );
}
