import type { BrukerId, Instant } from '#domain';
import type { Entity } from '#storage';

/** That a person is blocked: what was logged in with before counts for nothing. */
export interface BlockedPerson {
  readonly brukerId: BrukerId;
  readonly since: Instant;
  readonly reason?: string;
}

/** Key: person. */
export const blockedPersons: Entity<BlockedPerson> = {
  name: 'blocked-person',
  key: ({ brukerId }) => brukerId,
  indexes: {},
};
