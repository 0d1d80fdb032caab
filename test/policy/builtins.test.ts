import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import {
  BuiltinError,
  type Builtins,
  type Bundle,
  loadBundle,
  parseJson,
  RegoNumber,
  RegoObject,
  RegoSet,
  readRego,
  writeJson,
} from '#policy';
import { CALLS } from './built-in-calls.js';

const opa = process.env['OPA'] ?? 'opa';
const failed = { name: 'ProblemError', slug: 'evaluation-failed' };

/** The file of a package `b` with some rules, all of which are entrypoints, and the bundle that OPA builds of it. */
async function build(rules: Readonly<Record<string, string>>): Promise<{ source: string; tarball: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'tilgang-builtins-'));
  const source = join(folder, 'b.rego');
  const texts = Object.entries(rules).map(([name, rule]) => `${name} ${rule}`);
  await writeFile(source, `package b\n\nany(x) := x\n\n${texts.join('\n')}\n`);
  const entrypoints = Object.keys(rules).flatMap((name) => ['-e', `b/${name}`]);
  execFileSync(opa, ['build', '-t', 'wasm', ...entrypoints, '-o', join(folder, 'b.tar.gz'), source]);
  return { source, tarball: await readFile(join(folder, 'b.tar.gz')) };
}

t.test('the built-ins that need the host give what OPA itself gives (threat 19)', async (t) => {
  const calls = CALLS.map((call, i) => `answers["${i}"] := ${call}`).join('\n');
  const { source, tarball } = await build({ all: `:= {k: v | some k, v in answers}\n${calls}` });
  const native = execFileSync(opa, ['eval', '-f', 'raw', '-d', source, 'json.marshal(data.b.all)'], { encoding: 'utf8' });
  const own = (await loadBundle(tarball)).evaluateToJson('b/all', {}) as string;
  const [wanted, given] = [native, own].map((text) => parseJson(text) as RegoObject) as [RegoObject, RegoObject];
  const answer = (of: RegoObject, i: number): string => (of.has(String(i)) ? writeJson(of.get(String(i)) ?? null) : 'undefined');
  for (const [i, call] of CALLS.entries()) t.equal(answer(given, i), answer(wanted, i), call);
  t.ok(given.size > CALLS.length / 2, 'most of them are defined');
});

t.test('a built-in that fails leaves its expression undefined, one that must halt fails the evaluation (threats 15, 16, 50)', async (t) => {
  const { tarball } = await build({
    wrong: ':= x if x := hex.decode(input)',
    not_wrong: 'if not hex.decode(input)',
    expand: ':= count(net.cidr_expand(input))',
    range: ':= count(numbers.range_step(input, 1, 1))',
    paths: ':= graph.reachable_paths(input, ["0"])',
    wide: ':= sprintf(input, numbers.range(1, 30))',
    own: ':= opa.runtime()',
    printed: 'if { print(input); trace("x") }',
  });
  const bundle = await loadBundle(tarball);
  t.equal(bundle.evaluate('b/wrong', 'zz'), undefined);
  t.equal(bundle.evaluate('b/not_wrong', 'zz'), true);
  t.equal(bundle.evaluate('b/wrong', 'c3a5'), 'å');
  t.equal(bundle.evaluate('b/expand', '10.0.0.0/18'), 16384);
  t.equal(bundle.evaluate('b/range', 1000), 1000);
  const complete = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${i}`, Array.from({ length: 12 }, (_, j) => `${j}`)]));
  t.throws(() => bundle.evaluate('b/expand', '10.0.0.0/8'), failed);
  t.throws(() => bundle.evaluate('b/expand', '::/0'), failed);
  t.throws(() => bundle.evaluate('b/range', 1e15), failed);
  t.throws(() => bundle.evaluate('b/paths', complete), failed, 'more paths than anyone can walk');
  t.throws(() => bundle.evaluate('b/wide', '%1000000d'.repeat(30)), failed);
  t.same(bundle.evaluate('b/own', {}), {}, 'no policy sees the environment');
  t.equal(bundle.evaluate('b/printed', 'a secret'), true);
});

t.test('what is drawn or read once stays the same through an evaluation, and no longer', async (t) => {
  const { tarball } = await build({
    draws:
      ':= [rand.intn("a", 1000000007), rand.intn("a", 1000000007), rand.intn("b", 1000000007), uuid.rfc4122("x"), uuid.rfc4122("x"), uuid.rfc4122("y")]',
    now: ':= [time.now_ns(), time.now_ns()]',
  });
  let reads = 0;
  const bundle = await loadBundle(tarball, { clock: () => 1_700_000_000_000_000_000n + BigInt(reads++) });
  const [one, two] = [bundle.evaluate('b/draws', {}), bundle.evaluate('b/draws', {})] as [unknown[], unknown[]];
  t.equal(one[0], one[1]);
  t.equal(one[3], one[4]);
  t.equal(new Set([one[0], one[2], two[0], two[2]]).size, 4);
  t.equal(new Set([one[3], one[5], two[3], two[5]]).size, 4);
  t.match(one[3], /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.equal(bundle.evaluateToJson('b/now', {}), '[1700000000000000000,1700000000000000000]', 'to the nanosecond, which no double holds');
  t.equal(bundle.evaluateToJson('b/now', {}), '[1700000000000000001,1700000000000000001]');
  t.equal(reads, 2, 'the clock is read once in an evaluation');
});

t.test('built-ins of the operator get terms and give terms, numbers exact (threat 13)', async (t) => {
  const rules = {
    call: ':= x if x := yaml.marshal(input.of)',
    echo: ':= input.of',
    size: ':= count(input.of)',
    number: ':= [to_number(input)]',
  };
  const { tarball } = await build(rules);
  const seen: string[] = [];
  const builtins: Builtins = {
    'yaml.marshal': ([term]) => {
      seen.push(writeJson(term ?? null));
      return term instanceof RegoSet ? RegoObject.of([[term, new RegoNumber('1e400')]]) : term;
    },
  };
  const bundle = await loadBundle(tarball, { builtins });
  const asked = (rego: string, entrypoint = 'b/call'): unknown => bundle.evaluateToJson(entrypoint, readRego(`{"of": ${rego}}`));
  t.equal(asked('{9007199254740993, "a"}'), '{"[9007199254740993,\\"a\\"]":1e400}');
  for (const text of ['1.50', '9007199254740993', '36893488147419103234', '1e400', '"\\u0000"', '"x\\u2028é😀"']) {
    t.equal(asked(text), JSON.stringify(JSON.parse(text)) === text ? text : asked(text, 'b/echo'), text);
  }
  t.equal(asked('{1, 2}', 'b/size'), '2', 'a set in an input is a set');
  t.equal(bundle.evaluateToJson('b/number', '.50'), '[0.50]', 'a number that the module writes without its zero');
  t.same(bundle.evaluate('b/number', '.50'), [0.5]);
  t.equal(bundle.evaluateToJson('b/echo', {}), undefined);
  t.equal(bundle.evaluateToJson('b/echo', { of: { b: 1, a: [2] } }), '{"a":[2],"b":1}');
  t.throws(() => bundle.evaluate('b/call', readRego('{"of": 9007199254740993}')), failed, 'where a double is asked for, it is none');
  t.throws(() => bundle.evaluateToJson('b/call', Buffer.from('{"of": {1}}')), failed, 'a set is no JSON');
  t.same(seen.slice(0, 1), ['[9007199254740993,"a"]']);
});

t.test('a bundle that asks for what no policy may call is refused when it is loaded, with the reason (threat 8)', async (t) => {
  const { tarball } = await build({ parsed: ':= rego.parse_module("x.rego", input)' });
  await t.rejects(loadBundle(tarball), {
    name: 'ProblemError',
    slug: 'bundle-invalid',
    detail: /rego\.parse_module \(it needs a parser of Rego/,
  });
  const given = (answer: () => string): Promise<Bundle> => loadBundle(tarball, { builtins: { 'rego.parse_module': answer } });
  t.equal((await given(() => 'x')).evaluate('b/parsed', ''), 'x', 'unless the operator hands it in');
  const failing = await given(() => {
    throw new BuiltinError('no');
  });
  t.equal(failing.evaluate('b/parsed', ''), undefined);
});
