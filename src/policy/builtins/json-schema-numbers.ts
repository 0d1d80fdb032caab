import type { RegoNumber } from '../terms/index.js';
import { BuiltinHalt } from './builtin.js';

/** Whether a number is whole, however it is written. */
export function isWhole({ decimal: { digits, point } }: RegoNumber): boolean {
  return digits.length <= point || digits === '';
}

const MAX_DIGITS = 10_000;

/** Whether one number is the other times a whole one, exactly. @throws BuiltinHalt if that would take more than ten thousand digits */
export function isMultiple(number: RegoNumber, of: RegoNumber): boolean {
  const [a, b] = [number.decimal, of.decimal];
  if (a.digits === '') return true;
  const [lowest, highest] = [Math.min(a.point - a.digits.length, b.point - b.digits.length), Math.max(a.point, b.point)];
  if (highest - lowest > MAX_DIGITS) throw new BuiltinHalt('multipleOf of numbers that are too far apart');
  const scaled = ({ digits, point }: typeof a): bigint => BigInt(digits + '0'.repeat(point - digits.length - lowest));
  return scaled(a) % scaled(b) === 0n;
}

/** A number as Go prints a big.Float: in exponents from a million on, and from a ten thousandth down. */
export function bigFloatText({ decimal: { negative, digits, point } }: RegoNumber): string {
  const sign = negative ? '-' : '';
  if (digits === '') return '0';
  const exponent = point - 1;
  if (exponent < -4 || exponent >= 6) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  const whole = digits.slice(0, point).padEnd(point, '0');
  return digits.length > point ? `${sign}${whole}.${digits.slice(point)}` : `${sign}${whole}`;
}
