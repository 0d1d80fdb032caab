import { type PageOf, type PageRange, pickedPage } from '#access';
import type { BrukerId, Instant, Orgnr, SecurityLevel } from '#domain';
import type { Store } from '#storage';
import { collectionsOf } from '../parts.js';
import { type Login, loginKey, loginsAt, loginsWith } from './login.js';

/** The logins of a person, the latest first. @param orgnr those at the clients of this organisation alone */
export function loginsOf(store: Store, brukerId: BrukerId, range: PageRange, orgnr?: Orgnr): Promise<PageOf<Login>> {
  const where = orgnr === undefined ? { prefix: loginKey(brukerId) } : { index: 'organisation', prefix: loginsAt(brukerId, orgnr) };
  return pickedPage(collectionsOf(store).logins, where, range, (documents) => documents.map(({ value }) => value));
}

/** Whether a person has logged in since then at that level exactly; one entry is read. */
export async function hasLoggedIn(store: Store, brukerId: BrukerId, level: SecurityLevel, since: Instant): Promise<boolean> {
  const place = loginsWith(brukerId, level, since);
  const where = { index: 'level', prefix: place.slice(0, -since.length), from: place };
  return (await collectionsOf(store).logins.query({ ...where, limit: 1 })).items.length > 0;
}

const STRONGEST_FIRST: readonly SecurityLevel[] = ['high', 'substantial', 'low'];

/** The highest level at which a person has logged in since then; absent: at none. */
export async function highestSince(store: Store, brukerId: BrukerId, since: Instant): Promise<SecurityLevel | undefined> {
  for (const level of STRONGEST_FIRST) if (await hasLoggedIn(store, brukerId, level, since)) return level;
  return undefined;
}

/** Whether anything is remembered of a person's logins. */
export async function hasEverLoggedIn(store: Store, brukerId: BrukerId): Promise<boolean> {
  return (await loginsOf(store, brukerId, { limit: 1 })).items.length > 0;
}
