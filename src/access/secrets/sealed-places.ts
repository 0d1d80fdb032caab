import type { Administrators, GrantDocument } from '#domain';
import type { Entity } from '#storage';
import { administrators, grantDocuments } from '../parts.js';

/** Documents in which something is sealed. */
export interface SealedPlace<T> {
  readonly entity: Entity<T>;
  /** The value with each sealed text in the place of which another may stand. @param each is told a sealed text and what it is bound to */
  mapped(value: T, each: (sealed: string, boundTo: string) => string): T;
}

const inGrants: SealedPlace<GrantDocument> = {
  entity: grantDocuments,
  mapped: (value, each) => ({ ...value, sealed: each(value.sealed, value.brukerId) }),
};

const inAdministrators: SealedPlace<Administrators> = {
  entity: administrators,
  mapped: (value, each) => ({
    ...value,
    assignments: value.assignments.map((one) => ({ ...one, sealed: each(one.sealed, one.brukerId) })),
  }),
};

/** Where this room keeps something sealed. Events hold what was sealed then; nothing opens it there. */
// biome-ignore lint/suspicious/noExplicitAny: places of different entities stand in one list, and each keeps its own type.
export const sealedPlaces: readonly SealedPlace<any>[] = [inGrants, inAdministrators];
