import { TextDecoder } from 'node:util';
import { Fault } from '#domain';

/** As the WHATWG Encoding Standard has it, iso-8859-1 is read as windows-1252. */
export type Charset = 'utf-8' | 'iso-8859-1' | 'windows-1252';

/** A chunk is decoded in pieces of this size, so that a body that comes as one chunk is not held several times over. */
const PIECE_BYTES = 16 * 1024;
const BOM_BYTES = 3;

/** The stream as text, without byte order mark; bytes that are no UTF-8 become U+FFFD. A Fault, and then nothing, for UTF-16. */
export async function* decoded(source: AsyncIterable<Uint8Array>, charset: Charset): AsyncGenerator<string | Fault> {
  let decoder: TextDecoder | undefined;
  let head: Uint8Array = new Uint8Array(0);
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      let piece = chunk.subarray(at, at + PIECE_BYTES);
      if (decoder === undefined) {
        head = piece = Buffer.concat([head, piece]);
        if (isUtf16(head)) return yield new Fault('is UTF-16: save the file as UTF-8');
        if (head.length < BOM_BYTES) continue;
        decoder = new TextDecoder(hasUtf8Bom(head) ? 'utf-8' : charset);
      }
      yield decoder.decode(piece, { stream: true });
    }
  }
  yield decoder === undefined ? new TextDecoder(charset).decode(head) : decoder.decode();
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** A byte order mark says more surely what the file is than whoever sent it. */
function hasUtf8Bom([first, second, third]: Uint8Array): boolean {
  return first === 0xef && second === 0xbb && third === 0xbf;
}

/** One line of a file, where it stands and how it ended. */
export interface Line {
  /** 1-based. */
  readonly number: number;
  /** Without its end; empty if it is too long to be held. */
  readonly text: string;
  /** CRLF, LF, CR, or nothing at the end of the file. */
  readonly end: string;
  readonly isTooLong: boolean;
  /** Quotation marks in a line that is too long; of the others it is not counted. */
  readonly quotes: number;
}

/** Cuts pieces of text into lines, wherever the pieces were cut; holds no more than one line of `maxLineBytes`. */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #number = 1;
  #rest = '';
  #endsInCr = false;
  #isTooLong = false;
  #quotes = 0;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines that the piece ends. */
  push(piece: string): Line[] {
    let text = this.#endsInCr ? `\r${piece}` : piece;
    // An LF may follow in the next piece.
    this.#endsInCr = text.endsWith('\r');
    if (this.#endsInCr) text = text.slice(0, -1);
    const lines: Line[] = [];
    const ends = /\r\n?|\n/g;
    let from = 0;
    for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
      this.#keep(text.slice(from, end.index));
      lines.push(this.#line(end[0]));
      from = ends.lastIndex;
    }
    this.#keep(text.slice(from));
    return lines;
  }

  /** The last line, which may be empty. */
  end(): Line {
    return this.#line(this.#endsInCr ? '\r' : '');
  }

  #keep(text: string): void {
    if (!this.#isTooLong) {
      this.#rest += text;
      // A character is at least one byte; the bytes are counted when the line is whole, not again with each piece.
      if (this.#rest.length > this.#maxLineBytes) this.#drop();
    } else this.#quotes += countQuotes(text);
  }

  #drop(): void {
    this.#isTooLong = true;
    this.#quotes = countQuotes(this.#rest);
    this.#rest = '';
  }

  #line(end: string): Line {
    if (this.#rest.length * 3 > this.#maxLineBytes && Buffer.byteLength(this.#rest) > this.#maxLineBytes) this.#drop();
    const line = { number: this.#number, text: this.#rest, end, isTooLong: this.#isTooLong, quotes: this.#quotes };
    this.#number += 1;
    this.#rest = '';
    this.#isTooLong = false;
    this.#quotes = 0;
    return line;
  }
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}

/** What no text of a table may hold, whatever its form. */
export function textFault(text: string): Fault | undefined {
  if (text.includes('\uFFFD')) return new Fault('has bytes that are not UTF-8: save the file as UTF-8, or say charset=iso-8859-1');
  return /[^\P{Cc}\t\n\r]/u.test(text) ? new Fault('has control characters') : undefined;
}
