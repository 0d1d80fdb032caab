import { execFileSync } from 'node:child_process';
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactSign, type JWK } from 'jose';
import t from 'tap';
import {
  type BundleFiles,
  readBundle,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  type SigningKey,
  signBundle,
  type VerificationKey,
  verifySignature,
  writeTarball,
} from '#policy';

const opa = process.env['OPA'] ?? 'opa';
const NOW = Date.parse('2026-11-27T12:00:00Z');
const invalid = { name: 'ProblemError', slug: 'bundle-invalid' };
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const jwkOf = (key: KeyObject): JWK => createPublicKey(key).export({ format: 'jwk' }) as JWK;
const registered = (change: Partial<VerificationKey> = {}): VerificationKey => ({
  kid: 'one',
  algorithm: 'RS256',
  jwk: jwkOf(rsa.privateKey),
  ...change,
});
const signing = (change: Partial<SigningKey> = {}): SigningKey => ({
  kid: 'one',
  algorithm: 'RS256',
  privateKey: rsa.privateKey,
  ...change,
});

/** What a bundle may hold; nothing here is loaded. */
const FILES: BundleFiles = new Map(
  Object.entries({
    '.manifest': '{"revision":"7","wasm":[{"entrypoint":"t/x","module":"/policy.wasm"}]}',
    'data.json': '{"b": 1.0, "a": ["<\u2028å>", null, true, {"ü":1e3,"z":{}}]}',
    'sub/data.yaml': 'n: 1.50\nyes: [~]\n',
    'policy.wasm': '\0asm',
    't.rego': 'package t',
  }).map(([path, text]) => [path, Buffer.from(text)]),
);

async function signed(key: SigningKey = signing(), files: BundleFiles = FILES, scope?: string): Promise<BundleFiles> {
  const options = scope === undefined ? { now: NOW } : { now: NOW, scope };
  return new Map(files).set('.signatures.json', await signBundle(files, key, options));
}

const withFile = (files: BundleFiles, path: string, text: string): BundleFiles => new Map(files).set(path, Buffer.from(text));

/** The files with a token of these claims and this header. */
async function tokenOf(claims: object, header: object = {}, sign?: (head: string, body: string) => string): Promise<BundleFiles> {
  const protectedHeader = { alg: 'RS256', kid: 'one', ...header };
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token =
    sign === undefined
      ? await new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(protectedHeader).sign(rsa.privateKey)
      : `${encoded(protectedHeader)}.${encoded(claims)}.${sign(encoded(protectedHeader), encoded(claims))}`;
  return withFile(FILES, '.signatures.json', JSON.stringify({ signatures: [token] }));
}

/** The claims of a bundle that is signed rightly. */
async function claimsOf(files: BundleFiles): Promise<{ files: { name: string; hash: string; algorithm: string }[] }> {
  const { signatures } = JSON.parse(Buffer.from(files.get('.signatures.json') as Uint8Array).toString());
  return JSON.parse(Buffer.from(signatures[0].split('.')[1], 'base64url').toString());
}

t.test('what we sign we verify, by each algorithm, and say who signed it', async (t) => {
  const curves: Partial<Record<SignatureAlgorithm, KeyObject>> = {
    ES256: ec.privateKey,
    ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
    ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  };
  for (const algorithm of SIGNATURE_ALGORITHMS) {
    const privateKey = curves[algorithm] ?? rsa.privateKey;
    const files = await signed(signing({ algorithm, privateKey }));
    const keys = [registered({ algorithm, jwk: jwkOf(privateKey) })];
    t.same(await verifySignature(files, { keys }, NOW), { kid: 'one', algorithm });
  }
});

t.test('what OPA signs we verify, and what we sign OPA verifies', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'signatures-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  mkdirSync(at('b/sub'), { recursive: true });
  writeFileSync(at('private.pem'), rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(at('public.pem'), rsa.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(at('b/t.rego'), 'package t\n\nx := data.n\n');
  writeFileSync(at('b/data.json'), Buffer.from(FILES.get('data.json') as Uint8Array));
  writeFileSync(
    at('b/sub/data.yaml'),
    'n: 1.50\nyes: [~, "\\u2028"]\n"\u{10000}": 1\n"\uffee": 2\nbig: 18446744073709551615\nsmall: 1e-7\n',
  );
  writeFileSync(at('b/.manifest'), '{"revision": "7", "metadata": {"z": 1.0, "a": "<>"}}');
  const runIn = (cwd: string, ...args: string[]): string => execFileSync(opa, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  const run = (...args: string[]): string => runIn(folder, ...args);
  const sign = ['--signing-key', 'private.pem', '--signing-alg', 'PS384', '--verification-key-id', 'one'];
  run('build', '-t', 'wasm', '-e', 't/x', '-b', 'b', ...sign, '-o', 'theirs.tar.gz');
  const theirs = (await readBundle(readFileSync(at('theirs.tar.gz')))).files;
  const demand = { keys: [registered({ algorithm: 'PS384' })] };
  t.same(await verifySignature(theirs, demand, NOW), { kid: 'one', algorithm: 'PS384' });

  runIn(at('b'), 'sign', '-b', '.', '--signing-key', '../private.pem');
  const listed = new Map(
    ['.manifest', 'data.json', 'sub/data.yaml', 't.rego'].map((path) => [path, readFileSync(at(`b/${path}`))] as [string, Buffer]),
  );
  const bare = listed.set('.signatures.json', readFileSync(at('b/.signatures.json')));
  await t.rejects(verifySignature(bare, { keys: [registered()] }, NOW), { ...invalid, detail: /names no key/ });
  t.same(await verifySignature(bare, { keys: [registered()], keyid: 'one' }, NOW), { kid: 'one', algorithm: 'RS256' });

  const verify = ['--verification-key', 'public.pem', '--verification-key-id', 'one'];
  const plain = new Map([...theirs].filter(([path]) => path !== '.signatures.json'));
  plain.set('sub/data.yaml', readFileSync(at('b/sub/data.yaml')));
  plain.set('data.json', Buffer.from(`{"only": ["\u2028", 1.0]}`));
  plain.set('more/t2.rego', Buffer.from('package t.two\n'));
  writeFileSync(at('ours.tar.gz'), await writeTarball(await signed(signing(), plain)));
  run('build', '-b', 'ours.tar.gz', ...verify, '-o', 'verified.tar.gz');
  writeFileSync(at('changed.tar.gz'), await writeTarball(withFile(await signed(signing(), plain), 'data.json', '{}')));
  t.throws(() => run('build', '-b', 'changed.tar.gz', ...verify, '-o', 'x.tar.gz'), 'OPA sees what was changed');
});

t.test('an unsigned bundle is refused, whatever keys there are (threat 1)', async (t) => {
  for (const keys of [[registered()], []]) await t.rejects(verifySignature(FILES, { keys }, NOW), { ...invalid, detail: /not signed/ });
  await t.rejects(verifySignature(FILES, { keys: [], keyid: 'one' }, NOW), { ...invalid, detail: /not signed/ });
});

t.test('one byte changed, a file more, a file less, a file listed twice: each is refused by name (threat 2)', async (t) => {
  const files = await signed();
  const keys = [registered()];
  const refused = (changed: BundleFiles, detail: RegExp) => t.rejects(verifySignature(changed, { keys }, NOW), { ...invalid, detail });
  await refused(withFile(files, 'policy.wasm', '\0asn'), /"policy\.wasm" is not the one/);
  await refused(withFile(files, 't.rego', 'package t '), /"t\.rego" is not the one/);
  await refused(withFile(files, 'data.json', '{"b":1.0,"a":[]}'), /"data\.json" is not the one/);
  await refused(withFile(files, '.manifest', '{"revision":"8"}'), /"\.manifest" is not the one/);
  await refused(withFile(files, 'more.rego', 'package more'), /does not list the file "more\.rego"/);
  await refused(new Map([...files].filter(([path]) => path !== 't.rego')), /"t\.rego", which the bundle does not have/);
  const claims = await claimsOf(files);
  await t.resolves(verifySignature(await tokenOf(claims), { keys }, NOW), 'the token of the test is taken as it is');
  await refused(await tokenOf({ files: [...claims.files, claims.files[0]] }), /twice/);
  await refused(await tokenOf({ files: [...claims.files, { ...claims.files[0], name: `/${claims.files[0]?.name}` }] }), /twice/);
  await refused(await tokenOf({ files: [...claims.files, { name: '.signatures.json', hash: '', algorithm: 'SHA-256' }] }), /does not have/);
  await refused(await tokenOf({ files: claims.files.slice(1) }), /does not list/);
  for (const algorithm of ['MD5', 'SHA-1', 'SHA-224', 'SHA-512-224', '', 'constructor']) {
    await refused(
      await tokenOf({ files: claims.files.map((file) => ({ ...file, algorithm })) }),
      /by an algorithm that is not one of SHA-256/,
    );
  }
  const spaced = withFile(files, 'data.json', ' { "a":["<\u2028å>",null,true,{"z":{},"ü":1e3}], "b":1.0 } ');
  t.match(await verifySignature(spaced, { keys }, NOW), { kid: 'one' }, 'blanks and the order of keys are no content');
});

t.test('a token that brings its own key, or none, or another algorithm is refused, and nothing is fetched (threat 3)', async (t) => {
  const claims = await claimsOf(await signed());
  const keys = [registered()];
  const refused = async (files: BundleFiles, detail: RegExp) => t.rejects(verifySignature(files, { keys }, NOW), { ...invalid, detail });
  let fetched = 0;
  const { fetch } = globalThis;
  t.teardown(() => {
    globalThis.fetch = fetch;
  });
  globalThis.fetch = async () => {
    fetched += 1;
    throw new Error('nothing is fetched');
  };
  const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
  const hmac = (head: string, body: string): string => createHmac('sha256', publicPem).update(`${head}.${body}`).digest('base64url');
  await refused(await tokenOf(claims, { alg: 'none' }, () => ''), /no compact JWS/);
  await refused(await tokenOf(claims, { alg: 'none' }, () => 'AA'), /not signed by RS256/);
  await refused(await tokenOf(claims, { alg: 'HS256' }, hmac), /not signed by RS256/);
  await refused(await tokenOf(claims, { alg: 'RS256' }, hmac), /not signed by the key/);
  const brought = { jwk: jwkOf(other.privateKey), jku: 'http://127.0.0.1:9/', x5u: 'http://127.0.0.1:9/', x5c: ['AA'], crit: ['exp'] };
  for (const [name, value] of Object.entries(brought)) {
    await refused(await tokenOf(claims, { [name]: value }, () => 'AA'), /keys are registered, not brought along/);
  }
  for (const kid of ['../../key', '/etc/passwd', 'two', '', '__proto__', 'constructor']) {
    await refused(await tokenOf(claims, { kid }), kid === '' ? /not registered/ : /not registered/);
  }
  await refused(await tokenOf(claims, { kid: 7 }), /no text/);
  await refused(await signed(signing({ privateKey: other.privateKey })), /not signed by the key/);
  await refused(await signed(signing({ algorithm: 'RS512' })), /not signed by RS256/);
  await refused(await signed(signing({ algorithm: 'ES256', privateKey: ec.privateKey })), /not signed by RS256/);
  t.equal(fetched, 0);
  for (const text of [
    '',
    '[]',
    '{}',
    '{"signatures":[]}',
    '{"signatures":["a","b"]}',
    '{"signatures":[1]}',
    '{"signatures":["a.b"]}',
    'null',
  ]) {
    await t.rejects(verifySignature(withFile(FILES, '.signatures.json', text), { keys }, NOW), invalid, text);
  }
  await refused(withFile(FILES, '.signatures.json', '{"signatures":["a.b.c"],"plugin":"mine"}'), /plugin/);
});

t.test('two keys count during a rotation; one ends at its date, another is revoked (threat 5)', async (t) => {
  const old = registered({ until: NOW + 1000 });
  const fresh = registered({ kid: 'two', jwk: jwkOf(other.privateKey) });
  const keys = [old, fresh];
  const [byOld, byFresh] = await Promise.all([signed(), signed(signing({ kid: 'two', privateKey: other.privateKey }))]);
  t.equal((await verifySignature(byOld, { keys }, NOW + 999)).kid, 'one');
  t.equal((await verifySignature(byFresh, { keys }, NOW + 999)).kid, 'two');
  await t.rejects(verifySignature(byOld, { keys }, NOW + 1000), { ...invalid, detail: /past its end date/ });
  t.equal((await verifySignature(byFresh, { keys }, NOW + 1000)).kid, 'two');
  const revoked = [old, { ...fresh, revoked: true }];
  await t.rejects(verifySignature(byFresh, { keys: revoked }, NOW), { ...invalid, detail: /revoked/ });
  await t.rejects(verifySignature(byFresh, { keys, keyid: 'one' }, NOW), { ...invalid, detail: /not signed by the key/ });
});

t.test('a key signs for its scope and no other', async (t) => {
  const scoped = { keys: [registered({ scope: 'app-1' })] };
  const [one, two, none] = await Promise.all([signed(signing(), FILES, 'app-1'), signed(signing(), FILES, 'app-2'), signed()]);
  t.same(await verifySignature(one, scoped, NOW), { kid: 'one', algorithm: 'RS256', scope: 'app-1' });
  for (const files of [two, none]) await t.rejects(verifySignature(files, scoped, NOW), { ...invalid, detail: /another scope/ });
  await t.rejects(verifySignature(two, { ...scoped, scope: 'app-2' }, NOW), { ...invalid, detail: /another scope/ });
  const general = [registered()];
  await t.rejects(verifySignature(one, { keys: general }, NOW), { ...invalid, detail: /another scope/ });
  t.match(await verifySignature(one, { keys: general, scope: 'app-1' }, NOW), { scope: 'app-1' });
  await t.rejects(verifySignature(one, { keys: general, scope: 'app-2' }, NOW), { ...invalid, detail: /another scope/ });
});
