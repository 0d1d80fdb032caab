import t from 'tap';
import { bareConnection } from '../fixtures/bare-connection.js';
import { runGateway } from '../fixtures/gateway.js';

const gateway = await runGateway(t);
const { origin, world } = gateway;
const { appId, brukerIdent } = world.first;
const fhi = await gateway.tokenOf({ client: 'fhi' });
// The keys of its issuer are fetched once.
await gateway.ask(appId, { brukerIdent });
const body = JSON.stringify({ brukerIdent });
const LIVE = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n';
const ask = (more = ''): string =>
  `POST /tilgang/api/v1/app/${appId}/tilganger HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${fhi}\r\n` +
  `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

/** What comes back for these bytes until the other side ends, and the lines that were logged. */
async function exchange(bytes: string) {
  const before = gateway.lines.length;
  const { socket, answers, over } = bareConnection(origin);
  socket.write(bytes);
  const end = await over;
  socket.destroy();
  const lines = gateway.lines.slice(before).map((line) => JSON.parse(line));
  return { answers: answers(), end, lines, statuses: answers().map(({ status }) => status) };
}

t.test('what comes before garbage is answered, each by its own answer, and the garbage after them (fault 6)', async (t) => {
  for (const before of [[LIVE, ask()], [ask(), LIVE], [ask(), ask()], [LIVE], [ask()]]) {
    const { answers, end, lines, statuses } = await exchange(`${before.join('')}\u0001garbage\r\n\r\n`);
    t.same(statuses, [...before.map(() => 200), 400]);
    t.same(
      answers.map(({ json }) => Object.keys(json)[0]),
      [...before.map((one) => (one === LIVE ? 'live' : 'tilganger')), 'type'],
    );
    t.match(answers.at(-1)?.json, { type: '/problems/malformed-http' });
    t.equal(end, 'ended', 'not reset');
    t.equal(lines.length, before.length + 1, 'each has its line');
  }
});

t.test('garbage in the body of a request is answered once, to that request (fault 6)', async (t) => {
  const chunked = ask()
    .replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked')
    .replace(/\r\n\r\n[\s\S]*/, '\r\n\r\n');
  for (const bytes of [`${LIVE}${chunked}zz\r\n`, `${LIVE}${chunked}5\r\n{"bru\r\nzz\r\nGET / HTTP/1.1\r\n\r\n`]) {
    const { statuses, lines } = await exchange(bytes);
    t.same(statuses, [200, 400]);
    t.match(lines, [{ route: '/health/live' }, { route: /tilganger/, status: 400 }]);
  }
});

t.test('after the last answer of a connection nothing is carried out (fault 6)', async (t) => {
  const { statuses, lines } = await exchange(`${ask('Connection: close\r\n')}${ask()}${ask()}`);
  t.same([statuses, lines.length], [[200], 1]);
  const large = `POST /ukjent HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${' '.repeat(100_000)}`;
  const refused = await exchange(`${large}${ask()}`);
  t.same([refused.statuses, refused.lines.length], [[404], 1]);
});

t.test('requests on one connection are answered in their order, and too many waiting are cut (fault 6)', async (t) => {
  const many = await exchange(
    `${Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? ask() : LIVE)).join('')}${ask('Connection: close\r\n')}`,
  );
  t.same(
    many.answers.map(({ json }) => Object.keys(json)[0]),
    [...Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 'tilganger' : 'live')), 'tilganger'],
  );
  const flood = await exchange(LIVE.repeat(2000));
  t.ok(flood.answers.length < 2000);
  t.equal((await gateway.get('/health/live')).status, 200);
});

t.test('whoever has sent everything and ended is answered', async (t) => {
  const { socket, over, answers } = bareConnection(origin);
  socket.end(ask());
  t.equal(await over, 'ended');
  t.match(answers(), [{ status: 200 }]);
});

const REFUSED = {
  'no Host': ['GET /health/live HTTP/1.1\r\n\r\n', 400, 'malformed-http'],
  'an unknown Expect': ['GET /health/live HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nConnection: close\r\n\r\n', 417, 'expectation-failed'],
  CONNECT: ['CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n', 405, 'method-not-allowed'],
  'headers without end': [`GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(40_000)}\r\n\r\n`, 431, 'headers-too-large'],
  'a path without end': [`GET /${'a'.repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'headers-too-large'],
  'an unknown method': ['FOO /health/live HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'malformed-http'],
  'HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed-http'],
} as const;

for (const [name, [bytes, status, slug]] of Object.entries(REFUSED)) {
  t.test(`${name} gets its problem, a request id and a line in the log (fault 6)`, async (t) => {
    const { socket, until } = bareConnection(origin);
    const before = gateway.lines.length;
    socket.write(bytes);
    const [answer] = await until(1);
    socket.destroy();
    t.match(answer, { status, headers: { 'content-type': /^application\/problem\+json/ }, json: { type: `/problems/${slug}` } });
    t.equal(answer?.json.requestId, answer?.headers['x-request-id']);
    const lines = gateway.lines.slice(before).map((line) => JSON.parse(line));
    t.match(lines, [{ event: 'request', requestId: answer?.json.requestId, status, problem: slug }]);
  });
}

t.test('an upgrade is not made: the request is answered as any other', async (t) => {
  const { statuses } = await exchange('GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n');
  t.same(statuses, [200]);
});

t.test('a connection that is reset at any moment harms nobody (threat 49)', async (t) => {
  const whole = `${LIVE}${ask()}${LIVE}`;
  for (let at = 0; at < whole.length; at += 60) {
    const { socket } = bareConnection(origin);
    socket.on('error', () => {});
    await new Promise((resolve) => socket.write(whole.slice(0, at + 1), resolve));
    if (at % 120 === 0) socket.resetAndDestroy();
    else setImmediate(() => socket.resetAndDestroy());
  }
  const leader = await gateway.tokenOf({ person: 'oslo-leder' });
  const orgnr = world.administrators.find(({ id }) => id === 'oslo-leder')?.orgnr;
  for (let i = 0; i < 10; i += 1) {
    const { socket, over } = bareConnection(origin);
    socket.on('error', () => {});
    socket.write(
      `GET /konsument-bruker/api/v1/organisasjoner/${orgnr}/eksport HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${leader}\r\n\r\n`,
    );
    if (i % 2 === 0) socket.once('data', () => socket.resetAndDestroy());
    else setTimeout(() => socket.resetAndDestroy(), i);
    await Promise.race([over, new Promise((resolve) => socket.once('close', resolve))]);
  }
  t.equal((await gateway.get('/health/live')).status, 200);
  t.same(
    gateway.lines.filter((line) => line.includes('"level":"error"')),
    [],
    'and is no fault',
  );
});
