import { request } from 'node:http';
import t from 'tap';
import { machineClaims } from '#maskinporten';
import { catalogue, type ProblemSlug } from '#problem';
import { runGateway, temporaryFolder } from '../fixtures/gateway.js';
import { pause } from '../fixtures/raw-exchange.js';

t.test('a running gateway lives and is ready, and names its parts', async (t) => {
  const gateway = await runGateway(t);
  t.match(await gateway.get('/health/live'), { status: 200, json: { live: true } });
  const ready = await gateway.get('/health/ready');
  t.equal(ready.status, 200);
  t.match(ready.json, { ready: true, parts: { store: 'ok', policy: String, issuers: 'ok' } });
});

t.test('a stopping gateway turns red first, answers what is in flight, and then closes its port (threat 43)', async (t) => {
  const gateway = await runGateway(t);
  const { appId, brukerIdent } = gateway.world.first;
  const token = await gateway.tokenOf({ client: 'fhi' });
  const body = JSON.stringify({ brukerIdent });
  const { hostname, port } = new URL(gateway.origin);
  const begin = (path: string, method: string, more: Record<string, string | number> = {}) =>
    request({ hostname, port, path, method, agent: false, headers: { 'Content-Type': 'application/json', ...more } });
  const answered = (sent: ReturnType<typeof begin>): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      sent.on('error', reject);
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
    });

  const slow = begin(`/tilgang/api/v1/app/${appId}/tilganger`, 'POST', {
    Authorization: `Bearer ${token}`,
    'Content-Length': Buffer.byteLength(body),
  });
  const slowAnswer = answered(slow);
  slow.write(body.slice(0, 5));
  await pause(100);

  const stopped = gateway.stop();
  let isStopped = false;
  void stopped.then(() => {
    isStopped = true;
  });
  const isTaken = (): Promise<boolean> =>
    fetch(`${gateway.origin}/health/live`).then(
      () => true,
      () => false,
    );
  while (await isTaken()) await pause(50);
  t.equal(isStopped, false, 'nobody new is let in, and it waits for what is in flight');
  slow.end(body.slice(5));
  const { status, text } = await slowAnswer;
  t.equal(status, 200);
  t.ok(JSON.parse(text).tilganger.length >= 2);
  await stopped;
  t.match(JSON.parse(gateway.lines.at(-1) ?? '{}'), { event: 'stopped' });
  t.equal(gateway.stop(), stopped, 'stopping twice is stopping once');
});

t.test('on a connection that is still busy the readiness of a stopping gateway is red (threat 43)', async (t) => {
  const gateway = await runGateway(t);
  const { connect } = await import('node:net');
  const { hostname, port } = new URL(gateway.origin);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  // The head is under way when the stop begins.
  socket.write('GET /health/ready HTTP/1.1\r\nHost: x\r\n');
  await pause(100);
  const stopped = gateway.stop();
  await pause(50);
  socket.write('\r\n');
  await Promise.race([closed, pause(3000)]);
  await stopped;
  t.match(received, /^HTTP\/1\.1 503 /);
  t.match(received, /"ready":false/);
  t.match(received, /"service":"stopping"/);
});

t.test('who never finishes is cut off when the time to stop is over', async (t) => {
  const gateway = await runGateway(t, { stopTimeoutMs: 300 });
  const { hostname, port } = new URL(gateway.origin);
  const never = request({ hostname, port, path: '/health/live', method: 'POST', agent: false, headers: { 'Content-Length': 10 } });
  const token = await gateway.tokenOf({ client: 'fhi' });
  const asking = request({
    hostname,
    port,
    path: `/tilgang/api/v1/app/${gateway.world.first.appId}/tilganger`,
    method: 'POST',
    agent: false,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Content-Length': 100 },
  });
  for (const sent of [never, asking]) {
    sent.on('error', () => {});
    sent.write('{');
  }
  await pause(100);
  const startedMs = performance.now();
  await gateway.stop();
  t.ok(performance.now() - startedMs < 2000);
});

t.test('each problem of the catalogue tells what to do', async (t) => {
  const gateway = await runGateway(t);
  for (const slug of Object.keys(catalogue) as ProblemSlug[]) {
    const { status, title, remedy } = catalogue[slug];
    t.match(await gateway.get(`/problems/${slug}`), { status: 200, json: { type: `/problems/${slug}`, status, title, remedy } });
  }
  for (const slug of ['nope', 'toString', 'hasOwnProperty', '__proto__'])
    t.equal((await gateway.get(`/problems/${slug}`)).status, 404, slug);
});

const METADATA = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];

t.test('the demo issuers publish metadata and public keys only', async (t) => {
  const gateway = await runGateway(t);
  for (const [base, issuer] of [
    ['/maskinporten', `${gateway.origin}/maskinporten/`],
    ['/idporten', `${gateway.origin}/idporten`],
  ] as const) {
    for (const path of [...METADATA.map((document) => `${base}${document}`), `/.well-known/oauth-authorization-server${base}`]) {
      t.match(await gateway.get(path), { status: 200, json: { issuer, jwks_uri: `${gateway.origin}${base}/jwk` } }, path);
    }
    const { json } = await gateway.get(`${base}/jwk`);
    t.equal(json.keys.length, 1);
    for (const key of json.keys) t.same(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'], 'no private member');
  }
});

t.test('in production the demo issuers are not there and their tokens are refused', async (t) => {
  const data = temporaryFolder(t);
  const demo = await runGateway(t, { data });
  const client = demo.world.clients.find(({ id }) => id === 'fhi') as (typeof demo.world.clients)[number];
  const ofDemo = await demo.tokenOf({ client: 'fhi' });
  await demo.stop();
  // Of another folder: production does not open a demo's.
  const gateway = await runGateway(t, {
    data: temporaryFolder(t),
    mode: 'production',
    issuers: [{ issuer: 'http://127.0.0.1:1/', kind: 'maskinporten', audience: 'https://tilgang.example', algorithms: ['RS256'] }],
  });
  for (const base of ['/maskinporten', '/idporten']) {
    for (const path of [
      ...METADATA.map((document) => `${base}${document}`),
      `${base}/jwk`,
      `/.well-known/oauth-authorization-server${base}`,
    ]) {
      t.match(await gateway.get(path), { status: 404, json: { type: '/problems/not-found' } }, path);
    }
  }
  const { origin, keys } = gateway;
  const claims = machineClaims({ issuer: `${origin}/maskinporten/`, audience: origin, client, scopes: ['ks:fiks'] });
  const anew = await keys.sign(claims, { expiresInSeconds: 300, now: Date.now() });
  for (const token of [ofDemo, anew]) {
    const { appId, brukerIdent } = demo.world.first;
    t.match(await gateway.ask(appId, { brukerIdent }, { token }), { status: 401, json: { type: '/problems/token-invalid' } });
  }
  // Readiness tells the issuer whose keys cannot be had, by its name alone, and stays green (fault 21).
  let ready = await gateway.get('/health/ready');
  for (let tries = 0; ready.json.parts.issuers === 'ok' && tries < 100; tries += 1) {
    await pause(20);
    ready = await gateway.get('/health/ready');
  }
  t.match(ready, { status: 200, json: { ready: true, parts: { issuers: 'keys cannot be fetched of http://127.0.0.1:1/' } } });
});
