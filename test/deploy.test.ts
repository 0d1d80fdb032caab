import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import { loadConfig, secretVariables, settings, variableOf } from '#config';
import { runGateway, temporaryFolder } from './fixtures/gateway.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const filesOf = readdirSync(join(root, 'deploy'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const files = filesOf.map(({ parentPath, name }) => join(parentPath, name).slice(root.length)).sort();

const { version, engines, files: shipped } = JSON.parse(read('package.json'));
const dockerfile = read('deploy/Dockerfile');
const caddyfile = read('deploy/compose/Caddyfile');
const compose = parse(read('deploy/compose/compose.yaml'), { merge: true });
const gateway = compose.services['gateway-1'];
const unit = read('deploy/systemd/tilgang.service');
const template = read('deploy/helm/tilgang/templates/deployment.yaml');
const chart = parse(read('deploy/helm/tilgang/Chart.yaml'));
const values = parse(read('deploy/helm/tilgang/values.yaml'));
const example = parse(read('deploy/helm/example.yaml'));
const schema = JSON.parse(read('deploy/helm/tilgang/values.schema.json'));

const defaults = loadConfig({});
/** What stands behind a name at the beginning of a line, or anywhere on it. */
function found(text: string, pattern: RegExp): string {
  const value = text.match(pattern)?.[1];
  if (value === undefined) throw new TypeError(`${pattern} is nowhere`);
  return value;
}
const seconds = (text: string, pattern: RegExp): number => Number(found(text, pattern));

t.test('every variable that deploy/ and docs/operations.md name is that of a setting', async (t) => {
  const known = new Set([...Object.keys(settings).map(variableOf), 'TILGANG_CONFIG']);
  // Of compose.yaml and Caddyfile themselves; no gateway is given them.
  const own = new Set(['TILGANG_DOMAIN', 'TILGANG_SITE', 'TILGANG_GATEWAYS']);
  const named = [...files, 'docs/operations.md'].flatMap((file) =>
    [...read(file).matchAll(/TILGANG_[A-Z_]*[A-Z]/g)].map(([name]) => ({ file, name })),
  );
  t.ok(named.length > 20, 'they are found');
  t.same(
    named.filter(({ name }) => !known.has(name) && !own.has(name)),
    [],
  );
  t.same(
    Object.keys(gateway.environment).filter((name) => !known.has(name)),
    [],
  );
});

t.test('what the gateways of compose.yaml are started with is a configuration that loads', async (t) => {
  const file = join(temporaryFolder(t), 'tilgang.yaml');
  writeFileSync(file, found(read('deploy/compose/make-secrets.sh'), /<<END\n([\s\S]*?)^END$/m).replace(/\$\([^)]*\)/, 'x'));
  const given = Object.entries<string>(gateway.environment).map(([name, value]) => [
    name,
    value.trim().replace(/\$\{TILGANG_DOMAIN[^}]*\}/, 'tilgang.example.no'),
  ]);
  const config = loadConfig({ ...Object.fromEntries(given), TILGANG_CONFIG: file });
  t.match(config, { mongodbUri: /replicaSet=tilgang$/, publicUrl: 'https://tilgang.example.no', issuers: [{ kind: 'maskinporten' }] });
});

t.test('nothing secret is handed over in a variable, only the files that hold it', async (t) => {
  const inUnits = [...`${unit}${read('deploy/systemd/secrets.conf')}`.matchAll(/(TILGANG_[A-Z_]+)=(\S+)/g)];
  const inTemplate = [...template.matchAll(/name: (TILGANG_[A-Z_]+)\n\s*value: (\S+)/g)];
  const given = [
    ...Object.entries<string>(gateway.environment),
    ...[...inUnits, ...inTemplate].map(([, name, value]) => [name, value] as const),
  ].filter(([name]) => secretVariables.has(name as string));
  t.equal(given.length, 6);
  for (const [name, value] of given) t.match(value, /^(\/run\/secrets|\/etc\/tilgang|%d)\/person-(naming|sealing)\.secret$/, `${name}`);
  const refused: string[] = schema.properties.config.propertyNames.not.enum;
  t.same(
    Object.keys(settings).filter((key) => settings[key]?.isSecret && !refused.includes(key)),
    [],
    'the chart takes no secret setting among its values',
  );
  t.same(
    refused.filter((key) => !Object.hasOwn(settings, key)),
    [],
  );
});

t.test('every probe asks for a page that a gateway has, and the health check of the image tells one from none', async (t) => {
  const { origin, get, stop } = await runGateway(t);
  const named = [dockerfile, caddyfile, template].flatMap((text) =>
    [...text.matchAll(/(?<!respond )(\/health\/[a-z]+)/g)].map(([path]) => path),
  );
  t.same([...new Set(named)].sort(), ['/health/live', '/health/ready']);
  for (const path of new Set(named)) t.equal((await get(path)).status, 200, path);

  const [, ...words] = JSON.parse(found(dockerfile, /^HEALTHCHECK .* CMD (\[.*\])$/m)) as string[];
  const checked = async (port: string): Promise<number> => {
    const [code] = await once(spawn(process.execPath, words, { env: { TILGANG_PORT: port }, stdio: 'ignore' }), 'exit');
    return code;
  };
  const { port } = new URL(origin);
  t.equal(await checked(port), 0);
  await stop();
  t.equal(await checked(port), 1);
});

t.test('liveness never asks for readiness, which a database that is away turns red', async (t) => {
  t.match(found(template, /livenessProbe:\s+httpGet: \{ path: (\S+),/), '/health/live');
  t.match(found(template, /startupProbe:\s+httpGet: \{ path: (\S+),/), '/health/live');
  t.match(found(template, /readinessProbe:\s+httpGet: \{ path: (\S+),/), '/health/ready');
  t.match(found(dockerfile, /^HEALTHCHECK .*(\/health\/[a-z]+)/m), '/health/live');
  t.match(found(caddyfile, /health_uri (\S+)/), '/health/ready');
});

t.test('the port is the same everywhere', async (t) => {
  const port = String(defaults.port);
  t.equal(found(dockerfile, /^EXPOSE (\d+)$/m), port);
  t.equal(found(template, /containerPort: (\d+)/), port);
  const gateways = (compose.services.proxy.environment.TILGANG_GATEWAYS as string).split(' ');
  t.same(
    gateways,
    ['gateway-1', 'gateway-2', 'gateway-3'].map((name) => `${name}:${port}`),
  );
  t.notOk(gateway.environment.TILGANG_PORT);
});

t.test('who stops a gateway waits longer than it takes, and it goes on for two probe intervals and a second', async (t) => {
  const takes = (stopDelayMs: number): number => stopDelayMs + defaults.stopTimeoutMs;
  const inCompose = Number(gateway.environment.TILGANG_STOP_DELAY_MS);
  t.ok(Number.parseInt(gateway.stop_grace_period, 10) * 1000 > takes(inCompose), 'compose.yaml');
  t.ok(inCompose >= 2 * seconds(caddyfile, /health_interval (\d+)s/) * 1000 + 1000, 'Caddyfile');
  t.ok(values.config.stopDelayMs >= 2 * seconds(template, /readinessProbe:[\s\S]*?periodSeconds: (\d+)/) * 1000 + 1000, 'chart');
  t.ok(seconds(unit, /^TimeoutStopSec=(\d+)s$/m) * 1000 > takes(values.config.stopDelayMs), 'unit');
  t.equal(
    found(read('deploy/helm/tilgang/templates/_names.tpl'), /default (\d+) \.Values\.config\.stopTimeoutMs/),
    String(defaults.stopTimeoutMs),
  );
});

t.test('the proxy gives an unused connection up before a gateway does', async (t) => {
  const { origin } = await runGateway(t);
  const { headers } = await fetch(`${origin}/health/live`);
  t.ok(seconds(caddyfile, /keepalive (\d+)s/) < seconds(headers.get('keep-alive') ?? '', /timeout=(\d+)/));
});

t.test('the image is of a Node.js that the program runs on, and everything in it has one version', async (t) => {
  const [major = 0, minor = 0] = found(dockerfile, /^FROM node:([\d.]+)-/m)
    .split('.')
    .map(Number);
  const [leastMajor = 0, leastMinor = 0] = (engines.node as string).replace('>=', '').split('.').map(Number);
  t.ok(major > leastMajor || (major === leastMajor && minor >= leastMinor), engines.node);
  for (const said of [found(dockerfile, /image\.version="([^"]+)"/), chart.appVersion, found(gateway.image, /^tilgang:(.+)$/)]) {
    t.equal(said, version);
  }
});

t.test('what docs/operations.md has copied to /opt/tilgang is all that the package ships', (t) => {
  const copied = found(read('docs/operations.md'), /cp -R --parents (.*) \/opt\/tilgang\/$/m).split(' ');
  t.same(
    [...shipped, 'node_modules', 'package.json'].filter((path: string) => !copied.includes(path)),
    [],
  );
  t.end();
});

t.test('every image is pinned by tag and digest (threat 47)', async (t) => {
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1] as string).filter((name) => name !== 'node');
  const images = Object.values<{ image: string; build?: unknown }>(compose.services).flatMap(({ image, build }) =>
    build === undefined ? [image] : [],
  );
  t.equal(bases.length, 2);
  t.ok(images.length > 4);
  for (const image of new Set([...bases, ...images])) t.match(image, /^[^@]+:[^@:]+@sha256:[0-9a-f]{64}$/, image);
});

t.test('the image has no shell, its user owns nothing of it but the data folder, and all that runs is in it (threat 47)', async (t) => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  t.match(last, /^\nFROM gcr\.io\/distroless\//);
  t.notMatch(last, /^(RUN|SHELL|ADD) /m);
  t.match(found(last, /^USER (\S+)$/m), /^[1-9]\d*:[1-9]\d*$/);
  t.same(
    [...last.matchAll(/--chown=\S+ (\S+ \S+)$/gm)].map((match) => match[1]),
    ['/state /var/lib'],
  );
  t.equal(JSON.parse(found(last, /^ENTRYPOINT (.*)$/m)).at(-1), '/app/bin/tilgang.cjs');
  for (const folder of [...shipped, 'node_modules', 'package.json']) t.match(last, new RegExp(`^COPY .*\\b${folder}\\b`, 'm'), folder);

  const letIn = read('deploy/Dockerfile.dockerignore')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap((match) => (match[1] as string).split(' '));
  t.same([...new Set(sources)].sort(), letIn.sort());
  for (const source of sources) t.ok(existsSync(join(root, source)), source);
});

t.test('containers run as nobody in particular, on a file system that cannot be written', async (t) => {
  for (const name of ['gateway-1', 'gateway-2', 'gateway-3']) {
    t.match(compose.services[name], { read_only: true, user: '65532:65532', cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  }
  for (const line of [
    'runAsNonRoot: true',
    'readOnlyRootFilesystem: true',
    'allowPrivilegeEscalation: false',
    'type: RuntimeDefault',
    'drop: [ALL]',
  ]) {
    t.ok(template.includes(line), line);
  }
  t.match(found(dockerfile, /^USER (\S+)$/m), gateway.user);
  for (const line of ['User=tilgang', 'ProtectSystem=strict', 'NoNewPrivileges=yes', 'CapabilityBoundingSet=', 'StateDirectoryMode=0700']) {
    t.ok(unit.split('\n').includes(line), line);
  }
});

t.test('the values of the chart fit its schema once an installation has said what it must', async (t) => {
  const fits = new Ajv({ strict: false }).compile(schema);
  const whole = { ...values, ...example, image: { ...values.image, ...example.image } };
  t.ok(fits({ ...whole, networkPolicy: { ...values.networkPolicy, ...example.networkPolicy } }), JSON.stringify(fits.errors));
  t.notOk(fits(values), 'nothing stands in for what must be said');
  t.notOk(fits({ ...whole, config: { ...whole.config, mongodbUri: 'mongodb://a:b@c/d' } }), 'a secret among the values');
  t.same(
    Object.keys(example.config).filter((key) => !Object.hasOwn(settings, key)),
    [],
  );
});

t.test('the unit starts and reloads what there is', async (t) => {
  t.ok(existsSync(join(root, found(unit, /^ExecStart=\/usr\/bin\/node \/opt\/tilgang\/(\S+) serve$/m))));
  t.match(unit, /^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
  t.equal(found(unit, /TILGANG_DATA=(\S+)/), found(unit, /^WorkingDirectory=(\S+)$/m));
});

t.test('each proxy asks with headers of its own, and takes them away before the application', async (t) => {
  const { http } = parse(read('deploy/proxies/traefik.yaml'));
  const [asks, forwards, takesAway] = http.routers.page.middlewares.map((name: string) => http.middlewares[name]);
  t.match(forwards.forwardAuth, { address: /\/access\/v1\/forward$/, trustForwardHeader: false });
  const own = ['Tilgang-Authorization', 'Tilgang-Question'];
  t.same(forwards.forwardAuth.authRequestHeaders, ['Authorization', ...own]);
  t.same(Object.keys(asks.headers.customRequestHeaders), own);
  t.same(takesAway.headers.customRequestHeaders, { 'Tilgang-Authorization': '', 'Tilgang-Question': '' });

  const [page, question] = parse(read('deploy/proxies/envoy.yaml')).static_resources.listeners.map(
    // biome-ignore lint/suspicious/noExplicitAny: a file of others' form.
    (listener: any) => ({ ...listener, manager: listener.filter_chains[0].filters[0].typed_config }),
  );
  const [authz, router] = page.manager.http_filters;
  t.match(authz.typed_config, { failure_mode_allow: false, http_service: { server_uri: { cluster: question.name } } });
  const added = authz.typed_config.http_service.authorization_request.headers_to_add.map(({ key }: { key: string }) => key);
  t.same(
    added.sort(),
    [...own].map((name) => name.toLowerCase()),
  );
  t.same(page.manager.route_config.virtual_hosts[0].request_headers_to_remove.sort(), added);
  t.equal(router.name, 'envoy.filters.http.router', 'nothing stands between the question and the application');
  t.same(question.internal_listener, {}, 'nobody else reaches it');
  const asksBy = {
    regex_rewrite: { pattern: { regex: '.*' }, substitution: '/access/v1/forward/' },
    host_rewrite_literal: 'tilgang.example.no',
  };
  t.match(question.manager.route_config.virtual_hosts[0].routes[0].route, asksBy, 'no path leads out of the question (threat 46)');

  const questions = ['nginx.conf', 'traefik.yaml', 'envoy.yaml'].map((file) =>
    found(read(`deploy/proxies/${file}`), /(application=[^"\s]+)/),
  );
  t.same([...new Set(questions)], ['application=00000000-0000-4000-8000-000000000000&role=use&client=page&kommune=0301']);
});

t.test('the names of log events in docs/operations.md are those of the program', async (t) => {
  const table = found(read('docs/operations.md'), /^\| event \| level \| means \|\n([\s\S]*?)\n\n/m);
  const events = [...table.matchAll(/^\| `([a-z ]+)` \|/gm)].map((match) => match[1] as string);
  t.ok(events.length > 4);
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read(`src/${file}`))
    .join('\n');
  t.same(
    events.filter((event) => !sources.includes(`'${event}'`) && !sources.includes(`"event":"${event}"`)),
    [],
  );
});
