import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { temporaryFolder } from '../fixtures/gateway.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

t.test('make policies does not build what reads a field that no input has (fault 19)', async (t) => {
  const checkout = temporaryFolder(t);
  for (const part of ['policies', 'tools/build-bundle.mjs', 'tools/opa.mjs', 'tools/opa-version']) {
    cpSync(`${root}${part}`, join(checkout, part), { recursive: true });
  }
  for (const part of ['dist', 'node_modules', '.tools'])
    if (existsSync(`${root}${part}`)) symlinkSync(`${root}${part}`, join(checkout, part));
  const file = join(checkout, 'policies/tilgang/access/access.rego');
  const mistyped = readFileSync(file, 'utf8').replace('input.application.state', 'input.application.status');
  t.match(mistyped, /input\.application\.status/);
  writeFileSync(file, mistyped);
  const built = spawnSync(process.execPath, [join(checkout, 'tools/build-bundle.mjs')], { encoding: 'utf8' });
  t.equal(built.status, 1);
  t.match(built.stderr, /opa check failed:[\s\S]*undefined ref: input\.application\.status/);
  t.notOk(existsSync(join(checkout, 'bundles')), 'nothing is built');
});
