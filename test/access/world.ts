import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import {
  type AccessCaller,
  type AccessParts,
  type AdminRequest,
  entities,
  type GrantOrder,
  grantDocuments,
  operatorRequest,
  registerApplication,
  registerOrganisation,
  setActivation,
  withdrawGrant,
} from '#access';
import { createDecisions, type Judge } from '#decisions';
import { syntheticPersonNumber } from '#demo';
import { type AppId, type Kommunenummer, type Orgnr, type PersonNumber, parseOrgnr } from '#domain';
import { openPersonVault } from '#persons';
import { type Bundle, loadBundle } from '#policy';
import { type Store, type StoreEvent, verifyChain } from '#storage';
import { openLmdbStore } from '#storage/lmdb';

export const NOON = Date.parse('2026-11-21T12:00:00.000Z');
export const APP = '7c0d6c1e-0000-4000-8000-000000000001' as AppId;
export const operator = operatorRequest();
export type Random = () => number;

/** A repeatable sequence from 0 to 1 (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The first valid organisation numbers from 310000000 on. */
export const orgnrs: readonly Orgnr[] = Array.from({ length: 2000 }, (_, i) => String(310_000_000 + i)).filter(
  (text): text is Orgnr => typeof parseOrgnr(text) === 'string',
);
export const TILBYDER = orgnrs[0] as Orgnr;
export const konsumenter = orgnrs.slice(1, 131);
export const [SANDVIK, LUNDBY] = konsumenter as [Orgnr, Orgnr];

export const persons: readonly PersonNumber[] = ((random) => [
  ...new Set(Array.from({ length: 400 }, () => syntheticPersonNumber(random))),
])(seeded(11));
export const ADA = persons[0] as PersonNumber;

export const tilbyder: AccessCaller = { kind: 'machine', consumer: TILBYDER, clientId: 'client', scopes: ['ks:fiks'] };
export const order = (change: Partial<GrantOrder> = {}): GrantOrder => ({
  appId: APP,
  person: ADA,
  konsument: SANDVIK,
  roles: ['use'],
  ...change,
});

interface Withdrawn {
  readonly konsument?: Orgnr;
  readonly person?: PersonNumber;
  readonly reason?: string;
}

/** The operator withdraws a grant; answers whether there was one. */
export function withdraw(world: World, { konsument: orgnr = SANDVIK, person = ADA, reason }: Withdrawn = {}): Promise<boolean> {
  return withdrawGrant(world, operator, { orgnr, appId: APP, brukerId: world.vault.nameOf(person) }, 'any', reason);
}

/** A request of a konsument's own machine. */
export function machineOf(consumer: Orgnr): AdminRequest {
  return { caller: { kind: 'machine', consumer, clientId: 'system', scopes: ['ks:fiks.konsument'] }, requestId: 'request' };
}

export interface World extends AccessParts {
  readonly store: Store;
  readonly judge: Judge;
  /** What the clock shows; may be set. */
  now: number;
  /** What judges; may be set. */
  bundle: Bundle;
  /** The events of the person's document, oldest first, whose chain is whole. */
  eventsOf(person: PersonNumber): Promise<readonly StoreEvent[]>;
}

/** A fresh store with one active application, its tilbyder, and a hundred and thirty konsumenter that have activated it. */
export async function openWorld(test: Test): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'tilgang-access-'));
  const store = await openLmdbStore({ path: join(folder, 'data'), entities });
  test.teardown(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const vault = await openPersonVault(join(folder, 'data'));
  const decisions = createDecisions(() => world.bundle);
  const world: World = {
    store,
    vault,
    now: NOON,
    bundle: await loadBundle(await readFile(new URL('../../bundles/tilgang.tar.gz', import.meta.url))),
    get judge() {
      return decisions.pinned();
    },
    clock: () => world.now,
    async eventsOf(person) {
      const found = await store.events.of(grantDocuments.name, `${APP}/${vault.nameOf(person)}`, { limit: 1000 });
      const events = found.events.toReversed();
      test.equal(verifyChain(events), undefined, 'the chain is whole');
      return events;
    },
  };
  await Promise.all(
    orgnrs.slice(0, 131).map((orgnr, i) =>
      registerOrganisation(world, operator, {
        orgnr,
        name: `Organisation ${i}`,
        fiksOrgId: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
        mayBeTilbyder: i === 0,
        mayBeKonsument: i > 0,
        ...(i === 0 ? {} : { kommunenummer: String(1000 + i) as Kommunenummer }),
      }),
    ),
  );
  await registerApplication(world, operator, {
    id: APP,
    tilbyder: TILBYDER,
    name: { nb: 'A' },
    description: { nb: '' },
    url: 'https://a.example',
    state: 'active',
    roles: ['admin', 'use'],
  });
  const place = { appId: APP };
  await Promise.all(konsumenter.map((orgnr) => setActivation(world, operator, { ...place, orgnr }, { active: true }, 'any')));
  return world;
}
