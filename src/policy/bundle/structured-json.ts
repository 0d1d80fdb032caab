import { readRego, type Term, writeJson } from '../terms/index.js';

/** What makes a text unfit, as the end of a sentence whose subject is the file. */
export class UnfitText extends Error {}

/** Data nests a few levels; what reads it goes one call deeper for each. */
export const MAX_DEPTH = 200;

/**
 * Reads JSON (RFC 8259) in UTF-8; numbers keep the text that they were written in.
 * @throws UnfitText for other bytes, a byte order mark, a key that stands twice in an object, or deeper nesting than MAX_DEPTH
 */
export function readStructuredJson(bytes: Uint8Array): Term {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    JSON.parse(text);
  } catch (cause) {
    throw new UnfitText('is no JSON in UTF-8', { cause });
  }
  try {
    return readRego(text.trim(), { maxDepth: MAX_DEPTH, keysAreUnique: true });
  } catch (cause) {
    throw new UnfitText((cause as SyntaxError).message, { cause });
  }
}

/**
 * The one text of data: keys in the order of their bytes, no blanks, strings as Go's encoding/json escapes them. It is what OPA hashes of a structured
 * file, and JSON itself.
 */
export function canonicalText(data: Term): string {
  return writeJson(data).replace(/[\u2028\u2029]/g, (sign) => (sign === '\u2028' ? '\\u2028' : '\\u2029'));
}
