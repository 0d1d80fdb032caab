import { ProblemError } from '#problem';
import type { Entity } from './port.js';

/** The port's bounds. With names of at most 64 bytes an index entry stays below LMDB's 1978 bytes (pages of 4 KiB). */
const MAX_KEY_BYTES = 1000;
const MAX_VALUE_BYTES = 800;

/**
 * A text as a part of a place in the file. Parts stand with a NUL after each, and none has a NUL in it, so the end is unambiguous and sorts first.
 * @throws TypeError for what is no well-formed text, ProblemError `invalid-request` for one that is too long or has a NUL
 */
function checkPart(what: string, text: string, maxBytes: number): string {
  if (typeof text !== 'string') throw new TypeError(`${what} is no text`);
  if (!text.isWellFormed()) throw new TypeError(`${what} has a lone surrogate`);
  if (text.includes('\0')) throw new ProblemError('invalid-request', { detail: `${what} has a NUL` });
  // Most are far from the bound: only a long one is measured.
  if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes) {
    throw new ProblemError('invalid-request', { detail: `${what} is too long (${Buffer.byteLength(text)} of ${maxBytes} bytes)` });
  }
  return text;
}

/** The text, if it can be a key of 1 to 1000 bytes. @throws TypeError if it is empty or no well-formed text; ProblemError `invalid-request` if no store could hold it */
export function checkKey(what: string, text: string): string {
  if (text === '') throw new TypeError(`${what} is empty`);
  return checkPart(what, text, MAX_KEY_BYTES);
}

/** The text, if it can stand in an index: empty, or up to 800 bytes. @throws as checkKey, but for the empty text */
export function checkIndexValue(text: string): string {
  return checkPart('an indexed value', text, MAX_VALUE_BYTES);
}

/**
 * Whom a change concerns, each once. @throws TypeError for what is no name, ProblemError `invalid-request` for one that no store could hold,
 * and whatever the entity's own function throws
 */
export function partiesOf<T>(entity: Entity<T>, before: T | undefined, after: T | undefined): ReadonlySet<string> {
  const parties = entity.concerns?.(before, after) ?? [];
  if (!Array.isArray(parties)) throw new TypeError(`whom a change of ${entity.name} concerns is not a list`);
  for (const party of parties as readonly string[]) checkKey('a party', party);
  return new Set(parties as readonly string[]);
}

/** The values of a document in one of its indexes. @throws TypeError for what is no text, or several where one is allowed; as checkIndexValue */
export function valuesOf<T>(entity: Entity<T>, index: string, value: T): readonly string[] {
  const declared = entity.indexes[index];
  const values = declared?.values(value) ?? [];
  if (declared?.unique === true && values.length > 1) throw new TypeError(`the unique index ${index} has several values`);
  for (const text of values) checkIndexValue(text);
  return values;
}

/** Passes what can be the size of a page. @throws TypeError for what is no whole number from 1 */
export function checkLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new TypeError('limit is not a whole number from 1');
}
