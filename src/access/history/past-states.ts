import { setImmediate } from 'node:timers/promises';
import { type AppId, type Application, type Instant, type Orgnr, present } from '#domain';
import type { Entity, StoreEvent } from '#storage';
import type { GrantSurroundings } from '../ask/held-roles.js';
import { type AccessParts, activationKey, activations, applications, organisations } from '../parts.js';

/** Read in one turn; see listEvents. */
const PAGE = 20;
/** Most questions about the past are answered by the first few events. */
const FIRST_PAGE = 8;

/** The events that concern a party, newest first, as far as they are taken. */
export async function* newestConcerning({ store }: AccessParts, party: string): AsyncGenerator<StoreEvent> {
  let cursor: string | undefined;
  let limit = FIRST_PAGE;
  do {
    const range = present({ limit, newestFirst: true, cursor });
    const page = await store.events.concerning(party, range);
    yield* page.events;
    cursor = page.next;
    limit = PAGE;
    if (cursor !== undefined) await setImmediate();
  } while (cursor !== undefined);
}

/** What grants in an application by a konsument depended on at a moment. */
export async function surroundingsAt(parts: AccessParts, appId: AppId, orgnr: Orgnr, at: Instant): Promise<GrantSurroundings> {
  const [application, activation, organisation] = await Promise.all([
    stateAt<Application>(parts, applications, appId, at),
    stateAt(parts, activations, activationKey(appId, orgnr), at),
    stateAt(parts, organisations, orgnr, at),
  ]);
  return { application, activated: activation?.active ?? false, mayBeKonsument: organisation?.mayBeKonsument ?? false };
}

/** A document as it stood at a moment, from its events. */
async function stateAt<T>({ store }: AccessParts, entity: Entity<T>, key: string, at: Instant): Promise<T | undefined> {
  let cursor: string | undefined;
  do {
    const page = await store.events.of(entity.name, key, present({ limit: PAGE, cursor }));
    const found = page.events.find((event) => event.at <= at);
    if (found !== undefined) return found.after as T | undefined;
    cursor = page.next;
    if (cursor !== undefined) await setImmediate();
  } while (cursor !== undefined);
  return undefined;
}
