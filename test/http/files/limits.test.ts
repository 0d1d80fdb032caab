// Alone: it measures the bytes that buffers of the whole process hold.
import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';
import { pause, rawExchange } from '../../fixtures/raw-exchange.js';
import { API, BERGEN, csv, OSLO, openDesk, report } from './desk.js';

const MIB = 1_048_576;
const gateway = await runGateway(t, { refusalsPerMinute: 10_000, bodyTimeoutMs: 500, maxImportBytes: 4 * MIB });
const { origin, world } = gateway;
const desk = openDesk(gateway);
const { app } = desk;

/** An import sent over a bare connection. */
async function sent(
  pieces: AsyncIterable<Buffer | string> | Iterable<Buffer | string>,
  fields: string[],
  holder = { client: 'oslo' },
  orgnr = OSLO,
) {
  const token = await gateway.tokenOf(holder);
  const lines = [
    `POST ${API}/${orgnr}/import HTTP/1.1`,
    `Host: ${new URL(origin).host}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: text/csv',
    'Connection: close',
    ...fields,
  ];
  async function* all() {
    yield `${lines.join('\r\n')}\r\n\r\n`;
    yield* pieces;
  }
  return rawExchange(origin, all());
}

const framed = (data: string): string => `${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n`;

t.test('a file of 100 MB is refused by the length that it announces, before a byte of it is sent (threat 14)', async (t) => {
  const answer = await sent([], [`Content-Length: ${100 * MIB}`]);
  t.equal(answer.status, 413);
  t.equal(answer.json.type, '/problems/body-too-large');
});

t.test('a file of 100 MB whose length is not told is refused when the limit is passed, and is never held (threat 14)', async (t) => {
  let sentBytes = 0;
  let most = 0;
  // Few lines: of many faulty ones not so much is read.
  const line = `${app},${'1'.repeat(30_000)}\n`;
  function* endless() {
    yield framed('app,brukerIdent\n');
    while (sentBytes < 100 * MIB) {
      sentBytes += line.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers);
      yield framed(line);
    }
    yield '0\r\n\r\n';
  }
  const before = process.memoryUsage().arrayBuffers;
  const answer = await sent(endless(), ['Transfer-Encoding: chunked']);
  t.equal(answer.status, 413);
  t.ok(sentBytes < 50 * MIB, `${sentBytes} bytes were taken`);
  t.ok(most - before < 64 * MIB, `${most - before} bytes were held`);
});

t.test('a person whose line came before the limit can be given by a smaller file', async (t) => {
  const [p = ''] = desk.persons(1);
  const answer = await sent(
    [framed(csv('app,brukerIdent', [app, p])), framed('x'.repeat(5 * MIB)), '0\r\n\r\n'],
    ['Transfer-Encoding: chunked'],
  );
  t.equal(answer.status, 413);
  t.match((await desk.import(csv('app,brukerIdent', [app, p]))).json, { linjer: 1, feil: 0 });
});

t.test('a file that stops coming is given up, and one that keeps coming slowly is read (threat 14)', async (t) => {
  const [p = '', q = ''] = desk.persons(2);
  async function* stalled() {
    yield framed(`app,brukerIdent\n${app},${p}\n`);
    await pause(1500);
  }
  const late = await sent(stalled(), ['Transfer-Encoding: chunked']);
  t.equal(late.status, 408);
  t.equal(late.json.type, '/problems/body-too-slow');
  async function* slow() {
    for (const piece of `app,brukerIdent\n${app},${q}\n`.match(/.{1,12}/gs) ?? []) {
      yield framed(piece);
      await pause(150);
    }
    yield '0\r\n\r\n';
  }
  const read = await sent(slow(), ['Transfer-Encoding: chunked']);
  t.equal(read.status, 200, read.text);
  t.same(await desk.rolesOf(q), ['use']);
});

t.test('a file that comes slower than any line carries is given up (fault 3)', async (t) => {
  let sentBytes = 0;
  async function* dripping() {
    yield framed('app,brukerIdent\n');
    for (let i = 0; i < 40; i += 1) {
      sentBytes += 1024;
      yield framed(`${' '.repeat(1023)}\n`);
      await pause(150);
    }
    yield '0\r\n\r\n';
  }
  const answer = await sent(dripping(), ['Transfer-Encoding: chunked']);
  t.equal(answer.status, 408, answer.text);
  t.ok(sentBytes < 40 * 1024, `${sentBytes} bytes`);
});

t.test('a line that is too long costs only itself', async (t) => {
  const [p = '', q = ''] = desk.persons(2);
  const { json } = await desk.import(
    csv('app,brukerIdent,reason', [app, p, 'x'.repeat(70_000)], [app, q, 'ok'], [app, p, 'y'.repeat(501)]),
  );
  t.match(json, { linjer: 3, gitt: 1, feil: 2, feilListe: [{ linje: 2 }, { linje: 4, felt: 'reason' }] });
});

t.test('of more than a thousand faults the first thousand are told and all are counted', async (t) => {
  const rows = Array.from({ length: 1200 }, (_, i) => [app, `${i}`]);
  const { json } = await desk.import(csv('app,brukerIdent', ...rows));
  t.match(json, { linjer: 1200, feil: 1200 });
  t.same(
    json.feilListe.map(({ linje }: { linje: number }) => linje),
    Array.from({ length: 1000 }, (_, i) => i + 2),
  );
});

t.test('whoever may not import is told so before the file is read', async (t) => {
  const refused: [string, { client: string } | { person: string }, string, number][] = [
    ['a machine for another organisation', { client: 'oslo' }, BERGEN, 404],
    ['a machine for an unknown organisation', { client: 'oslo' }, '310000000', 404],
    ['a machine without the scope', { client: 'fhi' }, OSLO, 403],
    ['a person of another organisation', { person: 'bergen-leder' }, OSLO, 404],
    ['a person without the role', { person: 'oslo-applikasjon' }, OSLO, 403],
    ['a person without any role', { person: world.persons[3]?.id ?? '' }, OSLO, 404],
  ];
  for (const [who, holder, orgnr, status] of refused) {
    // Not one byte of the body that is announced is ever sent.
    const answer = await sent([], [`Content-Length: ${MIB}`], holder as { client: string }, orgnr);
    t.equal(answer.status, status, who);
    const exported = await desk.export('', orgnr, holder);
    t.equal(exported.status, status, `${who}, exporting`);
  }
  t.equal((await desk.import('a', { holder: null })).status, 401);
  t.match((await desk.import('a', { headers: { 'Idempotency-Key': 'x' } })).status, 400);
  t.same((await desk.import('app,brukerIdent\n')).json, report(0));
});
