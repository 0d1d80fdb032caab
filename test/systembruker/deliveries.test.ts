import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import t from 'tap';
import { type Instant, type Orgnr, toInstant } from '#domain';
import { Deliveries, type SystemId, type SystemUser, type TellingParts, type Webhook } from '#systembruker';
import { systemUsers, webhookDeliveries, webhooks } from '#systembruker/entities';
import { generateSigningKey, openSigningKey } from '#tokens';
import { BERGEN, FHI, NOON, OSLO, openRoom, VISMA } from '../maskinporten/room.js';

t.setTimeout(60_000);

const { jwk, secret } = await generateSigningKey('ES256', 0);
const key = openSigningKey(jwk, secret);
const ISSUER = 'https://tilgang.example/maskinporten/';
const LOOPBACK = ['127.0.0.0/8'];

type Test = Parameters<Parameters<typeof t.test>[0]>[0];
type Answering = (response: ServerResponse, jti: string) => void;

/** A receiver; `got` has each token that it was sent, by system user. */
async function receiver(t: Test, answering: Answering = (response) => void response.writeHead(202).end()) {
  const got: string[] = [];
  const answer = { now: answering };
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const { jti = '', sub_id } = decodeJwt<{ sub_id: { id: string } }>(body);
      got.push(sub_id.id);
      answer.now(response, jti);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { got, answer, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

/** A store in which systems of vendors have webhooks, and what tells them. */
async function openTelling(t: Test, more: Partial<TellingParts> = {}) {
  const room = await openRoom(t);
  const facts = { action: 'test', at: toInstant(NOON), actor: 'operator' };
  const put = room.store.collection(systemUsers);
  const running = new Set<Deliveries>();
  const faults: Error[] = [];
  t.teardown(() => Promise.all([...running].map((one) => one.end())));
  return {
    room,
    faults,
    async webhook(name: string, vendor: Orgnr, url: string): Promise<SystemId> {
      const systemId = `${vendor}_${name}` as SystemId;
      const at = toInstant(NOON);
      await room.store.collection(webhooks).put({ systemId, vendor, url, created: at, updated: at }, { expect: 'any', facts });
      const delivery = { systemId, vendor, attempts: 0, passedOver: 0, due: at };
      await room.store.collection(webhookDeliveries).put(delivery, { expect: 'any', facts });
      return systemId;
    },
    happens: (systemId: SystemId, id: string) => put.put(userOf(systemId, id), { expect: 'absent', facts }),
    delivery: async (systemId: SystemId) => (await room.store.collection(webhookDeliveries).get(systemId))?.value,
    begin(): Deliveries {
      const parts = { store: room.store, clock: room.clock, signer: { keyAt: async () => key }, networks: LOOPBACK, ...more };
      const deliveries = new Deliveries(parts);
      running.add(deliveries);
      deliveries.begin(ISSUER, (fault) => faults.push(fault));
      return deliveries;
    },
  };
}

function userOf(systemId: SystemId, id: string): SystemUser {
  const at = toInstant(NOON) as Instant;
  const has = { rights: [], packages: [] };
  const vendor = systemId.slice(0, 9) as Orgnr;
  const about = { systemId, vendor, party: OSLO, externalRef: id, title: 'x', madeBy: 'vendor', status: 'New' } as const;
  return { id, type: 'standard', ...about, asked: has, has, expires: at, changes: [], created: at, updated: at };
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await delay(20);
}

t.test('a vendor is told everything in its order; of two processes one tells, and a stop in the middle loses nothing', async (t) => {
  const telling = await openTelling(t);
  const { got, url, answer } = await receiver(t);
  const system = await telling.webhook('a', VISMA, url);
  const names = Array.from({ length: 12 }, (_, i) => `n${i}`);
  for (const name of names.slice(0, 6)) await telling.happens(system, name);
  let count = 0;
  const held: ServerResponse[] = [];
  // The fourth is in the middle of its sending when its process stops.
  answer.now = (response) => {
    count += 1;
    if (count === 4) held.push(response);
    else response.writeHead(202).end();
  };
  const [first] = [telling.begin(), telling.begin()];
  await until(() => held.length === 1);
  await first.end();
  for (const name of names.slice(6)) await telling.happens(system, name);
  telling.begin();
  held[0]?.destroy();
  await until(() => got.includes('n11'));
  await until(async () => (await telling.delivery(system))?.due === undefined);
  const once = got.filter((name, i) => got.indexOf(name) === i);
  t.same(once, names, 'in their order');
  t.ok(got.length <= names.length + 1, 'what was under way is the only one that may come twice');
  t.same(telling.faults, []);
});

t.test('receivers that hang or fail keep no other vendor waiting, and are asked again after growing pauses', async (t) => {
  const telling = await openTelling(t, { deadlineMs: 300 });
  const hanging = await receiver(t, () => {});
  const failing = await receiver(t, (response) => void response.writeHead(503).end());
  const well = await receiver(t);
  // More of them than there are places.
  const dead: SystemId[] = [];
  for (let i = 0; i < 40; i += 1) dead.push(await telling.webhook(`h${i}`, FHI, hanging.url));
  const broken = await telling.webhook('b', OSLO, failing.url);
  const good = await telling.webhook('g', VISMA, well.url);
  for (const system of [...dead, broken, good]) await telling.happens(system, `x${system}`);
  telling.begin();
  await until(() => well.got.length === 1);
  t.ok(hanging.got.length <= 6, `${hanging.got.length} of the vendor that hangs were tried by then: it has two places`);
  await until(async () => (await telling.delivery(broken))?.attempts === 1);
  t.match(await telling.delivery(broken), { cause: 'it answers 503', due: toInstant(NOON + 1000), failingSince: toInstant(NOON) });
  telling.room.now += 999;
  await delay(600);
  t.equal(failing.got.length, 1, 'not before its pause is over');
  telling.room.now += 1;
  await until(async () => (await telling.delivery(broken))?.attempts === 2);
  t.match(await telling.delivery(broken), { due: toInstant(NOON + 6000) });
  failing.answer.now = (response) => void response.writeHead(204).end();
  telling.room.now += 5000;
  await until(async () => (await telling.delivery(broken))?.due === undefined);
  const { cause, failingSince, attempts } = (await telling.delivery(broken)) ?? {};
  t.same([cause, failingSince, attempts], [undefined, undefined, 0]);
});

t.test('a token that its receiver refuses is passed over after five times; what its receiver can mend is not', async (t) => {
  const telling = await openTelling(t);
  let err = 'invalid_request';
  const refusing = await receiver(
    t,
    (response) => void response.writeHead(400, { 'content-type': 'application/json' }).end(`{"err":"${err}","description":"secret"}`),
  );
  const system = await telling.webhook('r', VISMA, refusing.url);
  await telling.happens(system, 'one');
  telling.begin();
  const attempt = async (count: number): Promise<void> => {
    await until(async () => (await telling.delivery(system))?.attempts === count);
    telling.room.now += 3_600_000;
  };
  for (let i = 1; i <= 4; i += 1) await attempt(i);
  await until(async () => (await telling.delivery(system))?.passedOver === 1);
  await until(async () => (await telling.delivery(system))?.due === undefined);
  t.match(await telling.delivery(system), { attempts: 0, cause: 'it answers 400 invalid_request' });
  err = 'invalid_key';
  await telling.happens(system, 'two');
  for (let i = 1; i <= 8; i += 1) await attempt(i);
  t.match(await telling.delivery(system), { passedOver: 1, cause: 'it answers 400 invalid_key' });
  t.notMatch(JSON.stringify(await telling.delivery(system)), /secret/, 'nothing that a receiver writes is kept');
  telling.room.later(7);
  await until(async () => (await telling.delivery(system))?.stopped !== undefined);
  t.equal((await telling.delivery(system))?.due, undefined, 'after a week nothing is tried any more');
  await telling.happens(system, 'three');
  await until(async () => (await telling.delivery(system))?.seen !== undefined);
  t.equal((await telling.delivery(system))?.due, undefined);
});

t.test('nothing is sent into a private network, by a name either, nor where a receiver redirects to (threat 33)', async (t) => {
  const inside = await receiver(t);
  const redirecting = await receiver(t, (response) => void response.writeHead(307, { location: inside.url }).end());
  const telling = await openTelling(t, { resolve: async () => [{ address: '10.0.0.1', family: 4 }] });
  const { port } = new URL(inside.url);
  const [byName, byAddress, redirected] = [
    await telling.webhook('name', FHI, `https://hooks.example.no:${port}/`),
    await telling.webhook('address', OSLO, `http://169.254.169.254:${port}/`),
    await telling.webhook('redirect', VISMA, redirecting.url),
  ];
  for (const system of [byName, byAddress, redirected]) await telling.happens(system, `x${system}`);
  telling.begin();
  for (const system of [byName, byAddress, redirected]) await until(async () => (await telling.delivery(system))?.attempts === 1);
  for (const system of [byName, byAddress]) {
    t.match(await telling.delivery(system), { cause: 'the host has an address in a private network' });
  }
  t.match(await telling.delivery(redirected), { cause: 'it answers 307' });
  t.same([redirecting.got.length, inside.got.length], [1, 0]);
});

t.test(
  'a receiver that answers without end, drips or hangs up costs a bounded moment, and one that has taken it says no more',
  async (t) => {
    const flood = Buffer.alloc(64 * 1024);
    let poured = 0;
    const pour = (response: ServerResponse): void => {
      while (poured < 64 * 2 ** 20 && !response.destroyed) {
        poured += flood.length;
        if (!response.write(flood)) return void response.once('drain', () => pour(response));
      }
    };
    const drip = (response: ServerResponse): void => {
      if (!response.destroyed) setTimeout(() => response.write('x', () => drip(response)), 20);
    };
    const telling = await openTelling(t, { deadlineMs: 400 });
    const answers: Readonly<Record<string, readonly [answer: Answering, cause: RegExp | undefined]>> = {
      pours: [(response) => pour(response.writeHead(500)), /more than 16384 bytes/],
      drips: [(response) => drip(response.writeHead(503)), /./],
      'hangs-up': [(response) => void response.writeHead(400, { 'content-length': 100 }).write('{', () => response.destroy()), /./],
      'hangs-up-at-once': [(response) => void response.destroy(), /./],
      'pours-a-yes': [(response) => pour(response.writeHead(200)), undefined],
      'drips-a-yes': [(response) => drip(response.writeHead(202)), undefined],
      'hangs-up-a-yes': [
        (response) => void response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy()),
        undefined,
      ],
    };
    const systems: Record<string, SystemId> = {};
    for (const [i, [name, [answer]]] of Object.entries(answers).entries())
      systems[name] = await telling.webhook(name, [VISMA, FHI, OSLO, BERGEN][i % 4] as Orgnr, (await receiver(t, answer)).url);
    for (const system of Object.values(systems)) await telling.happens(system, `x${system}`);
    telling.begin();
    for (const [name, [, cause]] of Object.entries(answers)) {
      const seen = async () => telling.delivery(systems[name] as SystemId);
      await until(async () => (cause === undefined ? (await seen())?.taken !== undefined : (await seen())?.attempts === 1));
      t.match((await seen())?.cause ?? '', cause ?? /^$/, name);
    }
    t.ok(poured < 32 * 2 ** 20, `${poured} bytes were poured out to us before the two were hung up on`);
    t.same(telling.faults, []);
  },
);

t.test(
  'a name that leads elsewhere the next moment is asked once for each sending, and what was looked at is where it goes (threat 33)',
  async (t) => {
    const inside = await receiver(t);
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    };
    const telling = await openTelling(t, { resolve });
    const system = await telling.webhook('rebinds', VISMA, `http://hooks.example.no:${new URL(inside.url).port}/`);
    await telling.happens(system, 'one');
    telling.begin();
    await until(async () => (await telling.delivery(system))?.due === undefined);
    t.same([inside.got, asked], [['one'], 1]);
    await telling.happens(system, 'two');
    await until(async () => (await telling.delivery(system))?.attempts === 1);
    t.match(await telling.delivery(system), { cause: 'the host has an address in a private network' });
    t.same([inside.got, asked], [['one'], 2]);
  },
);

t.test('a webhook whose process was killed before it had its place is told from where it began', async (t) => {
  const telling = await openTelling(t);
  const { got, url } = await receiver(t);
  const system = await telling.webhook('killed', VISMA, url);
  await telling.happens(system, 'before');
  const { events } = await telling.room.store.events.concerning(`system/${system}`, { limit: 1, newestFirst: true });
  const kept = telling.room.store.collection(webhooks);
  const facts = { action: 'test', at: toInstant(NOON), actor: 'operator' };
  const stored = await kept.get(system);
  await kept.put({ ...(stored as { readonly value: Webhook }).value, begins: events[0]?.cursor as string }, { expect: 'any', facts });
  await telling.room.store.collection(webhookDeliveries).remove(system, { expect: 'any', facts });
  await telling.happens(system, 'one');
  telling.begin();
  await until(() => got.length > 0);
  await telling.happens(system, 'two');
  await until(async () => got.length > 1 && (await telling.delivery(system))?.due === undefined);
  t.same(got, ['one', 'two']);
});

t.test('what is left of a webhook that was removed is removed, and its receiver is sent nothing', async (t) => {
  const telling = await openTelling(t);
  const { got, url } = await receiver(t);
  const [gone, there] = [await telling.webhook('gone', VISMA, url), await telling.webhook('there', FHI, url)];
  const facts = { action: 'test', at: toInstant(NOON), actor: 'operator' };
  await telling.room.store.collection(webhooks).remove(gone, { expect: 'any', facts });
  await telling.happens(gone, 'gone');
  await telling.happens(there, 'there');
  telling.begin();
  await until(async () => (await telling.delivery(gone)) === undefined && got.length > 0);
  t.same(got, ['there']);
});
