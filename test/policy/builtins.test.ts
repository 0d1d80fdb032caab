import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { loadBundle } from '#policy';

const opa = process.env['OPA'] ?? 'opa';

t.test('the built-ins that need the host give what OPA itself gives', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tilgang-builtins-'));
  const source = join(folder, 'b.rego');
  await writeFile(
    source,
    `package b

# METADATA
# entrypoint: true
answers := {
	"sprintf": sprintf("%s has %d of %v at 100%%", ["å", 3, true]),
	"json": [json.is_valid("{}"), json.is_valid("{")],
	"yaml": [yaml.is_valid("a: 1"), yaml.is_valid("a: ["), yaml.unmarshal("a: [1, x]"), yaml.unmarshal(yaml.marshal({"b": 1, "a": ["x"]}))],
}
`,
  );
  execFileSync(opa, ['build', '-t', 'wasm', '-e', 'b/answers', '-o', join(folder, 'b.tar.gz'), source]);
  const native = JSON.parse(execFileSync(opa, ['eval', '-f', 'json', '-d', source, 'data.b.answers'], { encoding: 'utf8' }));
  const bundle = await loadBundle(await readFile(join(folder, 'b.tar.gz')));
  t.same(bundle.evaluate('b/answers', {}), native.result[0].expressions[0].value);
});
