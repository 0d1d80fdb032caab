import { spawn } from 'node:child_process';
import { request } from 'node:http';
import t from 'tap';
import { bareConnection } from '../fixtures/bare-connection.js';
import { runGateway } from '../fixtures/gateway.js';

const gateway = await runGateway(t, { refusalsPerMinute: 2, bodyTimeoutMs: 1500 });
const { origin, world } = gateway;
const { hostname, port } = new URL(origin);
const { appId } = world.first;
const OSLO = world.administrators.find(({ id }) => id === 'oslo-leder')?.orgnr;
const fhi = await gateway.tokenOf({ client: 'fhi' });
const leader = await gateway.tokenOf({ person: 'oslo-leder' });
const ASK = `/tilgang/api/v1/app/${appId}/tilganger`;
const IMPORT = `/konsument-bruker/api/v1/organisasjoner/${OSLO}/import`;
const LOGO = `/leverandor-tjenester/api/v1/applikasjoner/${appId}/logo`;
const FIVE_MIB = Buffer.alloc(5 * 1_048_576, 0x20);

interface Refused {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly slug: string;
}
const json = { 'Content-Type': 'application/json' };
const asked = { Authorization: `Bearer ${fhi}`, ...json };
const REFUSED: readonly Refused[] = [
  { method: 'POST', path: ASK, headers: json, slug: 'token-missing' },
  { method: 'POST', path: ASK, headers: { ...json, Authorization: 'Bearer a.b.c' }, slug: 'token-invalid' },
  { method: 'POST', path: ASK, headers: asked, slug: 'body-too-large' },
  { method: 'POST', path: ASK, headers: { ...asked, 'Content-Type': 'text/plain' }, slug: 'unsupported-media-type' },
  { method: 'PUT', path: ASK, headers: asked, slug: 'method-not-allowed' },
  { method: 'POST', path: '/ukjent', headers: {}, slug: 'not-found' },
  { method: 'POST', path: '/health/live', headers: {}, slug: 'method-not-allowed' },
  { method: 'POST', path: IMPORT, headers: { 'Content-Type': 'text/csv' }, slug: 'token-missing' },
  {
    method: 'POST',
    path: IMPORT,
    headers: { Authorization: `Bearer ${leader}`, 'Content-Type': 'image/png' },
    slug: 'unsupported-media-type',
  },
  {
    method: 'PUT',
    path: LOGO,
    headers: { Authorization: `Bearer ${fhi}`, 'Content-Type': 'image/png', 'If-Match': '*' },
    slug: 'body-too-large',
  },
];

/** As programs do that look for an answer only when they have sent everything; a chunked body unless its length is told. */
function sentWhole({ method, path, headers }: Refused, length: Record<string, string | number>): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({ hostname, port, method, path, agent: false, headers: { ...headers, ...length } });
    sent.on('error', ({ code }: NodeJS.ErrnoException) => resolve(`error ${code}`));
    sent.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve(JSON.parse(text).type));
    });
    for (let at = 0; at < FIVE_MIB.length; at += 65_536) sent.write(FIVE_MIB.subarray(at, at + 65_536));
    sent.end();
  });
}

/** Writes everything before it reads anything. */
async function sentBlindly({ method, path, headers }: Refused): Promise<string> {
  const { socket, until, over } = bareConnection(origin);
  socket.pause();
  const fields = Object.entries({ Host: 'x', ...headers, 'Content-Length': FIVE_MIB.length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n`);
  await Promise.race([new Promise((resolve) => socket.write(FIVE_MIB, resolve)), over]);
  socket.resume();
  const [answer] = await until(1);
  socket.destroy();
  return answer?.json?.type ?? (await over);
}

for (const one of REFUSED) {
  t.test(`${one.slug} of ${one.method} ${one.path.split('/').at(-1)} is seen by who sends 5 MiB (fault 5)`, async (t) => {
    const type = `/problems/${one.slug}`;
    t.equal(await sentWhole(one, { 'Content-Length': FIVE_MIB.length }), type, 'node, of a length');
    t.equal(await sentWhole(one, {}), type, 'node, in chunks');
    t.equal(await sentBlindly(one), type, 'who reads only afterwards');
    const fetched = await fetch(origin + one.path, { method: one.method, headers: one.headers, body: FIVE_MIB });
    t.equal(((await fetched.json()) as { type: string }).type, type, 'fetch');
  });
}

t.test('curl, which asks first whether it may go on, sees the refusal and sends nothing (fault 5)', async (t) => {
  const { socket, until } = bareConnection(origin);
  socket.write(
    `POST ${ASK} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n`,
  );
  const answers = await until(1);
  t.match(answers, [{ status: 401, headers: { connection: 'close' }, json: { type: '/problems/token-missing' } }], 'and no 100');
  socket.destroy();
  const curl = spawn('curl', ['-s', '-m', '20', '--data-binary', '@-', origin + ASK], { stdio: ['pipe', 'pipe', 'ignore'] });
  const written = new Promise<string | undefined>((resolve) => {
    let text = '';
    curl.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    // A machine may have none.
    curl.on('error', () => resolve(undefined)).on('close', () => resolve(text));
  });
  curl.stdin.on('error', () => {}).end(FIVE_MIB);
  const text = await written;
  if (text !== undefined) t.match(JSON.parse(text), { type: '/problems/token-missing' });
});

t.test('who may go on is told so once the body is read', async (t) => {
  const { socket, until } = bareConnection(origin);
  const body = JSON.stringify({ brukerIdent: world.first.brukerIdent });
  socket.write(
    `POST ${ASK} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${fhi}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
  );
  t.match(await until(1), [{ status: 100 }]);
  socket.write(body);
  t.match(await until(2), [{ status: 100 }, { status: 200 }]);
  socket.destroy();
});

t.test('after a refusal whose body is short the connection goes on (fault 5)', async (t) => {
  const { socket, until } = bareConnection(origin);
  socket.write(`POST ${ASK} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234`);
  t.match(await until(1), [{ status: 401, headers: { connection: 'keep-alive' } }]);
  socket.write('56789GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
  t.match(await until(2), [{ status: 401 }, { status: 200, json: { live: true } }]);
  socket.destroy();
});

t.test('whoever never sends the rest, or sends it for ever, is cut (fault 5, threat 14)', async (t) => {
  const cut = (head: string) => {
    const { socket, over } = bareConnection(origin);
    socket.on('error', () => {});
    socket.write(head);
    return { socket, over, closed: new Promise((resolve) => socket.once('close', resolve)) };
  };
  const dripping = cut(`POST ${ASK} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const silent = cut(`POST ${ASK} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n`);
  const endless = cut(`POST ${ASK} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const drip = setInterval(() => dripping.socket.write('1\r\n0\r\n'), 50);
  const chunk = Buffer.from(`100000\r\n${' '.repeat(1_048_576)}\r\n`);
  let sent = 0;
  const send = (): void => {
    sent += 1;
    if (sent < 100) endless.socket.write(chunk, (error) => error ?? send());
  };
  send();
  await Promise.all([dripping.closed, endless.closed, silent.over]);
  clearInterval(drip);
  silent.socket.destroy();
  t.ok(sent < 64, `${sent} MiB were taken`);
  t.equal((await gateway.get('/health/live')).status, 200);
});
