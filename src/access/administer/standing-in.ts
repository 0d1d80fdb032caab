import type { BrukerId, Orgnr } from '#domain';
import type { Reading, Refs, Store } from '#storage';
import { collectionsOf } from '../parts.js';
import { toldAssignment } from './question.js';

/** How an organisation stands, and somebody in it, as the rules of the other sides are told. */
export interface StandingIn {
  /** It is registered here. */
  readonly isKnown: boolean;
  readonly organisation: { readonly orgnr: Orgnr; readonly closed: boolean };
  /** What the person may administer there; absent if no person is asked about. */
  readonly assignments: readonly object[] | undefined;
}

/** As a reading has it. @param person who asks, if it is a person @throws ProblemError `store-unavailable` */
export async function standingIn(
  store: Store,
  reading: Pick<Reading<Refs>, 'registry'>,
  orgnr: Orgnr,
  person?: BrukerId,
): Promise<StandingIn> {
  const { organisations, administrators } = collectionsOf(store);
  const [organisation, staff] = await Promise.all([
    reading.registry(organisations, orgnr),
    person === undefined ? undefined : reading.registry(administrators, orgnr),
  ]);
  const own = (staff?.value.assignments ?? []).filter(({ brukerId }) => brukerId === person);
  return {
    isKnown: organisation !== undefined,
    organisation: { orgnr, closed: organisation?.value.closed !== undefined },
    assignments: person === undefined ? undefined : own.map(toldAssignment),
  };
}
