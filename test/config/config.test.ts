import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { type Config, configurationPage, loadConfig, redactedConfig, sections, settings, variableOf } from '#config';
import { publicOrigin } from '#http/settings';
import { ProblemError } from '#problem';

const load = (environment: Record<string, string> = {}): Config => loadConfig(environment);

function file(test: Test, name: string, content: string): { TILGANG_CONFIG: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tilgang-config-'));
  test.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, name), content);
  return { TILGANG_CONFIG: join(folder, name) };
}

/** The pointers and details of the faults that the environment is refused for. */
function faults(environment: Record<string, string>): { pointer: string; detail: string }[] {
  try {
    load(environment);
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'config-invalid') return [...error.at];
    throw error;
  }
  return [];
}
const pointers = (environment: Record<string, string>): string[] => faults(environment).map(({ pointer }) => pointer);

const issuer = { issuer: 'https://maskinporten.example/', kind: 'maskinporten', audience: 'https://tilgang.example' };

t.test('without file and environment the defaults hold, and unrelated variables do not matter', async (t) => {
  t.match(load({ HOME: '/root', TILGANGEN: 'x' }), {
    mode: undefined,
    host: '127.0.0.1',
    port: 8080,
    data: resolve('data'),
    publicUrl: undefined,
    policyBundle: resolve('bundles/tilgang.tar.gz'),
    issuers: [],
    namingSecretFile: undefined,
    sealingSecretFile: undefined,
    logLevel: 'info',
    maxBodyBytes: 65_536,
    maxBodyDepth: 16,
    bodyTimeoutMs: 10_000,
    stopTimeoutMs: 10_000,
    storeMapBytes: 68_719_476_736,
  });
  t.equal(publicOrigin(load(), 8081), 'http://127.0.0.1:8081');
  t.equal(publicOrigin(load({ TILGANG_HOST: '::1' }), 80), 'http://[::1]:80');
  t.equal(publicOrigin(load({ TILGANG_PUBLIC_URL: 'https://tilgang.example' }), 80), 'https://tilgang.example');
});

t.test('the environment wins over the file, be it YAML or JSON', async (t) => {
  for (const [name, content] of [
    ['c.yaml', 'port: 9000\nlogLevel: warn\n'],
    ['c.json', '{"port": 9000, "logLevel": "warn"}'],
  ] as const) {
    const environment = file(t, name, content);
    t.match(load(environment), { port: 9000, logLevel: 'warn' }, name);
    t.match(load({ ...environment, TILGANG_PORT: '0' }), { port: 0, logLevel: 'warn' }, name);
  }
});

t.test('every fault is named at once, those of the file too', async (t) => {
  const environment = {
    ...file(t, 'c.yaml', 'colour: red\nmaxBodyDepth: 1.5\n'),
    TILGANG_PORT: '65536',
    TILGANG_LOG_LEVEL: 'loud',
    TILGANG_HOST: '',
    TILGANG_PUBLIC_URL: 'https://tilgang.example/path',
    TILGANG_COLOUR: 'red',
    TILGANG_NAMING_SECRET_FILE: '/n',
  };
  t.same(pointers(environment).sort(), ['', '/colour', '/host', '/logLevel', '/maxBodyDepth', '/namingSecretFile', '/port', '/publicUrl']);
  const told = faults(environment)
    .map(({ detail }) => detail)
    .join('\n');
  for (const name of ['colour (file)', 'maxBodyDepth (file)', 'TILGANG_PORT', 'TILGANG_COLOUR', 'TILGANG_LOG_LEVEL']) t.match(told, name);
});

t.test('an unknown key and an unknown variable are refused', async (t) => {
  t.same(pointers(file(t, 'c.yaml', 'Port: 1\n')), ['/Port']);
  t.same(pointers(file(t, 'c.json', '{"constructor": 1}')), ['/constructor']);
  t.match(faults({ TILGANG_PROT: '1' }), [{ pointer: '', detail: 'TILGANG_PROT is no known variable' }]);
});

t.test('a file that is missing, is no YAML or holds no mapping is refused', async (t) => {
  t.match(faults({ TILGANG_CONFIG: '/nowhere/c.yaml' }), [{ detail: 'TILGANG_CONFIG: /nowhere/c.yaml is not there: check the name' }]);
  t.match(faults(file(t, 'c.yaml', 'a: [')), [{ detail: /cannot be read/ }]);
  for (const content of ['- port', 'text', '5']) t.match(faults(file(t, 'c.yaml', content)), [{ detail: /mapping/ }], content);
});

t.test('half of a secret pair is refused, the whole is taken', async (t) => {
  const pair = { TILGANG_NAMING_SECRET_FILE: '/n', TILGANG_SEALING_SECRET_FILE: '/s' };
  for (const [name, path] of Object.entries(pair)) t.same(pointers({ [name]: path }), ['/namingSecretFile'], name);
  t.match(load(pair), { namingSecretFile: '/n', sealingSecretFile: '/s' });
});

t.test(
  'a connection string that takes away what the store promises is refused by the option, and one that says the same is taken',
  async (t) => {
    const uri = (options: string): Record<string, string> => ({ TILGANG_MONGODB_URI: `mongodb://db.example/tilgang?${options}` });
    for (const option of [
      'w=1',
      'journal=false',
      'readConcernLevel=local',
      'READPREFERENCE=secondary',
      'retryWrites=false',
      'retryReads=false',
    ]) {
      const [name = ''] = option.split('=');
      t.match(
        faults(uri(`tls=true&${option}`)),
        [{ pointer: '/mongodbUri', detail: new RegExp(`without ${name}, or with ${name}=`) }],
        option,
      );
    }
    t.match(load(uri('w=majority&retryWrites=true&readConcernLevel=majority&tls=true')), { mongodbUri: /tls=true$/ });
  },
);

t.test('demo mode listens on loopback only, and a name that begins like it is none', async (t) => {
  for (const host of ['0.0.0.0', '127.example.com', '127.0.0.1.example.com', '::', '10.0.0.1', 'localhost.example']) {
    t.same(pointers({ TILGANG_MODE: 'demo', TILGANG_HOST: host }), ['/host'], host);
    t.equal(load({ TILGANG_HOST: host }).host, host, 'production may');
  }
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1'])
    t.same(pointers({ TILGANG_MODE: 'demo', TILGANG_HOST: host }), [], host);
  t.equal(load({ TILGANG_MODE: 'demo' }).host, '127.0.0.1');
});

t.test('issuers come from the environment as YAML or JSON, and from the file, with RS256 unless told', async (t) => {
  const yaml = `- issuer: ${issuer.issuer}\n  kind: maskinporten\n  audience: ${issuer.audience}\n`;
  const expected = [{ ...issuer, algorithms: ['RS256'] }];
  t.same(load({ TILGANG_ISSUERS: yaml }).issuers, expected);
  t.same(load({ TILGANG_ISSUERS: JSON.stringify([issuer]) }).issuers, expected);
  t.same(load(file(t, 'c.json', JSON.stringify({ issuers: [issuer] }))).issuers, expected);
  t.same(load(file(t, 'c.yaml', `issuers:\n${yaml.replace(/^/gm, '  ').trimEnd()}\n`)).issuers, expected);
});

t.test('an issuer with HS256, without audience or of another shape is refused', async (t) => {
  const of = (...items: unknown[]): string[] => pointers({ TILGANG_ISSUERS: JSON.stringify(items) });
  t.same(of({ ...issuer, algorithms: ['RS256', 'HS256'] }), ['/issuers/0/algorithms/1']);
  t.same(of({ ...issuer, algorithms: ['none'] }), ['/issuers/0/algorithms/0']);
  t.same(of({ ...issuer, algorithms: [] }), ['/issuers/0/algorithms']);
  t.same(of({ ...issuer, audience: undefined }), ['/issuers/0/audience']);
  t.same(of({ ...issuer, issuer: 'http://maskinporten.example/' }), ['/issuers/0/issuer']);
  t.same(of(issuer, issuer), ['/issuers/1/issuer']);
  t.same(of({}), ['/issuers/0/issuer', '/issuers/0/kind', '/issuers/0/audience']);
  for (const odd of [{ ...issuer, algoritms: ['RS256'] }, null, 'text']) t.same(of(odd), ['/issuers']);
  for (const text of ['a: 1', '[', 'text']) t.same(pointers({ TILGANG_ISSUERS: text }), ['/issuers'], text);
});

t.test('what is printed does not show where the secrets are, and the rest as it is', async (t) => {
  const printed = redactedConfig(load({ TILGANG_NAMING_SECRET_FILE: '/hidden/n', TILGANG_SEALING_SECRET_FILE: '/hidden/s' }));
  t.match(printed, { namingSecretFile: '[redacted]', sealingSecretFile: '[redacted]', port: 8080, publicUrl: null });
  t.notMatch(JSON.stringify(printed), 'hidden');
  t.same(Object.keys(printed).sort(), Object.keys(settings).sort());
  t.equal(redactedConfig(load())['namingSecretFile'], null);
});

t.test('every default is a value that may be written too, and the environment may say it', async (t) => {
  const config: Record<string, unknown> = load();
  for (const [key, { fallback, read }] of Object.entries(settings)) {
    const value = fallback();
    t.same(config[key], value, key);
    if (value === undefined) continue;
    t.same(read(value), value, key);
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    t.same(read(text), value, `${variableOf(key)}=${text}`);
  }
});

t.test('a variable is the key in capitals', async (t) => {
  for (const [key, variable] of [
    ['port', 'TILGANG_PORT'],
    ['publicUrl', 'TILGANG_PUBLIC_URL'],
    ['lookUpsPerMinute', 'TILGANG_LOOK_UPS_PER_MINUTE'],
    ['storeMapBytes', 'TILGANG_STORE_MAP_BYTES'],
  ] as const) {
    t.equal(variableOf(key), variable);
  }
});

t.test('paths are absolute, wherever they were written', async (t) => {
  const pair = { TILGANG_NAMING_SECRET_FILE: 'n', TILGANG_SEALING_SECRET_FILE: './s' };
  t.match(load({ ...pair, TILGANG_DATA: 'd', TILGANG_POLICY_BUNDLE: '../b.tar.gz' }), {
    data: resolve('d'),
    policyBundle: resolve('../b.tar.gz'),
    namingSecretFile: resolve('n'),
    sealingSecretFile: resolve('s'),
  });
});

t.test('no setting can be replaced once the configuration is read', async (t) => {
  const config = load();
  t.ok(Object.isFrozen(config));
  t.throws(() => Object.assign(config, { mode: 'demo' }), TypeError);
});

t.test('the page lists every key of every section with its variable, and is the one in docs', async (t) => {
  const page = configurationPage();
  for (const [key, { about }] of Object.entries(settings)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${key}\` | \`${variableOf(key)}\` |`));
    t.ok(row?.includes(about), key);
  }
  const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  t.same(
    headings,
    sections.map(({ title }) => title),
    'each section under its heading',
  );
  t.equal(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8'), page, 'run `make generated`');
});

t.test('a gateway hears of wrong settings and of those that are missing at once; of what cannot be read nothing is concluded', (t) => {
  const served = (environment: Record<string, string>): string[] => {
    try {
      loadConfig(environment, true);
    } catch (error) {
      if (error instanceof ProblemError) return error.at.map(({ pointer }) => pointer);
      throw error;
    }
    return [];
  };
  t.same(served({ TILGANG_PORT: 'x' }), ['/port', '/issuers']);
  t.same(served({ TILGANG_PORT: 'x', TILGANG_MASKINPORTEN: 'on', TILGANG_IDPORTEN: 'on' }), ['/port', '/publicUrl', '/eidIssuer']);
  t.same(served({ TILGANG_MODE: 'x' }), ['/mode']);
  t.same(served({ TILGANG_MODE: 'demo', TILGANG_PORT: 'x' }), ['/port']);
  t.same(pointers({ TILGANG_PORT: 'x' }), ['/port'], 'a command needs no callers');
  t.end();
});
