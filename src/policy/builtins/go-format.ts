import { BuiltinHalt } from './builtin.js';
import { formatFloat } from './go-float.js';

/** What Go's fmt is given here: int64 and *big.Int (both a bigint), float64, string. */
export type GoValue = bigint | number | string;

/** The longest text that a built-in makes of a pattern: 16 MiB. What is longer fails the evaluation. */
const MAX_TEXT_LENGTH = 16 * 1024 * 1024;

/** Beyond it, widths and precisions are no numbers for Go. */
const MAX_WIDTH = 1e6;
const [MIN_INT64, MAX_INT64] = [-(2n ** 63n), 2n ** 63n - 1n];

interface Flags {
  sharp: boolean;
  zero: boolean;
  plus: boolean;
  minus: boolean;
  space: boolean;
  /** `%#v`. */
  sharpV: boolean;
  width: number | undefined;
  precision: number | undefined;
}

/** Go's fmt.Sprintf. @throws BuiltinHalt for a text of more than MAX_TEXT_LENGTH */
export function sprintf(format: string, values: readonly GoValue[]): string {
  return new Printer(format, values).print();
}

/** One pass over a format, as `doPrintf` of Go's fmt goes. */
class Printer {
  readonly #format: string;
  readonly #values: readonly GoValue[];
  #text = '';
  #at = 0;
  #next = 0;
  #isReordered = false;
  #isGoodIndex = true;
  #lastClose: number | undefined;

  constructor(format: string, values: readonly GoValue[]) {
    this.#format = format;
    this.#values = values;
  }

  print(): string {
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at);
      this.#add(this.#format.slice(this.#at, percent < 0 ? undefined : percent));
      if (percent < 0) break;
      this.#at = percent + 1;
      this.#isGoodIndex = true;
      this.#directive();
    }
    const rest = this.#isReordered ? [] : this.#values.slice(this.#next);
    if (rest.length > 0) this.#add(`%!(EXTRA ${rest.map((value) => `${typeOf(value)}=${plain(value)}`).join(', ')})`);
    return this.#text;
  }

  #add(text: string): void {
    this.#text += text;
    if (this.#text.length > MAX_TEXT_LENGTH) throw new BuiltinHalt(`a built-in writes more than ${MAX_TEXT_LENGTH} characters`);
  }

  #directive(): void {
    const flags = this.#flags();
    // What is a plain verb is not looked at for an index, as in Go.
    const isPlain = /[a-z]/.test(this.#format.charAt(this.#at)) && this.#next < this.#values.length;
    if (!isPlain) this.#widthAndPrecision(flags);
    const point = this.#format.codePointAt(this.#at);
    const verb = point === undefined ? '' : String.fromCodePoint(point);
    this.#at += verb.length;
    this.#add(this.#valueAs(verb, flags));
  }

  #valueAs(verb: string, flags: Flags): string {
    if (verb === '') return '%!(NOVERB)';
    if (verb === '%') return '%';
    if (!this.#isGoodIndex) return `%!${verb}(BADINDEX)`;
    const value = this.#values[this.#next];
    if (value === undefined) return `%!${verb}(MISSING)`;
    this.#next += 1;
    const isGoSyntax = verb === 'v' || verb === 'w';
    return formatted(value, verb, isGoSyntax ? { ...flags, sharpV: flags.sharp, sharp: false, plus: false } : flags);
  }

  #flags(): Flags {
    const written = /[#0+\- ]*/y;
    written.lastIndex = this.#at;
    const text = written.exec(this.#format)?.[0] ?? '';
    this.#at += text.length;
    const has = (flag: string): boolean => text.includes(flag);
    return {
      sharp: has('#'),
      zero: has('0'),
      plus: has('+'),
      minus: has('-'),
      space: has(' '),
      sharpV: false,
      width: undefined,
      precision: undefined,
    };
  }

  #widthAndPrecision(flags: Flags): void {
    let isIndexed = this.#index();
    if (this.#takes('*')) {
      flags.width = this.#fromValue('%!(BADWIDTH)');
      if (flags.width !== undefined && flags.width < 0) Object.assign(flags, { width: -flags.width, minus: true, zero: false });
      isIndexed = false;
    } else {
      flags.width = this.#number();
      if (isIndexed && flags.width !== undefined) this.#isGoodIndex = false;
    }
    if (this.#at + 1 < this.#format.length && this.#takes('.')) {
      if (isIndexed) this.#isGoodIndex = false;
      isIndexed = this.#index();
      if (this.#takes('*')) {
        flags.precision = this.#fromValue('%!(BADPREC)', true);
        isIndexed = false;
      } else {
        flags.precision = this.#number() ?? 0;
      }
    }
    if (!isIndexed) this.#index();
  }

  #takes(char: string): boolean {
    if (this.#format[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #number(): number | undefined {
    const digits = /[0-9]*/y;
    digits.lastIndex = this.#at;
    const text = digits.exec(this.#format)?.[0] ?? '';
    // A number that is too large takes the rest of the format with it.
    this.#at = Number(text) > MAX_WIDTH ? this.#format.length : this.#at + text.length;
    return text === '' || Number(text) > MAX_WIDTH ? undefined : Number(text);
  }

  /** The value of a `*`; a negative precision is none. */
  #fromValue(complaint: string, isPrecision = false): number | undefined {
    const value = this.#values[this.#next];
    if (value !== undefined) this.#next += 1;
    const number = typeof value === 'bigint' && value <= MAX_WIDTH && value >= -MAX_WIDTH ? Number(value) : undefined;
    if (number !== undefined && !(isPrecision && number < 0)) return number;
    this.#add(complaint);
    return undefined;
  }

  /** Takes `[3]`: whether it was one. */
  #index(): boolean {
    if (this.#format[this.#at] !== '[') return false;
    this.#isReordered = true;
    // Looked for once: a format of a million `[` must not be a million searches.
    this.#lastClose ??= this.#format.lastIndexOf(']');
    const close = this.#lastClose <= this.#at ? -1 : this.#format.indexOf(']', this.#at + 1);
    if (close < 0 || this.#format.length - this.#at < 3) {
      this.#at += 1;
      this.#isGoodIndex = false;
      return false;
    }
    const text = this.#format.slice(this.#at + 1, close);
    this.#at = close + 1;
    const index = /^[0-9]+$/.test(text) && Number(text) <= MAX_WIDTH ? Number(text) - 1 : undefined;
    if (index !== undefined && index >= 0 && index < this.#values.length) {
      this.#next = index;
      return true;
    }
    this.#isGoodIndex = false;
    return index !== undefined;
  }
}

function isInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_INT64;
}

function typeOf(value: GoValue): string {
  if (typeof value === 'bigint') return isInt64(value) ? 'int64' : '*big.Int';
  return typeof value === 'number' ? 'float64' : 'string';
}

/** As `%v`. */
function plain(value: GoValue): string {
  return typeof value === 'number' ? formatFloat(value, 'g', -1) : String(value);
}

function formatted(value: GoValue, verb: string, flags: Flags): string {
  if (verb === 'T') return padded(cut(typeOf(value), flags), flags);
  if (typeof value === 'string') return stringAs(value, verb, flags);
  if (typeof value === 'number') return floatAs(value, verb, flags);
  return isInt64(value) || verb === 'w' || verb === 'p' ? intAs(value, verb, flags) : bigAs(value, verb, flags);
}

/** The value stands there as `%v` with the same flags, as Go prints it. */
function badVerb(value: GoValue, verb: string, flags: Flags): string {
  return `%!${verb}(${typeOf(value)}=${formatted(value, 'v', flags)})`;
}

function padded(text: string, { width = 0, minus, zero }: Flags): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text;
}

function cut(text: string, { precision }: Flags): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function stringAs(value: string, verb: string, flags: Flags): string {
  if (verb === 's' || (verb === 'v' && !flags.sharpV)) return padded(cut(value, flags), flags);
  if (verb === 'q' || verb === 'v') {
    const text = cut(value, flags);
    // A raw string of Go: no backquote, no control character but the tab.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are asked for
    const isRaw = flags.sharp && !/[`\u0000-\u0008\u000a-\u001f\u007f\ufeff\ufffd]/.test(text);
    return padded(isRaw ? `\`${text}\`` : quote(text, flags.plus, '"'), flags);
  }
  if (verb === 'x' || verb === 'X') return hexOfText(value, verb, flags);
  return badVerb(value, verb, flags);
}

function hexOfText(value: string, verb: string, flags: Flags): string {
  const bytes = Buffer.from(value, 'utf8').subarray(0, flags.precision);
  const prefix = flags.sharp && bytes.length > 0 ? '0x' : '';
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  const text = flags.space ? hex.map((pair) => prefix + pair).join(' ') : prefix + hex.join('');
  return padded(verb === 'X' ? text.toUpperCase() : text, flags);
}

function intAs(value: bigint, verb: string, flags: Flags): string {
  const base = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }[verb];
  if (base !== undefined) return intOfBase(value, base, verb, flags);
  const point = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn) ? Number(value) : 0xfffd;
  if (verb === 'c') return padded(String.fromCodePoint(point), flags);
  if (verb === 'q') return padded(quote(String.fromCodePoint(point), flags.plus, "'"), flags);
  if (verb === 'U') return unicodeOf(value, flags);
  return badVerb(value, verb, flags);
}

function intOfBase(value: bigint, base: number, verb: string, flags: Flags): string {
  const { precision, width = 0 } = flags;
  if (precision === 0 && value === 0n) return ' '.repeat(width);
  const sign = value < 0n ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  const fill = flags.zero && !flags.minus && precision === undefined ? width - sign.length : 0;
  const digits = (value < 0n ? -value : value).toString(base).padStart(precision ?? fill, '0');
  const octal = verb === 'O' ? '0o' : '';
  const sharp = !flags.sharp ? '' : base === 2 ? '0b' : base === 16 ? '0x' : base === 8 && !digits.startsWith('0') ? '0' : '';
  const text = octal + sharp + digits;
  return padded(sign + (verb === 'X' ? text.toUpperCase() : text), { ...flags, zero: false });
}

function unicodeOf(value: bigint, flags: Flags): string {
  const code = BigInt.asUintN(64, value);
  const hex = code
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(flags.precision ?? 4, 4), '0');
  const char = flags.sharp && code <= 0x10ffffn ? String.fromCodePoint(Number(code)) : '';
  return padded(`U+${hex}${char !== '' && isPrintable(char) ? ` '${char}'` : ''}`, { ...flags, zero: false });
}

function bigAs(value: bigint, verb: string, flags: Flags): string {
  const base = { b: 2, o: 8, O: 8, d: 10, s: 10, v: 10, x: 16, X: 16 }[verb];
  if (base === undefined) return `%!${verb}(big.Int=${value})`;
  const sign = value < 0n ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  const prefix = verb === 'O' ? '0o' : flags.sharp ? ({ b: '0b', o: '0', x: '0x', X: '0X' }[verb] ?? '') : '';
  const text = (value < 0n ? -value : value).toString(base);
  const digits = (verb === 'X' ? text.toUpperCase() : text).padStart(flags.precision ?? 0, '0');
  const missing = (flags.width ?? 0) - sign.length - prefix.length - digits.length;
  if (missing <= 0) return sign + prefix + digits;
  if (flags.minus) return sign + prefix + digits + ' '.repeat(missing);
  if (flags.zero && flags.precision === undefined) return sign + prefix + '0'.repeat(missing) + digits;
  return ' '.repeat(missing) + sign + prefix + digits;
}

function floatAs(value: number, verb: string, flags: Flags): string {
  if (!/^[vbgGxXfFeE]$/.test(verb)) return badVerb(value, verb, flags);
  const as = verb === 'v' ? 'g' : verb === 'F' ? 'f' : verb;
  const precision = flags.precision ?? (/[feE]/.test(as) ? 6 : -1);
  const written = formatFloat(value, as, precision);
  const number = flags.sharp && as !== 'b' ? withPoint(written, as, precision) : written;
  const isNegative = number.startsWith('-');
  const digits = isNegative ? number.slice(1) : number;
  const sign = isNegative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
  if (sign === '') return padded(digits, flags);
  const missing = (flags.width ?? 0) - digits.length - 1;
  return flags.zero && !flags.minus && missing > 0 ? sign + '0'.repeat(missing) + digits : padded(sign + digits, flags);
}

/** `%#`: with a point always, and with the zeros at the end. */
function withPoint(number: string, verb: string, precision: number): string {
  const [, sign = '', head = '', tail = ''] = (/[xX]/.test(verb) ? /^(-?)([^pP]*)(.*)$/ : /^(-?)([^eE]*)(.*)$/).exec(number) ?? [];
  const wanted = /[gGx]/.test(verb) ? (precision < 0 ? 6 : precision) : 0;
  const significant = head.replace('.', '').replace(/^0+/, '').length + (head === '0' ? 1 : 0);
  return `${sign}${head}${head.includes('.') ? '' : '.'}${'0'.repeat(Math.max(wanted - significant, 0))}${tail}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

/** Go's strconv.Quote; `isAscii` for QuoteToASCII. */
export function quote(text: string, isAscii: boolean, mark: '"' | "'"): string {
  const chars = Array.from(text, (char) => {
    if (char === mark) return `\\${char}`;
    const escape = ESCAPES[char];
    if (escape !== undefined) return escape;
    const code = char.codePointAt(0) as number;
    if (isPrintable(char) && !(isAscii && code > 0x7e)) return char;
    if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return mark + chars.join('') + mark;
}

function isPrintable(char: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char);
}
