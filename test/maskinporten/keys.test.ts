import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import t, { type Test } from 'tap';
import { claims, partsFor, rotateSecrets } from '#access';
import { DAY_MS, toInstant } from '#domain';
import { openFound } from '#installation';
import { backupStore, copyBetween, restoreBackup } from '#keeping';
import { LONGEST_TOKEN_SECONDS, listIssuerKeys, rotateIssuer, SigningRing, sealedIssuerSecrets, tendKeys } from '#maskinporten';
import { issuerSecrets, keyRings } from '#maskinporten/entities';
import { openPersonVault } from '#persons';
import type { Store } from '#storage';
import { openLmdbStore } from '#storage/lmdb';
import { temporaryFolder } from '../fixtures/gateway.js';
import { opened, operator, smallConfig } from '../secrets/small-store.js';

const TERMS = { algorithm: 'ES256', modulusBits: 2048, keyDays: 4 } as const;
const HOUR_MS = 3_600_000;
const facts = { action: 'test', at: toInstant(0), actor: 'operator' };

/** A store of keys alone, and a clock that the test moves. */
async function bare(t: Pick<Test, 'teardown'>) {
  const folder = temporaryFolder(t);
  const vault = await openPersonVault(folder);
  const store = await openLmdbStore({ path: join(folder, 'store'), entities: [claims, keyRings, issuerSecrets] });
  t.teardown(() => store.close());
  const time = { now: Date.now() };
  return { store, vault, time, clock: () => time.now };
}

const kidOf = (token: string): string => decodeProtectedHeader(token).kid ?? '';
const sign = (ring: SigningRing, now: number, expiresInSeconds = LONGEST_TOKEN_SECONDS): Promise<string> =>
  ring.sign({ jti: randomUUID() }, { expiresInSeconds, now });
const verifies = (ring: SigningRing, token: string, now: number): Promise<boolean> =>
  jwtVerify(token, createLocalJWKSet(ring.jwks() as unknown as JSONWebKeySet), { currentDate: new Date(now) }).then(
    () => true,
    () => false,
  );
const secretsOf = async (store: Store): Promise<string[]> =>
  (await store.collection(issuerSecrets).query({ limit: 100 })).items.map(({ value }) => value.kid).sort();
const ringOf = async (store: Store) => (await store.collection(keyRings).get('maskinporten'))?.value.keys ?? [];

t.test(
  'a key is published a day before it signs, and until its last token is dead; its private half is gone when it signs no more',
  async (t) => {
    const parts = await bare(t);
    const { store, time } = parts;
    const node = new SigningRing(parts);
    const published = new Map<string, number>();
    const living: { token: string; until: number }[] = [];
    const begun = time.now;
    const seen = new Set<string>();
    for (; time.now < begun + 13 * DAY_MS; time.now += 3 * HOUR_MS) {
      t.ok(await tendKeys(parts, TERMS));
      const token = await sign(node, time.now);
      for (const { kid } of node.jwks().keys) if (!published.has(kid)) published.set(kid, time.now);
      const kid = kidOf(token);
      if (seen.size > 0 && !seen.has(kid)) t.ok(time.now - (published.get(kid) ?? Infinity) >= DAY_MS, 'published for a day');
      seen.add(kid);
      living.push({ token, until: time.now + LONGEST_TOKEN_SECONDS * 1000 });
      const dead = living.filter(({ until }) => until <= time.now);
      for (const one of dead) living.splice(living.indexOf(one), 1);
      for (const one of living) if (!(await verifies(node, one.token, time.now))) t.fail('a token that is not dead is not believed');
      t.ok(node.jwks().keys.length <= 2, 'of three one is needless');
      t.equal(
        (await secretsOf(store)).length,
        (await ringOf(store)).filter(({ signsUntil }) => (signsUntil ?? '~') > toInstant(time.now - 60_000)).length,
      );
    }
    t.equal(seen.size, 4, 'each signs for four days');
    t.equal(published.size, 4);
    t.equal((await store.events.verify()).broken, undefined);
    const { events } = await store.events.after(undefined, 1000);
    t.notMatch(JSON.stringify(events), /"d"|sealed/, 'no event holds a private half, sealed or not');
  },
);

t.test('processes that begin together make one key, and the first token waits for it', async (t) => {
  const parts = await bare(t);
  const faults: unknown[] = [];
  const nodes = [1, 2, 3].map(() => new SigningRing(parts));
  t.same(nodes[0]?.jwks(), { keys: [] });
  await Promise.all(nodes.map((node) => node.begin(TERMS, (fault) => faults.push(fault))));
  const tokens = await Promise.all(nodes.map((node) => sign(node, parts.time.now)));
  t.equal(new Set(tokens.map(kidOf)).size, 1);
  t.same(faults, []);
  t.equal(nodes[0]?.jwks(), nodes[0]?.jwks(), 'the same object while nothing changes');
  await Promise.all(nodes.map((node) => node.end()));
  const unkept = new SigningRing(await bare(t));
  t.match(
    await sign(unkept, parts.time.now).catch((error) => error),
    { slug: 'no-signing-key' },
    'where nobody sees to keys, none is waited for',
  );
  await t.rejects(sign(nodes[0] as SigningRing, 0, LONGEST_TOKEN_SECONDS + 1), TypeError, 'no token outlives its key');
});

t.test('a node that stood still over rotations signs with none that has had its time, by whatever its clock says', async (t) => {
  const config = smallConfig(t);
  const at = { now: Date.now() };
  const clock = (): number => at.now;
  const parts = { ...(await opened(t, config, false)).installation, clock };
  await tendKeys(parts, TERMS);
  const found = await openFound(config, clock);
  t.teardown(() => found.close());
  const paused = new SigningRing({ ...found, clock });
  const first = kidOf(await sign(paused, at.now));
  for (const hours of [3 * 24, 1.5 * 24, 1.5 * 24, 2 * 24]) {
    at.now += hours * HOUR_MS;
    await tendKeys(parts, TERMS);
  }
  const late = await sign(paused, at.now);
  t.not(kidOf(late), first);
  t.ok(
    paused.jwks().keys.some(({ kid }) => kid === kidOf(late)),
    'what it signs with is published',
  );
  t.notOk(paused.jwks().keys.some(({ kid }) => kid === first));
  // Its clock an hour behind a takeover that has been: the private half is gone, and the next key was published long ago.
  await rotateIssuer(partsFor(parts), operator, TERMS);
  at.now += DAY_MS + 2 * 60_000;
  await tendKeys(parts, TERMS);
  const behind = kidOf(await sign(new SigningRing({ ...found, clock }), at.now - HOUR_MS));
  t.equal(behind, (await ringOf(parts.store)).at(-1)?.jwk.kid);
});

t.test('of two that rotate at once one plans the next key, and it is planned once', async (t) => {
  const config = smallConfig(t);
  const [one, two] = await Promise.all([opened(t, config, false), opened(t, config, false)]);
  await tendKeys(one.installation, TERMS);
  const rotate = ({ installation }: typeof one) => rotateIssuer(partsFor(installation), operator, TERMS);
  const states = (await Promise.all([rotate(one), rotate(two)])).map(({ state }) => state).sort();
  t.same(states, ['planned', 'taken']);
  t.match(await rotate(two), { state: 'planned', isNew: false });
  t.equal((await listIssuerKeys(partsFor(one.installation), operator)).map(({ standing }) => standing).join(), 'signs,coming');
  // The claim of the first is gone while it makes its key: whoever writes last finds another ring.
  const { store } = one.installation;
  const all = Promise.all([rotateOnce(one), later(two)]);
  async function later(of: typeof one) {
    await store.collection(claims).remove('issuer-keys', { expect: 'any', facts });
    return rotateOnce(of);
  }
  function rotateOnce({ installation }: typeof one) {
    return rotateIssuer(partsFor(installation), operator, { ...TERMS, atOnce: true });
  }
  const outcomes = await all;
  t.ok(outcomes.some(({ state }) => state === 'replaced'));
  await tendKeys(one.installation, TERMS);
  t.equal((await ringOf(store)).length, 1);
  t.same(
    await secretsOf(store),
    (await ringOf(store)).map(({ jwk }) => jwk.kid),
  );
});

/** The store as a process sees it that is killed at its n-th write: before it, or when it is done. */
function dying(store: Store, n: number, isDone: boolean): Store {
  let writes = 0;
  const killed = (): never => {
    throw new Error('killed');
  };
  const alive = async <T>(act: () => Promise<T>): Promise<T> => {
    if (writes >= n) killed();
    writes += 1;
    if (writes === n && !isDone) killed();
    const result = await act();
    if (writes >= n) killed();
    return result;
  };
  return new Proxy(store, {
    get(target, name) {
      if (name !== 'collection') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return (entity: never) =>
        new Proxy(target.collection(entity), {
          get(collection, method) {
            const act = Reflect.get(collection, method) as (...all: unknown[]) => Promise<unknown>;
            if (method !== 'put' && method !== 'remove') return typeof act === 'function' ? act.bind(collection) : act;
            return (...all: unknown[]) => alive(() => act.apply(collection, all));
          },
        });
    },
  });
}

t.test('killed at any write, the next process finds a key to sign with, mends what was broken off and leaves nothing over', async (t) => {
  const acts: [string, (parts: Awaited<ReturnType<typeof bare>>) => Promise<void>][] = [
    ['the first key', async () => {}],
    [
      'the next key',
      async (parts) => {
        await tendKeys(parts, TERMS);
        parts.time.now += 3.5 * DAY_MS;
      },
    ],
    [
      'the end of a key',
      async (parts) => {
        await tendKeys(parts, TERMS);
        parts.time.now += 3.5 * DAY_MS;
        await tendKeys(parts, TERMS);
        parts.time.now += 2 * DAY_MS;
      },
    ],
  ];
  for (const [name, begin] of acts) {
    let kills = 0;
    for (let n = 1; ; n += 0.5) {
      const parts = await bare(t);
      await begin(parts);
      const { store, time } = parts;
      const before = await ringOf(store);
      const mortal = { ...parts, store: dying(store, Math.floor(n), n % 1 > 0) };
      const isOver = await tendKeys(mortal, TERMS).then(
        () => true,
        () => false,
      );
      const node = new SigningRing(parts);
      if (before.length > 0) t.ok(await verifies(node, await sign(node, time.now), time.now), `${name}: signs after kill ${n}`);
      // As it runs out by itself.
      await store.collection(claims).remove('issuer-keys', { expect: 'any', facts });
      t.ok(await tendKeys(parts, TERMS));
      t.ok(await verifies(node, await sign(node, time.now), time.now));
      const ring = await ringOf(store);
      const signing = ring.filter(({ signsUntil }) => (signsUntil ?? '~') > toInstant(time.now)).map(({ jwk }) => jwk.kid);
      t.same(await secretsOf(store), signing.sort(), `${name}: every key that signs has its private half, and no other has`);
      t.equal(ring.length, { 'the first key': 1, 'the next key': 2, 'the end of a key': 2 }[name]);
      if (isOver) break;
      kills += 1;
    }
    t.ok(kills >= 4, `${name}: killed ${kills} times`);
  }
});

t.test('at once: no key that there was is published or signs, in any process; killed anywhere, called again it is done', async (t) => {
  const config = smallConfig(t);
  const { installation } = await opened(t, config, false);
  const { store } = installation;
  await tendKeys(installation, TERMS);
  await rotateIssuer(partsFor(installation), operator, TERMS);
  const found = await openFound(config, Date.now);
  t.teardown(() => found.close());
  const node = new SigningRing({ ...found, clock: Date.now });
  const leaked = (await ringOf(store)).map(({ jwk }) => jwk.kid);
  t.equal(leaked.length, 2);
  const token = await sign(node, Date.now());
  for (let n = 1; ; n += 1) {
    const isOver = await rotateIssuer({ ...partsFor(installation), store: dying(store, n, true) }, operator, {
      ...TERMS,
      atOnce: true,
    }).then(
      () => true,
      () => false,
    );
    t.ok(await sign(node, Date.now()));
    if (isOver) break;
    await store.collection(claims).remove('issuer-keys', { expect: 'any', facts });
  }
  t.match(await rotateIssuer(partsFor(installation), operator, { ...TERMS, atOnce: true }), {
    state: 'replaced',
    withdrawn: { length: 1 },
  });
  await tendKeys(installation, TERMS);
  t.notOk(leaked.includes(kidOf(await sign(node, Date.now()))));
  t.equal(node.jwks().keys.length, 1);
  t.notOk(await verifies(node, token, Date.now()));
  t.equal((await secretsOf(store)).length, 1);
});

t.test('a key whose private half is lost is replaced: one that signs at once, one that was to follow by another', async (t) => {
  const parts = await bare(t);
  const { store, time } = parts;
  await tendKeys(parts, TERMS);
  time.now += 3.5 * DAY_MS;
  await tendKeys(parts, TERMS);
  const [signs, coming] = await ringOf(store);
  const lose = (kid = '') => store.collection(issuerSecrets).remove(kid, { expect: 'any', facts });
  await lose(coming?.jwk.kid);
  await tendKeys(parts, TERMS);
  const [same, another] = await ringOf(store);
  t.equal(same?.jwk.kid, signs?.jwk.kid);
  t.not(another?.jwk.kid, coming?.jwk.kid);
  t.ok(Date.parse(another?.signsFrom ?? '') - time.now >= DAY_MS, 'published for a day again');
  await lose(signs?.jwk.kid);
  await lose(another?.jwk.kid);
  await tendKeys(parts, TERMS);
  const node = new SigningRing(parts);
  t.ok(await verifies(node, await sign(node, time.now), time.now));
});

t.test('a rotation of the sealing secret seals the private halves anew; a copy and a backup bring the keys along', async (t) => {
  const config = smallConfig(t);
  const { installation } = await opened(t, config, false);
  await tendKeys(installation, TERMS);
  const before = (await installation.store.collection(issuerSecrets).query({ limit: 9 })).items[0]?.value.sealed;
  const terms = { places: [sealedIssuerSecrets], onStep: () => {}, patienceMs: 0, graceMs: 0 };
  t.match(await rotateSecrets(partsFor(installation), operator, terms), { state: 'done', anew: 1, unreadable: 0 });
  t.not((await installation.store.collection(issuerSecrets).query({ limit: 9 })).items[0]?.value.sealed, before);
  const kid = kidOf(await sign(new SigningRing(installation), Date.now()));
  const quiet = { told: (): void => {}, over: new AbortController().signal };
  const file = join(temporaryFolder(t), 'b');
  await backupStore(config, file, { ...quiet, passphrase: 'riktig hest, batteri, stift' });
  const restored = smallConfig(t);
  await restoreBackup(restored, file, { ...quiet, passphrase: 'riktig hest, batteri, stift' });
  const found = await openFound(restored, Date.now);
  t.equal(kidOf(await sign(new SigningRing({ ...found, clock: Date.now }), Date.now())), kid);
  await found.close();
  if (config.mongodbUri === undefined) {
    const copy = smallConfig(t);
    await copyBetween(config, () => undefined, [config.data, copy.data], quiet.told);
    const there = await openFound(
      {
        ...copy,
        data: copy.data,
        namingSecretFile: join(config.data, 'person-naming.secret'),
        sealingSecretFile: join(config.data, 'person-sealing.secret'),
      },
      Date.now,
    );
    t.equal(kidOf(await sign(new SigningRing({ ...there, clock: Date.now }), Date.now())), kid);
    await there.close();
  }
});
