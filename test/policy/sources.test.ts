import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '#config';
import { askServer, backedOff, type FoundBundle, lookInFolder, type PolicySource, poll } from '#policy';
import { temporaryFolder } from '../fixtures/gateway.js';

const never = new AbortController().signal;

async function serverOf(t: Test, answer: RequestListener): Promise<PolicySource> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    name: 'there',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bundle.tar.gz`,
    everySeconds: 60,
    waitSeconds: 0,
  };
}

t.test('a bundle server is asked by OPA’s protocol, and what is known is not sent again', async (t) => {
  const seen: unknown[] = [];
  const source = await serverOf(t, ({ headers }, response) => {
    const { authorization, prefer, 'if-none-match': known } = headers;
    seen.push({ authorization, prefer, known });
    if (known === '"v1"') response.writeHead(304).end();
    else response.writeHead(200, { ETag: '"v1"', 'Content-Type': 'application/vnd.openpolicyagent.bundles' }).end('bytes');
  });
  const tokenFile = join(temporaryFolder(t), 'token');
  writeFileSync(tokenFile, 'secret\n');
  t.match(await askServer({ ...source, tokenFile, waitSeconds: 5 }, undefined, never), {
    tag: '"v1"',
    bytes: Buffer.from('bytes'),
    waits: true,
  });
  t.equal(await askServer(source, '"v1"', never), 'unchanged');
  t.match(await askServer(source, '"v0"', never), { tag: '"v1"', waits: false });
  t.same(seen, [
    { authorization: 'Bearer secret', prefer: 'modes=snapshot;wait=5', known: undefined },
    { authorization: undefined, prefer: 'modes=snapshot', known: '"v1"' },
    { authorization: undefined, prefer: 'modes=snapshot', known: '"v0"' },
  ]);
});

t.test(
  'a server that hangs, drips, fails, redirects, sends too much or 304 for nothing is a fault, and never a hang (threat 11)',
  async (t) => {
    const cases: Record<string, [RequestListener, RegExp, number?]> = {
      'it hangs': [() => {}, /timeout/, 400],
      'it sends a byte now and then': [
        (_, response) => {
          response.writeHead(200);
          const timer = setInterval(() => response.write('x'), 20);
          response.once('close', () => clearInterval(timer));
        },
        /timeout/,
        400,
      ],
      'it fails': [(_, response) => response.writeHead(500).end('no'), /answers 500/],
      'it is not there': [(_, response) => response.writeHead(404).end(), /answers 404/],
      'it sends elsewhere': [(_, response) => response.writeHead(302, { Location: 'http://169.254.169.254/' }).end(), /fetch failed/],
      'it says 304 to whoever has nothing': [(_, response) => response.writeHead(304).end(), /304/],
      'it breaks off': [
        (_, response) => void response.writeHead(200, { 'Content-Length': '9' }).write('x', () => response.destroy()),
        /terminated/,
      ],
      'it sends too much': [(_, response) => response.writeHead(200).end(Buffer.alloc(17 * 1024 * 1024)), /more than/],
    };
    await Promise.all(
      Object.entries(cases).map(async ([name, [answer, message, withinMs = 30_000]]) => {
        await t.rejects(askServer(await serverOf(t, answer), undefined, never, withinMs), { message } as never, name);
      }),
    );
  },
);

t.test('what has no tag is known by its bytes', async (t) => {
  const source = await serverOf(t, (_, response) => response.end('same'));
  const { tag } = (await askServer(source, undefined, never)) as FoundBundle;
  t.equal(await askServer(source, tag, never), 'unchanged');
});

t.test('of a folder the last tarball by name counts; a tarball may be named itself', async (t) => {
  const folder = join(temporaryFolder(t), 'bundles');
  const source = { name: 'here', path: folder, everySeconds: 1, waitSeconds: 0 };
  await t.rejects(lookInFolder(source, undefined));
  mkdirSync(folder);
  await t.rejects(lookInFolder(source, undefined), { message: /holds no/ } as never);
  for (const name of ['2.tar.gz', '1.tar.gz', '.3.tar.gz', 'z.txt']) writeFileSync(join(folder, name), name);
  const found = (await lookInFolder(source, undefined)) as FoundBundle;
  t.equal(found.bytes.toString(), '2.tar.gz');
  t.equal(await lookInFolder(source, found.tag), 'unchanged');
  t.match(await lookInFolder({ ...source, path: join(folder, '1.tar.gz') }, found.tag), { bytes: Buffer.from('1.tar.gz') });
  rmSync(folder, { recursive: true });
});

t.test('what is not taken is not known, faults never end the polling, and it stops when it is told to', async (t) => {
  const stopping = new AbortController();
  const source = { name: 'x', everySeconds: 0, waitSeconds: 0 };
  const log: string[] = [];
  const answers = ['v1', 'v1', 'unchanged', 'v2', 'fault'];
  const known: (string | undefined)[] = [];
  let refuse = true;
  await poll(
    source,
    {
      known: 'v0',
      async lookAt(_, tag) {
        known.push(tag);
        const next = answers.shift();
        if (next === undefined) stopping.abort();
        if (next === undefined || next === 'fault') throw new Error('away');
        return next === 'unchanged' ? next : { bytes: Buffer.alloc(0), tag: next, waits: true };
      },
      async take({ tag }) {
        if (refuse) {
          refuse = false;
          throw new Error('refused');
        }
        log.push(`took ${tag}`);
      },
      async wasFine(tag) {
        log.push(`fine ${tag}`);
      },
      async wasFaulty({ message }) {
        log.push(message);
        throw new Error('nor can that be told');
      },
      random: () => -1,
    },
    stopping.signal,
  );
  t.same(log, ['refused', 'took v1', 'fine v1', 'fine v1', 'took v2', 'fine v2', 'away']);
  t.same(known, ['v0', 'v0', 'v1', 'v1', 'v2', 'v2']);
});

t.test('another bundle under the tag of the last one is taken, the same one is not taken again (threat 11)', async (t) => {
  const stopping = new AbortController();
  const sent = ['one', 'one', 'two', 'two'];
  const source = await serverOf(t, (_, response) => {
    const bytes = sent.shift();
    if (bytes === undefined) stopping.abort();
    response.writeHead(200, { ETag: '"always"' }).end(bytes);
  });
  const took: string[] = [];
  await poll(
    { ...source, everySeconds: 0 },
    {
      known: undefined,
      take: async ({ bytes }) => void took.push(bytes.toString()),
      wasFine: async () => {},
      wasFaulty: async () => {},
    },
    stopping.signal,
  );
  t.same(took, ['one', 'two']);
});

t.test('the more faults, the longer nothing is asked, up to five minutes', async (t) => {
  const source = { name: 'x', everySeconds: 60, waitSeconds: 0 };
  const longest = [1, 2, 3, 8, 9, 500].map((faults) => backedOff(source, faults, 1));
  t.same(longest, [2, 4, 8, 256, 300, 300]);
  t.equal(backedOff(source, 3, 0), 4, 'half of it at least');
});

t.test('a source that is not whole keeps the start, and is named (threat 42)', async (t) => {
  const written = (sources: unknown): string => JSON.stringify(sources);
  const faulty = [
    { name: 'a', url: 'http://bundles.example/b', application: 'x', waitSeconds: 601 },
    { name: 'a', url: 'https://bundles.example/b', path: 'relative', everySeconds: 0 },
  ];
  const load = (sources: unknown) => loadConfig({ TILGANG_POLICY_SOURCES: written(sources) });
  t.throws(() => load(faulty), { slug: 'config-invalid', message: /policySources\/0\/url.*policySources\/1\/name/s } as never);
  t.throws(() => load([{ nam: 'a' }]), { slug: 'config-invalid' } as never);
  t.match(load([{ name: 'a', url: 'https://bundles.example/b' }]).policySources, [{ everySeconds: 60, waitSeconds: 0 }]);
});
