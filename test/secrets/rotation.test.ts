import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  claims,
  exportGrants,
  grantDocuments,
  listAdministrators,
  openVaultOf,
  partsFor,
  processes,
  type RotationOutcome,
  type RotationTerms,
  readSecrets,
  recordedSecrets,
  runningProcesses,
  sealedPlaces,
} from '#access';
import { toInstant } from '#domain';
import { openAccess, openExistingAccess } from '#installation';
import { APP, SANDVIK } from '../access/world.js';
import { runCommand } from '../fixtures/command.js';
import { temporaryFolder } from '../fixtures/gateway.js';
import { fillSmall, opened, operator, PERSONS, rotate, smallConfig } from './small-store.js';

type Opened = Awaited<ReturnType<typeof opened>>;

/** The numbers that an installation can tell: all persons of the store, and its administrators. */
async function told({ installation }: Opened): Promise<string[]> {
  const parts = partsFor(installation);
  const numbers = [];
  for await (const { brukerIdent } of await exportGrants(parts, operator, { orgnr: 'all' })) numbers.push(brukerIdent);
  for (const { person } of await listAdministrators(parts, operator, SANDVIK)) numbers.push(person);
  return numbers.sort();
}
const ALL = [...PERSONS, ...PERSONS.slice(0, 2)].sort();

const secretOf = (data: string): string[] => readFileSync(join(data, 'person-sealing.secret'), 'utf8').trim().split('\n');
const status = ({ installation }: Opened) => readSecrets(partsFor(installation), operator, sealedPlaces, () => {});

t.test('everything is sealed anew, each document with its event and nothing else changed, and the old key is given up', async (t) => {
  const config = smallConfig(t);
  const one = await opened(t, config, false);
  await fillSmall(one);
  const { store } = one.installation;
  const documents = store.collection(grantDocuments);
  const [old = ''] = secretOf(config.data);
  const before = (await documents.query({ limit: 100 })).items;
  const outcome = await rotate(one);
  const [seals] = one.installation.vault.keys.inFile();
  t.same(outcome, { state: 'done', seals, anew: 21, unreadable: 0, leftInFile: [] });
  const lines = secretOf(config.data);
  t.equal(lines.length, 1);
  t.not(lines[0], old);
  t.equal(statSync(join(config.data, 'person-sealing.secret')).mode & 0o777, 0o600);
  const after = (await documents.query({ limit: 100 })).items;
  for (const [i, { value, revision }] of after.entries()) {
    const was = before[i];
    t.not(value.sealed, was?.value.sealed);
    t.same({ ...value, sealed: '' }, { ...was?.value, sealed: '' }, 'no ETag of anybody is raised');
    t.equal(revision, (was?.revision ?? 0) + 1);
  }
  const { events } = await store.events.of(grantDocuments.name, `${APP}/${after[0]?.value.brukerId}`, { limit: 9 });
  t.same(
    events.map(({ action, actor }) => `${action} ${actor}`),
    ['secrets.rotate operator', 'grant.give operator'],
  );
  t.equal((await store.events.verify()).broken, undefined);
  const again = await opened(t, config, false);
  t.same(await told(again), ALL, 'the new key alone opens all');
  const { keys, unreadable } = await status(again);
  t.match(keys, [{ id: seals, standing: 'seals', values: 22 }, ...keys.slice(1)]);
  t.equal(unreadable, 0);
  t.notOk(JSON.stringify([outcome, keys]).includes(old), 'no key is ever told');
});

t.test('killed at any step, called again it goes on, and whoever works meanwhile opens everything', async (t) => {
  const config = smallConfig(t);
  const beside = await opened(t, config);
  await fillSmall(beside);
  const steps = ['made', 'announced', 'switched', 'sealed', 'sealed'];
  for (const [kill] of steps.entries()) {
    const rotating = await opened(t, config, false);
    let at = 0;
    const killed = rotate(rotating, {
      patienceMs: 60_000,
      onStep({ step }) {
        // What it is asked for the gateway does by itself within seconds, or at a signal.
        if (step === 'waiting') void beside.reloadSecrets();
        if (step !== steps[at]) return;
        at += 1;
        if (at > kill) throw new Error('killed');
      },
    });
    await t.rejects(killed, /killed/, `${kill} ${steps[kill]}`);
    await rotating.close();
    t.same(await told(beside), ALL);
    const next = await opened(t, config, false);
    t.same(await told(next), ALL, 'and whoever starts in between');
    const outcome = await rotate(next, { patienceMs: 60_000, onStep: ({ step }) => void (step === 'waiting' && beside.reloadSecrets()) });
    t.equal(outcome.state, 'done');
    t.equal(secretOf(config.data).length, 1);
    t.same(await told(beside), ALL);
    await next.close();
  }
  t.equal((await beside.installation.store.events.verify()).broken, undefined);
});

t.test('of two at once, since the first stood still until its claim ran out, neither gives up a key that seals', async (t) => {
  const config = smallConfig(t);
  const beside = await opened(t, config);
  await fillSmall(beside);
  const { store } = beside.installation;
  const waits = async (): Promise<{ readonly over: Promise<RotationOutcome> }> => {
    const rotating = await opened(t, config, false);
    return new Promise((resolve) => {
      const onStep = ({ step }: { readonly step: string }) => void (step === 'waiting' && setImmediate(() => resolve({ over })));
      const over = rotate(rotating, { patienceMs: 60_000, onStep });
    });
  };
  const first = await waits();
  await store
    .collection(claims)
    .remove('secrets', { expect: 'any', facts: { action: 'claim.take', at: toInstant(Date.now()), actor: 'operator' } });
  const second = await waits();
  const timer = setInterval(() => void beside.reloadSecrets().catch(() => {}), 50);
  const states = (await Promise.all([first.over, second.over])).map(({ state }) => state);
  clearInterval(timer);
  t.match(states.sort(), ['done', /^(done|taken)$/]);
  t.equal(secretOf(config.data).length, 1);
  t.same(await told(await opened(t, config, false)), ALL);
});

t.test('a gateway that stood still while the old key was given up seals nothing under it: it looks first', async (t) => {
  const config = smallConfig(t);
  const gateway = await opened(t, config);
  await fillSmall(gateway);
  const { vault, store } = gateway.installation;
  const old = vault.keys.current;
  const facts = { action: 'test', at: toInstant(Date.now()), actor: 'operator' };
  for (const { id } of await runningProcesses(store)) await store.collection(processes).remove(id, { expect: 'any', facts });
  t.match(await rotate(await opened(t, config, false)), { state: 'done' }, 'it counts as gone');
  t.equal(vault.keys.current, old, 'and knows of nothing');
  const now = performance.now.bind(performance);
  t.teardown(() => Reflect.deleteProperty(performance, 'now'));
  performance.now = () => now() + 181_000;
  t.throws(() => vault.sealText('x', 'y'), { slug: 'store-unavailable', message: /stood still/ });
  await gateway.reloadSecrets();
  const another = await openVaultOf(store, { folder: config.data, files: {}, clock: Date.now });
  t.equal(another.unsealText(vault.sealText('x', 'y'), 'y'), 'x', 'who has the new key alone opens what it seals then');
});

t.test('if the file loses the new key while all is sealed anew, nothing is given up, and that is told', async (t) => {
  const config = smallConfig(t);
  const one = await opened(t, config, false);
  await fillSmall(one);
  const file = join(config.data, 'person-sealing.secret');
  const old = readFileSync(file, 'utf8');
  let both = '';
  const onStep = ({ step }: { readonly step: string }): void => {
    if (step === 'switched') both = readFileSync(file, 'utf8');
    if (step === 'sealed') writeFileSync(file, old);
  };
  await t.rejects(rotate(one, { onStep }), { slug: 'store-unavailable', message: /is not in .*: put it back/ });
  t.equal(readFileSync(file, 'utf8'), old);
  writeFileSync(file, both);
  const again = await opened(t, config, false);
  t.match(await rotate(again), { state: 'done' });
  t.same(await told(again), ALL);
});

t.test('a key that was left in the file at the very end is taken out, and no other rotation begins', async (t) => {
  const config = smallConfig(t);
  const one = await opened(t, config, false);
  await fillSmall(one);
  const file = join(config.data, 'person-sealing.secret');
  const old = readFileSync(file, 'utf8');
  await rotate(one);
  const now = readFileSync(file, 'utf8');
  writeFileSync(file, old + now);
  t.same(await told(await opened(t, config, false)), ALL, 'the store says which one seals, not the order of the file');
  const outcome = await rotate(one);
  t.equal(outcome.state, 'tidied');
  t.equal(readFileSync(file, 'utf8'), now);
});

t.test('with files of the operator it asks for the key, names who lacks it, and goes on when it is there', async (t) => {
  const folder = temporaryFolder(t);
  const named = (name: string) => join(folder, name);
  const plain = smallConfig(t);
  await (await opened(t, plain, false)).close();
  copyFileSync(join(plain.data, 'person-naming.secret'), named('naming'));
  for (const name of ['here', 'there']) copyFileSync(join(plain.data, 'person-sealing.secret'), named(name));
  const configOf = (name: string) => ({ ...plain, namingSecretFile: named('naming'), sealingSecretFile: named(name) });
  const [here, there] = [await opened(t, configOf('here')), await opened(t, configOf('there'))];
  await fillSmall(here);
  const rotating = await opened(t, configOf('here'), false);
  t.same(await rotate(rotating), { state: 'key-needed', file: named('here') });
  const [record] = [await recordedSecrets(here.installation.store)];
  t.same(await rotate(rotating, { out: named('new') }), { state: 'key-needed', file: named('here'), out: named('new') });
  t.same((await recordedSecrets(here.installation.store))?.value, record?.value, 'and does nothing yet');
  t.equal(statSync(named('new')).mode & 0o777, 0o600);
  await t.rejects(rotate(rotating, { out: named('new') }), { code: 'EEXIST' });

  copyFileSync(named('new'), named('here'));
  const wait = await rotate(rotating);
  await here.reloadSecrets();
  const lacking = await rotate(rotating);
  t.match(
    [wait, lacking],
    [
      { state: 'waiting', for: 'key' },
      { state: 'waiting', for: 'key' },
    ],
  );
  t.equal(wait.state === 'waiting' && wait.processes.length, 2);
  t.same(lacking.state === 'waiting' && lacking.processes.map(({ keys }) => keys.length), [1], 'there');
  await t.rejects(opened(t, configOf('there')), { slug: 'store-unavailable', message: /being rotated, and .*there lacks the key/ });
  t.same((await recordedSecrets(here.installation.store))?.value.fingerprint, record?.value.fingerprint, 'nothing is sealed under it');

  copyFileSync(named('new'), named('there'));
  await there.reloadSecrets();
  const switching = await rotate(rotating);
  t.match(switching, { state: 'waiting', for: 'switch' });
  t.same(await told(there), ALL, 'one that has not looked yet opens what is sealed anew');
  await Promise.all([here.reloadSecrets(), there.reloadSecrets()]);
  const outcome = await rotate(rotating);
  t.match(outcome, { state: 'done', anew: 0 });
  t.equal(outcome.state === 'done' && outcome.leftInFile.length, 1, 'its file is the operator’s to change');
  t.equal((await rotate(rotating)).state, 'key-needed', 'and the old key does not come back by that');
  for (const name of ['here', 'there']) writeFileSync(named(name), `${secretLines(named(name))[1]}\n`);
  t.same(await told(await opened(t, configOf('there'))), ALL);
  t.same(await told(there), ALL);
});

const secretLines = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n');

t.test('what opens under no key does not stop it, and stays; of two at once one rotates', async (t) => {
  const config = smallConfig(t);
  const one = await opened(t, config, false);
  await fillSmall(one);
  const documents = one.installation.store.collection(grantDocuments);
  const [first] = (await documents.query({ limit: 1 })).items;
  const broken = { ...(first?.value as NonNullable<typeof first>['value']), sealed: 'AAAA' };
  await documents.put(broken, { expect: 'any', facts: { action: 'test', at: '2026-01-01T00:00:00.000Z', actor: 'operator' } as never });
  const states = await Promise.all([rotate(one), rotate(await opened(t, config, false))]);
  t.same(states.map(({ state }) => state).sort(), ['done', 'taken']);
  t.match(
    states.find(({ state }) => state === 'done'),
    { anew: 20, unreadable: 1 },
  );
  t.equal((await documents.get(documentsKey(broken)))?.value.sealed, 'AAAA');
});

const documentsKey = ({ appId, brukerId }: { appId: string; brukerId: string }): string => `${appId}/${brukerId}`;

t.test('a rotation that was begun is told by doctor, and by a start that lacks a key', async (t) => {
  const config = smallConfig(t);
  const one = await opened(t, config, false);
  await fillSmall(one);
  // One at a time has the folder open: see small-store.ts.
  const conditions = async () => {
    const { conditions: told, close } = await openExistingAccess(config, false);
    return told().finally(close);
  };
  t.same(await conditions(), []);
  const kill: RotationTerms['onStep'] = ({ step }) => {
    if (step === 'announced') throw new Error('killed');
  };
  await t.rejects(rotate(one, { onStep: kill }), /killed/);
  t.match(await conditions(), [{ name: 'sealing secret', found: 'a rotation was begun and has not ended' }]);
  const file = join(config.data, 'person-sealing.secret');
  const both = secretLines(file);
  writeFileSync(file, `${both[0]}\n`);
  await t.rejects(openAccess(config), { slug: 'store-unavailable', message: /being rotated, and .* lacks the key/ });
  writeFileSync(file, `${both.join('\n')}\n`);
  t.equal((await rotate(one)).state, 'done');
  t.same(await conditions(), []);
});

t.test('the commands say what they did and what to do, and no key', async (t) => {
  const config = smallConfig(t);
  const one = await opened(t, config, false);
  await fillSmall(one);
  await one.close();
  const keys = secretOf(config.data);
  const rotated = await runCommand(['secrets', 'rotate'], { TILGANG_DATA: config.data });
  t.equal(rotated.code, 0, rotated.stderr);
  t.match(rotated.stderr, /a new key \S{16} stands in .*person-sealing\.secret: back that file up now/);
  t.match(rotated.stdout, /^done: 21 documents sealed anew under \S{16}; nothing is sealed under another key\n$/);
  const out = await runCommand(['secrets', 'rotate', '--out', join(config.data, 'x')], { TILGANG_DATA: config.data });
  t.match(out, { code: 1, stderr: /lie in the data folder .* leave --out away/ });
  const seen = await runCommand(['secrets', 'status'], { TILGANG_DATA: config.data });
  t.match(seen.stdout, /^\S{16} {2}22 values; seals; in .*\nnaming secret: one for ever; .* cannot be rotated/);
  for (const key of [...keys, ...secretOf(config.data)]) t.notOk(JSON.stringify([rotated, seen]).includes(key.slice(0, 20)));
});
