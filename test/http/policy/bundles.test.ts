// Takes about 13 s.
import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { pack } from 'tar-stream';
import { readBundle } from '#policy';
import { type Answer, runGateway } from '../../fixtures/gateway.js';
import { watchLoop } from '../../fixtures/loop-watch.js';
import { type OwnBundle, ownBundle, testKey } from '../../fixtures/own-bundle.js';
import { policyAuthor } from '../../fixtures/policy-author.js';

const gateway = await runGateway(t, { maxBundleBytes: 1024 * 1024, bundleDeadlineMs: 2000 });
const { ask, send, world } = gateway;
const { first } = world;
const fhi = { client: 'fhi' };
const orgnr = world.clients.find(({ id }) => id === 'fhi')?.orgnr ?? '';
const author = await policyAuthor(gateway, fhi, orgnr, first.appId);
const ANY = { 'If-Match': '*' };
const aktiv = `${author.base}/regelpakke/aktiv`;

const said = ({ status, json }: Answer): string => `${status} ${json?.type?.replace('/problems/', '') ?? ''}`.trim();
const found = async (more: object = {}): Promise<readonly string[]> => {
  const { status, json, text } = await ask(first.appId, { brukerIdent: first.brukerIdent, ...more });
  if (status !== 200) throw new TypeError(text);
  return json.tilganger.map((one: { orgnr: string }) => one.orgnr);
};
const standard = await found();
const [one] = standard as [string];

t.test('a bundle is pushed, activated, rolled back by name and taken away; each is an event of the tilbyder', async (t) => {
  t.ok(standard.length >= 2);
  const pushed = await author.push({ revision: '1', mode: 'all' });
  t.equal(pushed.status, 201);
  t.equal(pushed.headers.get('location'), `${author.base}/regelpakker/1`);
  t.match(pushed.json, {
    revisjon: '1',
    tilstand: 'lastet',
    betrodd: false,
    signertAv: { eier: orgnr, kid: author.kid },
    advarsler: ['ja_til_alt'],
  });
  const bytes = await ownBundle({ key: author.key, revision: '2', mode: 'first' });
  t.equal((await author.upload(bytes)).status, 201);
  t.equal((await author.upload(bytes)).status, 200, 'the same again');
  t.same(await found(), standard);

  t.match(await send(fhi, 'GET', aktiv), { status: 200, json: { bindingsrevisjon: 0 } });
  t.equal(said(await send(fhi, 'PUT', aktiv, { revisjon: '1' })), '428 precondition-required');
  const active = await send(fhi, 'PUT', aktiv, { revisjon: '1' }, { 'If-Match': '"0"' });
  t.match(active, { status: 200, json: { aktiv: { revisjon: '1' }, hoyeste: '1', bindingsrevisjon: 1 } });
  t.equal(active.headers.get('etag'), '"1"');
  t.ok(active.headers.get('tilgang-revision'));
  t.equal(said(await send(fhi, 'PUT', aktiv, { revisjon: '2' }, { 'If-Match': '"0"' })), '412 precondition-failed');
  t.equal((await send(fhi, 'PUT', aktiv, { revisjon: '2', begrunnelse: 'Bare den første' }, { 'If-Match': '"1"' })).status, 200);
  t.same(await found(), [one]);
  t.equal(said(await send(fhi, 'PUT', aktiv, { revisjon: '1' }, ANY)), '409 bundle-revision-refused');
  const rolled = await send(fhi, 'POST', `${author.base}/regelpakke/tilbakerulling`, { revisjon: '1', begrunnelse: 'For få' }, ANY);
  t.match(rolled, { status: 200, json: { aktiv: { revisjon: '1' }, forrige: { revisjon: '2' }, hoyeste: '2' } });
  t.same(await found(), standard);
  const list = await send(fhi, 'GET', `${author.base}/regelpakker`);
  t.same(
    list.json.regelpakker.map(({ revisjon, tilstand }: Record<string, string>) => [revisjon, tilstand]),
    [
      ['1', 'aktiv'],
      ['2', 'forrige'],
    ],
  );
  t.match((await send(fhi, 'DELETE', aktiv, { begrunnelse: 'ferdig' }, ANY)).json, { forrige: { revisjon: '1' } });
  t.same(await found(), standard);

  const events = await send({ person: 'fhi-leder' }, 'GET', `/konsument-bruker/api/v1/organisasjoner/${orgnr}/hendelser?antall=6`);
  t.same(
    events.json.hendelser.map(({ handling }: { handling: string }) => handling),
    ['bundle.deactivate', 'bundle.rollback', 'bundle.activate', 'bundle.activate', 'bundle.push', 'bundle.push'],
  );
  t.match(events.json.hendelser[0], { begrunnelse: 'ferdig' });
  t.match(events.json.hendelser[1], { appId: first.appId, begrunnelse: 'For få', etter: { aktiv: { revisjon: '1' } } });
});

t.test('the bytes are handed out as they were pushed, and not again to whoever has them', async (t) => {
  const bytes = await ownBundle({ key: author.key, revision: '3', mode: 'all' });
  await author.upload(bytes);
  const path = `${gateway.origin}${author.base}/regelpakker/3/innhold`;
  const headers = { Authorization: `Bearer ${await gateway.tokenOf(fhi)}` };
  const got = await fetch(path, { headers });
  t.equal(got.headers.get('content-type'), 'application/gzip');
  t.ok(Buffer.from(await got.arrayBuffer()).equals(bytes));
  const again = await fetch(path, { headers: { ...headers, 'If-None-Match': got.headers.get('etag') ?? '' } });
  t.equal(again.status, 304);
});

t.test(
  'what is no sound, signed bundle of an application is refused with what is wrong, and the one that judges goes on (threats 1, 2, 6, 8)',
  async (t) => {
    await author.push({ revision: '10', mode: 'first' });
    await author.activate('10');
    const { key } = author;
    const good = await ownBundle({ key, revision: '11', mode: 'all' });
    const bundle = (more: Partial<OwnBundle>): Promise<Buffer> => ownBundle({ key, revision: '11', mode: 'all', ...more });
    const manifest =
      (change: object) =>
      (files: Map<string, Uint8Array>): void => {
        const read = JSON.parse(Buffer.from(files.get('.manifest') as Uint8Array).toString());
        files.set('.manifest', Buffer.from(JSON.stringify({ ...read, ...change })));
      };
    const wasm = [{ entrypoint: 'application/reasons', module: '/policy.wasm' }];
    const raw = async (...names: string[]): Promise<Buffer> => {
      const tar = pack();
      for (const name of names) tar.entry({ name }, '{}');
      tar.finalize();
      const chunks: Buffer[] = [];
      for await (const chunk of tar) chunks.push(chunk as Buffer);
      return gzipSync(Buffer.concat(chunks));
    };
    const cases: Record<string, [Uint8Array, RegExp]> = {
      truncated: [good.subarray(0, good.length / 2), /gzip/],
      'cut off inside': [gzipSync(gunzipSync(good).subarray(0, -1024)), /cut off/],
      unsigned: [await bundle({ key: undefined }), /not signed/],
      'signed by another key': [await bundle({ key: { ...testKey('x'), kid: key.kid } }), /not signed by the key/],
      'one byte changed': [
        await bundle({ after: (files) => files.set('data.json', Buffer.from('{"rules":{"mode":"ALL"}}')) }),
        /data\.json/,
      ],
      'a file added': [await bundle({ after: (files) => files.set('more.rego', Buffer.from('package more')) }), /does not list/],
      'a path that climbs': [await raw('../policy.wasm'), /name/],
      'a name twice': [await raw('/data.json', '/data.json'), /two entries/],
      'a bomb': [gzipSync(Buffer.alloc(80 * 1024 * 1024)), /bytes unpacked/],
      'no entrypoint application/search': [await bundle({ before: manifest({ wasm }) }), /lacks the entrypoint application\/search/],
      'data that is not JSON': [await bundle({ after: (files) => files.set('data.json', Buffer.from('{')) }), /data\.json/],
      'no module': [await bundle({ before: (files) => files.set('policy.wasm', Buffer.from('wasm')) }), /./],
      nothing: [Buffer.alloc(0), /gzip/],
    };
    for (const [name, [bytes, detail]] of Object.entries(cases)) {
      const answer = await author.upload(bytes);
      t.equal(said(answer), '422 bundle-refused', name);
      t.match(answer.json.detail, detail, name);
    }
    t.equal(said(await author.upload(Buffer.alloc(1024 * 1024 + 1))), '413 body-too-large');
    t.equal(said(await author.upload(good, { 'Content-Type': 'application/json' })), '415 unsupported-media-type');
    t.equal(said(await author.upload(good, { 'Content-Encoding': 'gzip' })), '415 unsupported-media-type');
    t.equal((await send(fhi, 'GET', `${author.base}/regelpakker/11`)).status, 404, 'nothing of it is kept');
    t.same(await found(), [one]);
  },
);

t.test(
  'rules that never end cost their application an error, and nobody else anything; status tells their author (threat 15)',
  async (t) => {
    const held = { ...(await author.push({ revision: '20', mode: 'high' })) };
    t.equal(held.status, 201);
    const status = async () => (await send(fhi, 'GET', `${author.base}/regelpakke/status`)).json;
    await author.activate('20');
    t.same(await found({ sikkerhetsniva: 'hoyt' }), standard);
    t.same(await found({ sikkerhetsniva: 'betydelig' }), []);
    t.match(await status(), { binding: { aktiv: { revisjon: '20' } } });
    t.match(
      (await status()).prosesser[0].lastet.find(({ revisjon }: { revisjon: string }) => revisjon === '20'),
      { stilling: /proven/, svar: 2, feil: 0 },
    );
    const endless = await ownBundle({ key: author.key, revision: '21', mode: 'endless' });
    t.equal(said(await author.upload(endless)), '422 bundle-refused', 'it is noticed when it is tried');
    t.same(await found({ sikkerhetsniva: 'hoyt' }), standard);
  },
);

t.test('a bundle is swapped again and again under load: no request fails, and none is judged by two (threat 9)', async (t) => {
  const rounds = 12;
  for (let i = 0; i < rounds; i += 1) await author.push({ revision: `30.${i}`, mode: i % 2 === 0 ? 'first' : 'last' });
  await author.activate('30.0');
  const last = standard.at(-1) as string;
  let over = false;
  const answers = new Set<string>();
  let asked = 0;
  const load = async (): Promise<void> => {
    while (!over) {
      answers.add((await found()).join());
      asked += 1;
    }
  };
  const loads = Array.from({ length: 8 }, load);
  for (let i = 1; i < rounds; i += 1) {
    const expected = i % 2 === 0 ? one : last;
    await author.activate(`30.${i}`);
    t.same(await found(), [expected], `from its activation on 30.${i} judges`);
  }
  over = true;
  await Promise.all(loads);
  t.same([...answers].sort(), [one, last].sort());
  t.ok(asked > rounds * 2, `${asked} requests`);
});

t.test('what a large bundle takes to read is not taken from those who ask, even before its signature is known (threat 2)', async (t) => {
  const many = Buffer.from(`{"many":[${'[],'.repeat(1_000_000)}[]]}`);
  const bytes = await ownBundle({ revision: '40', mode: 'all', before: (files) => void files.set('data.json', many) });
  const floor = await watchLoop(() => readBundle(bytes));
  let answer: Answer | undefined;
  const held = await watchLoop(async () => {
    answer = await author.upload(bytes);
  });
  t.equal(answer && said(answer), '422 bundle-refused');
  t.ok(held.longestCpuMs < floor.longestCpuMs / 3, `${held.longestCpuMs} ms of ${floor.longestCpuMs} ms`);
});
