import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { Quotas } from '#access';
import { createDecisions } from '#decisions';
import { syntheticOrgnr } from '#demo';
import { DAY_MS, type Orgnr, toInstant } from '#domain';
import { clients, scopeAccesses, scopes, signedTerms } from '#maskinporten/entities';
import { openPersonVault } from '#persons';
import { loadBundle } from '#policy';
import type { ChangeFacts, Collection, StoreEvent } from '#storage';
import { kept } from '#stores';
import { scopeOf } from '../fixtures/maskinporten-documents.js';
import { openSuiteStore } from '../fixtures/suite-store.js';

export const [FHI, OSLO, VISMA, BERGEN] = ['fhi', 'oslo', 'visma', 'bergen'].map(syntheticOrgnr) as [Orgnr, Orgnr, Orgnr, Orgnr];
export const NOON = Date.parse('2026-11-27T12:00:00.000Z');
export const ADMIN = ['idporten:dcr.read', 'idporten:dcr.write'];

/** A request of an organisation's machine. */
export const machine = (consumer: Orgnr, ...granted: string[]) => ({
  caller: { kind: 'machine' as const, consumer, clientId: 'admin', scopes: granted.length === 0 ? ADMIN : granted },
  requestId: 'request',
});

type ScopeOf = Parameters<typeof scopes.key>[0];

export type Room = Awaited<ReturnType<typeof openRoom>>;

/** A store, the standard rules and four organisations that have signed the terms. */
export async function openRoom(test: Test, quotas: Partial<Quotas> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'tilgang-room-'));
  // What expires does so by the room's clock.
  const time = { now: NOON };
  const store = await openSuiteStore(folder, kept, () => time.now);
  test.teardown(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const bundle = await loadBundle(await readFile(new URL('../../bundles/tilgang.tar.gz', import.meta.url)));
  const decisions = createDecisions(() => bundle);
  const facts: ChangeFacts = { action: 'test', at: toInstant(NOON), actor: 'operator' };
  const put = async <T>(collection: Collection<T>, value: T): Promise<void> => {
    await collection.put(value, { expect: 'any', facts });
  };
  const room = {
    store,
    side: { origin: 'https://tilgang.example' },
    vault: await openPersonVault(join(folder, 'data')),
    get now() {
      return time.now;
    },
    set now(now: number) {
      time.now = now;
    },
    clock: () => time.now,
    get judge() {
      return decisions.pinned();
    },
    quotas: {
      applicationsPerTilbyder: 1000,
      draftsPerTilbyder: 1000,
      administratorsPerOrganisation: 200,
      clientsPerOrganisation: 1000,
      scopesPerOrganisation: 1000,
      accessesPerOrganisation: 1000,
      delegationsPerOrganisation: 1000,
      systemsPerVendor: 1000,
      bundlesPerApplication: 20,
      bundleBytesPerTilbyder: 2 ** 28,
      ...quotas,
    },
    later: (days: number): void => {
      room.now += days * DAY_MS;
    },
    sign: (orgnr: Orgnr) => put(store.collection(signedTerms), { orgnr, at: toInstant(NOON), by: 'operator' }),
    /** A scope of FHI's. */
    scope(name: string, change: Partial<ScopeOf> = {}): Promise<void> {
      return put(store.collection(scopes), scopeOf(name, { owner: FHI, ...change }));
    },
    grant(consumer: Orgnr, scope: string, state: 'APPROVED' | 'DENIED' = 'APPROVED'): Promise<void> {
      const at = toInstant(NOON);
      return put(store.collection(scopeAccesses), {
        scope: scope as ScopeOf['name'],
        owner: FHI,
        consumer,
        state,
        created: at,
        updated: at,
      });
    },
    /** The events of a client, oldest first. */
    async eventsOf(id: string): Promise<readonly StoreEvent[]> {
      return (await store.events.of(clients.name, id, { limit: 1000 })).events.toReversed();
    },
  };
  for (const orgnr of [FHI, OSLO, VISMA, BERGEN]) await room.sign(orgnr);
  return room;
}

/** A pair of RSA keys as JWKs. */
export function keyPair(kid: string, bits = 2048) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const about = { kid, use: 'sig', alg: 'RS256' };
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), ...about },
    secret: { ...privateKey.export({ format: 'jwk' }), ...about },
    publicKey,
  };
}
