import t from 'tap';
import { runGateway } from '../fixtures/gateway.js';

const gateway = await runGateway(t);
const { origin, world, keys } = gateway;
const { appId, brukerIdent } = world.first;
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const lastLine = () => JSON.parse(gateway.lines.at(-1) ?? '{}');
const ask = (headers: Record<string, string>, token?: string) =>
  gateway.ask(appId, { brukerIdent }, { headers, ...(token === undefined ? {} : { token }) });

t.test('the caller’s request id and trace are answered and logged (fault 20)', async (t) => {
  for (const id of ['a', 'req-1.2_3', '4bf92f35-77b3-4da6-a3ce-929d0e0e4736', 'x'.repeat(128)]) {
    const answer = await ask({ 'X-Request-Id': id, traceparent: TRACE });
    t.match([answer.status, answer.headers.get('x-request-id'), answer.headers.get('traceparent')], [200, id, TRACE]);
    t.match(lastLine(), { requestId: id, traceparent: TRACE });
  }
  const withDigits = TRACE.replace(/[0-9a-f]{32}/, 'a12345678901'.padEnd(32, 'b'));
  t.equal((await ask({ traceparent: withDigits })).headers.get('traceparent'), withDigits, 'digits that are nobody’s number are no reason');
  const refused = await gateway.ask(appId, {}, { headers: { 'X-Request-Id': 'mine' } });
  t.equal(refused.json.requestId, 'mine', 'of a problem too');
  const live = await gateway.get('/health/live', { headers: { 'X-Request-Id': 'mine', traceparent: TRACE } });
  t.same([live.headers.get('x-request-id'), live.headers.get('traceparent')], ['mine', TRACE]);
});

t.test('the event of a change carries the caller’s request id (fault 20)', async (t) => {
  const leader = { person: 'oslo-leder' };
  const base = `/konsument-bruker/api/v1/organisasjoner/${world.administrators.find(({ id }) => id === 'oslo-leder')?.orgnr}`;
  const changed = await gateway.send(
    leader,
    'PATCH',
    `${base}/innstillinger`,
    { lengsteTilgangDager: 30 },
    { 'If-Match': '*', 'X-Request-Id': 'of-a-change' },
  );
  t.equal(changed.status, 200);
  const { json } = await gateway.send(leader, 'GET', `${base}/hendelser`);
  t.ok(JSON.stringify(json).includes('"forespoersel":"of-a-change"'));
});

t.test('a request id or a trace of another form, or with a person number, is not taken over (fault 20, threats 37 and 38)', async (t) => {
  for (const id of ['', 'x'.repeat(129), 'a b', 'a"b', '<script>', `id-${brukerIdent}`, brukerIdent, 'blåbær', 'a,b']) {
    const answer = await ask({ 'X-Request-Id': Buffer.from(id).toString('latin1') });
    t.equal(answer.status, 200);
    t.match(answer.headers.get('x-request-id'), /^[\w-]{12}-[0-9a-z]+$/);
    t.equal(lastLine().requestId, answer.headers.get('x-request-id'));
  }
  const wrong = [
    '00-0-0-01',
    TRACE.toUpperCase(),
    `${TRACE}-x`,
    TRACE.replace(/^00/, 'ff'),
    TRACE.replace(/[0-9a-f]{32}/, '0'.repeat(32)),
    TRACE.replace(/[0-9a-f]{32}/, `a${brukerIdent}`.padEnd(32, 'b')),
    'x',
  ];
  for (const traceparent of wrong) {
    t.equal((await ask({ traceparent })).headers.get('traceparent'), null);
    t.notOk('traceparent' in lastLine());
  }
});

t.test('a refused token is logged with its route and its reason, as it is answered (fault 20)', async (t) => {
  const sign = (claims: object) => keys.sign(claims, { expiresInSeconds: 300, now: Date.now() });
  const reasons = new Set<string>();
  const tokens = {
    audience: await sign({ iss: `${origin}/maskinporten/`, aud: 'https://annen.example' }),
    issuer: await sign({ iss: 'https://annen.example/', aud: origin }),
    form: 'a.b.c',
  };
  for (const [name, token] of Object.entries(tokens)) {
    const answer = await ask({}, token);
    const { detail } = answer.json;
    t.match(lastLine(), { status: 401, route: '/tilgang/api/v1/app/{appId}/tilganger', problem: 'token-invalid', detail }, name);
    t.ok(answer.headers.get('www-authenticate')?.includes(`error_description="${detail}"`), name);
    reasons.add(detail);
  }
  t.equal(reasons.size, 3, 'each is told apart');
});
