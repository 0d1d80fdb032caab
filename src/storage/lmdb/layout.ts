import { ProblemError } from '#problem';
import type { Entity, StoreEvent } from '../port.js';

/** LMDB's bound with pages of 4 KiB. */
const MAX_KEY_BYTES = 1978;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Ends a value inside a key. A NUL inside the value is written NUL SOH, so the end is unambiguous and sorts first. */
const END = '\0\0';

/** @throws TypeError if it is empty or has a lone surrogate, which UTF-8 would make equal to others */
export function checkText(what: string, text: string): string {
  if (typeof text !== 'string' || text === '') throw new TypeError(`${what} is not a text with at least one character`);
  if (LONE_SURROGATE.test(text)) throw new TypeError(`${what} has a lone surrogate`);
  return text;
}

export function escapeText(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\0\x01') : text;
}

/** The bytes of a key. @throws ProblemError `invalid-request` if LMDB cannot hold it */
export function keyBytes(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > MAX_KEY_BYTES) {
    throw new ProblemError('invalid-request', {
      detail: `a key or an indexed value is too long (${bytes.length} of ${MAX_KEY_BYTES} bytes)`,
    });
  }
  return bytes;
}

/** Most keys are far from the bound: only a long one is measured. @throws ProblemError `invalid-request` as keyBytes */
export function checkKeySize(text: string): void {
  if (text.length * 3 > MAX_KEY_BYTES) keyBytes(text);
}

/** Entity names have no NUL, so the raw key may follow at once. */
export function documentKey(entity: string, key: string): string {
  return `${entity}\0${key}`;
}

export function indexPrefix(entity: string, index: string): string {
  return `${entity}\0${index}\0`;
}

export function indexEntry(entity: string, index: string, value: string, key: string): string {
  return `${entity}\0${index}\0${escapeText(value)}${END}${key}`;
}

/** Where the entries of exactly one value begin. */
export function valuePrefix(entity: string, index: string, value: string): string {
  return `${entity}\0${index}\0${escapeText(value)}${END}`;
}

export function historyPrefix(entity: string, key: string): string {
  return `${entity}\0${escapeText(key)}${END}`;
}

/** Where the events that concern a party are listed. */
export function concernsPrefix(party: string): string {
  return `${escapeText(party)}${END}`;
}

/**
 * Whom a change concerns, each once. @throws TypeError for what is no name, ProblemError `invalid-request` for one that is too long,
 * and whatever the entity's own function throws
 */
export function partiesOf<T>(entity: Entity<T>, before: T | undefined, after: T | undefined): ReadonlySet<string> {
  const parties = entity.concerns?.(before, after) ?? [];
  if (!Array.isArray(parties)) throw new TypeError(`whom a change of ${entity.name} concerns is not a list`);
  for (const party of parties as readonly string[]) keyBytes(concernsPrefix(checkText('a party', party)) + sequenceText(0));
  return new Set(parties as readonly string[]);
}

/** The last part of a key of history and concerns. */
export const CURSOR_LENGTH = 16;

/** A number as a text of fixed width, so that texts sort as numbers. */
export function sequenceText(sequence: number): string {
  return String(sequence).padStart(CURSOR_LENGTH, '0');
}

/** All index entries of a value, as key texts, without repetition. */
export function entriesOf<T>(entity: Entity<T>, key: string, value: T): Set<string> {
  const entries = new Set<string>();
  for (const [name, index] of Object.entries(entity.indexes)) {
    for (const text of index.values(value)) {
      if (typeof text !== 'string' || LONE_SURROGATE.test(text)) throw new TypeError(`a value of index ${name} is not well-formed text`);
      entries.add(indexEntry(entity.name, name, text, key));
    }
  }
  return entries;
}

const HASH_LENGTH = 43;

/** An event is kept as its hash and, at once after it, its canonical JSON. */
export function splitEvent(text: string): { readonly hash: string; readonly json: string } {
  return { hash: text.slice(0, HASH_LENGTH), json: text.slice(HASH_LENGTH) };
}

export function readEvent(text: string): StoreEvent {
  const { hash, json } = splitEvent(text);
  return { ...(JSON.parse(json) as Omit<StoreEvent, 'hash'>), hash };
}

/** Stands for the hash where a document has no events; no base64url. */
export const NO_HASH = '.'.repeat(HASH_LENGTH);

/** A document is kept as `revision hash json`: one JSON.parse of a native string reads it. */
export interface Kept {
  readonly revision: number;
  readonly hash: string;
  /** Canonical JSON; empty on the grave of a removed document. */
  readonly json: string;
}

export function writeKept(kept: Kept): string {
  return `${kept.revision} ${kept.hash} ${kept.json}`;
}

export function readKept(text: string): Kept {
  const blank = text.indexOf(' ');
  return { revision: Number(text.slice(0, blank)), hash: text.slice(blank + 1, blank + 44), json: text.slice(blank + 45) };
}
