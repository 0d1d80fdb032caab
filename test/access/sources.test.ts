import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import {
  type AdminRequest,
  claims,
  deactivateBundle,
  followSources,
  giveGrants,
  type Installation,
  listPolicySources,
  putPolicyKey,
  readBinding,
  rollBackBundle,
  type StandardPort,
  searchOrganisations,
  tryDecision,
  whyForTilbyder,
} from '#access';
import { loadBundle, readBundle, signBundle, writeTarball } from '#policy';
import { temporaryFolder } from '../fixtures/gateway.js';
import { ownBundle, testKey } from '../fixtures/own-bundle.js';
import { readBundle as standardBytes } from '../policy/world.js';
import { ADA, APP, LUNDBY, machineOf, openWorld, operator, order, SANDVIK, TILBYDER, tilbyder, type World } from './world.js';

const key = testKey('ops');
const author: AdminRequest = { caller: { kind: 'machine', consumer: TILBYDER, clientId: 'ci', scopes: ['ks:fiks.tilbyder'] } };
const place = { orgnr: TILBYDER, appId: APP };

async function worldWithKey(t: Test): Promise<World> {
  const world = await openWorld(t, claims);
  await giveGrants(world, operator, [order(), order({ konsument: LUNDBY })]);
  await putPolicyKey(world, operator, 'operator', key.kid, { algorithm: key.algorithm, jwk: key.jwk }, 'any');
  return world;
}

const asInstallation = (world: World): Installation => ({ ...world, clock: world.clock, decisions: world.decisions });
const noStandard: StandardPort = { prepare: async () => ({ activate: () => {} }) };
const found = async (world: World): Promise<readonly string[]> =>
  (await searchOrganisations(world, { caller: tilbyder, appId: APP, person: ADA })).organisations.map(({ orgnr }) => orgnr);

/** Waits until it holds; a fault of what is asked is no yes. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await delay(30);
}

t.test(
  'a source’s bundles judge its application, by the operator’s acts; one that is refused does not, and what was taken back stays so',
  async (t) => {
    const world = await worldWithKey(t);
    const folder = join(temporaryFolder(t), 'b');
    mkdirSync(folder);
    const put = async (name: string, revision: string, mode: 'first' | 'last' | 'all', signed = key): Promise<void> =>
      writeFileSync(join(folder, `${name}.tar.gz`), await ownBundle({ revision, mode, key: signed }));
    await put('1', '1', 'first');
    const sources = [{ name: 'ours', application: APP, path: folder, everySeconds: 0.02, waitSeconds: 0 }];
    const faults: unknown[] = [];
    const options = { sources, standard: noStandard, onFault: (fault: unknown) => faults.push(fault), takesOverMs: 20, looksMs: 20 };
    const stops = [await followSources(asInstallation(world), options), await followSources(asInstallation(world), options)];
    t.teardown(() => Promise.all(stops.map((stop) => stop())));
    await until(async () => (await found(world)).join() === SANDVIK);
    const events = async () => (await world.store.events.of('policy-binding', APP, { limit: 10 })).events;
    t.match(await events(), [{ action: 'bundle.activate', actor: 'operator', reason: 'source ours' }], 'of two processes one took it');
    await put('2', '2', 'last');
    await until(async () => (await found(world)).join() === LUNDBY);
    await put('3', '3', 'all', testKey('ops'));
    await until(async () => (await listPolicySources(world, operator))[0]?.fault !== undefined);
    t.match(faults, [{ slug: 'bundle-invalid', message: /source ours/, cause: { slug: 'bundle-refused' } }]);
    t.match(await listPolicySources(world, operator), [{ name: 'ours', application: APP, fault: { detail: /not signed by the key/ } }]);
    t.same(await found(world), [LUNDBY], 'the last good one judges');
    await t.rejects(listPolicySources(world, machineOf(SANDVIK)), { slug: 'action-not-allowed' } as never);
    await rollBackBundle(world, operator, place, '1', 'any', 'too strict');
    await put('3', '2', 'last');
    const looked = (await listPolicySources(world, operator))[0]?.fineAt;
    world.now += 1000;
    await until(async () => (await listPolicySources(world, operator))[0]?.fineAt !== looked || faults.length > 1);
    t.match((await readBinding(world, operator, place)).binding, { active: { revision: '1' } });
    await deactivateBundle(world, operator, place, 'any');
  },
);

t.test('above the configured age nobody is judged by a source’s rules, and again once it answers (threat 11)', async (t) => {
  const world = await worldWithKey(t);
  const path = join(temporaryFolder(t), 'bundle.tar.gz');
  const bytes = await ownBundle({ revision: '1', mode: 'first', key });
  writeFileSync(path, bytes);
  let isAway = false;
  const source = { name: 'ours', application: APP, path, everySeconds: 0.02, waitSeconds: 0, staleAfterSeconds: 60 };
  const stop = await followSources(asInstallation(world), {
    sources: [source],
    standard: noStandard,
    onFault: () => {},
    takesOverMs: 20,
    looksMs: 20,
  });
  t.teardown(stop);
  await until(async () => (await found(world)).join() === SANDVIK);
  await stop();
  isAway = true;
  world.now += 60_000;
  const away = { ...source, path: join(path, 'away') };
  const again = await followSources(asInstallation(world), {
    sources: [away],
    standard: noStandard,
    onFault: () => {},
    takesOverMs: 20,
    looksMs: 20,
  });
  t.same(await found(world), [SANDVIK], 'it is not older than that yet');
  world.now += 1;
  await until(async () =>
    found(world).then(
      () => false,
      ({ slug }) => slug === 'evaluation-failed',
    ),
  );
  const trial = { person: ADA, grants: [{ konsument: SANDVIK, roles: ['use'], activated: true }] };
  await t.rejects(tryDecision(world, author, APP, trial), { slug: 'evaluation-failed' } as never);
  await t.rejects(whyForTilbyder(world, operator, APP, { person: ADA }, SANDVIK), { slug: 'evaluation-failed' } as never);
  await again();
  t.ok(isAway);
  const back = await followSources(asInstallation(world), {
    sources: [source],
    standard: noStandard,
    onFault: () => {},
    takesOverMs: 20,
    looksMs: 20,
  });
  await until(async () => (await found(world)).join() === SANDVIK);
  await back();
});

t.test('the standard rules of a source are the operator’s own key’s, kept, and taken up by every process', async (t) => {
  const world = await worldWithKey(t);
  const files = new Map((await readBundle(await standardBytes())).files);
  const signed = async (revision: string, by = key): Promise<Buffer> => {
    const manifest = JSON.parse(Buffer.from(files.get('.manifest') as Uint8Array).toString());
    files.delete('.signatures.json');
    files.set('.manifest', Buffer.from(JSON.stringify({ ...manifest, revision })));
    files.set('.signatures.json', await signBundle(files, by, { now: Date.now() }));
    return writeTarball(files);
  };
  const path = join(temporaryFolder(t), 'standard.tar.gz');
  const portOf = (one: { bundle: World['bundle'] }): StandardPort => ({
    async prepare(bytes) {
      const prepared = await loadBundle(bytes);
      return {
        activate() {
          one.bundle = prepared;
        },
      };
    },
  });
  const sources = [{ name: 'standard', path, everySeconds: 0.02, waitSeconds: 0 }];
  const options = { sources, onFault: () => {}, takesOverMs: 20, looksMs: 20 };
  const other = { bundle: world.bundle };
  writeFileSync(path, await signed('2026.1'));
  const stop = await followSources(asInstallation(world), { ...options, standard: portOf(world) });
  const stopOther = await followSources(asInstallation(world), { ...options, standard: portOf(other) });
  await until(async () => world.bundle.revision === '2026.1' && other.bundle.revision === '2026.1');
  t.same(await found(world), [SANDVIK, LUNDBY]);
  writeFileSync(path, await signed('2026.0'));
  await until(async () => /not later than 2026\.1/.test((await listPolicySources(world, operator))[0]?.fault?.detail ?? ''));
  writeFileSync(path, await signed('2026.2', testKey('ops')));
  await until(async () => /not signed by the key/.test((await listPolicySources(world, operator))[0]?.fault?.detail ?? ''));
  t.equal(world.bundle.revision, '2026.1');
  await Promise.all([stop(), stopOther()]);
  const restarted = { bundle: await loadBundle(await standardBytes()) };
  const stopRestarted = await followSources(asInstallation(world), {
    ...options,
    sources: [{ ...sources[0], path: '/nowhere' } as never],
    standard: portOf(restarted),
  });
  t.equal(restarted.bundle.revision, '2026.1', 'the last good one judges from the start');
  await stopRestarted();
  t.match((await world.store.events.of('standard-bundle', 'standard', { limit: 5 })).events, [
    { action: 'standard-bundle.activate', actor: 'operator', reason: 'source standard' },
  ]);
});
