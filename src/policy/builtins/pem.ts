import { BuiltinError } from './builtin.js';
import { fromBase64 } from './bytes.js';

/** A block of PEM (RFC 7468). */
export interface PemBlock {
  readonly type: string;
  readonly der: Buffer;
  /** What stands behind it. */
  readonly rest: string;
}

const BEGIN = '-----BEGIN ';
const END = '\n-----END ';

/** The first block in a text that is whole; `undefined` if there is none. What is not whole is passed over, as Go's pem.Decode does. */
export function pemBlock(text: string): PemBlock | undefined {
  for (let from = 0; ; ) {
    const end = text.indexOf(END, from);
    if (end < 0) return undefined;
    // Of what is left only: a text of nothing but ends must not be searched from its start for each.
    const begin = from + text.slice(from, end).lastIndexOf(BEGIN);
    const block = begin < from || (begin > 0 && text[begin - 1] !== '\n') ? undefined : blockAt(text, begin, end);
    if (block !== undefined) return block;
    from = end + END.length;
  }
}

/** All whole blocks of a text. */
export function* pemBlocks(text: string): Generator<PemBlock> {
  for (let block = pemBlock(text); block !== undefined; block = pemBlock(block.rest)) yield block;
}

function blockAt(text: string, begin: number, end: number): PemBlock | undefined {
  const [, type] = /^-----BEGIN ([^\n]*)-----[ \t\r]*\n/.exec(text.slice(begin, end + 1)) ?? [];
  if (type === undefined) return undefined;
  const after = text.indexOf('\n', end + 1);
  const last = after < 0 ? text.length : after;
  if (text.slice(end + END.length, last).trimEnd() !== `${type}-----`) return undefined;
  const lines = text.slice(text.indexOf('\n', begin) + 1, end + 1).split('\n');
  const body = lines.findIndex((line) => !line.includes(':'));
  try {
    return { type, der: fromBase64(lines.slice(Math.max(body, 0)).join('').replace(/[ \t]/g, '')), rest: text.slice(last + 1) };
  } catch (cause) {
    if (cause instanceof BuiltinError) return undefined;
    throw cause;
  }
}
