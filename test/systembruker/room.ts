import type { Test } from 'tap';
import { type AccessParts, appointAdministrator, operatorRequest, registerOrganisation } from '#access';
import { demoWorld } from '#demo';
import { type Orgnr, toInstant } from '#domain';
import type { Entity, Store } from '#storage';
import { kept } from '#stores';
import {
  type Asking,
  approveRequest,
  askForSystemUser,
  type PackageName,
  type ResourceId,
  type Rights,
  type SystembrukerSideParts,
  type SystemId,
} from '#systembruker';
import { CUSTOMER, fillRegister, OTHER_VENDOR, SYSTEM, VENDOR } from '../fixtures/system-users.js';
import { NOON, openRoom } from '../maskinporten/room.js';

export const SCOPES = [
  'altinn:authentication/systemuser.request.write',
  'altinn:authentication/systemregister.write',
  'altinn:maskinporten/systemuser.read',
];

/** Rights to services, to all that may be done there. */
export const rightsTo = (...ids: string[]): Rights => ({ rights: ids.map((id) => ({ resources: [id as ResourceId] })), packages: [] });

/** A request of a vendor's machine. */
export const machineOf = (consumer: Orgnr): Asking => ({
  caller: { kind: 'machine', consumer, clientId: 'c', scopes: SCOPES },
  requestId: 'request',
});

export type Room = Awaited<ReturnType<typeof systemUsersRoom>>;

/** An embedded store with services, the systems of two vendors, and a customer for whom one person answers. */
export async function systemUsersRoom(t: Test) {
  const room = await openRoom(t);
  const parts: SystembrukerSideParts & AccessParts = Object.assign(room, {
    side: { origin: 'https://tilgang.example', requestDays: 180, receivers: { networks: ['127.0.0.0/8'], isTrial: true } },
  }) as never;
  const at = toInstant(NOON);
  const facts = { action: 'test', at, actor: 'operator' };
  const put = <T>(entity: Entity<T>, value: T) => room.store.collection(entity).put(value, { expect: 'any', facts });
  await fillRegister(put, at);
  for (const orgnr of [VENDOR, OTHER_VENDOR, CUSTOMER])
    await registerOrganisation(parts, operatorRequest(), {
      ...{ orgnr, name: `Virksomhet ${orgnr}`, fiksOrgId: `00000000-0000-4000-8000-000${orgnr}` as never },
      ...{ mayBeKonsument: true, mayBeTilbyder: true },
    });
  const [{ brukerIdent }] = demoWorld(at).persons as unknown as readonly [
    { readonly brukerIdent: Parameters<AccessParts['vault']['nameOf']>[0] },
  ];
  const roles = ['tilgangsstyrer', 'organisasjonsadministrator'] as const;
  await appointAdministrator(parts, operatorRequest(), CUSTOMER, brukerIdent, { roles });
  const brukerId = room.vault.nameOf(brukerIdent);
  const leader = { caller: { kind: 'citizen' as const, brukerId, acr: 'idporten-loa-high' } };
  const asked = async (externalRef: string, systemId: SystemId = SYSTEM): Promise<string> => {
    const sent = { type: 'standard' as const, systemId, party: CUSTOMER, externalRef, ...rightsTo('mva', 'arsregnskap') };
    const { view } = await askForSystemUser(parts, machineOf(systemId.slice(0, 9) as Orgnr), sent);
    return view.value.id;
  };
  return Object.assign(room, {
    parts,
    put,
    facts,
    /** Answers for the customer. */
    leader: { ...leader, orgnr: CUSTOMER } as Asking,
    asked,
    async made(externalRef: string, systemId: SystemId = SYSTEM): Promise<string> {
      const id = await asked(externalRef, systemId);
      await approveRequest(parts, leader, { id });
      return id;
    },
    packages: (...names: string[]) => names as PackageName[],
  });
}

/** What a store was asked, and when its process is killed. */
export interface Watched {
  reads: number;
  writes: number;
  /** So many writes are carried out; then none is any more. */
  left: number;
}

/** Counts what is asked of a store from now on, each document or list once, and lets its process be killed between two writes. */
export function watchStore(store: Store): Watched {
  const watched: Watched = { reads: 0, writes: 0, left: Infinity };
  for (const entity of kept as readonly Entity<unknown>[]) {
    const collection = store.collection(entity);
    for (const name of ['get', 'getMany', 'query', 'count'] as const) {
      const asked = collection[name].bind(collection) as (...given: unknown[]) => Promise<unknown>;
      Object.assign(collection, {
        [name]: (...given: unknown[]) => {
          watched.reads += 1;
          return asked(...given);
        },
      });
    }
    for (const name of ['put', 'putMany', 'remove'] as const) {
      const asked = collection[name].bind(collection) as (...given: unknown[]) => Promise<unknown>;
      Object.assign(collection, {
        [name]: async (...given: unknown[]) => {
          if (watched.left === 0) throw new Error('killed');
          watched.left -= 1;
          watched.writes += 1;
          return asked(...given);
        },
      });
    }
  }
  const read = store.read.bind(store);
  Object.assign(store, {
    read: (refs: Parameters<Store['read']>[0]) => {
      watched.reads += refs.length;
      return read(refs);
    },
  });
  return watched;
}
