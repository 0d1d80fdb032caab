import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import type { DecisionEvent } from '#decisions';
import { openLogged, temporary } from './logged.js';

interface Sent {
  readonly request: Pick<IncomingMessage, 'url' | 'method' | 'headers'>;
  readonly bytes: number;
  readonly events: readonly DecisionEvent[];
}

/** A collector in this process that answers what it is told: a status, or nothing at all. */
async function openCollector(t: { teardown(end: () => unknown): void }, answer: (sent: Sent) => number | 'hangs' = () => 200) {
  const taken: Sent[] = [];
  const all: Sent[] = [];
  let heard = (): void => {};
  const server: Server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { url, method, headers } = request;
    const sent = {
      request: { url, method, headers },
      bytes: body.length,
      events: JSON.parse(gunzipSync(body).toString()) as DecisionEvent[],
    };
    const status = answer(sent);
    all.push(sent);
    if (status === 200) taken.push(sent);
    heard();
    if (status !== 'hangs') response.writeHead(status, status === 302 ? { Location: '/elsewhere' } : {}).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  t.teardown(stop);
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise<void>((resolve) => (heard = resolve));
  };
  const numbers = (): unknown[] => taken.flatMap(({ events }) => events.map(({ req_id }) => req_id));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, taken, all, until, numbers, stop };
}

const soon = { decisionLogMinDelayMs: 10, decisionLogMaxDelayMs: 40 } as const;
const numbered = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

t.test('decisions are sent as gzipped JSON arrays to /logs, each once and in their order, in bodies that are not too large', async (t) => {
  const collector = await openCollector(t);
  const folder = join(temporary(t), 'decisions');
  const tokenFile = join(temporary(t), 'token');
  writeFileSync(tokenFile, 'first\n');
  const settings = { ...soon, decisionLogUrl: collector.url, decisionLogPartition: 'oslo', decisionLogTokenFile: tokenFile };
  const world = openLogged(t, { ...settings, decisionLogUploadBytes: 1024, decisionLogSegmentBytes: 16_000 }, { folder });
  await world.log.serve();
  await world.ask(120, { random: [...crypto.getRandomValues(new Uint8Array(64))] });
  await collector.until(() => collector.numbers().length >= 120);
  t.same(collector.numbers(), numbered(120), 'over several segments');
  t.ok(collector.taken.length > 3);
  t.ok(collector.taken.every(({ bytes }) => bytes <= 1024));
  t.match(collector.taken[0]?.request, {
    url: '/logs/oslo',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', authorization: 'Bearer first' },
  });
  writeFileSync(tokenFile, 'second\n');
  await world.ask();
  await collector.until(() => collector.numbers().length >= 121);
  t.equal(collector.taken.at(-1)?.request.headers.authorization, 'Bearer second', 'the token is read each time');
  await world.log.close();
  appendFileSync(join(folder, world.files().at(-1) as string), '{"half a line');
  const next = openLogged(t, settings, { folder });
  await next.log.serve();
  await next.ask(2);
  await collector.until(() => collector.numbers().length >= 123);
  t.same(collector.numbers(), [...numbered(121), 1, 2], 'the next process goes on from there');
  t.equal(next.log.state().upload?.state, 'ok');
});

t.test('a collector that fails, redirects or hangs takes nothing away: all is sent once it works (threat 36)', async (t) => {
  let status: number | 'hangs' = 500;
  const collector = await openCollector(t, () => status);
  const folder = join(temporary(t), 'decisions');
  const settings = { ...soon, decisionLogUrl: collector.url };
  const world = openLogged(t, settings, { folder });
  await world.log.serve();
  for (const next of [401, 302, 200] as const) {
    const before = collector.all.length;
    await world.ask(5);
    await collector.until(() => collector.all.length > before + 1);
    t.match(world.log.state().upload, { state: 'failing', cause: `it answers ${status}` });
    status = next;
  }
  await collector.until(() => collector.numbers().length >= 15);
  t.same(collector.numbers(), numbered(15));
  t.ok(
    collector.all.every(({ request }) => request.url === '/logs'),
    'no redirect is followed',
  );
  status = 'hangs';
  await world.ask();
  await collector.until(() => collector.all.at(-1)?.events.length === 1);
  await world.log.close();
  t.pass('and it stops at once, whoever is waited for');
  t.same(world.told, ['decision log not sent', 'decision log sent again']);
  status = 200;
  const next = openLogged(t, settings, { folder });
  await next.log.serve();
  await collector.until(() => collector.numbers().length >= 16);
  t.equal(collector.numbers().at(-1), 16, 'which the next process sends');
});

t.test(
  'while nobody listens decisions go on, and what cannot be sent is kept to the bound, then counted or refused (threat 36)',
  async (t) => {
    const away = await openCollector(t);
    away.stop();
    const bound = { ...soon, decisionLogUrl: away.url, decisionLogBytes: 8000, decisionLogSegmentBytes: 2000, decisionLogDays: 1 };
    for (const decisionLogWhenFull of ['drop', 'refuse'] as const) {
      const world = openLogged(t, { ...bound, decisionLogWhenFull });
      await world.log.serve();
      await world.ask(30);
      await world.log.sweep();
      world.now += 3 * 86_400_000;
      await world.log.sweep();
      const first = (await world.events())[0];
      t.equal(first?.req_id, 1, 'what was written and not sent is there still, also when it is old');
      if (decisionLogWhenFull === 'refuse') {
        t.throws(() => world.judge().ask({ entrypoint: 'tilgang/access/search', isAnswer: Array.isArray as never, isLogged: true }, {}), {
          name: 'ProblemError',
          slug: 'decision-log-unavailable',
        });
        t.equal(world.log.state().state, 'refusing');
      } else {
        await world.ask(4);
        t.match(world.log.state(), { state: 'dropping' });
        t.ok(world.log.state().missed >= 4);
      }
      t.ok(world.told.includes('decision log full'));
      await world.log.close();
    }
  },
);

t.test('an event that the collector finds too large is counted, and those around it arrive', async (t) => {
  const collector = await openCollector(t, ({ events }) => (events.some(({ input }) => (input as { large?: true }).large) ? 413 : 200));
  const world = openLogged(t, { ...soon, decisionLogUrl: collector.url });
  await world.ask(3);
  await world.ask(1, { large: true });
  await world.ask(3);
  await world.log.serve();
  await collector.until(() => collector.numbers().length >= 6);
  t.same(collector.numbers(), [1, 2, 3, 5, 6, 7]);
  t.match(world.log.state().upload, { state: 'ok', tooLarge: 1 });
  t.same(world.told, ['decision log event too large']);
});
