/** A number of Rego, which is the text that it was written with: `1`, `1.50`, `1e400`, `36893488147419103234`. Equal values may differ in text. */
export class RegoNumber {
  /** As in JSON (RFC 8259 §6). */
  readonly text: string;
  #decimal: Decimal | undefined;

  /** @param text a number of JSON; nobody checks it here */
  constructor(text: string) {
    this.text = text;
  }

  /** @throws TypeError for what JSON cannot write: NaN, infinities */
  static of(value: number | bigint): RegoNumber {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('Rego has no number that is not finite');
    return new RegoNumber(String(value));
  }

  /** The nearest double; an infinity beyond them all. */
  get double(): number {
    return Number(this.text);
  }

  /** What OPA takes for an int: a whole number of 64 bits, with zeros behind a point (`1.0`) or none, but no exponent. */
  get int64(): bigint | undefined {
    const [, sign = '', digits] = /^([+-]?)([0-9]+)(?:\.0*)?$/.exec(this.text) ?? [];
    if (digits === undefined || this.text.length - sign.length > 19) return undefined;
    const value = BigInt(sign === '-' ? `-${digits}` : digits);
    return value === BigInt.asIntN(64, value) ? value : undefined;
  }

  /** The exact value if it is whole, however it is written, and has at most 100 000 digits. */
  get whole(): bigint | undefined {
    const { negative, digits, point } = this.decimal;
    if (digits.length > point || point > MAX_DIGITS) return digits === '' ? 0n : undefined;
    const value = BigInt(digits.padEnd(point, '0'));
    return negative ? -value : value;
  }

  /** The exact value. */
  get decimal(): Decimal {
    this.#decimal ??= decimalOf(this.text);
    return this.#decimal;
  }
}

/** 0.DIGITS × 10^point; no digits are zero, and neither the first nor the last digit is one. */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly point: number;
}

/** A hundred thousand digits, where OPA stops reading exponents. */
const MAX_DIGITS = 100_000;

function decimalOf(text: string): Decimal {
  const [, sign = '', int = '', fraction = '', exponent = '0'] = /^(-?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(text) ?? [];
  const written = int + fraction;
  const first = written.search(/[1-9]/);
  if (first < 0) return { negative: false, digits: '', point: 0 };
  let end = written.length;
  while (written.charCodeAt(end - 1) === 48) end -= 1;
  return { negative: sign === '-', digits: written.slice(first, end), point: int.length - first + Number(exponent) };
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`, exactly. */
export function compareNumbers(a: RegoNumber, b: RegoNumber): number {
  if (a.text === b.text) return 0;
  if (PLAIN.test(a.text) && PLAIN.test(b.text)) return a.double - b.double;
  const [x, y] = [a.decimal, b.decimal];
  const [signX, signY] = [signOf(x), signOf(y)];
  if (signX !== signY) return signX - signY;
  return signX * (x.point - y.point || (x.digits < y.digits ? -1 : x.digits > y.digits ? 1 : 0));
}

/** No two of these that differ are one double. */
const PLAIN = /^-?[0-9.]{1,15}$/;

function signOf({ digits, negative }: Decimal): number {
  return digits === '' ? 0 : negative ? -1 : 1;
}
