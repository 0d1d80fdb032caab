import { setImmediate as turn } from 'node:timers/promises';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** UTCTime and GeneralizedTime. */
const TIMES: ReadonlySet<number | undefined> = new Set([0x17, 0x18]);
/** After so many the event loop has its turn. */
const ENTRIES_AT_ONCE = 1000;

/** A value of DER (X.690 §8.1), by where it stands. */
interface Value {
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** A revocation list as one reads it that may be long: a library makes objects of all that it has. */
export interface LongList {
  /** The list without its entries, which is short: whoever has issued it, when, and for what. */
  readonly rest: Buffer<ArrayBuffer>;
  /** What is signed. */
  readonly signed: Buffer<ArrayBuffer>;
  /** Serial numbers in hexadecimal. */
  readonly revoked: ReadonlySet<string>;
}

/** Reads a list, and lets others have their turn meanwhile. @throws Error for what is no list in DER */
export async function longListIn(der: Buffer<ArrayBuffer>): Promise<LongList> {
  const outer = valueAt(der, 0, der.length, SEQUENCE);
  if (outer.end !== der.length) throw new Error('there is something behind it');
  const inner = valueAt(der, outer.content, outer.end, SEQUENCE);
  const signed = der.subarray(inner.start, inner.end);
  const entries = entriesOf(der, inner);
  if (entries === undefined) return { rest: der, signed, revoked: new Set() };
  const short = sequence(der.subarray(inner.content, entries.start), der.subarray(entries.end, inner.end));
  return { rest: sequence(short, der.subarray(inner.end, outer.end)), signed, revoked: await serialsIn(der, entries) };
}

/** An integer without what only keeps it from being negative. */
export function serialOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('hex')
    .replace(/^(00)+(?=..)/, '');
}

/** RFC 5280 §5.1: they are the sequence behind the times, of which the second may be left out. */
function entriesOf(der: Buffer, list: Value): Value | undefined {
  let hasTime = false;
  for (let at = list.content; at < list.end; ) {
    const value = valueAt(der, at, list.end);
    if (TIMES.has(value.tag)) hasTime = true;
    else if (hasTime) return value.tag === SEQUENCE ? value : undefined;
    at = value.end;
  }
  return undefined;
}

async function serialsIn(der: Buffer, entries: Value): Promise<ReadonlySet<string>> {
  const serials = new Set<string>();
  let left = ENTRIES_AT_ONCE;
  for (let at = entries.content; at < entries.end; ) {
    const entry = valueAt(der, at, entries.end, SEQUENCE);
    const serial = valueAt(der, entry.content, entry.end, INTEGER);
    serials.add(serialOf(der.subarray(serial.content, serial.end)));
    at = entry.end;
    left -= 1;
    if (left > 0) continue;
    left = ENTRIES_AT_ONCE;
    await turn();
  }
  return serials;
}

function valueAt(der: Buffer, start: number, limit: number, wanted?: number): Value {
  const tag = der[start];
  const first = der[start + 1];
  if (tag === undefined || first === undefined || start + 2 > limit) throw new Error('it ends too early');
  if (wanted !== undefined && tag !== wanted) throw new Error('it is no revocation list');
  const bytes = first < 0x80 ? 0 : first & 0x7f;
  // Four hold more than a file that is read at once; none is the form without an end, which DER does not have.
  if (first >= 0x80 && (bytes === 0 || bytes > 4)) throw new Error('it is not in DER');
  const content = start + 2 + bytes;
  if (content > limit) throw new Error('it ends too early');
  const end = content + (bytes === 0 ? first : der.readUIntBE(start + 2, bytes));
  if (end > limit) throw new Error('it ends too early');
  return { tag, start, content, end };
}

function sequence(...parts: readonly Buffer[]): Buffer<ArrayBuffer> {
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const head = Buffer.alloc(6);
  head.writeUInt16BE((SEQUENCE << 8) | 0x84);
  head.writeUInt32BE(length, 2);
  return Buffer.concat([head, ...parts]);
}
