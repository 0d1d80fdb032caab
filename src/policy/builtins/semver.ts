import { compareTexts, RegoNumber } from '../terms/index.js';
import { BuiltinError, type Builtins } from './builtin.js';
import { textAt } from './operands.js';

/** Versions (semver.org 2.0.0), with or without a `v`. */
export const semverBuiltins: Builtins = {
  'semver.compare': (args) => RegoNumber.of(compare(parse(textAt(args, 0)), parse(textAt(args, 1)))),
  'semver.is_valid': ([text]) => typeof text === 'string' && read(text) !== undefined,
};

interface Version {
  readonly numbers: readonly bigint[];
  /** Empty for none. */
  readonly preRelease: readonly string[];
}

const VERSION = /^v?(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/;
const IDENTIFIERS = /^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/;
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_DIGITS = 19;

function parse(text: string): Version {
  const version = read(text);
  if (version === undefined) throw new BuiltinError('the string is not a valid SemVer');
  return version;
}

function read(text: string): Version | undefined {
  const [match, major, minor, patch, preRelease, metadata] = VERSION.exec(text) ?? [];
  if (match === undefined) return undefined;
  const parts = [major, minor, patch] as string[];
  if (parts.some((part) => part.length > MAX_DIGITS)) return undefined;
  const numbers = parts.map(BigInt);
  if (numbers.some((number) => number > MAX_INT64)) return undefined;
  if (metadata !== undefined && !IDENTIFIERS.test(metadata)) return undefined;
  if (preRelease === undefined) return { numbers, preRelease: [] };
  const identifiers = preRelease.split('.');
  if (!IDENTIFIERS.test(preRelease) || identifiers.some((one) => /^0[0-9]+$/.test(one))) return undefined;
  return { numbers, preRelease: identifiers };
}

/** §11 */
function compare(a: Version, b: Version): number {
  for (const [i, number] of a.numbers.entries()) {
    const other = b.numbers[i] as bigint;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) return Math.sign(b.preRelease.length - a.preRelease.length);
  for (const [i, one] of a.preRelease.entries()) {
    const other = b.preRelease[i];
    if (other === undefined) return 1;
    const order = compareIdentifiers(one, other);
    if (order !== 0) return order;
  }
  return a.preRelease.length === b.preRelease.length ? 0 : -1;
}

function compareIdentifiers(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^[0-9]+$/.test(a), /^[0-9]+$/.test(b)];
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  // Numbers have no zeros in front: the longer one is the greater.
  if (isNumberA && a.length !== b.length) return a.length < b.length ? -1 : 1;
  return Math.sign(compareTexts(a, b));
}
