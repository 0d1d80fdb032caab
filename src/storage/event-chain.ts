import { hash } from 'node:crypto';
import type { StoreEvent } from './port.js';

/**
 * JSON with the members of objects sorted by UTF-16 code units and no blanks (RFC 8785); members that are undefined are left out.
 * @throws TypeError for what JSON cannot say: a function, a Date, NaN, undefined in an array
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`${typeof value} is not JSON`);
  const prototype = Object.getPrototypeOf(value) as unknown;
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('an object with a class is not JSON');
  let text = '';
  for (const name of sortedNames(value)) {
    const member = (value as Record<string, unknown>)[name];
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** Most documents are written in one order of members: it is looked at before it is sorted. */
function sortedNames(value: object): readonly string[] {
  const names = Object.keys(value);
  for (let i = 1; i < names.length; i += 1) if ((names[i - 1] as string) > (names[i] as string)) return names.sort();
  return names;
}

/** Whether a text is the canonical JSON of the value that was read from it. */
export function isCanonical(text: string, value: unknown): boolean {
  // Node writes members as they were read, and far faster: what it writes alike only has to stand sorted.
  return JSON.stringify(value) === text && isSorted(value) ? true : canonicalJson(value) === text;
}

function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let last = '';
  for (const name in value) {
    if (name < last || !isSorted((value as Record<string, unknown>)[name])) return false;
    last = name;
  }
  return true;
}

/** SHA-256 of a text, base64url, 43 characters. */
export function textHash(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** SHA-256 (base64url) over the canonical JSON of the event without its `hash` and without its place in the log, its `cursor`. */
export function eventHash(event: Omit<StoreEvent, 'hash' | 'cursor'>): string {
  return textHash(canonicalJson({ ...event, hash: undefined, cursor: undefined }));
}

/** Whether the event takes up where the one before it of the same document ended. */
export function isNextOf(
  event: Pick<StoreEvent, 'previousHash' | 'fromRevision' | 'revision'>,
  previous: Pick<StoreEvent, 'hash' | 'revision'> | undefined,
): boolean {
  return (
    event.previousHash === (previous?.hash ?? '') &&
    event.fromRevision === (previous?.revision ?? 0) &&
    event.revision === event.fromRevision + 1
  );
}

/**
 * The index of the first event that does not follow from the one before it, or undefined if all do: by its hash, its revision, and its place in the log.
 * @param events all events of one document, oldest first
 */
export function verifyChain(events: readonly StoreEvent[]): number | undefined {
  let previous: StoreEvent | undefined;
  for (const [index, event] of events.entries()) {
    const follows =
      isNextOf(event, previous) &&
      event.hash === eventHash(event) &&
      (previous === undefined || (event.entity === previous.entity && event.key === previous.key && event.cursor > previous.cursor));
    if (!follows) return index;
    previous = event;
  }
  return undefined;
}
