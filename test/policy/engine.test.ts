import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { type Pack, pack } from 'tar-stream';
import { type Builtins, loadBundle } from '#policy';
import { EVALUATE, question, readBundle, root, SEARCH } from './world.js';

async function build(rego: string, entrypoints: string[]): Promise<Buffer> {
  const folder = await mkdtemp(`${tmpdir()}/policy-`);
  await writeFile(`${folder}/t.rego`, `package t\n${rego}\n`);
  const args = [
    'build',
    '-t',
    'wasm',
    ...entrypoints.flatMap((name) => ['-e', `t/${name}`]),
    '-o',
    `${folder}/b.tar.gz`,
    `${folder}/t.rego`,
  ];
  execFileSync('node', ['-e', `import('${root}tools/opa.mjs').then((o) => o.runOpa(${JSON.stringify(args)}))`]);
  return readFile(`${folder}/b.tar.gz`);
}

const failed = { name: 'ProblemError', slug: 'evaluation-failed' };

t.test('the real bundle answers both questions, and an unknown one is misuse', async (t) => {
  const bundle = await loadBundle(await readBundle());
  t.same(bundle.entrypoints, [EVALUATE, SEARCH, 'tilgang/admin/evaluate', 'tilgang/held/roles']);
  t.match(bundle.revision, /^[0-9a-f]{16}$/);
  t.same(await bundle.evaluate(EVALUATE, question()), { allowed: true, reasons: ['granted'] });
  t.same(await bundle.evaluate(SEARCH, Buffer.from(JSON.stringify(question()))), {
    allowed: true,
    reasons: [],
    organisations: ['910000000'],
  });
  t.equal(await bundle.evaluate(SEARCH, undefined), undefined, 'a rule without an answer is undefined');
  for (const name of ['tilgang/access', '__proto__', 'toString', `${SEARCH}/`, '']) await t.rejects(bundle.evaluate(name, {}), TypeError);
  await t.rejects(
    bundle.evaluate(SEARCH, () => 1),
    TypeError,
  );
});

t.test('falsy inputs are real inputs, and nothing is left over from the caller before (threats 16, 18)', async (t) => {
  const bundle = await loadBundle(await build('echo := input\nmaybe if input.yes', ['echo', 'maybe']));
  for (const input of [false, 0, '', null, [], {}, 'æøå😀', JSON.parse('{"__proto__":{"a":1}}'), 123456789, 1]) {
    t.same(await bundle.evaluate('t/echo', input), input);
  }
  t.equal(await bundle.evaluate('t/echo', undefined), undefined);
  t.equal(await bundle.evaluate('t/maybe', {}), undefined);
  t.equal(({} as { a?: unknown }).a, undefined);
  for (const text of ['', '{', '{"a":1', '"x', 'tru', '[1,']) await t.rejects(bundle.evaluate('t/echo', Buffer.from(text)), failed, text);
  await t.rejects(bundle.evaluate('t/echo', Buffer.from('['.repeat(1e6))), failed);
  t.equal(await bundle.evaluate('t/echo', 7), 7);
});

t.test('a built-in that nobody provides is refused by name when the bundle is loaded (threat 8)', async (t) => {
  const tarball = await build('now := time.now_ns()\nfine := 1', ['now', 'fine']);
  await t.rejects(loadBundle(tarball), { name: 'ProblemError', slug: 'bundle-invalid', detail: /time\.now_ns/ });
  let answer: () => unknown = () => 5;
  const builtins: Builtins = { 'time.now_ns': () => answer() };
  const bundle = await loadBundle(tarball, { builtins });
  t.equal(await bundle.evaluate('t/now', {}), 5);
  answer = () => {
    throw new Error('no clock');
  };
  await t.rejects(bundle.evaluate('t/now', {}), failed);
  answer = () => undefined;
  t.equal(await bundle.evaluate('t/now', {}), undefined);
});

t.test('a conflict or exhausted memory fails the call, and the next answer is right (threat 16)', async (t) => {
  const rego =
    'clash := 1 if input.a\nclash := 2 if input.b\nbig := [x | some i in numbers.range(1, input.n); x := sprintf2(i)]\nsprintf2(i) := concat("", ["x", format_int(i, 10)])';
  const bundle = await loadBundle(await build(rego, ['clash', 'big']), { maxMemoryBytes: 4 * 2 ** 20 });
  await t.rejects(bundle.evaluate('t/clash', { a: true, b: true }), failed);
  t.equal(await bundle.evaluate('t/clash', { b: true }), 2);
  await t.rejects(bundle.evaluate('t/big', { n: 1e6 }), failed);
  await t.rejects(bundle.evaluate('t/big', 'x'.repeat(8 * 2 ** 20)), failed);
  t.same(await bundle.evaluate('t/big', { n: 2 }), ['x1', 'x2']);
});

t.test('100 000 evaluations of mixed sizes keep memory flat (threat 17)', async (t) => {
  const bundle = await loadBundle(await readBundle());
  const inputs = [1, 3, 40].map((n) => question({ grants: Array.from({ length: n }, () => (question()['grants'] as unknown[])[0]) }));
  const run = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i += 1) await bundle.evaluate(i % 2 === 0 ? SEARCH : EVALUATE, inputs[i % 50 === 0 ? 2 : i % 2]);
    return process.memoryUsage().rss;
  };
  const before = await run(20_000);
  t.ok((await run(100_000)) - before < 48 * 2 ** 20);
});

t.test('a hostile tarball is refused (threat 6)', async (t) => {
  const make = async (fill: (tar: Pack) => void): Promise<Buffer> => {
    const tar = pack();
    fill(tar);
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    return gzipSync(Buffer.concat(chunks));
  };
  const real = await readBundle();
  const attacks: Record<string, Buffer | Promise<Buffer>> = {
    'climbing name': make((tar) => tar.entry({ name: '../x.rego' }, 'x')),
    'climbing inside': make((tar) => tar.entry({ name: '/a/../x.rego' }, 'x')),
    'absolute name': make((tar) => tar.entry({ name: '/etc/passwd' }, 'x')),
    'doubly absolute name': make((tar) => tar.entry({ name: '//x.rego' }, 'x')),
    backslash: make((tar) => tar.entry({ name: 'a\\x.rego' }, 'x')),
    symlink: make((tar) => tar.entry({ name: 'x.rego', type: 'symlink', linkname: '/etc/passwd' })),
    'hard link': make((tar) => tar.entry({ name: 'x.rego', type: 'link', linkname: '/etc/passwd' })),
    device: make((tar) => tar.entry({ name: 'x.rego', type: 'character-device' })),
    duplicate: make((tar) => {
      tar.entry({ name: '/x.rego' }, 'x');
      tar.entry({ name: 'x.rego' }, 'y');
    }),
    'many entries': make((tar) => {
      for (let i = 0; i < 2001; i += 1) tar.entry({ name: `${i}.rego` }, '');
    }),
    bomb: gzipSync(Buffer.alloc(80 * 2 ** 20)),
    'cut end': real.subarray(0, real.length - 20),
    'no manifest': make((tar) => tar.entry({ name: 'x.rego' }, 'x')),
    'broken manifest': make((tar) => tar.entry({ name: '.manifest' }, '{')),
    'lying manifest': make((tar) => tar.entry({ name: '.manifest' }, '{"wasm":[{"entrypoint":"a","module":"/b.wasm"}]}')),
    'no tarball': Buffer.from('x'),
  };
  for (const [name, tarball] of Object.entries(attacks))
    await t.rejects(loadBundle(await tarball), { name: 'ProblemError', slug: 'bundle-invalid' }, name);
});
