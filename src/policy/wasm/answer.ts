import { isArray, RegoObject, RegoSet, readRego, type Term, writeJson } from '../terms/index.js';

/**
 * The only value of a result set in JSON, or `undefined` for an empty one. Numbers come as doubles: fractions as the nearest.
 * @throws Error for more than one result, and for a whole number beyond 2^53 - 1, which a double does not tell from its neighbours
 */
export function parseAnswer(json: string): unknown {
  const results = parsed(json);
  if (!Array.isArray(results) || results.length > 1) throw new Error('the policy gave no result set of at most one');
  const value = (results[0] as { result?: unknown } | undefined)?.result;
  if (!isExact(value)) throw new Error('the policy answered a number that a double does not hold');
  return value;
}

// The value is looked at, not its text: that is a tenth of the cost.
function isExact(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
  if (typeof value !== 'object' || value === null) return true;
  return (Array.isArray(value) ? value : Object.values(value)).every(isExact);
}

/** Modules write `.0`, which is no JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return JSON.parse(writeJson(readRego(json)));
  }
}

/** The only value of a result set as JSON text, or `undefined` for an empty one. @throws Error for more than one result */
export function writeAnswer(results: Term): string | undefined {
  const [first, second] = results instanceof RegoSet || isArray(results) ? [...results] : [null];
  if (first === undefined) return undefined;
  const value = first instanceof RegoObject ? first.get('result') : undefined;
  if (value === undefined || second !== undefined) throw new Error('the policy gave no result set of at most one');
  return writeJson(value);
}
