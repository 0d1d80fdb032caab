// Takes about 5 s.
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type OutgoingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { DemoPerson } from '#demo';
import type { Orgnr } from '#domain';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { type Answer, parsed, runGateway, temporaryFolder } from '../../fixtures/gateway.js';
import { nginx, runNginx } from '../../fixtures/nginx.js';

const gateway = await runGateway(t, { refusalsPerMinute: 1e6 });
const { world, origin, tokenOf } = gateway;
const { appId } = world.first;
const described = readAnswerDescription('src/http/authzen/openapi.yaml');

const PATH = '/access/v1/forward';
const OSLO = world.organisations.find(({ kommunenummer }) => kommunenummer === '0301')?.orgnr as Orgnr;
const LEADER = { person: 'oslo-leder' };
const OSLOS = `/konsument-bruker/api/v1/organisasjoner/${OSLO}`;
const LOGIN = 'demo-innlogging';
const bearer = async (holder: Parameters<typeof tokenOf>[0], seconds?: number): Promise<string> =>
  `Bearer ${await tokenOf(holder, seconds)}`;
const proxy = await bearer({ client: 'fhi' });
const [yes, no] = world.persons.filter(({ expected }) => expected.every((one) => one.appId !== appId || !one.orgnr.includes(OSLO))) as [
  DemoPerson,
  DemoPerson,
];
const given = await gateway.send(LEADER, 'POST', `${OSLOS}/applikasjoner/${appId}/brukere`, { brukerIdent: yes.brukerIdent });
if (given.status !== 201) throw new TypeError(given.text);
const isLetIn = (person: DemoPerson): boolean =>
  person === yes || person.expected.some((one) => one.appId === appId && one.orgnr.includes(OSLO));
const ofYes = await bearer({ person: yes.id });
const ofNo = await bearer({ person: no.id });
const questionOf = (more: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({ application: appId, role: 'use', client: LOGIN, kommune: '0301', ...more }).toString();
const QUESTION = questionOf();

/** A list as a value is sent as that many headers. */
function send(
  to: { origin: string } | { socketPath: string },
  path: string,
  headers: OutgoingHttpHeaders,
  method = 'GET',
): Promise<Answer> {
  const where = 'origin' in to ? { host: '127.0.0.1', port: new URL(to.origin).port } : to;
  return new Promise((resolve, reject) => {
    request({ ...where, path, method, headers: { host: 'page.example.no', ...headers }, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => {
        const { statusCode: status = 0, headers: told } = response;
        resolve({ status, headers: new Headers(told as Record<string, string>), text, json: parsed(text) });
      });
    })
      .once('error', reject)
      .end();
  });
}

/** What is sent once, or as several headers of one name. */
const several = (sent: string | readonly string[]): string | string[] => (typeof sent === 'string' ? sent : [...sent]);

/** The status, of an answer that is as it is described. */
async function asked(t: Test, headers: OutgoingHttpHeaders, path = PATH, method = 'GET'): Promise<Answer> {
  const answer = await send(
    { origin },
    path,
    { 'Tilgang-Authorization': proxy, 'Tilgang-Question': QUESTION, Authorization: ofYes, ...headers },
    method,
  );
  if (method !== 'HEAD') t.equal(described.faultsOf('forward', answer), '');
  t.equal(answer.headers.get('cache-control'), 'no-store');
  return answer;
}

t.test('a request is let through exactly if an evaluation says so', async (t) => {
  for (const { id, brukerIdent } of world.persons.slice(0, 15)) {
    const resource = { type: 'application', id: appId, properties: { kommune: '0301' } };
    const question = { subject: { type: 'person', id: brukerIdent }, action: { name: 'use' }, resource };
    const { json } = await gateway.send({ client: 'fhi' }, 'POST', '/access/v1/evaluation', question);
    const { status, text } = await asked(t, { Authorization: await bearer({ person: id }) });
    t.same([status, text], [json.decision ? 200 : 403, ''], id);
  }
  t.equal((await asked(t, {})).status, 200);
  t.equal((await asked(t, { Authorization: ofNo })).status, 403);
  t.equal((await asked(t, { 'Tilgang-Question': questionOf({ role: 'unknown' }) })).status, 403);
  t.equal((await asked(t, { 'Tilgang-Question': questionOf({ kommune: '9999' }) })).status, 403);
  t.equal((await asked(t, { 'Tilgang-Question': questionOf({ orgnr: OSLO }) })).status, 200);
  const foreign = world.applications.find(({ tilbyder }) => tilbyder !== world.applications.find(({ id }) => id === appId)?.tilbyder);
  for (const application of [foreign?.id ?? '', '00000000-0000-4000-8000-000000000000']) {
    t.equal((await asked(t, { 'Tilgang-Question': questionOf({ application }) })).status, 403, 'foreign and unknown look alike');
  }
});

t.test('a person who has no good token is to log in', async (t) => {
  for (const [what, Authorization, type] of [
    ['none', '', 'token-missing'],
    ['another scheme', 'Basic eDp5', 'token-missing'],
    ['garbage', 'Bearer garbage', 'token-invalid'],
    ['expired', await bearer({ person: yes.id }, -60), 'token-expired'],
    ['a machine’s', proxy, 'token-invalid'],
    ['two, the good one first', [ofYes, ofNo], 'token-missing'],
    ['two, the good one last', [ofNo, ofYes], 'token-missing'],
    ['two in one', `${ofYes}, ${ofNo}`, 'token-invalid'],
  ] as const) {
    const { status, json, headers } = await asked(t, { Authorization: several(Authorization) });
    t.same([status, json.type], [401, `/problems/${type}`], what);
    t.match(headers.get('www-authenticate'), /^Bearer /, what);
  }
  const elsewhere = await asked(t, { 'Tilgang-Question': questionOf({ client: 'another-application' }) });
  t.same([elsewhere.status, elsewhere.json.type], [401, '/problems/token-invalid'], 'a token that another application was given');
});

t.test('a proxy that may not ask is told so by neither 401 nor 403: the person is not to blame', async (t) => {
  for (const [what, sent] of [
    ['none', ''],
    ['garbage', 'Bearer garbage'],
    ['expired', await bearer({ client: 'fhi' }, -60)],
    ['without the scope', await bearer({ client: 'uten-scope' })],
    ['the person’s own', ofYes],
    ['two', [proxy, proxy]],
  ] as const) {
    const { status, json, text } = await asked(t, { 'Tilgang-Authorization': several(sent) });
    t.same([status, json.type], [400, '/problems/proxy-not-accepted'], `${what}: ${text}`);
  }
  t.equal((await asked(t, { 'Tilgang-Authorization': await bearer({ client: 'fremmed' }) })).status, 403, 'what is foreign is a no');
});

t.test('a question that is none is an error, and nothing is guessed', async (t) => {
  for (const sent of [
    '',
    'application',
    `${QUESTION}&kommune=0301`,
    `${QUESTION}&role=use`,
    `${QUESTION}&roles=use`,
    `${QUESTION}&__proto__=x`,
    questionOf({ kommune: '' }),
    questionOf({ application: 'x' }),
    questionOf({ role: yes.brukerIdent }),
    questionOf({ client: '' }),
    questionOf().replace('role=use&', ''),
    questionOf().replace(/client=[^&]+&/, ''),
    `${QUESTION}&orgnr=${'1'.repeat(1000)}`,
    [QUESTION, QUESTION],
  ]) {
    const { status, json, text } = await asked(t, { 'Tilgang-Question': sent });
    t.same([status, json.errors?.[0].parameter], [400, 'Tilgang-Question'], `${String(sent).slice(0, 80)}: ${text}`);
    t.notMatch(text, yes.brukerIdent);
  }
});

t.test('nothing else of the request counts: path, query, method, other headers (threats 35, 46)', async (t) => {
  const uris = ['/health', '/login', '/static/x.css', `/x?kommune=5001&${QUESTION}`];
  for (const uri of uris) {
    const said = {
      'X-Original-URI': uri,
      'X-Original-Method': 'OPTIONS',
      'X-Forwarded-Uri': uri,
      'X-Forwarded-User': yes.brukerIdent,
      'X-Auth-Request-User': yes.brukerIdent,
      tilgang_question: questionOf({ role: 'x' }),
      tilgang_authorization: 'x',
      Tilgang_Question: 'x',
      'X-HTTP-Method-Override': 'GET',
    };
    t.equal((await asked(t, { ...said, Authorization: ofNo })).status, 403, uri);
    t.equal((await asked(t, said)).status, 200, uri);
    // As Envoy asks.
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      t.equal((await asked(t, { Authorization: ofNo }, PATH + uri, method)).status, 403, `${method} ${uri}`);
      t.equal((await asked(t, { 'Content-Length': '0' }, PATH + uri, method)).status, 200, `${method} ${uri}`);
    }
  }
  for (const path of ['/..', '/%2e%2e/evaluation', '//', '/a"b', '/;x', '/%00'])
    t.equal((await asked(t, {}, PATH + path)).status, 200, path);
  const { status, text } = await asked(t, {}, PATH, 'HEAD');
  t.same([status, text], [200, '']);
  t.equal((await send({ origin }, `${PATH}?kommune=0301`, { 'Tilgang-Authorization': proxy })).status, 400);
  t.equal((await send({ origin }, PATH, {}, 'POST')).status, 405);
  for (const path of ['/access/v1/forwards', '/access/v1/forward%2F', '/access/v1/Forward', '/access/v1//forward']) {
    t.equal((await send({ origin }, path, { 'Tilgang-Authorization': proxy })).status, 404, path);
  }
});

t.test('no person number and no token of a forwarded request is logged (threat 37)', async (t) => {
  const all = gateway.lines.join('\n');
  t.match(all, PATH);
  for (const secret of [yes.brukerIdent, no.brukerIdent, ofYes.slice(-40), proxy.slice(-40), 'X-Original-URI'])
    t.notOk(all.includes(secret));
});

const NO_NGINX = 'no nginx here: `make nginx` has Debian’s';

t.test('Debian’s nginx, as deploy/proxies/nginx.conf has it', { skip: nginx === undefined && NO_NGINX }, async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'html'));
  writeFileSync(join(folder, 'html/index.html'), 'the page');
  const application = createServer((req, res) => res.end(JSON.stringify(req.headersDistinct)));
  // Answers with the status that the person’s token says.
  const another = createServer((req, res) => {
    const status = Number(req.headers.authorization);
    res.writeHead(status, { Location: '/elsewhere', 'Content-Length': status === 204 ? [] : 0 }).end();
  });
  for (const server of [application, another]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
  }
  const portOf = (server: typeof another): number => (server.address() as AddressInfo).port;
  const example = readFileSync('deploy/proxies/nginx.conf', 'utf8');
  /** The example, with the names and keys of this machine. */
  const serverOf = (name: string, port: string | number, token: string): string => {
    writeFileSync(join(folder, `${name}-token.conf`), `proxy_set_header Tilgang-Authorization "${token}";`);
    return example
      .replaceAll(/^ *(proxy_)?ssl_.*$/gm, '')
      .replaceAll(/(upstream |http:\/\/)application\b/g, `$1${name}-application`)
      .replaceAll(/(upstream |https:\/\/)tilgang\b/g, (_, kind: string) => `${kind.replace('https', 'http')}${name}-tilgang`)
      .replace('tilgang.example.no:443', `127.0.0.1:${port}`)
      .replace('127.0.0.1:3000', `127.0.0.1:${portOf(application)}`)
      .replace('listen 443 ssl', `listen unix:${folder}/${name}`)
      .replace('/srv/page', `${folder}/html`)
      .replace('/etc/nginx/tilgang-token.conf', `${folder}/${name}-token.conf`)
      .replace('application=00000000-0000-4000-8000-000000000000&role=use&client=page', `application=${appId}&role=use&client=${LOGIN}`);
  };
  const said = await runNginx(t, folder, {
    page: serverOf('page', new URL(origin).port, proxy),
    stale: serverOf('stale', new URL(origin).port, await bearer({ client: 'fhi' }, -60)),
    another: serverOf('another', portOf(another), proxy),
    gone: serverOf('gone', 9, proxy),
  });
  const get = (name: string, path: string, headers: OutgoingHttpHeaders, method?: string): Promise<Answer> =>
    send({ socketPath: join(folder, name) }, path, headers, method);

  await t.test('a static page is for exactly those whom the grants allow', async (t) => {
    const seen: string[] = [];
    const some = world.persons.slice(0, 40);
    for (const { id } of some) {
      const { status, text } = await get('page', '/', { Authorization: await bearer({ person: id }) });
      if (status === 200 && text === 'the page') seen.push(id);
      else t.same([status, /the page/.test(text)], [403, false], id);
    }
    t.same(
      seen,
      some.filter(isLetIn).map(({ id }) => id),
    );
    t.ok(seen.length > 0 && seen.length < some.length);
    const nobody = await get('page', '/', {});
    t.equal(nobody.status, 401);
    t.match(nobody.headers.get('www-authenticate'), /^Bearer /);
  });

  await t.test('nothing that a client sends beside its token lets it in', async (t) => {
    const forged = { 'Tilgang-Question': questionOf({ kommune: '5001' }), 'Tilgang-Authorization': proxy, Tilgang_Question: QUESTION };
    for (const more of [forged, { 'X-Original-URI': '/health' }, { 'X-Forwarded-User': yes.id }, { Connection: 'Authorization' }]) {
      t.equal((await get('page', '/', { ...more, Authorization: ofNo })).status, 403);
      t.equal((await get('page', '/', { ...more })).status, 401);
    }
    for (const path of ['/_tilgang', '/%5ftilgang', '/x/../_tilgang'])
      t.equal((await get('page', path, { Authorization: ofYes })).status, 404);
    for (const method of ['HEAD', 'POST', 'PUT', 'OPTIONS']) {
      t.equal((await get('page', '/', { Authorization: ofNo }, method)).status, 403, method);
    }
    t.equal((await get('page', '/', { Authorization: ofYes }, 'HEAD')).status, 200);
  });

  await t.test('the application is sent the one token that was judged, and nothing of the proxy’s', async (t) => {
    for (const [sent, statuses] of [
      [
        [ofYes, ofNo],
        [200, 400],
      ],
      [
        [ofNo, ofYes],
        [403, 400],
      ],
    ] as const) {
      const { status, json } = await get('page', '/api/x', {
        Authorization: [...sent],
        'Tilgang-Question': 'x',
        'Tilgang-Authorization': 'x',
      });
      t.ok(statuses.includes(status as never), String(status));
      if (status !== 200) continue;
      t.same(json.authorization, [ofYes]);
      t.notOk('tilgang-question' in json || 'tilgang-authorization' in json);
    }
  });

  await t.test('whatever is neither a yes, 401 nor 403 shuts the door', async (t) => {
    for (const [status, expected] of [
      [200, 200],
      [204, 200],
      [302, 500],
      [400, 500],
      [401, 401],
      [403, 403],
      [404, 500],
      [429, 500],
      [500, 500],
      [503, 500],
    ] as const) {
      t.equal((await get('another', '/', { Authorization: String(status) })).status, expected, String(status));
    }
    t.equal((await get('stale', '/', { Authorization: ofYes })).status, 500, 'the proxy’s own token has expired');
    t.equal((await get('gone', '/', { Authorization: ofYes })).status, 500, 'nobody answers');
    t.notOk(said().includes(ofYes.slice(-40)), 'nginx logs no token');
  });

  await t.test('who loses the grant is let in no more, from the next request on', async (t) => {
    t.equal((await get('page', '/', { Authorization: ofYes })).status, 200);
    const path = `${OSLOS}/applikasjoner/${appId}/brukere/${given.json.brukerId}`;
    t.equal((await gateway.send(LEADER, 'DELETE', path, undefined, { 'If-Match': '*' })).status, 204);
    t.equal((await get('page', '/', { Authorization: ofYes })).status, 403);
  });
});
