import { organisations } from '#access';
import type { Orgnr } from '#domain';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import { type Asking, leaveFor } from '../administer/leave.js';
import type { MaskinportenParts } from '../parts.js';

/** The names of organisations, as far as they are registered here: everybody may look them up. */
export async function namesOf(
  { store }: { readonly store: Store },
  orgnrs: readonly (Orgnr | undefined)[],
): Promise<ReadonlyMap<Orgnr, string>> {
  const wanted = [...new Set(orgnrs)].filter((orgnr) => orgnr !== undefined);
  if (wanted.length === 0) return new Map();
  const reading = await store.read([]);
  const registered = store.collection(organisations);
  const found = await Promise.all(wanted.map((orgnr) => reading.registry(registered, orgnr)));
  return new Map(found.flatMap((one) => (one === undefined ? [] : [[one.value.orgnr, one.value.name] as const])));
}

/** Whether an organisation has ceased. One that is not registered here has not. */
export async function hasCeased({ store }: { readonly store: Store }, orgnr: Orgnr | undefined): Promise<boolean> {
  if (orgnr === undefined) return false;
  const reading = await store.read([]);
  return (await reading.registry(store.collection(organisations), orgnr))?.value.closed !== undefined;
}

/** What an organisation is called. @param orgnr `undefined` for what is no organisation number. @throws ProblemError `not-found` */
export async function lookUpOrganisation(
  parts: MaskinportenParts,
  request: Asking,
  orgnr: Orgnr | undefined,
): Promise<{ readonly orgnr: Orgnr; readonly name: string }> {
  await leaveFor(parts, request, { action: 'organisation.look-up' });
  const name = orgnr === undefined ? undefined : (await namesOf(parts, [orgnr])).get(orgnr);
  if (orgnr === undefined || name === undefined)
    throw new ProblemError('not-found', { detail: 'No organisation of this number is known here.' });
  return { orgnr, name };
}
