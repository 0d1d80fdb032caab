import { activations, grantDocuments, operatorRequest, verifyHistory } from '#access';
import type { Activation, GrantDocument } from '#domain';
import type { Store, StoreEvent } from '#storage';
import type { Kept, KeptChange, Standing } from './model.js';
import { activationPlace, grantPlace, opened, type SmallWorld } from './small-world.js';

/** How a change says which one it is: in the words of its reason, which go into its event. */
export function reasonOf(id: string): string {
  return `Endring ${id}`;
}

/** What a store holds, for the checker. */
export interface WholeStore extends Kept {
  /** Where each event stands and what it is of, in order. */
  readonly log: readonly string[];
  /** What `tilgang audit verify` finds broken. */
  readonly broken: string | undefined;
}

/** How an event is named in a log. */
export function nameOf({ cursor, entity, key, revision }: StoreEvent): string {
  return `${Number(cursor)} ${entity} ${key} ${revision}`;
}

/**
 * Reads a store to its end.
 * @param since how many events were there before
 */
export function readWhole(world: SmallWorld, since = 0): Promise<WholeStore> {
  return opened(world, async (access) => {
    const { store } = access;
    const standing = await standingIn(store, world);
    // What a node that was killed has left beside its document goes into the log with the first who asks for its history.
    for (const { brukerId } of world.persons) await store.events.of('grant-document', `${world.appId}/${brukerId}`, { limit: 1 });
    for (const { value } of await all(store, activations)) await store.events.of('activation', activations.key(value), { limit: 1 });
    const log: string[] = [];
    const changes: KeptChange[] = [];
    for (let cursor: string | undefined; ; ) {
      const { events, next } = await store.events.after(cursor, 500);
      for (const event of events) {
        log.push(nameOf(event));
        if (log.length > since) changes.push(...changesIn(event, world));
      }
      cursor = next;
      if (cursor === undefined) break;
    }
    const { broken } = await verifyHistory(access, operatorRequest(), () => {});
    return { changes, standing, log, broken: broken === undefined ? undefined : `${broken.cursor}: ${broken.detail}` };
  });
}

/** How the places stand by the documents. */
export async function standingIn(store: Store, world: SmallWorld): Promise<ReadonlyMap<string, Standing>> {
  const standing = new Map<string, Standing>();
  for (const { value } of await all(store, grantDocuments)) {
    for (const { konsument, withdrawn, revision } of value.grants) {
      standing.set(grantPlace(konsument, personOf(world, value)), { gives: withdrawn === undefined, revision });
    }
  }
  for (const { value, revision } of await all(store, activations)) {
    standing.set(activationPlace(value.konsument), { gives: value.active, revision });
  }
  return standing;
}

async function all<T>(store: Store, entity: Parameters<Store['collection']>[0] & { readonly key: (value: T) => string }) {
  const { items } = await store.collection<T>(entity as never).query({ limit: 1000 });
  return items;
}

function personOf({ persons }: SmallWorld, { brukerId }: GrantDocument): { readonly name: string } {
  return persons.find((one) => one.brukerId === brukerId) ?? { name: 'nobody' };
}

/** Which places an event has changed: one, if all is well. */
function changesIn({ entity, before, after, revision, reason }: StoreEvent, world: SmallWorld): KeptChange[] {
  const id = /^Endring (.+)$/.exec(reason ?? '')?.[1];
  if (entity === 'activation') {
    const { konsument, active } = after as Activation;
    return [{ id, place: activationPlace(konsument), gives: active, revision }];
  }
  if (entity !== 'grant-document') return [];
  const document = after as GrantDocument;
  const was = new Map((before as GrantDocument | undefined)?.grants.map((grant) => [grant.konsument, grant.revision]));
  const changed = document.grants.filter((grant) => was.get(grant.konsument) !== grant.revision);
  return changed.map((grant) => ({
    id,
    place: grantPlace(grant.konsument, personOf(world, document)),
    gives: grant.withdrawn === undefined,
    revision: grant.revision,
  }));
}
