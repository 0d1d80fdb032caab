import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  type AccessCaller,
  type AccessParts,
  type AdminRequest,
  type BundleLoader,
  entities,
  type GrantOrder,
  grantDocuments,
  LoadedBundles,
  operatorRequest,
  type Quotas,
  registerApplication,
  registerOrganisation,
  Shadows,
  setActivation,
  withdrawGrant,
} from '#access';
import { createDecisions, type Decisions, type Judge } from '#decisions';
import { syntheticPersonNumber } from '#demo';
import { type AppId, type Kommunenummer, type Orgnr, type PersonNumber, parseOrgnr } from '#domain';
import { openPersonVault } from '#persons';
import { type Bundle, loadBundle, openIsolation } from '#policy';
import { type Collection, type Entity, type Store, type StoreEvent, verifyChain } from '#storage';
import { openSuiteStore } from '../fixtures/suite-store.js';

/** One for all worlds of a process: its threads are begun when they are first needed. */
const isolation = openIsolation({ deadlineMs: 2000 });
t.teardown(() => isolation.close());

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
  readonly decisions: Decisions;
  /** What the clock shows; may be set. */
  now: number;
  /** What judges; may be set. */
  bundle: Bundle;
  /** How much one organisation may have; may be set. */
  quotas: Quotas;
  /** The events of the person's document, oldest first, whose chain is whole. */
  eventsOf(person: PersonNumber): Promise<readonly StoreEvent[]>;
}

/** A fresh store with one active application, its tilbyder, and a hundred and thirty konsumenter that have activated it. */
export async function openWorld(test: Test, ...more: readonly Entity<never>[]): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'tilgang-access-'));
  const store = await openSuiteStore(folder, [...entities, ...more]);
  test.teardown(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const vault = await openPersonVault(join(folder, 'data'));
  const loader: BundleLoader = {
    load: (bytes, { isTrusted, ...how }) => (isTrusted ? loadBundle(bytes) : isolation.load(bytes, how)),
    inspect: isolation.inspect,
  };
  const decisions = createDecisions(() => world.bundle);
  const ownBundles = new LoadedBundles({ store, decisions, clock: () => world.now, ...loader });
  const world: World = {
    store,
    decisions,
    vault,
    now: NOON,
    quotas: {
      applicationsPerTilbyder: 1000,
      draftsPerTilbyder: 1000,
      administratorsPerOrganisation: 200,
      clientsPerOrganisation: 1000,
      bundlesPerApplication: 20,
      bundleBytesPerTilbyder: 2 ** 28,
      scopesPerOrganisation: 10_000,
      accessesPerOrganisation: 1_000_000,
      delegationsPerOrganisation: 10_000,
      systemsPerVendor: 1000,
    },
    ownBundles,
    shadows: new Shadows({ store, ownBundles, clock: () => world.now }),
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

/** What was done through counted parts: how often each thing. */
export type Taken = Readonly<Record<string, number>>;

/**
 * The parts, and a count of what is done through them: `reads`, `writes` and `evaluations` in all, and of each entity and rule what was asked for, how
 * much of it was read, and how long the questions were.
 * @param beforeWrite is called before each write, which it may keep from being done
 */
export function counted(world: AccessParts, beforeWrite: () => void = () => {}): { readonly parts: AccessParts; taken(): Taken } {
  const { store, judge, vault, clock, quotas, ownBundles, shadows } = world;
  let seen: Record<string, number> = {};
  const count = (what: string, times = 1): void => {
    seen[what] = (seen[what] ?? 0) + times;
    if (what === 'writes') beforeWrite();
  };
  const { collection, real } = countedCollections(store, count);
  const nameOf: typeof vault.nameOf = (person) => {
    count('named');
    return vault.nameOf(person);
  };
  const ask: Judge['ask'] = (rule, input, isWhole, asker) => {
    count('evaluations');
    count(`asked ${rule.entrypoint}`);
    count('bytes of input', JSON.stringify(input).length);
    return judge.ask(rule, input, isWhole, asker);
  };
  const watched: Store = {
    async read(refs) {
      count('reads');
      count('read together', refs.length);
      const reading = await store.read(refs.map((ref) => ({ collection: real(ref.collection), key: ref.key })));
      const registry: typeof reading.registry = (from, key) => {
        count('reads');
        count('registry');
        return reading.registry(real(from), key);
      };
      return { documents: reading.documents as never, registry };
    },
    recall: (collection, key) => store.recall(real(collection), key),
    position: () => store.position(),
    reach: (position) => store.reach(position),
    check: () => store.check(),
    close: () => store.close(),
    collection,
    events: countedEvents(store, count),
  };
  const taken = (): Taken => {
    const all = seen;
    seen = {};
    return all;
  };
  return {
    parts: {
      clock,
      quotas,
      ownBundles,
      shadows,
      vault: { ...vault, nameOf },
      judge: {
        revision: judge.revision,
        bundle: { ...judge.bundle },
        ask,
        askMany: judge.askMany.bind(judge),
        decide: judge.decide.bind(judge),
        decideMany: judge.decideMany.bind(judge),
        written: () => judge.written(),
      },
      store: watched,
    },
    taken,
  };
}

type Count = (what: string, times?: number) => void;

function countedEvents({ events }: Store, count: Count): Store['events'] {
  return {
    after: (cursor, limit) => events.after(cursor, limit),
    follow: (cursor, signal) => events.follow(cursor, signal),
    verify: (onProgress) => events.verify(onProgress),
    async of(entity, key, page) {
      const found = await events.of(entity, key, page);
      count(`events of ${entity}`, found.events.length);
      return found;
    },
    async concerning(party, page) {
      const found = await events.concerning(party, page);
      count('events that concern', found.events.length);
      return found;
    },
  };
}

/** @param count of what */
function countedCollections(store: Store, count: Count) {
  const reals = new Map<unknown, Collection<unknown>>();
  const read = (name: string, wanted: number, found: readonly unknown[]): void => {
    count('reads');
    count(`${name} asked for`, wanted);
    count(`${name} read`, found.filter((one) => one !== undefined).length);
  };
  const wrapped = <T>(name: string, one: Collection<T>): Collection<T> => ({
    async get(key) {
      const found = await one.get(key);
      read(name, 1, [found]);
      return found;
    },
    async getMany(keys) {
      const found = await one.getMany(keys);
      read(name, keys.length, found);
      return found;
    },
    async query(query) {
      const page = await one.query(query);
      count(`${name} queries`);
      read(name, 0, page.items);
      return page;
    },
    count(query) {
      count('reads');
      count(`${name} counts`);
      return one.count(query);
    },
    put(value, options) {
      count('writes');
      return one.put(value, options);
    },
    putMany(changes, facts) {
      count('writes');
      return one.putMany(changes, facts);
    },
    remove(key, options) {
      count('writes');
      return one.remove(key, options);
    },
  });
  return {
    real: <T>(one: Collection<T>): Collection<T> => (reals.get(one) ?? one) as Collection<T>,
    collection<T>(entity: Entity<T>): Collection<T> {
      const real = store.collection(entity);
      const one = wrapped(entity.name, real);
      reals.set(one, real as Collection<unknown>);
      return one;
    },
  };
}
