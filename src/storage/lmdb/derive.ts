import type { Derived } from './layout.js';
import { PRESENT, type Tables } from './tables.js';

/** Of what is not there. */
export const NOTHING_DERIVED: Derived = { indexes: [], expiration: undefined };

/** Within a transaction: takes away what was kept beside a document and is not any more. */
export function removeDerived({ indexes, expirations }: Tables, old: Derived, now: Derived): void {
  for (const entry of without(old.indexes, now.indexes)) indexes.removeSync(entry);
  if (old.expiration !== undefined && old.expiration !== now.expiration) expirations.removeSync(old.expiration);
}

/** Within a transaction: puts what is kept beside a document and was not before. */
export function putDerived({ indexes, expirations }: Tables, now: Derived, old: Derived): void {
  for (const entry of without(now.indexes, old.indexes)) indexes.putSync(entry, PRESENT);
  if (now.expiration !== undefined && old.expiration !== now.expiration) expirations.putSync(now.expiration, PRESENT);
}

/** So few are compared sooner than a set of them is made, which takes the hash of long texts. */
const FEW = 8;

/** Most documents are new, or gone, or have few entries. */
function without(all: readonly string[], others: readonly string[]): readonly string[] {
  if (all.length === 0 || others.length === 0) return all;
  if (others.length <= FEW) return all.filter((entry) => !others.includes(entry));
  const known = new Set(others);
  return all.filter((entry) => !known.has(entry));
}
