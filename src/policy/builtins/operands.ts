import { isArray, kindOf, RegoNumber, RegoObject, RegoSet, type Term } from '../terms/index.js';
import { BuiltinError } from './builtin.js';

// Operands as built-ins take them, by their place from 0. Each throws a BuiltinError for another kind, in OPA's words.

/** A text. */
export function textAt(args: readonly Term[], place: number): string {
  const term = args[place] as Term;
  return typeof term === 'string' ? term : fail(place, 'string', term);
}

/** A number. */
export function numberAt(args: readonly Term[], place: number): RegoNumber {
  const term = args[place] as Term;
  return term instanceof RegoNumber ? term : fail(place, 'number', term);
}

/** A whole number of 64 bits: `1.0` too, `1e0` not. */
export function int64At(args: readonly Term[], place: number): bigint {
  const int = numberAt(args, place).int64;
  if (int === undefined) throw new BuiltinError(`operand ${place + 1} must be integer number but got floating-point number`);
  return int;
}

/** A whole number that a double holds. */
export function intAt(args: readonly Term[], place: number): number {
  const int = Number(int64At(args, place));
  if (!Number.isSafeInteger(int)) throw new BuiltinError(`operand ${place + 1} is beyond 2^53`);
  return int;
}

/** `true` or `false`. */
export function booleanAt(args: readonly Term[], place: number): boolean {
  const term = args[place] as Term;
  return typeof term === 'boolean' ? term : fail(place, 'boolean', term);
}

/** An array. */
export function arrayAt(args: readonly Term[], place: number): readonly Term[] {
  const term = args[place] as Term;
  return isArray(term) ? term : fail(place, 'array', term);
}

/** An object. */
export function objectAt(args: readonly Term[], place: number): RegoObject {
  const term = args[place] as Term;
  return term instanceof RegoObject ? term : fail(place, 'object', term);
}

/** The members of an array or a set. */
export function membersAt(args: readonly Term[], place: number): readonly Term[] {
  const term = args[place] as Term;
  return isArray(term) || term instanceof RegoSet ? [...term] : fail(place, 'one of {set, array}', term);
}

/** The members of an array or a set, all of which are texts. */
export function textsAt(args: readonly Term[], place: number): string[] {
  return membersAt(args, place).map((member) => {
    if (typeof member !== 'string') throw new BuiltinError(`operand ${place + 1} must hold strings but got ${kindOf(member)}`);
    return member;
  });
}

function fail(place: number, wanted: string, term: Term): never {
  throw new BuiltinError(`operand ${place + 1} must be ${wanted} but got ${kindOf(term)}`);
}
