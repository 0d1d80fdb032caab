import { BuiltinError } from './builtin.js';
import { formatFloat } from './go-float.js';

const NANOSECONDS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
/** What OPA adds, in hours. */
const HOURS: ReadonlyMap<string, number> = new Map([
  ['d', 24],
  ['w', 7 * 24],
  ['y', 365 * 24],
]);
const MAX = 2n ** 63n;

/** Go's time.ParseDuration with days, weeks and years (`1d2h30m`): nanoseconds. @throws BuiltinError */
export function parseDuration(text: string): bigint {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0n;
  const parts = partsOf(/[dwy]/.test(text) ? inHours(rest) : rest);
  const sum = parts.reduce((sum, part) => {
    const next = sum + nanoseconds(part);
    if (next > MAX) throw invalid();
    return next;
  }, 0n);
  if (sign !== '-' && sum === MAX) throw invalid();
  return sign === '-' ? -sum : sum;
}

function invalid(): BuiltinError {
  return new BuiltinError('invalid duration');
}

interface Part {
  readonly int: string;
  readonly fraction: string;
  readonly unit: string;
}

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  const pattern = /([0-9]*)(?:\.([0-9]*))?([^0-9.]+)/y;
  while (pattern.lastIndex < text.length || parts.length === 0) {
    const [match, int = '', fraction = '', unit = ''] = pattern.exec(text) ?? [];
    if (match === undefined || int + fraction === '') throw invalid();
    parts.push({ int, fraction, unit });
  }
  return parts;
}

function nanoseconds({ int, fraction, unit }: Part): bigint {
  const size = NANOSECONDS.get(unit);
  const whole = BigInt(int);
  if (size === undefined || whole > MAX / size) throw invalid();
  // Go stops where 63 bits are full, and counts fractions in doubles.
  let [value, scale] = [0n, 1];
  for (const digit of fraction) {
    if (value > (MAX - 1n) / 10n) break;
    value = value * 10n + BigInt(digit);
    scale *= 10;
  }
  return whole * size + BigInt(Math.trunc(Number(value) * (Number(size) / scale)));
}

/** OPA's own reading of days, weeks and years: digits and a unit of small letters, rewritten as hours. */
function inHours(text: string): string {
  const part = /([0-9.]+)(ms|us|µs|ns|[a-z])/y;
  let hours = '';
  while (part.lastIndex < text.length) {
    const [match, digits = '', unit = ''] = part.exec(text) ?? [];
    const factor = HOURS.get(unit);
    if (match === undefined || (factor !== undefined && !/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(digits))) throw invalid();
    hours += factor === undefined ? match : `${formatFloat(Number(digits) * factor, 'f', -1)}h`;
  }
  return hours;
}
