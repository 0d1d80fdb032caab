import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { type Pack, pack } from 'tar-stream';
import { type Builtins, type Bundle, JsonText, loadBundle, RegoNumber, type Term } from '#policy';
import { type Watched, type WatchedExports, watchInstances } from './watched-instances.js';
import { asker, EVALUATE, grant, MAY_ASK, question, readBundle, root, SEARCH } from './world.js';

async function build(rego: string, entrypoints: string[], file = 't.rego'): Promise<Buffer> {
  const folder = await mkdtemp(`${tmpdir()}/policy-`);
  await writeFile(`${folder}/${file}`, `package t\n${rego}\n`);
  const named = entrypoints.flatMap((name) => ['-e', `t/${name}`]);
  const args = ['build', '-t', 'wasm', ...named, '-o', `${folder}/b.tar.gz`, `${folder}/${file}`];
  execFileSync('node', ['-e', `import('${root}tools/opa.mjs').then((o) => o.runOpa(${JSON.stringify(args)}))`]);
  return readFile(`${folder}/b.tar.gz`);
}

/** Linear memory and the top of the heap after each of some questions, the last of so many passes. */
function footprintsAfter(bundle: Bundle, started: readonly Watched[], passes: number): unknown {
  const inputs = [1, 3, 40].map((n) => question({ grants: Array.from({ length: n }, () => grant()) }));
  let footprints: unknown[] = [];
  for (let pass = 0; pass < passes; pass += 1) {
    footprints = inputs.flatMap((input) =>
      [SEARCH, EVALUATE].map((entrypoint) => {
        bundle.evaluate(entrypoint, input);
        return started.map(({ memory, exports }) => [memory.buffer.byteLength, exports.opa_heap_ptr_get()]);
      }),
    );
  }
  return footprints;
}

const failed = { name: 'ProblemError', slug: 'evaluation-failed' };

t.test('the real bundle answers its questions at once, and an unknown one is misuse', async (t) => {
  const bundle = await loadBundle(await readBundle());
  t.same(
    bundle.entrypoints.filter((name) => name.startsWith('tilgang/access/')),
    [EVALUATE, MAY_ASK, SEARCH],
  );
  t.match(bundle.revision, /^[0-9a-f]{16}$/);
  t.same(bundle.evaluate(MAY_ASK, asker()), { allowed: true, reasons: [] });
  t.same(bundle.evaluate(EVALUATE, question()), { allowed: true, reasons: ['granted'] });
  t.same(bundle.evaluate(SEARCH, Buffer.from(JSON.stringify(question()))), ['910000000']);
  t.same(bundle.evaluate(SEARCH, new JsonText(JSON.stringify(question()))), ['910000000']);
  t.equal(bundle.evaluate(SEARCH, undefined), undefined, 'a rule without an answer is undefined');
  for (const name of ['tilgang/access', '__proto__', 'toString', `${SEARCH}/`, '']) t.throws(() => bundle.evaluate(name, {}), TypeError);
  t.throws(() => bundle.evaluate(SEARCH, () => 1), TypeError);
});

t.test('falsy inputs are real inputs, and nothing is left over from the caller before (threats 16, 18)', async (t) => {
  const bundle = await loadBundle(await build('echo := input\nmaybe if input.yes', ['echo', 'maybe']));
  for (const input of [false, 0, '', null, [], {}, 'æøå😀', JSON.parse('{"__proto__":{"a":1}}'), 123456789, 1]) {
    t.same(bundle.evaluate('t/echo', input), input);
  }
  t.equal(bundle.evaluate('t/echo', undefined), undefined);
  t.equal(bundle.evaluate('t/maybe', {}), undefined);
  t.equal(({} as { a?: unknown }).a, undefined);
  for (const text of ['', '{', '{"a":1', '"x', 'tru', '[1,']) t.throws(() => bundle.evaluate('t/echo', Buffer.from(text)), failed, text);
  t.throws(() => bundle.evaluate('t/echo', Buffer.from('['.repeat(1e6))), failed);
  t.equal(bundle.evaluate('t/echo', 7), 7);
});

t.test('a built-in that nobody provides is refused by name when the bundle is loaded (threat 8)', async (t) => {
  const tarball = await build('now := http.send({})\nfine := 1', ['now', 'fine']);
  await t.rejects(loadBundle(tarball), { name: 'ProblemError', slug: 'bundle-invalid', detail: /http\.send/ });
  let answer: () => Term | undefined = () => RegoNumber.of(5);
  const builtins: Builtins = { 'http.send': () => answer() };
  const bundle = await loadBundle(tarball, { builtins });
  t.equal(bundle.evaluate('t/now', {}), 5);
  answer = () => {
    throw new Error('no clock');
  };
  t.throws(() => bundle.evaluate('t/now', {}), failed);
  answer = () => undefined;
  t.equal(bundle.evaluate('t/now', {}), undefined);
});

t.test('a conflict or exhausted memory fails the call, and the next answer is right (threat 16)', async (t) => {
  const rego =
    'clash := 1 if input.a\nclash := 2 if input.b\nbig := [x | some i in numbers.range(1, input.n); x := sprintf2(i)]\nsprintf2(i) := concat("", ["x", format_int(i, 10)])';
  const bundle = await loadBundle(await build(rego, ['clash', 'big']), { maxMemoryBytes: 4 * 2 ** 20 });
  t.throws(() => bundle.evaluate('t/clash', { a: true, b: true }), failed);
  t.equal(bundle.evaluate('t/clash', { b: true }), 2);
  t.throws(() => bundle.evaluate('t/big', { n: 1e6 }), failed);
  t.throws(() => bundle.evaluate('t/big', 'x'.repeat(8 * 2 ** 20)), failed);
  t.same(bundle.evaluate('t/big', { n: 2 }), ['x1', 'x2']);
});

t.test('a number that a double does not hold is an error in an answer, and exact in an input', async (t) => {
  const rego = 'echo := input.n\nlist := {"a": [input.n]}\nsame if input.n == 9007199254740993\nthird := 1 / 3\nsum := input.n + 1';
  const bundle = await loadBundle(await build(rego, ['echo', 'list', 'same', 'third', 'sum']));
  const written = (n: string): Buffer => Buffer.from(`{"n":${n}}`);
  for (const n of ['9007199254740993', '-9007199254740993', '1e400', '36893488147419103234', '1E16', '9007199254740992']) {
    t.throws(() => bundle.evaluate('t/echo', written(n)), failed, n);
    t.throws(() => bundle.evaluate('t/list', written(n)), failed, n);
  }
  t.equal(bundle.evaluate('t/same', written('9007199254740993')), true);
  t.equal(bundle.evaluate('t/same', written('9007199254740992')), undefined, 'its neighbour is another number');
  t.throws(() => bundle.evaluate('t/sum', written('9007199254740991')), failed);
  for (const n of [9007199254740991, -9007199254740991, 0.1, -0, 1.5e-7, 123456.75]) t.equal(bundle.evaluate('t/echo', { n }), n, `${n}`);
  t.equal(bundle.evaluate('t/echo', written('1e2')), 100);
  t.equal(bundle.evaluate('t/third', {}), 1 / 3, 'a fraction is the nearest');
  for (const n of ['9007199254740993', '1e400', '4e5', '9'.repeat(400)])
    t.equal(bundle.evaluate('t/echo', { n }), n, 'as a text it is a text');
});

t.test('an abort is told in UTF-8, as its cause and nowhere else', async (t) => {
  const bundle = await loadBundle(await build('clash := 1 if input.a\nclash := 2 if input.a', ['clash'], 'æøå.rego'));
  try {
    bundle.evaluate('t/clash', { a: true });
    t.fail('it answered');
  } catch (fault) {
    t.match(fault, { slug: 'evaluation-failed', detail: undefined, cause: { message: /^the policy aborted: .*æøå\.rego/ } });
  }
});

t.test('10 000 evaluations of mixed sizes keep linear memory flat to the byte (threat 17)', async (t) => {
  const started = watchInstances(t);
  const bundle = await loadBundle(await readBundle());
  t.same(footprintsAfter(bundle, started, 2500), footprintsAfter(bundle, started, 1));
  t.equal(started.length, 1, 'one instance answered all');
});

t.test('a leak of eight bytes in an evaluation does not pass for flat', async (t) => {
  const started = watchInstances(t);
  const bundle = await loadBundle(await readBundle());
  const exports = started[0]?.exports as WatchedExports;
  const { opa_heap_ptr_set: set } = exports;
  let leaked = 0;
  exports.opa_heap_ptr_set = (address) => {
    leaked += 8;
    set(address + leaked);
  };
  t.strictNotSame(footprintsAfter(bundle, started, 2), footprintsAfter(bundle, started, 1));
});

t.test('an instance that failed never answers again (threat 16)', async (t) => {
  const started = watchInstances(t);
  const bundle = await loadBundle(await build('clash := 1 if input.a\nclash := 2 if input.b', ['clash']));
  t.equal(bundle.evaluate('t/clash', { a: true }), 1);
  t.equal(bundle.evaluate('t/clash', { b: true }), 2);
  t.equal(started.length, 1);
  t.throws(() => bundle.evaluate('t/clash', { a: true, b: true }), failed);
  t.equal(bundle.evaluate('t/clash', { b: true }), 2);
  t.equal(started.length, 2);
  const [broken, next] = started;
  const touched = (broken as Watched).calls;
  for (let i = 0; i < 10; i += 1) bundle.evaluate('t/clash', { a: true });
  t.equal((broken as Watched).calls, touched);
  t.ok((next as Watched).calls >= 11);
  const trapping = await loadBundle(await build('x := 1', ['x']));
  const exports = started[2]?.exports as WatchedExports;
  exports.eval = () => {
    throw new Error('unreachable');
  };
  t.throws(() => trapping.evaluate('t/x', {}), failed);
  t.equal(trapping.evaluate('t/x', {}), 1, 'by another one');
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
