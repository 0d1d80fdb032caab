import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  type AdminRequest,
  activateBundle,
  deactivateBundle,
  entities,
  giveGrants,
  LoadedBundles,
  listBundles,
  listPolicyKeys,
  pushBundle,
  putPolicyKey,
  readBinding,
  readBundleBytes,
  readBundleStatus,
  reportBundles,
  revokePolicyKey,
  rollBackBundle,
  searchOrganisations,
  trustBundle,
  tryDecision,
} from '#access';
import { type Orgnr, type PolicyBinding, toInstant } from '#domain';
import { loadBundle } from '#policy';
import type { Collection } from '#storage';
import { type OwnBundle, ownBundle, testKey } from '../fixtures/own-bundle.js';
import { ADA, APP, counted, konsumenter, LUNDBY, openWorld, operator, order, SANDVIK, TILBYDER, tilbyder, type World } from './world.js';

const key = testKey('k1');
const place = { orgnr: TILBYDER, appId: APP };
const machine = (consumer: Orgnr, scope = 'ks:fiks.tilbyder'): AdminRequest => ({
  caller: { kind: 'machine', consumer, clientId: 'ci', scopes: [scope] },
});
const author = machine(TILBYDER);

const problem = (slug: string, message: RegExp | string = /./) => ({ name: 'ProblemError', slug, message }) as never;

/** A world with a key, and grants in two organisations. */
async function worldWithKey(t: Test): Promise<World> {
  const world = await openWorld(t);
  await giveGrants(world, operator, [order(), order({ konsument: LUNDBY })]);
  await putPolicyKey(world, author, TILBYDER, key.kid, { algorithm: key.algorithm, jwk: key.jwk }, 'any');
  return world;
}

const push = async (world: World, bundle: OwnBundle, request = author) =>
  pushBundle(world, request, place, await ownBundle({ key, ...bundle }));
const activate = (world: World, revision: string, request = author) => activateBundle(world, request, place, revision, 'any');

async function found(world: World, more: object = {}): Promise<readonly string[]> {
  const question = { caller: tilbyder, appId: APP, person: ADA, ...more };
  return (await searchOrganisations(world, question)).organisations.map(({ orgnr }) => orgnr);
}

t.test(
  'an own bundle narrows what the standard rules give, from its activation to its deactivation, with an event for each act',
  async (t) => {
    const world = await worldWithKey(t);
    t.match(await push(world, { revision: '1', mode: 'high' }), {
      isNew: true,
      bundle: { revision: '1', signedBy: { owner: TILBYDER, kid: 'k1' }, warnings: [] },
    });
    t.same(await found(world), [SANDVIK, LUNDBY], 'pushed is not active');
    t.match(await activate(world, '1'), { isChanged: true, revision: 1, binding: { active: { revision: '1' }, highest: '1' } });
    t.same(await found(world), []);
    t.same(await found(world, { securityLevel: 'high' }), [SANDVIK, LUNDBY]);
    t.match(await searchOrganisations(world, { caller: tilbyder, appId: APP, person: ADA }), {
      policyRevision: world.bundle.revision,
      ownRevision: '1',
    });
    const trial = { person: ADA, grants: [{ konsument: SANDVIK, roles: ['use'], activated: true }] };
    t.match(await tryDecision(world, author, APP, trial), [{ allowed: false, reasons: ['level_too_low'] }]);
    t.match(await tryDecision(world, author, APP, { ...trial, securityLevel: 'high' }), [{ allowed: true, reasons: ['granted'] }]);
    t.match(await activate(world, '1'), { isChanged: false, revision: 1 });
    t.match(await deactivateBundle(world, author, place, 'any', 'over'), { isChanged: true, binding: { before: { revision: '1' } } });
    t.same(await found(world), [SANDVIK, LUNDBY]);
    const { events } = await world.store.events.of('policy-binding', APP, { limit: 10 });
    t.match(events, [{ action: 'bundle.deactivate', actor: TILBYDER, reason: 'over' }, { action: 'bundle.activate' }]);
    t.match((await world.store.events.of('bundle', `${APP}/1`, { limit: 10 })).events, [{ action: 'bundle.push', onBehalfOf: TILBYDER }]);
  },
);

t.test('an own bundle gives nothing that no grant gives, unless the operator trusts this one by name', async (t) => {
  const world = await worldWithKey(t);
  await giveGrants(world, operator, [order({ konsument: konsumenter[4] as Orgnr, until: toInstant(world.now) })]);
  await push(world, { revision: '1', mode: 'all' });
  await activate(world, '1');
  t.same(await found(world), [SANDVIK, LUNDBY]);
  await t.rejects(trustBundle(world, author, place, '1'), problem('action-not-allowed', /operator/));
  await trustBundle(world, operator, place, '1', 'agreed with the tilbyder');
  t.same(await found(world), [SANDVIK, LUNDBY, konsumenter[4]], 'it judges alone');
  await push(world, { revision: '2', mode: 'all' });
  await activate(world, '2');
  t.same(await found(world), [SANDVIK, LUNDBY], 'the next one is not the one that is trusted');
  await rollBackBundle(world, author, { ...place, orgnr: 'of-application' }, '1', 'any', 'back');
  t.same(await found(world), [SANDVIK, LUNDBY, konsumenter[4]]);
  await trustBundle(world, operator, { ...place, orgnr: 'of-application' }, undefined);
  t.same(await found(world), [SANDVIK, LUNDBY]);
});

t.test(
  'what is not signed for the application by a key that counts is refused, and what judges goes on (threats 1, 2, 3, 5)',
  async (t) => {
    const world = await worldWithKey(t);
    await push(world, { revision: '1', mode: 'first' });
    await activate(world, '1');
    const other = testKey('k2');
    const more: Record<string, OwnBundle> = {
      unsigned: { revision: '2', mode: 'all', key: undefined },
      'an unknown key': { revision: '2', mode: 'all', key: other },
      'another key of the same name': { revision: '2', mode: 'all', key: { ...other, kid: 'k1' } },
      'one byte changed': { revision: '2', mode: 'all', after: (files) => files.set('data.json', Buffer.from('{"rules":{"mode":"ALL"}}')) },
      'a file added': { revision: '2', mode: 'all', after: (files) => files.set('more/data.json', Buffer.from('{}')) },
      'a file taken away': { revision: '2', mode: 'all', after: (files) => files.delete('data.json') },
      'a key id that is a path': { revision: '2', mode: 'all', key: { ...key, kid: '../../k1' } },
      'data that is not JSON': { revision: '2', mode: 'all', after: (files) => files.set('data.json', Buffer.from('{')) },
      'no revision that can be compared': { revision: 'main', mode: 'all' },
      'a revision that reads as a person number': { revision: '1-01819011067', mode: 'all' },
    };
    for (const [name, bundle] of Object.entries(more))
      await t.rejects(push(world, bundle), problem('bundle-refused', /^The bundle is refused: /), name);
    await t.rejects(push(world, { revision: '3', mode: 'odd' }), problem('bundle-refused', /made-up person/));
    await t.rejects(push(world, { revision: '3', mode: 'undefined' }), problem('bundle-refused', /made-up person/));
    await t.rejects(push(world, { revision: '3', mode: 'strange' }), problem('bundle-refused', /made-up person/));
    await t.rejects(pushBundle(world, author, place, Buffer.from('no bundle')), problem('bundle-refused'));
    t.same(
      (await listBundles(world, author, place, { limit: 10 })).items.map(({ bundle, state }) => [bundle.revision, state]),
      [['1', 'active']],
    );
    t.same(await found(world), [SANDVIK]);

    await push(world, { revision: '4', mode: 'all' });
    await putPolicyKey(world, author, TILBYDER, 'k2', { algorithm: 'ES256', jwk: other.jwk, until: toInstant(world.now + 1000) }, 'any');
    await push(world, { revision: '5', mode: 'all', key: other });
    world.now += 1000;
    await t.rejects(push(world, { revision: '6', mode: 'all', key: other }), problem('bundle-refused', /end date/), 'its time is over');
    await t.rejects(activate(world, '5'), problem('bundle-refused', /end date/), 'nor is what it signed activated');
    const over = { algorithm: 'ES256', jwk: testKey('k3').jwk, until: toInstant(world.now) };
    await t.rejects(putPolicyKey(world, author, TILBYDER, 'k3', over, 'any'), {
      slug: 'invalid-request',
      at: [{ pointer: '/til' }],
    } as never);
    await revokePolicyKey(world, author, TILBYDER, 'k1', 'any', 'stolen');
    await t.rejects(activate(world, '4'), problem('bundle-refused', /revoked/));
    await t.rejects(trustBundle(world, operator, place, '1'), problem('bundle-refused', /revoked/), 'nor trusted, though it judges');
    t.same(await found(world), [SANDVIK]);
    await t.rejects(
      putPolicyKey(world, author, TILBYDER, 'k1', { algorithm: 'ES256', jwk: other.jwk }, 'any'),
      problem('invalid-request', /revoked/),
    );
    t.match(await listPolicyKeys(world, author, TILBYDER), [{ value: { kid: 'k1', revoked: { by: TILBYDER } } }, { value: { kid: 'k2' } }]);
  },
);

t.test('a revision names one content, and judging goes forward, or back by name only (threat 4)', async (t) => {
  const world = await worldWithKey(t);
  const bytes = await ownBundle({ revision: '1.10', mode: 'all', key });
  await push(world, { revision: '1.9', mode: 'all' });
  await pushBundle(world, author, place, bytes);
  await activate(world, '1.10');
  t.match(await pushBundle(world, author, place, bytes), { isNew: false }, 'the same again');
  await t.rejects(push(world, { revision: '1.10', mode: 'none' }), problem('bundle-revision-refused', /another bundle of this revision/));
  for (const revision of ['1.8', '1.10.0', '1.10-hotfix', '1']) {
    await t.rejects(push(world, { revision, mode: 'none' }), problem('bundle-revision-refused', /not later than 1\.10/), revision);
  }
  await t.rejects(activate(world, '1.9'), problem('bundle-revision-refused', /not later than 1\.10/));
  await push(world, { revision: '1.10.1', mode: 'none' });
  await t.rejects(rollBackBundle(world, author, place, '1.10.1', 'any', 'x'), problem('bundle-revision-refused', /activate it/));
  t.match(await rollBackBundle(world, author, place, '1.9', 'any', 'it lets too few in'), {
    binding: { active: { revision: '1.9' }, before: { revision: '1.10' } },
  });
  await t.rejects(activate(world, '1.10'), problem('bundle-revision-refused'));
  t.match((await world.store.events.of('policy-binding', APP, { limit: 1 })).events, [
    { action: 'bundle.rollback', reason: 'it lets too few in' },
  ]);
  await t.rejects(activate(world, '7'), problem('not-found'));
  await t.rejects(activateBundle(world, author, place, '1.10.1', [1]), problem('precondition-failed'));
});

t.test('bundles are their tilbyder’s alone: unknown and foreign are answered alike (threat 27)', async (t) => {
  const world = await worldWithKey(t);
  await push(world, { revision: '1', mode: 'all' });
  const foreign = machine(SANDVIK);
  await t.rejects(push(world, { revision: '2', mode: 'all' }, foreign), problem('organisation-not-found'));
  await t.rejects(pushBundle(world, foreign, { ...place, orgnr: SANDVIK }, Buffer.alloc(0)), problem('application-not-found'));
  const unknown = '7c0d6c1e-0000-4000-8000-0000000000ff' as typeof APP;
  await t.rejects(readBinding(world, author, { ...place, appId: unknown }), problem('application-not-found'));
  await t.rejects(readBinding(world, machine(TILBYDER, 'ks:fiks'), place), { slug: 'scope-missing', scope: 'ks:fiks.tilbyder' } as never);
  await t.rejects(listPolicyKeys(world, foreign, TILBYDER), problem('organisation-not-found'));
  await t.rejects(listPolicyKeys(world, author, 'operator'), problem('organisation-not-found'));
  const unnamed = { orgnr: 'of-application', appId: unknown } as const;
  await t.rejects(readBinding(world, operator, unnamed), problem('application-not-found'), 'nobody has named an organisation');
  t.same(await listPolicyKeys(world, operator, 'operator'), []);
});

t.test('a bundle whose manifest names another application is refused, and one that names this one or none is taken', async (t) => {
  const world = await worldWithKey(t);
  const named = (application: unknown) => (files: Map<string, Uint8Array>) => {
    const manifest = JSON.parse(Buffer.from(files.get('.manifest') as Uint8Array).toString());
    files.set('.manifest', Buffer.from(JSON.stringify({ ...manifest, metadata: { tilgang: { application } } })));
  };
  const another = named('7c0d6c1e-0000-4000-8000-0000000000ff');
  await t.rejects(push(world, { revision: '1', mode: 'all', before: another }), problem('bundle-refused', /another application/));
  t.match(await push(world, { revision: '1', mode: 'all', before: named(APP) }), { isNew: true });
  t.match(await push(world, { revision: '2', mode: 'all', before: named('APP-ID') }), { isNew: true });
});

t.test('the operator’s key signs for every application, a key with a scope for one', async (t) => {
  const world = await openWorld(t);
  await putPolicyKey(world, operator, 'operator', 'k1', { algorithm: 'ES256', jwk: key.jwk }, 'any');
  t.match(await push(world, { revision: '1', mode: 'none' }), {
    bundle: { signedBy: { owner: 'operator' }, warnings: ['answers_no_to_all'] },
  });
  const limited = testKey('k3');
  const elsewhere = '7c0d6c1e-0000-4000-8000-0000000000ff' as typeof APP;
  await putPolicyKey(world, author, TILBYDER, 'k3', { algorithm: 'ES256', jwk: limited.jwk, scope: elsewhere }, 'any');
  await t.rejects(push(world, { revision: '2', mode: 'all', key: limited, scope: elsewhere }), problem('bundle-refused', /not registered/));
  await putPolicyKey(world, author, TILBYDER, 'k3', { algorithm: 'ES256', jwk: limited.jwk, scope: APP }, 'any');
  await t.rejects(push(world, { revision: '2', mode: 'all', key: limited }), problem('bundle-refused', /another scope/));
  t.match(await push(world, { revision: '2', mode: 'all', key: limited, scope: APP }), { bundle: { warnings: ['answers_yes_to_all'] } });
});

t.test('rules that say no, or yes, whatever they are asked are told of when they are pushed (threat 57)', async (t) => {
  const world = await worldWithKey(t);
  t.match(await push(world, { revision: '1', mode: 'none' }), { bundle: { warnings: ['answers_no_to_all'] } });
  t.match(await push(world, { revision: '2', mode: 'all' }), { bundle: { warnings: ['answers_yes_to_all'] } });
  t.same((await push(world, { revision: '3', mode: 'first' })).bundle.warnings, []);
});

t.test('a bundle whose bytes are not there, or others, answers nobody, and only for its application (threats 10, 18)', async (t) => {
  const world = await worldWithKey(t);
  await push(world, { revision: '1', mode: 'first' });
  await activate(world, '1');
  const parts = world.store.collection(entities.find(({ name }) => name === 'bundle-content') as never);
  const [kept] = (await parts.query({ limit: 1 })).items as unknown as { value: { bytes: string } }[];
  const facts = { action: 'test', at: toInstant(world.now), actor: 'operator' };
  await parts.put({ ...kept?.value, bytes: Buffer.from('else').toString('base64') } as never, { expect: 'any', facts });
  t.same(await found(world), [SANDVIK], 'what is compiled goes on');

  const fresh = {
    ...world,
    judge: world.judge,
    ownBundles: new LoadedBundles({
      store: world.store,
      decisions: { over: () => world.judge, pinned: () => world.judge },
      clock: world.clock,
      load: async () => ({ ...world.bundle, metadata: {} }),
      inspect: world.ownBundles.inspect,
    }),
  };
  await t.rejects(found(fresh as never), problem('evaluation-failed'));
  // What expires is judged by the store's own clock.
  const stop = reportBundles({ ...fresh, clock: Date.now } as never, 1);
  const { process } = fresh.ownBundles;
  const told = async () => (await readBundleStatus(world, author, place)).processes.find((one) => one.process === process);
  while ((await told()) === undefined) await delay(20);
  await stop();
  t.match(
    await told(),
    { status: { loaded: [], fault: { ref: { revision: '1' }, detail: /are not those that were pushed/ } } },
    'told by another process',
  );
});

/** The world as another process finds it. */
function restarted(world: World): World {
  const { store, clock, decisions, judge } = world;
  const load = (bytes: Uint8Array) => loadBundle(bytes);
  const { inspect } = world.ownBundles;
  return { ...world, judge, clock, ownBundles: new LoadedBundles({ store, clock, decisions, load, inspect }) } as World;
}

t.test('a process compiles what another one has activated before anybody asks it', async (t) => {
  const world = await worldWithKey(t);
  await push(world, { revision: '1', mode: 'first' });
  await push(world, { revision: '2', mode: 'none' });
  await activate(world, '1');
  const other = restarted(world);
  t.equal((await found(other)).length, 1);
  await activate(world, '2');
  const { ownBundles } = other;
  const stop = reportBundles({ ...other, clock: Date.now } as never, 1);
  while (!ownBundles.statusOf(APP).loaded.some(({ ref }) => ref.revision === '2')) await delay(5);
  await stop();
  t.same(await found(other), []);
});

t.test(
  'killed at any step of a push and an activation, whole and verified rules judge after it, and doing it again ends it (threat 10)',
  async (t) => {
    const world = await worldWithKey(t);
    await push(world, { revision: '1', mode: 'first' });
    await activate(world, '1');
    let steps = 0;
    for (let ended = false; !ended; steps += 1) {
      const mode = steps % 2 === 0 ? 'last' : 'first';
      const before = await found(restarted(world));
      // Padding: the bytes are of several parts, so that there are steps between them.
      const noise = randomBytes(300_000).toString('base64');
      const bytes = await ownBundle({ revision: `2.${steps}`, mode, key, rules: { noise } });
      let left = steps;
      const { parts } = counted(world, () => {
        if (left === 0) throw new Error('killed');
        left -= 1;
      });
      const ship = async (by: typeof parts): Promise<void> => {
        const { bundle } = await pushBundle(by, author, place, bytes);
        await activateBundle(by, author, place, bundle.revision, 'any');
      };
      ended = await ship(parts).then(
        () => true,
        ({ message }) => {
          t.equal(message, 'killed');
          return false;
        },
      );
      for (const { bundle } of (await listBundles(world, author, place, { limit: 100 })).items) {
        const content = await readBundleBytes(world, author, place, bundle.revision);
        await t.resolves(content.bytes(), `${bundle.revision} is whole`);
      }
      if (!ended) t.same(await found(restarted(world)), before, `step ${steps}`);
      await ship(world);
      t.same(await found(restarted(world)), [mode === 'first' ? SANDVIK : LUNDBY]);
    }
    t.ok(steps >= 4, `${steps} steps`);
  },
);

t.test('of too many bundles those that were pushed first go, but never the active one or the one before; bytes have a bound', async (t) => {
  const world = await worldWithKey(t);
  world.quotas = { ...world.quotas, bundlesPerApplication: 2 };
  const next = async (revision: string): Promise<void> => {
    world.now += 1000;
    await push(world, { revision, mode: 'all' });
  };
  const kept = async () => (await listBundles(world, author, place, { limit: 100 })).items.map(({ bundle }) => bundle.revision);
  for (const revision of ['1', '2']) {
    await next(revision);
    await activate(world, revision);
  }
  for (const revision of ['3', '4', '5']) await next(revision);
  t.same(await kept(), ['1', '2', '4', '5']);
  const parts = world.store.collection(entities.find(({ name }) => name === 'bundle-content') as never) as Collection<{ digest: string }>;
  const digests = async () => new Set((await parts.query({ limit: 100 })).items.map(({ value }) => value.digest)).size;
  t.equal(await digests(), 4, 'their bytes are gone too');
  const facts = { action: 'test', at: toInstant(world.now), actor: 'operator' };
  const stray = { appId: APP, digest: 'f'.repeat(64), part: 0, writtenAt: toInstant(world.now), bytes: '' };
  await parts.put(stray, { expect: 'any', facts });
  await next('6');
  t.equal(await digests(), 5, 'what somebody may be pushing now is left alone');
  world.now += 3_600_001;
  await next('7');
  t.equal(await digests(), 4, 'what is left of a push that was broken off is swept');
  world.quotas = { ...world.quotas, bundleBytesPerTilbyder: 1000 };
  await t.rejects(next('8'), problem('quota-reached', /1000 bytes/));
});

t.test('the bundles that were active last stay to go back to, and of one that is gone it is said what to do', async (t) => {
  const world = await worldWithKey(t);
  world.quotas = { ...world.quotas, bundlesPerApplication: 1 };
  for (let revision = 1; revision <= 9; revision += 1) {
    world.now += 1000;
    await push(world, { revision: String(revision), mode: 'all' });
    await activate(world, String(revision));
  }
  const kept = async () => (await listBundles(world, author, place, { limit: 100 })).items.map(({ bundle }) => bundle.revision).join('');
  // At the last push 8 was active, 7 before, and five more had been.
  t.equal(await kept(), '23456789');
  const rollBack = async (revision: string) => (await rollBackBundle(world, author, place, revision, 'any', 'back')).binding;
  await t.rejects(rollBack('1'), problem('not-found', /the 6 that were active last: what is gone is pushed again, as a later revision/));
  const revisions = ({ active, before, earlier = [] }: PolicyBinding) =>
    [active, before, ...earlier].map((one) => one?.revision ?? '-').join('');
  t.equal(revisions(await rollBack('4')), '4987653');
  t.equal(revisions((await deactivateBundle(world, author, place, 'any')).binding), '-498765');
  t.equal(revisions(await rollBack('9')), '948765');
  world.now += 1000;
  await push(world, { revision: '10', mode: 'all' });
  t.equal(await kept(), '10456789');
});

t.test('pushes at once do not take the same room twice, and what was broken off gives its room back (fault 4)', async (t) => {
  const world = await worldWithKey(t);
  const bundles = await Promise.all([1, 2, 3, 4].map((revision) => ownBundle({ revision: `${revision}`, mode: 'all', key })));
  const most = Math.max(...bundles.map(({ byteLength }) => byteLength));
  world.quotas = { ...world.quotas, bundleBytesPerTilbyder: 2 * most };
  const pushed = await Promise.allSettled(bundles.map((bytes) => pushBundle(world, author, place, bytes)));
  const refused = pushed.flatMap((one) => (one.status === 'rejected' ? [one.reason.slug] : []));
  t.same(refused, ['quota-reached', 'quota-reached']);

  const rooms = world.store.collection(entities.find(({ name }) => name === 'bundle-room') as never) as Collection<{ coming: object[] }>;
  const before = await rooms.get(TILBYDER);
  const coming = [{ appId: APP, digest: 'f'.repeat(64), size: 2 * most, at: toInstant(world.now) }];
  await rooms.put({ tilbyder: TILBYDER, coming } as never, {
    expect: before?.revision ?? 'absent',
    facts: { action: 'test', at: toInstant(world.now), actor: 'operator' },
  });
  world.quotas = { ...world.quotas, bundleBytesPerTilbyder: 4 * most };
  const third = () => pushBundle(world, author, place, bundles[pushed.findIndex(({ status }) => status === 'rejected')] as Buffer);
  await t.rejects(third(), problem('quota-reached'), 'another one is on its way');
  world.now += 3_600_001;
  t.match(await third(), { isNew: true });
});

t.test('a push opens the bundle once, and an activation judges by the very bytes that it has verified', async (t) => {
  const world = await worldWithKey(t);
  const { ownBundles, store } = world;
  const opened: string[] = [];
  const compile: typeof ownBundles.compile = (...asked) => {
    opened.push('compile');
    return ownBundles.compile(...asked);
  };
  const parts = store.collection(entities.find(({ name }) => name === 'bundle-content') as never) as Collection<{ digest: string }>;
  const facts = { action: 'test', at: toInstant(world.now), actor: 'operator' };
  const inspect: typeof ownBundles.inspect = async (...asked) => {
    opened.push('inspect');
    const said = await ownBundles.inspect(...asked);
    for (const { value } of (await parts.query({ limit: 10 })).items) await parts.remove(partKey(value.digest), { expect: 'any', facts });
    return said;
  };
  const partKey = (digest: string): string => `${APP}/${digest}/0000`;
  const rulesBy: typeof ownBundles.rulesBy = (...asked) => ownBundles.rulesBy(...asked);
  const watched = { ...world, judge: world.judge, clock: world.clock, ownBundles: { compile, inspect, rulesBy } } as never;
  await push(watched, { revision: '1', mode: 'first' });
  t.same(opened, ['compile'], 'unpacked, verified and compiled in one go');
  await activateBundle(watched, author, place, '1', 'any');
  t.same(opened, ['compile', 'inspect']);
  t.equal((await parts.query({ limit: 1 })).items.length, 0);
  t.same(await found(world), [SANDVIK], 'what was in the store then was not read again');
});

t.test('a bundle that is activated while another is pushed keeps its bytes, however many there are (threat 10)', async (t) => {
  const world = await worldWithKey(t);
  world.quotas = { ...world.quotas, bundlesPerApplication: 1 };
  await push(world, { revision: '1', mode: 'first' });
  const { ownBundles } = world;
  const compile: typeof ownBundles.compile = async (...asked) => {
    await activate(world, '1');
    return ownBundles.compile(...asked);
  };
  const { inspect } = ownBundles;
  world.now += 1000;
  await push({ ...world, judge: world.judge, clock: world.clock, ownBundles: { inspect, compile } } as never, {
    revision: '2',
    mode: 'all',
  });
  t.same(await found(restarted(world)), [SANDVIK], 'who begins anew finds it');
});
