import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../fixtures/gateway.js';
import { runOpa } from '../../fixtures/opa.js';

/** Builds what the first examples of OPA's clients ask (policies/examples/opa-client), and a bundle that is for another organisation alone; answers their files. */
export function opaBundles(t: Parameters<typeof temporaryFolder>[0]): readonly string[] {
  const folder = temporaryFolder(t);
  const foreign = join(folder, 'foreign');
  mkdirSync(foreign);
  const judges = { documents: ['theirs/allow'], callers: ['974760673'] };
  writeFileSync(join(foreign, '.manifest'), JSON.stringify({ metadata: { tilgang: { judges } } }));
  writeFileSync(join(foreign, 'theirs.rego'), 'package theirs\n\nallow := true\n');
  const [ours, theirs] = [join(folder, 'ours.tar.gz'), join(folder, 'theirs.tar.gz')];
  const build = ['build', '-b', '-t', 'wasm'];
  const runs = [
    [...build, '--ignore', '*_test.rego', '-o', ours, 'policies/examples/opa-client'],
    [...build, '-e', 'theirs/allow', '-o', theirs, foreign],
  ];
  for (const args of runs) runOpa(args);
  return [ours, theirs];
}
