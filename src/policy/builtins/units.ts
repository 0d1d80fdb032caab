import { RegoNumber, type Term } from '../terms/index.js';
import { BuiltinError, BuiltinHalt, type Builtins } from './builtin.js';
import { textAt } from './operands.js';

/** Amounts with a unit. */
export const unitsBuiltins: Builtins = {
  'units.parse': (args) => parseUnits(textAt(args, 0).replaceAll('"', '')),
  'units.parse_bytes': (args) => parseBytes(textAt(args, 0).toLowerCase().replaceAll('"', '')),
};

const POWERS = ['k', 'm', 'g', 't', 'p', 'e'];
/** Digits of an exponent, beyond which OPA reads no number. */
const MAX_EXPONENT_DIGITS = 6;
/** Numbers of a million digits are not worth the time; OPA makes them. */
const MAX_DIGITS = 100_000;
/** Go's 0.001 is the nearest double, and that is what it multiplies with. */
const MILLI = [1152921504606847n, 2n ** 60n] as const;

interface Ratio {
  readonly top: bigint;
  readonly bottom: bigint;
}

function parseUnits(text: string): Term {
  const { amount, unit } = parts(text);
  const known = unit.charAt(0) + unit.slice(1).toLowerCase();
  const [top, bottom] = known === 'm' ? MILLI : [factor(known === 'M' ? 'm' : known.toLowerCase()), 1n];
  const product = { top: amount.top * top, bottom: amount.bottom * bottom };
  if (product.top % product.bottom === 0n) return RegoNumber.of(product.top / product.bottom);
  return new RegoNumber(withTenDecimals(product));
}

function parseBytes(text: string): Term {
  const { amount, unit } = parts(text);
  // Go multiplies in 64 bits of mantissa.
  const product = toMantissa(amount, 64);
  const top = product.top * factor(unit.length > 1 && unit.endsWith('b') ? unit.slice(0, -1) : unit);
  return RegoNumber.of(toMantissa({ top, bottom: product.bottom }, 64).top / toMantissa({ top, bottom: product.bottom }, 64).bottom);
}

/** `` | k … e | ki … ei */
function factor(unit: string): bigint {
  if (unit === '') return 1n;
  const power = POWERS.indexOf(unit.charAt(0)) + 1;
  if (power > 0 && unit.length === 1) return 1000n ** BigInt(power);
  if (power > 0 && unit.length === 2 && unit.endsWith('i')) return 1024n ** BigInt(power);
  throw new BuiltinError('unit not recognized');
}

function parts(text: string): { amount: Ratio; unit: string } {
  if (text.includes(' ')) throw new BuiltinError('spaces not allowed in resource strings');
  const at = endOfNumber(text);
  if (at === 0) throw new BuiltinError('no amount provided');
  return { amount: ratioOf(text.slice(0, at)), unit: text.slice(at) };
}

/** Where the unit begins: an `e` is an exponent only before a digit or a sign. */
function endOfNumber(text: string): number {
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (/[eE]/.test(char)) {
      if (!/[0-9+-]/.test(text.charAt(i + 1))) return i;
      if (/[+-]/.test(text.charAt(i + 1))) i += 1;
      const [digits = ''] = /^[0-9]*/.exec(text.slice(i + 1)) ?? [];
      if (digits.length > MAX_EXPONENT_DIGITS) throw new BuiltinError('exponent too large');
    } else if (!/[0-9.+-]/.test(char)) return i;
  }
  return text.length;
}

function ratioOf(text: string): Ratio {
  const [, sign, int = '', fraction = '', exponent = '0'] = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(text) ?? [];
  if (sign === undefined || int + fraction === '') throw new BuiltinError('could not parse amount to a number');
  if (int.length + fraction.length > MAX_DIGITS) throw new BuiltinHalt(`units: a number has at most ${MAX_DIGITS} digits here`);
  const digits = BigInt(sign === '-' ? `-${int}${fraction}` : int + fraction);
  const power = Number(exponent) - fraction.length;
  if (Math.abs(power) > MAX_DIGITS) throw new BuiltinHalt(`units: a number has at most ${MAX_DIGITS} digits here`);
  return power >= 0 ? { top: digits * 10n ** BigInt(power), bottom: 1n } : { top: digits, bottom: 10n ** BigInt(-power) };
}

/** To the nearest, halves away from zero, as Go's Rat.FloatString. */
function withTenDecimals({ top, bottom }: Ratio): string {
  const size = top < 0n ? -top : top;
  const digits = ((size * 10n ** 10n * 2n + bottom) / (2n * bottom)).toString().padStart(11, '0');
  return `${top < 0n ? '-' : ''}${digits.slice(0, -10)}.${digits.slice(-10)}`;
}

/** The nearest number with so many bits of mantissa, halves to even. */
function toMantissa({ top, bottom }: Ratio, bits: number): Ratio {
  const size = top < 0n ? -top : top;
  if (size === 0n) return { top: 0n, bottom: 1n };
  let shift = bits - (bitLength(size) - bitLength(bottom));
  const scale = (by: number): [bigint, bigint] => (by >= 0 ? [size << BigInt(by), bottom] : [size, bottom << BigInt(-by)]);
  let [n, d] = scale(shift);
  if (bitLength(n / d) > bits) {
    shift -= 1;
    [n, d] = scale(shift);
  }
  const quotient = n / d;
  const twice = (n % d) * 2n;
  const mantissa = quotient + (twice > d || (twice === d && quotient % 2n === 1n) ? 1n : 0n);
  const signed = top < 0n ? -mantissa : mantissa;
  return shift >= 0 ? { top: signed, bottom: 1n << BigInt(shift) } : { top: signed << BigInt(-shift), bottom: 1n };
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}
