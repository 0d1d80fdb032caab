import { crc32, deflateSync } from 'node:zlib';
import t from 'tap';
import { type Answer, runGateway } from '../../fixtures/gateway.js';

const API = '/leverandor-tjenester/api/v1/applikasjoner';
const gateway = await runGateway(t, { refusalsPerMinute: 10_000 });
const { send, world, origin } = gateway;
const FHI = { client: 'fhi' };
const PNG_TYPE = 'image/png';
const SVG_TYPE = 'image/svg+xml';
const CIRCLE = '<circle cx="5" cy="5" r="4" fill="teal"/>';
const svg = (inside = CIRCLE): string => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">${inside}</svg>`;
const idOf = (name: string): string => world.applications.find((one) => one.name.nb === name)?.id ?? '';
const logoOf = (name: string): string => `${API}/${idOf(name)}/logo`;
const LOGO = logoOf('Smittevernmelding');

function chunk(name: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** A square PNG of one shade. */
function png(shade = 0, side = 4): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => Buffer.concat([Buffer.of(0), Buffer.alloc(side, shade)]))));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND')]);
}

const put = (path: string, body: string | Buffer, type: string, match: string | null = '*'): Promise<Answer> =>
  send(FHI, 'PUT', path, body, { 'Content-Type': type, ...(match === null ? {} : { 'If-Match': match }) });

/** What anybody gets, without a token. */
async function shown(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(origin + path, { headers });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

t.test('a PNG and an SVG are shown to anybody, under their own type and unable to do anything', async (t) => {
  for (const [body, type] of [
    [png(), PNG_TYPE],
    [Buffer.from(svg()), SVG_TYPE],
  ] as const) {
    const { status, headers } = await put(LOGO, body, type);
    t.equal(status, 204);
    const seen = await shown(LOGO);
    t.equal(seen.status, 200);
    t.equal(seen.headers.get('content-type'), type);
    t.equal(seen.headers.get('etag'), headers.get('etag'));
    t.match(seen.headers.get('content-security-policy'), /default-src 'none'.*sandbox/);
    t.equal(seen.headers.get('x-content-type-options'), 'nosniff');
    t.same(seen.bytes, body);
    const etag = headers.get('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"0", ${etag}`, '*']) {
      const again = await shown(LOGO, { 'If-None-Match': known });
      t.equal(again.status, 304, known);
      t.equal(again.bytes.length, 0);
      t.equal(again.headers.get('etag'), etag);
    }
    t.equal((await shown(LOGO, { 'If-None-Match': '"0"' })).status, 200);
  }
});

t.test('what an SVG could do or tell is gone before it is shown (threat 38)', async (t) => {
  const bad = [
    '<script>alert(1)</script>',
    '<a href="javascript:alert(1)"><circle r="1" onclick="alert(1)"/></a>',
    '<image href="https://spy.example/a.png"/>',
    '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="https://spy.example"/></foreignObject>',
    '<style>@import url(https://spy.example)</style>',
    '<metadata><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">hemmelig</r:RDF></metadata>',
  ];
  t.equal((await put(LOGO, svg(bad.join('') + CIRCLE), SVG_TYPE)).status, 204);
  const text = (await shown(LOGO)).bytes.toString();
  t.match(text, '<circle cx="5"');
  t.notMatch(text, /script|onclick|spy\.example|iframe|foreignObject|hemmelig/i);
});

t.test('a draft’s logo is answered like that of an unknown application', async (t) => {
  const draft = logoOf('Vannprøveregister');
  t.equal((await put(draft, svg(), SVG_TYPE)).status, 204);
  const told = await Promise.all(
    [draft, `${API}/00000000-0000-4000-8000-000000000000/logo`, `${API}/tull/logo`].map((path) => shown(path)),
  );
  const [own, ...others] = told.map(({ status, bytes }) => ({ status, ...JSON.parse(bytes.toString()), requestId: '' }));
  t.match(own, { status: 404, type: '/problems/application-not-found' });
  for (const other of others) t.same(other, own);
  await send(FHI, 'PATCH', draft.replace('/logo', ''), { tilstand: 'aktiv' }, { 'If-Match': '*' });
  t.equal((await shown(draft)).status, 200);
  t.equal((await shown(logoOf('Vaksineoversikt'))).status, 404, 'an application without one');
});

t.test('what is no logo is refused, and the one in place stays', async (t) => {
  await put(LOGO, png(7), PNG_TYPE);
  const before = await shown(LOGO);
  const refused: [string, string | Buffer, string, number][] = [
    ['GIF', Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1'), 'image/gif', 415],
    ['GIF that says PNG', Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1'), PNG_TYPE, 400],
    ['HTML that says SVG', '<html><script>alert(1)</script></html>', SVG_TYPE, 400],
    ['SVG that says PNG', svg(), PNG_TYPE, 400],
    ['PNG that says SVG', png(), SVG_TYPE, 400],
    ['cut PNG', png().subarray(0, -14), PNG_TYPE, 400],
    ['cut SVG', svg().slice(0, -8), SVG_TYPE, 400],
    ['PNG of too many pixels', png(0, 1025), PNG_TYPE, 400],
    ['nothing', '', SVG_TYPE, 400],
    ['too large', Buffer.alloc(131_073), PNG_TYPE, 413],
    ['no type', svg(), 'application/json', 415],
  ];
  for (const [what, body, type, status] of refused) t.equal((await put(LOGO, body, type)).status, status, what);
  const after = await shown(LOGO);
  t.same(after.bytes, before.bytes);
  t.equal(after.headers.get('etag'), before.headers.get('etag'));
});

t.test('a change of the logo needs the revision that it was made from', async (t) => {
  const path = logoOf('Folkehelseprofil');
  t.match(await put(path, svg(), SVG_TYPE, null), { status: 428 });
  t.match(await put(path, svg(), SVG_TYPE, '"1"'), { status: 412 });
  const first = (await put(path, svg(), SVG_TYPE)).headers.get('etag') ?? '';
  t.match(await put(path, png(), PNG_TYPE, '"99"'), { status: 412 });
  const second = (await put(path, png(), PNG_TYPE, first)).headers.get('etag') ?? '';
  t.not(second, first);
  t.match(await send(FHI, 'DELETE', path), { status: 428 });
  t.match(await send(FHI, 'DELETE', path, undefined, { 'If-Match': first }), { status: 412 });
  t.match(await send(FHI, 'DELETE', path, undefined, { 'If-Match': second }), { status: 204 });
  t.match(await send(FHI, 'DELETE', path, undefined, { 'If-Match': second }), { status: 204 });
  t.match(await shown(path), { status: 404 });
  const third = (await put(path, svg('<rect width="1" height="1"/>'), SVG_TYPE)).headers.get('etag') ?? '';
  t.notOk([first, second].includes(third), 'a tag never comes again for another picture');
  t.equal((await shown(path, { 'If-None-Match': first })).status, 200);
});

t.test('the events of a logo tell who and when, and hold no picture', async (t) => {
  const orgnr = world.clients.find(({ id }) => id === 'fhi')?.orgnr;
  const marked = svg('<rect width="3" height="9" fill="#abcdef"/>');
  await put(LOGO, marked, SVG_TYPE);
  await send(FHI, 'DELETE', LOGO, undefined, { 'If-Match': '*' });
  const events = `/konsument-bruker/api/v1/organisasjoner/${orgnr}/hendelser`;
  for (const handling of ['logo.set', 'logo.remove']) {
    const { status, json, text } = await send({ person: 'fhi-leder' }, 'GET', `${events}?handling=${handling}&antall=500`);
    t.equal(status, 200);
    t.ok(json.hendelser.length > 0, handling);
    t.match(json.hendelser[0], { aktor: orgnr, paaVegneAv: orgnr });
    t.notOk(text.includes(Buffer.from(marked).toString('base64').slice(0, 40)), 'no picture');
    t.notOk(/[A-Za-z0-9+/]{200}/.test(text), 'nothing as long as a picture');
  }
});
