import { BuiltinError } from './builtin.js';

/** Tags of DER (X.690 §8.1.2). */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** A value of DER. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
  /** With its tag and length. */
  readonly whole: Buffer;
}

/**
 * Reads DER value by value, as strictly as Go's cryptobyte: definite lengths that are as short as they can be. It goes no deeper than its caller does.
 * Every method throws a BuiltinError for what does not stand there.
 */
export class Der {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  peeks(tag: number): boolean {
    return this.#bytes[this.#at] === tag;
  }

  any(): DerValue {
    const bytes = this.#bytes.subarray(this.#at);
    const [tag = 0x1f, first = 0x80] = bytes;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if ((tag & 0x1f) === 0x1f || bytes.length < 2 + lengthBytes || first === 0x80 || lengthBytes > 4) throw malformed();
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
    const isShortest = lengthBytes === 0 || (length >= 0x80 && length >= 2 ** (8 * (lengthBytes - 1)));
    const end = 2 + lengthBytes + length;
    if (!isShortest || end > bytes.length) throw malformed();
    this.#at += end;
    return { tag, content: bytes.subarray(2 + lengthBytes, end), whole: bytes.subarray(0, end) };
  }

  element(tag: number): DerValue {
    if (!this.peeks(tag)) throw malformed();
    return this.any();
  }

  content(tag: number): Buffer {
    return this.element(tag).content;
  }

  inside(tag: number): Der {
    return new Der(this.content(tag));
  }

  optional(tag: number): Buffer | undefined {
    return this.peeks(tag) ? this.any().content : undefined;
  }

  /** All values up to the end. */
  all(): DerValue[] {
    const values: DerValue[] = [];
    while (!this.isEmpty) values.push(this.any());
    return values;
  }

  integer(tag: number = TAG.integer): bigint {
    return integerOf(this.content(tag));
  }

  boolean(): boolean {
    return booleanOf(this.content(TAG.boolean));
  }

  oid(): number[] {
    return oidOf(this.content(TAG.oid)).map((part) => {
      if (part >= 2n ** 31n) throw malformed();
      return Number(part);
    });
  }

  bitString(): Buffer {
    return bitsOf(this.content(TAG.bitString));
  }
}

/** The whole number in the content of a value. */
export function integerOf(content: Buffer): bigint {
  const [first, second] = content;
  if (first === undefined) throw malformed();
  // A first byte that only repeats the sign of the second one is one too many.
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) throw malformed();
  const value = BigInt(`0x${content.toString('hex')}`);
  return first < 0x80 ? value : value - (1n << BigInt(8 * content.length));
}

/** The truth in the content of a value. */
export function booleanOf(content: Buffer): boolean {
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw malformed();
  return content[0] === 0xff;
}

/** The parts of an object identifier. */
export function oidOf(content: Buffer): bigint[] {
  if (content.length === 0 || content.length > 512 || (content.at(-1) as number) >= 0x80) throw malformed();
  const parts: bigint[] = [];
  let [part, begins] = [0n, true];
  for (const byte of content) {
    if (begins && byte === 0x80) throw malformed();
    part = (part << 7n) | BigInt(byte & 0x7f);
    begins = byte < 0x80;
    if (!begins) continue;
    if (parts.length === 0) {
      const top = part < 80n ? part / 40n : 2n;
      parts.push(top, part - top * 40n);
    } else parts.push(part);
    part = 0n;
  }
  return parts;
}

/** The bits of a bit string, moved to the right end of their bytes. */
export function bitsOf(content: Buffer): Buffer {
  const [unused = 8, ...bytes] = content;
  if (unused > 7 || (bytes.length === 0 && unused !== 0) || ((bytes.at(-1) ?? 0) & ((1 << unused) - 1)) !== 0) throw malformed();
  if (unused === 0) return content.subarray(1);
  return Buffer.from(bytes.map((byte, i) => (byte >> unused) | (((bytes[i - 1] ?? 0) << (8 - unused)) & 0xff)));
}

/** Whether a bit of a bit string is set, counted from the left. */
export function bitOf(content: Buffer, place: number): boolean {
  bitsOf(content);
  return (((content[1 + (place >> 3)] ?? 0) >> (7 - (place & 7))) & 1) === 1;
}

const PRINTABLE = /^[A-Za-z0-9'()+,\-./ :=?*&]*$/;

/** The text of a value of one of the kinds of text; `undefined` if it is of another kind. */
export function textOf({ tag, content }: DerValue): string | undefined {
  const latin = content.toString('latin1');
  switch (tag) {
    case TAG.t61String:
      return latin;
    case TAG.printableString:
      return checked(latin, PRINTABLE);
    case TAG.numericString:
      return checked(latin, /^[0-9 ]*$/);
    case TAG.ia5String:
      return asciiOf(content);
    case TAG.utf8String: {
      const text = content.toString('utf8');
      if (!Buffer.from(text, 'utf8').equals(content)) throw malformed();
      return text;
    }
    case TAG.bmpString:
      return bmpText(content);
    default:
      return undefined;
  }
}

/** A text of ASCII. */
export function asciiOf(content: Buffer): string {
  return checked(content.toString('latin1'), /^\p{ASCII}*$/u);
}

function bmpText(content: Buffer): string {
  if (content.length % 2 !== 0) throw malformed();
  const text = Buffer.from(content).swap16().toString('utf16le').replace(/\0$/, '');
  return checked(text, /^[^\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]*$/);
}

function checked(text: string, shape: RegExp): string {
  if (!shape.test(text)) throw malformed();
  return text;
}

/** A time as RFC 3339 writes it; `undefined` for what is none. Years of two digits are those from 1950 to 2049. */
export function timeOf({ tag, content }: DerValue): string | undefined {
  const shape =
    tag === TAG.utcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d{4})$/;
  const match = tag === TAG.utcTime || tag === TAG.generalizedTime ? shape.exec(content.toString('latin1')) : null;
  if (match === null) return undefined;
  const [, yy = '', month, day, hour, minute, second = '00', zone = 'Z'] = match;
  const year = yy.length === 4 ? yy : `${Number(yy) >= 50 ? '19' : '20'}${yy}`;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const read = new Date(`${local}Z`);
  if (Number.isNaN(read.getTime()) || !read.toISOString().startsWith(local) || zone === '+0000' || zone === '-0000') return undefined;
  return `${local}${zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`}`;
}

/** What is thrown for DER that is not what it must be. */
export function malformed(): BuiltinError {
  return new BuiltinError('malformed ASN.1');
}
