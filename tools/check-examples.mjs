#!/usr/bin/env node
// Checks and tests what authors begin with and learn from (policies/template, policies/examples/*), as `tilgang policy` does: in OPA and in the engine.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPolicy, findOpa, isPassed, testPolicy } from '../dist/authoring/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const schema = join(root, 'policies/schemas/access-input.json');
const opa = await findOpa({ program: root, named: process.env.OPA });
const folders = ['policies/template', ...readdirSync(join(root, 'policies/examples')).map((name) => `policies/examples/${name}`)];
await Promise.all(folders.map(check));

async function check(folder) {
  const path = join(root, folder);
  const [found, report] = await Promise.all([checkPolicy(opa, path, schema), testPolicy(opa, path)]);
  for (const { kind, rule, message, at } of found) fail(`${folder}/${at?.file}:${at?.row} ${kind} ${rule}: ${message}`);
  if (isPassed(report)) return;
  fail(`${folder}: ${report.moduleFault ?? ''}`);
  for (const { name, opa, module } of report.cases)
    if (opa !== 'passed' || module !== 'passed') fail(`${folder}: ${name}: ${opa} in OPA, ${module} in the engine`);
}

function fail(what) {
  process.stderr.write(`${what}\n`);
  process.exitCode = 1;
}
