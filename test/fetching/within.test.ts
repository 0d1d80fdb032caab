import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t, { type Test } from 'tap';
import { boundedBytes, boundedText, within } from '#fetching';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function serverOf(t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Fetches and reads, while garbage is collected all the time. */
async function fetched(url: string, ms: number, until?: AbortSignal): Promise<Buffer> {
  const timer = setInterval(collect, 5);
  try {
    return await within(ms, async (signal) => boundedBytes(await fetch(url, { signal }), { from: 'it', maxBytes: 1000, signal }), until);
  } finally {
    clearInterval(timer);
  }
}

t.test('a time limit holds for the head and for the body, however much garbage is collected meanwhile (threat 11)', async (t) => {
  const silent = await serverOf(t, () => {});
  const dripping = await serverOf(t, (_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 20);
    response.once('close', () => clearInterval(timer));
  });
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(new Error('we stop')), 200);
  await Promise.all([
    t.rejects(fetched(silent, 200), { name: 'TimeoutError' }),
    t.rejects(fetched(dripping, 200), { name: 'TimeoutError' }),
    t.rejects(fetched(silent, 60_000, stopping.signal), { message: 'we stop' }),
    t.rejects(fetched(dripping, 60_000, stopping.signal), { message: 'we stop' }),
  ]);
  await t.rejects(fetched(silent, 60_000, stopping.signal), { message: 'we stop' }, 'also when it has fired before');
});

t.test('whoever does not hear the signal is not waited for, and what comes in time is answered', async (t) => {
  await t.rejects(
    within(20, () => new Promise(() => {})),
    { name: 'TimeoutError' },
  );
  t.equal(await within(60_000, async () => 'soon'), 'soon');
  await t.rejects(
    within(60_000, async () => {
      throw new Error('its own fault');
    }),
    { message: 'its own fault' },
  );
});

t.test('a connection is let go when its time is over', async (t) => {
  const gone = new Promise<void>((resolve) => {
    void serverOf(t, (_, response) => {
      response.once('close', resolve);
      response.writeHead(200).write('x');
    }).then((url) => fetched(url, 100).catch(() => {}));
  });
  await gone;
});

t.test('a body has a bound, and is UTF-8 where a text is wanted', async (t) => {
  const bounds = { from: 'it', maxBytes: 4, signal: new AbortController().signal };
  t.equal(await boundedText(new Response('fire'), bounds), 'fire');
  await t.rejects(boundedBytes(new Response('fives'), bounds), { message: 'it answers with more than 4 bytes' });
  await t.rejects(boundedBytes(new Response(null), bounds), { message: 'it answers without a body' });
  await t.rejects(boundedText(new Response(Buffer.from([0xff])), bounds), TypeError);
});
