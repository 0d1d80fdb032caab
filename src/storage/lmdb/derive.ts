import type { Derived } from './layout.js';
import type { Tables } from './tables.js';

/** Of what is not there. */
export const NOTHING_DERIVED: Derived = { indexes: new Set(), expiration: undefined };

/** Within a transaction: takes away what was kept beside a document and is not any more. */
export function removeDerived({ indexes, expirations }: Tables, old: Derived, now: Derived): void {
  for (const entry of old.indexes) if (!now.indexes.has(entry)) indexes.removeSync(entry);
  if (old.expiration !== undefined && old.expiration !== now.expiration) expirations.removeSync(old.expiration);
}

/** Within a transaction: puts what is kept beside a document and was not before. */
export function putDerived({ indexes, expirations }: Tables, now: Derived, old: Derived): void {
  for (const entry of now.indexes) if (!old.indexes.has(entry)) indexes.putSync(entry, '1');
  if (now.expiration !== undefined && old.expiration !== now.expiration) expirations.putSync(now.expiration, '1');
}
