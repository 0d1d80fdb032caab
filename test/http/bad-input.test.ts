import { createPublicKey } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { SignJWT } from 'jose';
import t, { type Test } from 'tap';
import { machineClaims } from '#maskinporten';
import { type Answer, runGateway } from '../fixtures/gateway.js';
import { pause, type RawAnswer, rawExchange } from '../fixtures/raw-exchange.js';
import { newKey } from '../fixtures/signing-key.js';

const MAX_BYTES = 4096;
const MAX_DEPTH = 16;
const closedPort = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    server.close(() => resolve(port));
  });
});
const DOWN = `http://127.0.0.1:${closedPort}/`;
const gateway = await runGateway(t, {
  maxBodyBytes: MAX_BYTES,
  maxBodyDepth: MAX_DEPTH,
  bodyTimeoutMs: 600,
  issuers: [{ issuer: DOWN, kind: 'maskinporten', audience: 'https://tilgang.example', algorithms: ['RS256'] }],
});
const { world, origin, keys } = gateway;
const { appId, brukerIdent } = world.first;
const PATH = `/tilgang/api/v1/app/${appId}/tilganger`;
const fhi = await gateway.tokenOf({ client: 'fhi' });
const expected = world.persons[0]?.expected.find((one) => one.appId === appId)?.orgnr.length;

/** That the answer is this problem, written as every problem is, and quotes no person. */
function isProblem(t: Test, answer: Answer, slug: string, status: number, pointers: readonly string[] = []): void {
  t.equal(answer.status, status, slug);
  t.match(answer.headers.get('content-type'), /^application\/problem\+json/);
  t.equal(answer.json?.type, `/problems/${slug}`);
  t.equal(answer.json?.status, status);
  t.equal(answer.json?.requestId, answer.headers.get('x-request-id'));
  t.same(
    (answer.json?.errors ?? []).map(({ pointer }: { pointer: string }) => pointer),
    pointers,
  );
  t.notMatch(answer.text, /[0-9]{11}/);
}

const send = (body: unknown, headers: Record<string, string> = {}) => gateway.ask(appId, body, { headers });
const valid = JSON.stringify({ brukerIdent });

t.test('what is not JSON is told so', async (t) => {
  const bodies = [
    '',
    ' ',
    '{',
    `{"brukerIdent":${brukerIdent}`,
    `{brukerIdent:"${brukerIdent}"}`,
    `${valid}x`,
    `${valid}${valid}`,
    'NaN',
    "{'a':1}",
  ];
  for (const body of [...bodies, `{"brukerIdent":"${brukerIdent}",}`, '{"a":1e}', '{"a":01}', '"\\ud"', '\u0000']) {
    isProblem(t, await send(body), 'malformed-json', 400);
  }
});

t.test('a byte order mark and bytes that are not UTF-8 are not JSON (threats 12, 13)', async (t) => {
  isProblem(t, await send(`\uFEFF${valid}`), 'malformed-json', 400);
  isProblem(t, await send(Buffer.from(valid, 'utf16le')), 'malformed-json', 400);
  for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    const body = Buffer.concat([Buffer.from(`{"brukerIdent":"${brukerIdent}","navn":"`), Buffer.from(bytes), Buffer.from('"}')]);
    isProblem(t, await send(body), 'malformed-json', 400);
  }
});

t.test('a body of another type is told by the pointer of the whole', async (t) => {
  for (const body of ['[]', `["${brukerIdent}"]`, `"${brukerIdent}"`, 'null', 'true', '1', '1e999', brukerIdent]) {
    // Eleven digits that begin with 0 are no JSON number.
    if (body === brukerIdent && body.startsWith('0')) isProblem(t, await send(body), 'malformed-json', 400);
    else isProblem(t, await send(body), 'invalid-request', 400, ['']);
  }
});

t.test('a brukerIdent that is missing or no text is pointed at, and operators are no texts (threat 26)', async (t) => {
  for (const body of [{}, { brukerident: brukerIdent }, { 'brukerIdent ': brukerIdent }]) {
    isProblem(t, await send(body), 'invalid-request', 400, ['/brukerIdent']);
  }
  for (const value of [null, 1, true, [brukerIdent], { $gt: '' }, Number(brukerIdent)]) {
    isProblem(t, await send({ brukerIdent: value }), 'invalid-request', 400, ['/brukerIdent']);
  }
});

t.test('a brukerIdent that is no person number is pointed at and not quoted (threat 25)', async (t) => {
  const wrongDigit = `${brukerIdent.slice(0, 10)}${(Number(brukerIdent[10]) + 1) % 10}`;
  const wrong = [
    wrongDigit,
    brukerIdent.slice(1),
    `${brukerIdent}0`,
    ` ${brukerIdent}`,
    `${brukerIdent}\n`,
    '',
    '00000000000',
    '99999999999',
  ];
  const arabic = [...brukerIdent].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join('');
  for (const value of [...wrong, arabic, `+${brukerIdent.slice(1)}`, 'abcdefghijk']) {
    const answer = await send({ brukerIdent: value });
    isProblem(t, answer, 'invalid-request', 400, ['/brukerIdent']);
    if (value !== '') t.notOk(answer.text.includes(value.trim()), 'the value is not quoted');
  }
});

t.test('unknown fields are ignored, also those that name what every object has (threats 13, 45)', async (t) => {
  const bodies = [
    `{"brukerIdent":"${brukerIdent}","ukjent":{"a":[1,2]}}`,
    `{"__proto__":{"brukerIdent":"x","allowed":true},"brukerIdent":"${brukerIdent}"}`,
    `{"constructor":{"prototype":{"allowed":true}},"brukerIdent":"${brukerIdent}"}`,
    `{"brukerIdent":"${brukerIdent}","caller":{"kind":"machine"},"consumer":"1","context":{"time":"1999-01-01T00:00:00.000Z"}}`,
    `{"brukerIdent":"${brukerIdent}","n":1e999,"m":123456789012345678901234567890,"s":"\\ud800"}`,
  ];
  for (const body of bodies) {
    const answer = await send(body);
    t.equal(answer.status, 200);
    t.equal(answer.json?.tilganger.length, expected);
  }
  isProblem(t, await send(`{"__proto__":{"brukerIdent":"${brukerIdent}"}}`), 'invalid-request', 400, ['/brukerIdent']);
  t.equal(({} as { allowed?: unknown }).allowed, undefined, 'no prototype was changed');
});

t.test('of a key that stands twice the last one counts (threat 13)', async (t) => {
  t.equal((await send(`{"brukerIdent":"x","brukerIdent":"${brukerIdent}"}`)).json?.tilganger.length, expected);
  isProblem(t, await send(`{"brukerIdent":"${brukerIdent}","brukerIdent":"x"}`), 'invalid-request', 400, ['/brukerIdent']);
});

t.test('a key written with escapes is the same key', async (t) => {
  t.equal((await send(`{"bruker\\u0049dent":"${brukerIdent}"}`)).json?.tilganger.length, expected);
});

t.test('another content type is refused, parameters of JSON are heeded', async (t) => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json-patch+json',
    'application/jsonx',
    'application/json; charset=latin1',
  ]) {
    isProblem(t, await send(valid, { 'Content-Type': type }), 'unsupported-media-type', 415, ['']);
  }
  for (const type of ['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'Application/JSON']) {
    t.equal((await send(valid, { 'Content-Type': type })).status, 200, type);
  }
});

t.test('a compressed body is refused unread (threat 14)', async (t) => {
  for (const encoding of ['gzip', 'br', 'deflate', 'identity, gzip']) {
    isProblem(t, await send(valid, { 'Content-Encoding': encoding }), 'unsupported-media-type', 415, ['']);
  }
  t.equal((await send(valid, { 'Content-Encoding': 'identity' })).status, 200);
});

const head = (fields: string): string =>
  `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${fhi}\r\nContent-Type: application/json\r\nConnection: close\r\n${fields}\r\n\r\n`;
const asAnswer = (raw: RawAnswer): Answer => ({ ...raw, headers: new Headers(raw.headers) });

t.test('a body at the limit is read, one byte more is not (threat 14)', async (t) => {
  const padded = (bytes: number): string => `{"brukerIdent":"${brukerIdent}","fyll":"${'x'.repeat(bytes - 38 - brukerIdent.length + 9)}"}`;
  const atLimit = padded(MAX_BYTES);
  const exact = `${atLimit}${' '.repeat(Math.max(0, MAX_BYTES - atLimit.length))}`.slice(0, MAX_BYTES);
  t.equal((await send(exact)).status, 200);
  isProblem(t, await send(`${exact} `), 'body-too-large', 413);
  t.match((await send(`${exact} `)).json?.detail, String(MAX_BYTES));
});

t.test('a body that says it is too large is refused before it comes (threat 14)', async (t) => {
  const answer = await rawExchange(origin, [head('Content-Length: 104857600'), '{"brukerIdent":']);
  isProblem(t, asAnswer(answer), 'body-too-large', 413);
});

t.test('a body in chunks is refused once it is too large (threat 14)', async (t) => {
  const chunk = `${(1024).toString(16)}\r\n${' '.repeat(1024)}\r\n`;
  const answer = await rawExchange(origin, [head('Transfer-Encoding: chunked'), ...new Array<string>(MAX_BYTES / 1024 + 1).fill(chunk)]);
  isProblem(t, asAnswer(answer), 'body-too-large', 413);
});

t.test('a hundred megabytes in chunks are cut off (threat 14)', async (t) => {
  let sent = 0;
  const chunk = Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`);
  const endless = function* () {
    yield head('Transfer-Encoding: chunked');
    for (; sent < 104_857_600; sent += 65_536) yield chunk;
  };
  const answer = await rawExchange(origin, endless());
  // Who goes on sending into a closed connection may lose the answer to a reset.
  t.ok(answer.status === 413 || answer.status === 0);
  t.ok(sent < 52_428_800, `${sent} bytes were taken`);
});

t.test('nesting at the limit is read, one level more is not, and brackets in texts do not count (threat 14)', async (t) => {
  const nested = (levels: number): string => `{"brukerIdent":"${brukerIdent}","x":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  t.equal((await send(nested(MAX_DEPTH - 1))).status, 200);
  isProblem(t, await send(nested(MAX_DEPTH)), 'nesting-too-deep', 400);
  isProblem(t, await send('['.repeat(MAX_BYTES)), 'nesting-too-deep', 400);
  isProblem(t, await send('{"a":'.repeat(500)), 'nesting-too-deep', 400);
  t.equal((await send({ brukerIdent, x: '[{'.repeat(500), y: '\\"[[[[[[[[[[[[[[[[[[[[' })).status, 200);
});

t.test('a body of more than 4000 fields or items is not looked at, however short it is (threat 50)', async (t) => {
  const fields = (count: number): string => `{${Array.from({ length: count }, (_, i) => `"${i.toString(36)}":0`).join()}}`;
  const roomy = await runGateway(t, { maxBodyBytes: 200_000 });
  isProblem(t, await roomy.ask(appId, fields(4000)), 'invalid-request', 400, ['/brukerIdent']);
  const refused = await roomy.ask(appId, fields(4001));
  isProblem(t, refused, 'body-too-large', 413);
  t.match(refused.json.detail, /4000 fields and items/);
  isProblem(t, await roomy.ask(appId, `[${'0,'.repeat(20_000)}0]`), 'body-too-large', 413);
  isProblem(t, await roomy.ask(appId, `{"brukerIdent":"${','.repeat(9000)}"}`), 'invalid-request', 400, ['/brukerIdent']);
});

t.test('a depth of 100 000 is too large here and too deep where larger bodies are allowed (threat 14)', async (t) => {
  const deep = '['.repeat(100_000);
  isProblem(t, await send(deep), 'body-too-large', 413);
  const roomy = await runGateway(t, { maxBodyBytes: 1_048_576 });
  isProblem(t, await roomy.ask(appId, deep), 'nesting-too-deep', 400);
  isProblem(t, await roomy.ask(appId, `{"brukerIdent":"${brukerIdent}","x":${deep}${']'.repeat(100_000)}}`), 'nesting-too-deep', 400);
  const long = `{"brukerIdent":"${brukerIdent}","x":"${'1,'.repeat(500_000)}"}`;
  t.equal((await roomy.ask(appId, long)).json?.tilganger.length, expected, 'what is only long is read');
});

t.test('a body that comes too slowly is cut off with a problem (threat 14)', async (t) => {
  const drip = async function* () {
    yield head(`Content-Length: ${valid.length}`);
    for (const byte of valid) {
      yield byte;
      await pause(100);
    }
  };
  const answer = await rawExchange(origin, drip());
  t.equal(answer.status, 408);
  t.match(answer.headers['content-type'], /^application\/problem\+json/);
  t.match(answer.json, { type: '/problems/body-too-slow', status: 408 });
  t.notMatch(answer.text, /[0-9]{11}/);
});

t.test('a head that comes too slowly is cut off (threat 14)', async (t) => {
  const drip = async function* () {
    for (const byte of head('X-Slow: 1')) {
      yield byte;
      await pause(50);
    }
  };
  t.match(await rawExchange(origin, drip()), { status: 408, json: { type: '/problems/body-too-slow' } });
});

t.test('a body that ends too early leaves the service answering', async (t) => {
  const { hostname, port } = new URL(origin);
  const { connect } = await import('node:net');
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(`${head('Content-Length: 500')}{"bruker`);
  await pause(50);
  socket.destroy();
  await pause(50);
  t.equal((await send(valid)).status, 200);
});

t.test('what is no HTTP gets a problem', async (t) => {
  for (const request of ['HELLO\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', `GET /${String.fromCharCode(1)} HTTP/1.1\r\nHost: x\r\n\r\n`]) {
    const answer = await rawExchange(origin, [request]);
    t.equal(answer.status, 400);
    t.match(answer.json, { status: 400 });
  }
  t.equal((await rawExchange(origin, [head('Content-Length: 5\r\nTransfer-Encoding: chunked'), '0\r\n\r\n'])).status, 400, 'two lengths');
});

t.test('without a bearer token an unnamed challenge comes back', async (t) => {
  const none = await gateway.ask(appId, { brukerIdent }, { token: null });
  isProblem(t, none, 'token-missing', 401);
  t.equal(none.headers.get('www-authenticate'), 'Bearer realm="tilgang"');
  for (const authorization of [`Basic ${Buffer.from('a:b').toString('base64')}`, fhi, `DPoP ${fhi}`, 'Bearer', `Bearer${fhi}`]) {
    isProblem(
      t,
      await gateway.ask(appId, { brukerIdent }, { token: null, headers: { Authorization: authorization } }),
      'token-missing',
      401,
    );
  }
  const elsewhere = await gateway.get(`${PATH}?access_token=${fhi}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: valid,
  });
  isProblem(t, elsewhere, 'token-missing', 401);
});

t.test('the scheme’s letter case does not matter', async (t) => {
  for (const scheme of ['bearer', 'BEARER']) {
    t.equal((await gateway.ask(appId, { brukerIdent }, { token: null, headers: { Authorization: `${scheme} ${fhi}` } })).status, 200);
  }
});

const client = world.clients.find(({ id }) => id === 'fhi') as (typeof world.clients)[number];
const own = machineClaims({ issuer: `${origin}/maskinporten/`, audience: origin, client, scopes: ['ks:fiks'] });
const sign = (claims: object, now = Date.now()) => keys.sign(claims, { expiresInSeconds: 300, now });
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HOUR_MS = 3_600_000;

async function isRefused(t: Test, token: string, slug = 'token-invalid'): Promise<void> {
  const answer = await gateway.ask(appId, { brukerIdent }, { token });
  isProblem(t, answer, slug, 401);
  t.match(answer.headers.get('www-authenticate'), /^Bearer realm="tilgang", error="invalid_token"/);
  if (token.length > 20) t.notOk(answer.text.includes(token.slice(-20)), 'the token is not quoted');
}

t.test('an expired token is refused (threat 22)', async (t) => {
  await isRefused(t, await sign(own, Date.now() - HOUR_MS), 'token-expired');
});

t.test('a token that is not valid yet is refused (threat 22)', async (t) => {
  await isRefused(t, await sign(own, Date.now() + HOUR_MS));
  await isRefused(t, await sign({ ...own, nbf: Math.floor(Date.now() / 1000) + 3600 }));
});

t.test('a token for another audience or of another issuer is refused (threat 31)', async (t) => {
  for (const claims of [{ aud: 'https://annen.example' }, { aud: undefined }, { aud: `${origin}/` }, { iss: 'https://maskinporten.no/' }]) {
    await isRefused(t, await sign({ ...own, ...claims }));
  }
  await isRefused(t, await sign({ ...own, iss: `${origin}/maskinporten` }));
});

t.test('a token of the person issuer that claims a consumer is still a person’s (threat 45)', async (t) => {
  await isRefused(t, await sign({ ...own, iss: `${origin}/idporten` }));
});

t.test('a refused token hears why in error_description, which holds what a header may (fault 20)', async (t) => {
  const why = async (token: string): Promise<string | undefined> => {
    const header = (await gateway.ask(appId, {}, { token })).headers.get('www-authenticate') ?? '';
    return /error="invalid_token", error_description="([ !#-[\]-~]*)"/.exec(header)?.[1];
  };
  const claims = { iss: `${origin}/maskinporten/`, aud: 'https://other.example', client_id: 'x' };
  const times = { expiresInSeconds: 60, now: Date.now() };
  t.equal(await why(await keys.sign(claims, times)), 'The audience (aud) is not this service.');
  t.equal(await why(await keys.sign({ ...claims, iss: 'https://other.example/' }, times)), 'The issuer (iss) is not trusted here.');
  t.equal(await why(await keys.sign({ ...claims, aud: origin }, { ...times, now: Date.now() - 600_000 })), 'The access token has expired.');
  const [head, payload] = (await keys.sign({ ...claims, aud: origin }, times)).split('.');
  t.match(await why(`${head}.${payload}.AAAA`), /^The signature does not fit/);
  const stranger = { ...JSON.parse(Buffer.from(head ?? '', 'base64url').toString()), kid: 'stranger' };
  t.equal(
    await why(`${Buffer.from(JSON.stringify(stranger)).toString('base64url')}.${payload}.AAAA`),
    "The key (kid) is not one of the issuer's.",
  );
});

t.test('alg none is refused (threat 31)', async (t) => {
  const exp = Math.floor(Date.now() / 1000) + 300;
  const kid = keys.jwk.kid;
  for (const alg of ['none', 'None', 'NONE']) {
    const unsigned = `${base64({ alg, kid })}.${base64({ ...own, exp })}.`;
    await isRefused(t, unsigned);
    await isRefused(t, `${unsigned}AAAA`);
  }
});

t.test('HS256 with the public key as secret is refused (threat 31)', async (t) => {
  const jwk = keys.jwk;
  const pem = createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  for (const secret of [String(pem), String(pem).trim(), JSON.stringify(jwk), jwk.kty === 'RSA' ? jwk.n : '']) {
    const token = new SignJWT({ ...own }).setProtectedHeader({ alg: 'HS256', kid: jwk.kid }).setIssuedAt().setExpirationTime('5m');
    await isRefused(t, await token.sign(Buffer.from(secret)));
  }
});

t.test('a key that the issuer does not publish is refused, under its own kid and under the issuer’s (threats 31, 34)', async (t) => {
  const foreign = await newKey('RS256');
  const token = await foreign.sign(own, { expiresInSeconds: 300, now: Date.now() });
  for (let i = 0; i < 5; i += 1) await isRefused(t, token);
  const [, claims, signature] = token.split('.');
  await isRefused(t, `${base64({ alg: 'RS256', kid: keys.jwk.kid })}.${claims}.${signature}`);
  await isRefused(t, `${base64({ alg: 'RS256' })}.${claims}.${signature}`);
});

t.test('what is no token is refused (threat 31)', async (t) => {
  const [header, claims, signature] = fhi.split('.');
  for (const token of [
    'x',
    '...',
    'a.b.c',
    `${fhi}.x`,
    `${header}.${claims}`,
    `${header}.${claims}.`,
    `${header}.${base64({ ...own, scope: 'alt' })}.${signature}`,
  ]) {
    await isRefused(t, token);
  }
  await isRefused(t, 'x'.repeat(20_000));
});

t.test('the token is judged before the body, and the body before the application', async (t) => {
  isProblem(t, await gateway.ask(appId, '{', { token: null }), 'token-missing', 401);
  isProblem(t, await gateway.ask('00000000-0000-4000-8000-000000000000', '{'), 'malformed-json', 400);
});

t.test('an issuer that is down at the start leaves the tokens of the others working (threat 34)', async (t) => {
  const foreign = await newKey('RS256');
  const claims = { ...own, iss: DOWN, aud: 'https://tilgang.example' };
  const token = await foreign.sign(claims, { expiresInSeconds: 300, now: Date.now() });
  const answer = await gateway.ask(appId, { brukerIdent }, { token });
  isProblem(t, answer, 'issuer-unavailable', 503);
  t.match(answer.headers.get('retry-after'), /^[1-9][0-9]*$/);
  t.equal((await send(valid)).status, 200);
  t.ok(
    gateway.lines.some((line) => line.includes('issuer-unavailable') && line.includes(DOWN)),
    'the log names the issuer',
  );
});

t.test('another method is told which there are', async (t) => {
  const headers = { Authorization: `Bearer ${fhi}` };
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await gateway.get(PATH, { method, headers });
    isProblem(t, answer, 'method-not-allowed', 405);
    t.equal(answer.headers.get('allow'), 'POST');
  }
  const live = await gateway.get('/health/live', { method: 'POST' });
  isProblem(t, live, 'method-not-allowed', 405);
  t.match(live.headers.get('allow'), /GET/);
  t.equal((await gateway.get('/health/live', { method: 'HEAD' })).status, 200);
});

t.test('an unknown path is a problem', async (t) => {
  for (const path of [
    '/nope',
    '/tilgang',
    '/tilgang/api/v1',
    '/tilgang/api/v2/openapi.json',
    '/problems/nope',
    '/problems/__proto__',
    '/__proto__',
  ]) {
    isProblem(t, await gateway.get(path), 'not-found', 404);
  }
});

t.test('a path in another writing never reaches another route (threats 12, 46)', async (t) => {
  const paths = [
    `/tilgang/api/v1/app/${appId}/../${appId}/tilganger`,
    `/tilgang/api/v1/app/%2e%2e/app/${appId}/tilganger`,
    `//tilgang/api/v1/app/${appId}/tilganger`,
    `/tilgang//api/v1/app/${appId}/tilganger`,
    `/tilgang/api/v1/app//tilganger`,
    `/health/live/../..${PATH}`,
    `/TILGANG/api/v1/app/${appId}/tilganger/x`,
    `${PATH}%00`,
    `/tilgang/api/v1/app/${appId}%2ftilganger`,
    `${PATH};a=b`,
    `/%74ilgang/api/v1/app/${appId}/tilganger`,
    `http://x/health/live/tilganger`,
  ];
  for (const path of paths) {
    const fields = `Host: x\r\nAuthorization: Bearer ${fhi}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${valid.length}`;
    const answer = await rawExchange(origin, [`POST ${path} HTTP/1.1\r\n${fields}\r\n\r\n${valid}`]);
    t.equal(answer.status, 404, path);
    t.match(answer.json, { status: 404, requestId: answer.headers['x-request-id'] });
    t.notMatch(answer.text, /[0-9]{11}|tilganger"/);
  }
});

t.test('a path that cannot be decoded names nothing (threat 12)', async (t) => {
  for (const path of [
    `/tilgang/api/v1/app/%/tilganger`,
    `/tilgang/api/v1/app/%zz/tilganger`,
    `/tilgang/api/v1/app/%ff/tilganger`,
    `/problems/%c0%af`,
  ]) {
    const method = path.startsWith('/problems') ? 'GET' : 'POST';
    const fields = `Host: x\r\nAuthorization: Bearer ${fhi}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${valid.length}`;
    const answer = await rawExchange(origin, [`${method} ${path} HTTP/1.1\r\n${fields}\r\n\r\n${valid}`]);
    isProblem(t, asAnswer(answer), method === 'GET' ? 'not-found' : 'application-not-found', 404);
  }
});

t.test('a slash at the end or another letter case is another path (threats 12, 46)', async (t) => {
  const request = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: valid };
  for (const path of [`${PATH}/`, PATH.toUpperCase(), PATH.replace('/api/', '/API/')]) {
    isProblem(t, await gateway.get(path, request), 'not-found', 404);
  }
});

t.test('forwarded headers change nothing (threat 35)', async (t) => {
  const headers = {
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-For': '10.0.0.1',
    'X-Original-URL': '/health/live',
    'X-HTTP-Method-Override': 'GET',
  };
  t.equal((await send(valid, headers)).json?.tilganger.length, expected);
  isProblem(t, await gateway.ask(appId, { brukerIdent }, { token: null, headers }), 'token-missing', 401);
});

t.test('no log line of all this holds a person number, a token or a path as it was sent (threats 37, 38)', async (t) => {
  t.ok(gateway.lines.length > 150);
  const idents = world.persons.map((person) => person.brukerIdent);
  const bad = gateway.lines.filter(
    (line) =>
      /(?<![0-9])[0-9]{11}(?![0-9])/.test(line) ||
      idents.some((ident) => line.includes(ident)) ||
      line.includes(fhi.slice(-30)) ||
      line.includes('%2e'),
  );
  t.same(bad, []);
  t.notOk(
    gateway.lines.some((line) => line.includes('internal-error')),
    'nothing was our fault',
  );
  for (const line of gateway.lines) if (typeof JSON.parse(line).time !== 'string') t.fail('a line is no JSON with a time');
});
