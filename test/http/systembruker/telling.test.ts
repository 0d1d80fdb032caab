import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import t from 'tap';
import { A, agentsWorld, BASE, OTHER, PROVIDER, SYSTEM, urn, VENDOR } from '../../fixtures/agents.js';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { type Answer, runGateway } from '../../fixtures/gateway.js';

t.setTimeout(120_000);

const described = readAnswerDescription('src/http/systembruker/telling/openapi.yaml');
const gateway = await runGateway(t, { refusalsPerMinute: 1e6 });
const world = await agentsWorld(t, gateway);

const SCOPES = ['altinn:authentication/systemuser.request.write', 'altinn:authentication/systemregister.write'];
const as = (orgnr: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  gateway.send({ orgnr, scopes: SCOPES }, method, BASE + path, body);
const told = ({ status, json }: Answer): string => {
  const codes = json?.validationErrors?.map(({ code }: { code: string }) => code) ?? [json?.code ?? json?.type?.replace('/problems/', '')];
  return [status, ...codes].join(' ').trim();
};

const got: { readonly token: string; readonly type: string | undefined }[] = [];
let answer = (response: ServerResponse): void => void response.writeHead(202).end();
const server = createServer((request, response) => {
  let token = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    token += chunk;
  });
  request.on('end', () => {
    got.push({ token, type: request.headers['content-type'] });
    answer(response);
  });
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
t.teardown(() => {
  server.closeAllConnections();
  server.close();
});
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hendelser?kunde=1`;
const hook = `/systemregister/vendor/${SYSTEM}/webhook`;
const feed = `/systemuser/vendor/events?system-id=${SYSTEM}`;
const arrived = async (count: number): Promise<void> => {
  while (got.length < count) await delay(20);
};
const ask = (externalRef: string): Promise<Answer> =>
  as(VENDOR, 'POST', '/systemuser/request/vendor/agent', {
    systemId: SYSTEM,
    partyOrgNo: PROVIDER,
    externalRef,
    accessPackages: [{ urn: urn(A) }],
  });

t.test('what a customer answers arrives at the vendor as signed Security Event Tokens, and says nothing of persons', async (t) => {
  const put = await as(VENDOR, 'PUT', hook, { url });
  t.equal(told(put), '200', put.text);
  t.equal(described.faultsOf('putWebhook', put), '');
  t.match(put.json, { systemId: SYSTEM, url, state: 'ok' });
  const asked = await ask('r1');
  t.equal(asked.status, 201, asked.text);
  const { id } = asked.json;
  t.equal((await world.send(world.people.approver, 'POST', `/systemuser/request/agent/${PROVIDER}/${id}/approve`)).status, 200);
  await arrived(2);
  const { json: metadata } = await gateway.get('/maskinporten/.well-known/oauth-authorization-server');
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const claims: JWTPayload[] = [];
  for (const { token, type } of got) {
    t.equal(type, 'application/secevent+jwt');
    const terms = { issuer: metadata.issuer, audience: url, typ: 'secevent+jwt', requiredClaims: ['iat', 'jti', 'toe'] };
    const { payload } = await jwtVerify(token, keys, terms);
    t.notOk('exp' in payload || 'sub' in payload);
    claims.push(payload);
  }
  const about = { systemUserId: id, systemId: SYSTEM, partyOrgNo: PROVIDER, externalRef: 'r1', userType: 'agent' };
  t.match(claims, [
    { sub_id: { format: 'opaque', id }, events: { 'urn:tilgang:systemuser:event:request-created': { ...about, status: 'New' } } },
    { events: { 'urn:tilgang:systemuser:event:request-approved': { ...about, status: 'Accepted' } } },
  ]);
  const feedAnswer = await as(VENDOR, 'GET', feed);
  t.equal(described.faultsOf('listEvents', feedAnswer), '');
  t.same(
    feedAnswer.json.data.slice(-2).map((one: { id: string }) => one.id),
    claims.map(({ jti }) => jti),
    'the feed tells the same',
  );
  const person = world.access.vault.nameOf(world.people.approver.pid);
  for (const text of [...claims.map((one) => JSON.stringify(one)), feedAnswer.text]) t.notOk(text.includes(person));
});

t.test('a receiver that is down is told later, under the same id, and its vendor sees why it waits', async (t) => {
  got.length = 0;
  answer = (response) => void response.writeHead(503).end();
  await ask('r2');
  await arrived(1);
  let status: Answer;
  do status = await as(VENDOR, 'GET', hook);
  while (status.json.state === 'ok');
  t.equal(described.faultsOf('readWebhook', status), '');
  t.match(status.json, { state: 'failing', isWaiting: true, cause: 'it answers 503' });
  answer = (response) => void response.writeHead(202).end();
  t.equal((await as(VENDOR, 'PUT', hook, { url })).json.state, 'ok', 'put once more, it is tried at once');
  await arrived(2);
  const ids = got.map(({ token }) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti);
  t.equal(new Set(ids).size, 1);
  do status = await as(VENDOR, 'GET', hook);
  while (status.json.isWaiting);
  t.match(status.json, { state: 'ok', lastTaken: String });
  t.notOk('cause' in status.json);
});

t.test('the feed goes page by page, and on from where it ended', async (t) => {
  const seen: string[] = [];
  let links: { next?: string; later?: string } = {};
  for (let path: string | undefined = `${feed}&limit=1`; path !== undefined; path = links.next?.replace(/^.*\/api\/v1/, '')) {
    const page: Answer = await as(VENDOR, 'GET', path);
    t.ok(page.json.data.length <= 1);
    seen.push(...page.json.data.map(({ id }: { id: string }) => id));
    ({ links } = page.json);
  }
  const whole = (await as(VENDOR, 'GET', feed)).json.data;
  t.same(
    seen,
    whole.map(({ id }: { id: string }) => id),
  );
  const later = (links.later ?? '').replace(/^.*\/api\/v1/, '').replace('limit=1', 'limit=9');
  t.same((await as(VENDOR, 'GET', later)).json.data, []);
  const { json } = await ask('r3');
  t.equal((await as(VENDOR, 'DELETE', `/systemuser/request/vendor/${json.id}`)).status, 202);
  t.match((await as(VENDOR, 'GET', later)).json.data, [{ occurrences: ['request-created'] }, { occurrences: ['request-withdrawn'] }]);
  t.equal(told(await as(VENDOR, 'GET', `${feed}&token=x`)), '400 TILGANG.VLD-00000');
});

t.test('nobody is told of another vendor’s systems, nor whether they are there (threat 27)', async (t) => {
  const foreign = await as(OTHER, 'GET', feed);
  const unknown = await as(OTHER, 'GET', `/systemuser/vendor/events?system-id=${OTHER}_finnes-ikke`);
  t.equal(told(foreign), '404 AUTH-00011');
  t.same({ ...foreign.json, requestId: '' }, { ...unknown.json, requestId: '' });
  for (const [method, body] of [['GET'], ['PUT', { url }], ['DELETE']] as const) {
    t.equal(told(await as(OTHER, method, hook, body)), '403 action-not-allowed');
  }
  t.equal(told(await gateway.send({ orgnr: VENDOR, scopes: ['altinn:portal/enduser'] }, 'GET', BASE + feed)), '403 scope-missing');
  t.equal(told(await gateway.get(BASE + hook)), '401 token-missing');
});

t.test('what can be no system’s id is as one that is not there (threat 12)', async (t) => {
  for (const odd of ['%00', `${VENDOR}_%00`, `${VENDOR}_${'%C3%A6'.repeat(300 - 10)}`, '__proto__', '%20', '..%2F..']) {
    t.equal(told(await as(VENDOR, 'GET', `/systemuser/vendor/events?system-id=${odd}`)), '404 AUTH-00011', odd);
    t.match(told(await as(VENDOR, 'GET', `/systemregister/vendor/${odd}/webhook`)), /^404 /, odd);
  }
});

t.test('the address of a webhook holds no person number, nor an escaped one (threat 37)', async (t) => {
  const number = gateway.world.persons[0]?.brukerIdent as string;
  const escaped = [...number].map((digit) => `%3${digit}`).join('');
  for (const end of [number, escaped, `%ff?${escaped}`])
    t.equal(told(await as(VENDOR, 'PUT', hook, { url: `https://www.example.com/${end}` })), '400 AUTH.VLD-00005');
});

t.test('a webhook leads to no private network, and is https but on the own machine of a trial (threat 33)', async (t) => {
  for (const bad of [
    'https://10.0.0.1/',
    'https://[fd00::1]/x',
    'https://169.254.169.254/latest/meta-data',
    'https://0x7f000001.example.no@10.0.0.1/',
    'http://www.example.com/',
    'https://user:secret@www.example.com/',
    'https://www.example.com/#x',
    'ftp://www.example.com/',
    'www.example.com',
    'file:///etc/passwd',
  ]) {
    const refused = await as(VENDOR, 'PUT', hook, { url: bad });
    t.equal(told(refused), '400 AUTH.VLD-00005', bad);
    t.notOk(refused.text.includes(bad));
  }
  t.equal((await as(VENDOR, 'GET', hook)).json.url, url, 'nothing has changed');
});

t.test('a change of a webhook holds to what was read, and a removed one is told nothing', async (t) => {
  const { headers } = await as(VENDOR, 'GET', hook);
  const sent = (method: string, ifMatch: string) =>
    gateway.send({ orgnr: VENDOR, scopes: SCOPES }, method, BASE + hook, method === 'PUT' ? { url } : undefined, { 'If-Match': ifMatch });
  t.equal(told(await sent('PUT', '"1"')), '412 precondition-failed');
  t.equal((await sent('DELETE', headers.get('etag') ?? '')).status, 204);
  t.equal(told(await as(VENDOR, 'GET', hook)), '404 AUTH-00011');
  t.equal(told(await as(VENDOR, 'DELETE', hook)), '404 AUTH-00011');
  got.length = 0;
  await ask('r4');
  await delay(600);
  t.equal(got.length, 0);
});
