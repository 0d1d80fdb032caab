import { gunzipSync, gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { pack } from 'tar-stream';
import { type BundleContent, loadBundle, readBundle } from '#policy';
import { build } from './rego.js';

const invalid = { name: 'ProblemError', slug: 'bundle-invalid' };
/** Rules over data that a bundle brings. */
const built = build('all := data.a\ninput_too := input', ['all', 'input_too']);

async function contentOf(t: Test): Promise<BundleContent> {
  const content = await readBundle(await built);
  t.ok(content.files.has('policy.wasm'));
  return content;
}

/** A tarball of these files, names as they are given. */
async function tarballOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, Buffer.from(content as string));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

const WASM = [
  { entrypoint: 't/all', module: '/policy.wasm' },
  { entrypoint: 't/input_too', module: '/policy.wasm' },
];

t.test('data.json and data.yaml of any folder are one document, read as OPA reads them', async (t) => {
  const { files } = await contentOf(t);
  const tarball = await tarballOf({
    '/policy.wasm': files.get('policy.wasm') as Uint8Array,
    '/.manifest': JSON.stringify({ revision: '7', rego_version: 1, file_rego_versions: { '*': 1 }, metadata: { by: 'me' }, wasm: WASM }),
    '/data.json': '{"a":{"one":1},"n":12345678901234567890.50,"list":[1,{"__proto__":{"x":1}}]}',
    '/a/b/data.json': '{"two":2}',
    '/a/data.yaml':
      'three: 3\nyes: off\nat: 2026-11-27\nbig: 9007199254740993\nx: &x {k: 1.50}\nw: *x\nz: {<<: *x, l: ~}\n"q": "007"\n5: five\n',
    '/list2/data.yml': '- 1\n- ja\n',
    '/word/data.json': '"æ\\ud800"',
    '/t/t.rego': 'package t',
  });
  const content = await readBundle(tarball);
  t.equal(content.revision, '7');
  t.same(content.manifest, { revision: '7', roots: [''], entrypoints: ['t/all', 't/input_too'], metadata: { by: 'me' } });
  const text = Buffer.from(content.document).toString();
  t.match(text, '"n":12345678901234567890.50', 'a number keeps its text');
  t.match(text, '"big":9007199254740993');
  t.same(JSON.parse(text).a, {
    ...{ one: 1, b: { two: 2 }, three: 3, yes: 'off', at: '2026-11-27', big: 9007199254740992, x: { k: 1.5 }, w: { k: 1.5 } },
    ...{ z: { k: 1.5, l: null }, q: '007', 5: 'five' },
  });
  t.match(JSON.parse(text), { list2: [1, 'ja'], word: 'æ\ufffd' });
  const bundle = await loadBundle(tarball);
  t.equal(bundle.evaluate('t/input_too', 3), 3);
});

t.test('what is wrong with a manifest or with data is said by name', async (t) => {
  const { files } = await contentOf(t);
  const wasm = files.get('policy.wasm') as Uint8Array;
  const refused = async (more: Readonly<Record<string, string>>, manifest: object, detail: RegExp): Promise<void> => {
    const tarball = await tarballOf({ 'policy.wasm': wasm, '.manifest': JSON.stringify({ wasm: WASM, ...manifest }), ...more });
    await t.rejects(readBundle(tarball), { ...invalid, detail }, detail.source);
  };
  await refused({}, { revision: 7 }, /revision is no text/);
  await refused({}, { revision: 'a\nb' }, /revision has a control character/);
  await refused({}, { revision: 'x'.repeat(201) }, /revision is longer/);
  await refused({}, { roots: 'a' }, /roots are no list/);
  await refused({}, { roots: ['t', 'a', '/a/b/'] }, /roots overlap/);
  await refused({}, { roots: ['a'] }, /roots do not hold the entrypoint "t\/all"/);
  await refused({}, { rego_version: 3 }, /rego_version/);
  await refused({}, { file_rego_versions: { a: '1' } }, /file_rego_versions/);
  await refused({}, { metadata: [] }, /metadata/);
  await refused({}, { wasm: [] }, /no entrypoint/);
  await refused({}, { wasm: [...WASM, WASM[0]] }, /entrypoint twice/);
  await refused({}, { wasm: [{ entrypoint: 't/all', module: '/x/policy.wasm' }] }, /is not \/policy\.wasm/);
  await refused({ 'data.json': '[1]' }, {}, /"data\.json" is no JSON object/);
  await refused({ 'data.json': '{"a":1,}' }, {}, /"data\.json" is no JSON in UTF-8/);
  await refused({ 'data.json': '\ufeff{}' }, {}, /"data\.json" is no JSON/);
  await refused({ 'data.json': '{"a":{"b":1,"\\u0062":2}}' }, {}, /names a key twice/);
  await refused({ 'data.json': '{"\\ud800":1,"\\udfff":2}' }, {}, /names a key twice/);
  await refused({ 'a/data.json': '['.repeat(201) + ']'.repeat(201) }, {}, /nests deeper/);
  await refused({ 'data.json': '{"a":1}', 'a/data.json': '{}' }, {}, /"data\.json" says what another data file says|"a\/data\.json" says/);
  await refused({ 'data.json': '{"a":{"b":1}}', 'data.yaml': 'a: {b: 1}' }, {}, /says what another data file says already/);
  await refused({ 'data.json': '{"t":1,"b":{"c":1}}' }, { roots: ['t', 'a'] }, /data at "\/b" lie outside the roots/);
  await refused({ 'a/data.json': '{"b":1,"c":2}' }, { roots: ['t', 'a/b'] }, /data at "\/a\/c" lie outside the roots/);
  for (const yaml of ['a: 0x1f', 'a: 1_000', 'a: 010', 'a: .inf', 'a: +1']) await refused({ 'data.yaml': yaml }, {}, /not plain decimal/);
  await refused({ 'data.yaml': 'a: [1' }, {}, /no YAML/);
  await refused({ 'data.yaml': 'a: 1\na: 2' }, {}, /no YAML|twice/);
  await refused({ 'data.yaml': 'a: !!js/function x' }, {}, /YAML|tag/);
  await refused(
    {
      'data.yaml': `a: &a [1]\n${Array.from({ length: 20 }, (_, i) => `b${i}: &b${i} [${i === 0 ? '*a' : `*b${i - 1}, *b${i - 1}`}]`).join('\n')}`,
    },
    {},
    /YAML/,
  );
});

t.test('a file that a bundle has no use for is refused by name, and a delta bundle as one (threats 6, 7)', async (t) => {
  const { files } = await contentOf(t);
  const whole = { 'policy.wasm': files.get('policy.wasm') as Uint8Array, '.manifest': JSON.stringify({ wasm: WASM }) };
  for (const name of [
    'x.json',
    'a/policy.wasm',
    'a/.manifest',
    'a/.signatures.json',
    '.manifest.pb',
    'plan.json',
    'README.md',
    'data.json.bak',
  ]) {
    await t.rejects(
      readBundle(await tarballOf({ ...whole, [name]: '{}' })),
      { ...invalid, detail: `no use for the file ${JSON.stringify(name)}` },
      name,
    );
  }
  await t.rejects(readBundle(await tarballOf({ ...whole, '.git/data.json': '{}' })), { ...invalid, detail: /begins with a dot/ });
  for (const patch of ['{}', '{"data":[]}', '{"data":[{"op":"remove","path":"/a"}]}']) {
    await t.rejects(readBundle(await tarballOf({ '.manifest': '{}', 'patch.json': patch })), { ...invalid, detail: /delta bundle/ });
  }
});

t.test('a bundle that is cut anywhere is refused, and so is one with something after its end', async (t) => {
  const tarball = await built;
  const tar = gunzipSync(tarball);
  for (const share of [0, 0.1, 0.5, 0.9, 0.999]) {
    await t.rejects(readBundle(tarball.subarray(0, Math.floor(tarball.length * share))), invalid, `gzip at ${share}`);
    await t.rejects(readBundle(gzipSync(tar.subarray(0, Math.floor(tar.length * share)))), invalid, `tar at ${share}`);
  }
});
