/** A JSON value whose numbers keep the text that they were written in, and whose objects know no prototype. */
export type JsonTree = null | boolean | string | NumberText | readonly JsonTree[] | JsonObject;

/** Its keys in the order of the text. */
export type JsonObject = ReadonlyMap<string, JsonTree>;

/** A number as it was written. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What makes a text unfit, as the end of a sentence whose subject is the file. */
export class UnfitText extends Error {}

/** Data nests a few levels; what reads it goes one call deeper for each. */
export const MAX_DEPTH = 200;

// Sticky, on a text that JSON.parse has taken: what begins right ends right.
const BLANK = /[\t\n\r ]*/y;
const NUMBER = /-?[0-9.eE+-]+/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Reads JSON (RFC 8259) in UTF-8.
 * @throws UnfitText for other bytes, a byte order mark, a key that stands twice in an object, or deeper nesting than MAX_DEPTH
 */
export function readJsonTree(bytes: Uint8Array): JsonTree {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    JSON.parse(text);
  } catch (cause) {
    throw new UnfitText('is no JSON in UTF-8', { cause });
  }
  return new Reader(text).read(1);
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(depth: number): JsonTree {
    if (depth > MAX_DEPTH) throw new UnfitText(`nests deeper than ${MAX_DEPTH} levels`);
    this.#take(BLANK);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    if (first === 't') return this.#word('true', true);
    if (first === 'f') return this.#word('false', false);
    if (first === 'n') return this.#word('null', null);
    return new NumberText(this.#take(NUMBER));
  }

  #object(depth: number): JsonObject {
    const object = new Map<string, JsonTree>();
    while (this.#hasNext('}')) {
      const key = this.#string();
      this.#take(BLANK);
      this.#at += 1;
      const value = this.read(depth + 1);
      if (object.has(key)) throw new UnfitText('names a key twice in one object');
      object.set(key, value);
    }
    return object;
  }

  #array(depth: number): readonly JsonTree[] {
    const array: JsonTree[] = [];
    while (this.#hasNext(']')) array.push(this.read(depth + 1));
    return array;
  }

  /** Passes the opening bracket or a comma, or the end. */
  #hasNext(end: string): boolean {
    this.#take(BLANK);
    const isEnd = this.#text[this.#at] === end;
    this.#at += 1;
    this.#take(BLANK);
    if (isEnd) return false;
    if (this.#text[this.#at] !== end) return true;
    this.#at += 1;
    return false;
  }

  #string(): string {
    const text = JSON.parse(this.#take(STRING)) as string;
    // Half a character is none: UTF-8 puts U+FFFD in its place, and so does Go.
    return LONE_SURROGATE.test(text) ? Buffer.from(text).toString() : text;
  }

  #word<Value>(word: string, value: Value): Value {
    this.#at += word.length;
    return value;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [taken] = pattern.exec(this.#text) as RegExpExecArray;
    this.#at += taken.length;
    return taken;
  }
}

/**
 * The one text of a value: keys in the order of their bytes, no blanks, strings as Go's encoding/json escapes them. It is what OPA
 * hashes of a structured file, and JSON itself.
 */
export function canonicalText(value: JsonTree): string {
  if (typeof value === 'string') return quoted(value);
  if (value instanceof NumberText) return value.text;
  if (isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (!isJsonObject(value)) return String(value);
  const entries = [...value].sort(([a], [b]) => inOrderOfBytes(a, b));
  return `{${entries.map(([key, one]) => `${quoted(key)}:${canonicalText(one)}`).join(',')}}`;
}

/** Whether it is an object. */
export function isJsonObject(value: JsonTree): value is JsonObject {
  return value instanceof Map;
}

function isArray(value: JsonTree): value is readonly JsonTree[] {
  return Array.isArray(value);
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (sign) => (sign === '\u2028' ? '\\u2028' : '\\u2029'));
}

/** UTF-16 puts what is beyond the first plane before its last signs; bytes do not. */
function inOrderOfBytes(a: string, b: string): number {
  return /[\ud800-\uffff]/.test(a) && /[\ud800-\uffff]/.test(b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1;
}
