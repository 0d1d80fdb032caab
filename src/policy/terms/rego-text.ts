import { RegoNumber } from './rego-number.js';
import { RegoObject, RegoSet, type Term } from './term.js';

/** How deep a text may nest: beyond it the stack of calls would end somewhere. */
const MAX_DEPTH = 2000;

/** What is no fault of a term, and may be one of a text that somebody has written. */
export interface Strictness {
  /** 2000 if not given. */
  readonly maxDepth?: number;
  /** Whether a key may not stand twice in an object; else the last one counts. */
  readonly keysAreUnique?: boolean;
}

/**
 * Reads what `opa_value_dump` writes: JSON with sets (`{1, 2}`, `set()`) and keys of any kind. It is no checker: it reads what is written right,
 * and the numbers `.0` and `1.`, which modules write, as `0.0` and `1`.
 * @throws SyntaxError for what it cannot read, whose message is the end of a sentence about the text
 */
export function readRego(text: string, strictness: Strictness = {}): Term {
  // JSON.parse is faster than we are, and most arguments are strings.
  if (text.charCodeAt(0) === QUOTE) return wellFormed(JSON.parse(text) as string);
  const reader = new Reader(text, strictness);
  const term = reader.term(0);
  reader.end();
  return term;
}

/** A term as OPA prints it and as `opa_value_parse` reads it: `{"a": [1, {2, 3}]}`, keys and members in Rego's order. */
export function writeRego(term: Term): string {
  if (typeof term === 'string') return quoted(term);
  if (term === null || typeof term === 'boolean') return String(term);
  if (term instanceof RegoNumber) return term.text;
  if (term instanceof RegoObject) return `{${Array.from(term, ([key, value]) => `${writeRego(key)}: ${writeRego(value)}`).join(', ')}}`;
  if (term instanceof RegoSet) return term.size === 0 ? 'set()' : `{${Array.from(term, writeRego).join(', ')}}`;
  return `[${term.map(writeRego).join(', ')}]`;
}

/** A text as JSON, whose lone surrogates, which are no characters, become U+FFFD. */
export function quoted(text: string): string {
  const json = JSON.stringify(text);
  // A lone surrogate is written as an escape; so is what looks like one.
  return json.includes('\\ud') ? JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd')) : json;
}

/** Half a character is none: UTF-8 puts U+FFFD in its place, and so does Go. */
function wellFormed(text: string): string {
  return /\p{Surrogate}/u.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
}

const QUOTE = 0x22;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA, COLON] = [0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a];
const NUMBER = /-?[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]+)?/y;

class Reader {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #keysAreUnique: boolean;
  #at = 0;

  constructor(text: string, { maxDepth = MAX_DEPTH, keysAreUnique = false }: Strictness) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#keysAreUnique = keysAreUnique;
  }

  end(): void {
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#fault();
  }

  term(depth: number): Term {
    if (depth >= this.#maxDepth) throw new SyntaxError(`nests deeper than ${this.#maxDepth} levels`);
    this.#blanks();
    switch (this.#text.charCodeAt(this.#at)) {
      case QUOTE:
        return this.#string();
      case OPEN_BRACKET:
        this.#at += 1;
        return this.#list(CLOSE_BRACKET, depth + 1, []);
      case OPEN_BRACE:
        this.#at += 1;
        return this.#objectOrSet(depth + 1);
      case 0x6e:
        return this.#word('null', null);
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x73:
        return this.#word('set()', RegoSet.of([]));
      default:
        return this.#number();
    }
  }

  #objectOrSet(depth: number): RegoObject | RegoSet {
    if (this.#takes(CLOSE_BRACE)) return RegoObject.of([]);
    const first = this.term(depth);
    if (!this.#takes(COLON)) {
      if (this.#takes(CLOSE_BRACE)) return RegoSet.of([first]);
      this.#expect(COMMA);
      return RegoSet.of(this.#list(CLOSE_BRACE, depth, [first]));
    }
    const entries: [Term, Term][] = [[first, this.term(depth)]];
    while (!this.#takes(CLOSE_BRACE)) {
      this.#expect(COMMA);
      const key = this.term(depth);
      this.#expect(COLON);
      entries.push([key, this.term(depth)]);
    }
    const object = RegoObject.of(entries);
    if (this.#keysAreUnique && object.size < entries.length) throw new SyntaxError('names a key twice in one object');
    return object;
  }

  /** Up to its end, from the beginning or behind a comma. */
  #list(close: number, depth: number, terms: Term[]): Term[] {
    if (this.#takes(close)) return terms;
    terms.push(this.term(depth));
    while (!this.#takes(close)) {
      this.#expect(COMMA);
      terms.push(this.term(depth));
    }
    return terms;
  }

  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (end > 0 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) throw this.#fault();
    this.#at = end + 1;
    const inner = this.#text.slice(start + 1, end);
    return inner.includes('\\') ? wellFormed(JSON.parse(this.#text.slice(start, end + 1)) as string) : inner;
  }

  /** Whether an odd number of backslashes stands before it. */
  #isEscaped(quote: number): boolean {
    let before = quote;
    while (this.#text.charCodeAt(before - 1) === 0x5c) before -= 1;
    return (quote - before) % 2 === 1;
  }

  #number(): RegoNumber {
    NUMBER.lastIndex = this.#at;
    const text = NUMBER.exec(this.#text)?.[0] ?? '';
    if (!/[0-9]/.test(text)) throw this.#fault();
    this.#at += text.length;
    return new RegoNumber(text.includes('.') ? text.replace(/^(-?)\./, '$10.').replace(/\.(?![0-9])/, '') : text);
  }

  #word<T extends Term>(word: string, term: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#fault();
    this.#at += word.length;
    return term;
  }

  #takes(code: number): boolean {
    this.#blanks();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at += 1;
    return true;
  }

  #expect(code: number): void {
    if (!this.#takes(code)) throw this.#fault();
  }

  #blanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      // Space, line feed, carriage return, tab.
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #fault(): SyntaxError {
    return new SyntaxError(`no term of Rego at character ${this.#at}`);
  }
}
