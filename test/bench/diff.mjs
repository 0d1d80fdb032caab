// `tilgang policy diff` over many current grants: how long it takes, and what memory.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { appId, otherAppId, writeDataset } from './dataset.mjs';
import { findOpa } from './opa.mjs';
import { aims, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, stop, track } from './scratch.mjs';
import { importGrants, startGateway } from './servers.mjs';

const program = fileURLToPath(new URL('../../bin/tilgang.cjs', import.meta.url));
const AIM_SECONDS = 60;

/** Of the second one, a difference and its reason for many. */
const RULES = {
  'nobody loses': 'search := {g.konsument | some g in input.grants}',
  'a fourth loses': 'search := {g.konsument | some g in input.grants; not substring(input.subject.id, 0, 1) in data.letters}',
};

function build(opa, folder, rule) {
  writeFileSync(join(folder, 'rules.rego'), `package application\n${rule}\n`);
  writeFileSync(join(folder, 'data.json'), JSON.stringify({ letters: [...'ABCDEFGHIJKLMNOP'] }));
  const file = join(folder, 'candidate.tar.gz');
  const sources = ['rules.rego', 'data.json'].map((name) => join(folder, name));
  execFileSync(opa, ['build', '-t', 'wasm', '-r', '1', '-e', 'application/search', '-o', file, ...sources]);
  return file;
}

/** Runs the command: what it printed, seconds, and the most memory it had of its own, in MiB. */
async function compare(file, data, app = appId) {
  const env = { PATH: process.env.PATH, TILGANG_DATA: data, TILGANG_MODE: 'demo' };
  const args = [program, 'policy', 'diff', file, '--app', app, '--level', 'high', '--json'];
  const begun = performance.now();
  const child = track(spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] }));
  let peak = 0;
  const watching = setInterval(() => {
    try {
      peak = Math.max(peak, Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
    } catch {
      // It has ended.
    }
  }, 200);
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  clearInterval(watching);
  return { found: JSON.parse(text), seconds: (performance.now() - begun) / 1000, peak };
}

/** The measurements of `policy diff`. */
export async function benchDiff({ diffGrants }, { print, note }) {
  const opa = findOpa();
  if (opa === undefined) return note('no OPA: policy diff is not measured');
  const folder = scratchFolder();
  const grants = join(folder, 'grants.jsonl');
  note(`diff: writing and importing ${whole(diffGrants)} grants`);
  await writeDataset(grants, diffGrants);
  const gateway = await startGateway(folder);
  await importGrants(gateway, grants);
  await stop(gateway.child);
  const rows = [];
  let slowest = 0;
  // What it takes before it asks about anybody, which many grants take no more of.
  const started = await compare(build(opa, folder, RULES['nobody loses']), gateway.data, otherAppId);
  rows.push([
    'start: an application of the demo alone',
    whole(started.found.questions),
    0,
    started.seconds.toFixed(1),
    '',
    started.peak.toFixed(0),
  ]);
  for (const [name, rule] of Object.entries(RULES)) {
    note(`diff: ${name}`);
    const { found, seconds, peak } = await compare(build(opa, folder, rule), gateway.data);
    slowest = Math.max(slowest, seconds);
    const each = (((seconds - started.seconds) / (found.questions - started.found.questions)) * 1e6).toFixed(0);
    rows.push([name, whole(found.questions), whole(found.losses), seconds.toFixed(1), each, peak.toFixed(0)]);
  }
  removeFolder(folder);
  const perMillion = started.seconds + ((slowest - started.seconds) * 1e6) / diffGrants;
  print(`\`policy diff\` over ${whole(diffGrants)} current grants, two to a person, at one level of log-in:

${table(['candidate', 'questions', 'losses', 's', 'µs/question', 'own memory MiB'], rows)}

${aims([['seconds for a million grants', perMillion.toFixed(0), '', `${AIM_SECONDS}`]])}`);
}
