import type { AdminRequest } from '#access';
import { type BrukerId, type PersonNumber, present } from '#domain';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import { collectionsOf, type IdportenParts } from '../parts.js';
import { leaveFor } from './leave.js';

/** Whom to block, and why. */
export interface Blocking {
  readonly person: PersonNumber;
  readonly reason?: string;
}

/** Whether a person is blocked. */
export async function isBlocked(store: Store, brukerId: BrukerId): Promise<boolean> {
  return (await collectionsOf(store).blockedPersons.get(brukerId)) !== undefined;
}

/** Blocks a person. @returns whether that is new @throws ProblemError as leaveFor */
export async function blockPerson(parts: IdportenParts, request: AdminRequest, { person, reason }: Blocking): Promise<boolean> {
  const brukerId = parts.vault.nameOf(person);
  const { at } = await leaveFor(parts, request, { action: 'person.block', subject: brukerId });
  const value = present({ brukerId, since: at, reason });
  const facts = present({ action: 'person.block', at, actor: 'operator', reason });
  return collectionsOf(parts.store)
    .blockedPersons.put(value, { expect: 'absent', facts })
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof ProblemError && error.slug === 'conflict') return false;
        throw error;
      },
    );
}

/** Lets a person be as before. @returns whether the person was blocked @throws ProblemError as leaveFor */
export async function unblockPerson(parts: IdportenParts, request: AdminRequest, { person, reason }: Blocking): Promise<boolean> {
  const brukerId = parts.vault.nameOf(person);
  const { at } = await leaveFor(parts, request, { action: 'person.unblock', subject: brukerId });
  const facts = present({ action: 'person.unblock', at, actor: 'operator', reason });
  return collectionsOf(parts.store).blockedPersons.remove(brukerId, { expect: 'any', facts });
}
