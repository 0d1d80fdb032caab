// Where the gateway's time goes under load: a sampling profile as Markdown on standard output, functions of the policy's module by name.
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeDataset } from './dataset.mjs';
import { load } from './load.mjs';
import { machine, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, stop } from './scratch.mjs';
import { checkAnswers, checkoutAt, importGrants, ownCheckout, startGateway, tokenFor } from './servers.mjs';

const HELP = `node test/bench/profile.mjs [options]
  --gateway=PATH      another checkout, built, instead of this one
  --grants=50000      in the store, in one application
  --per-person=5      grants of each person
  --connections=16    keep-alive connections
  --seconds=5         of load while it is sampled
  --interval=100      microseconds between samples
  --top=45            functions to print
  --save=FILE         keep the profile (.cpuprofile, for DevTools)
`;

const profiler = new URL('profiler.mjs', import.meta.url).href;
const WRITE_LIMIT_MS = 60_000;

function options() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: {
      gateway: text,
      grants: text,
      'per-person': text,
      connections: text,
      seconds: text,
      interval: text,
      top: text,
      save: text,
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const number = (name, fallback) => {
    const given = Number(values[name] ?? fallback);
    if (!Number.isInteger(given) || given < 1) throw new RangeError(`--${name}: ${values[name]}\n${HELP}`);
    return given;
  };
  return {
    checkout: values.gateway === undefined ? ownCheckout : checkoutAt(values.gateway),
    grants: number('grants', 50_000),
    perPerson: number('per-person', 5),
    connections: number('connections', 16),
    seconds: number('seconds', 5),
    interval: number('interval', 100),
    top: number('top', 45),
    save: values.save,
  };
}

/** The profile of a gateway under load, and the round of load before it, whose CPU time the sampling has not swollen. */
async function profileUnderLoad({ checkout, grants, perPerson, connections, seconds, interval, save }) {
  const folder = scratchFolder();
  let gateway;
  try {
    const file = join(folder, 'grants.jsonl');
    const profileFile = join(folder, 'gateway.cpuprofile');
    const asked = await writeDataset(file, grants, perPerson);
    const settings = { BENCH_PROFILE: profileFile, BENCH_PROFILE_MICROS: String(interval) };
    gateway = await startGateway(folder, settings, checkout, ['--import', profiler]);
    await importGrants(gateway, file);
    const token = await tokenFor(gateway);
    await checkAnswers(gateway, token, asked);
    const bodies = join(folder, 'bodies.txt');
    writeFileSync(bodies, asked.map(({ body }) => `${body}\n`).join(''), { mode: 0o600 });
    const questions = { token, bodies };
    await load(gateway, questions, { connections, seconds: 3 });
    const round = await load(gateway, questions, { connections, seconds: 3 });
    process.kill(gateway.pid, 'SIGUSR2');
    await pause(300);
    await load(gateway, questions, { connections, seconds });
    process.kill(gateway.pid, 'SIGUSR2');
    const profile = await readWhenWritten(profileFile);
    if (save !== undefined) copyFileSync(profileFile, save);
    return { profile, round };
  } finally {
    if (gateway !== undefined) await stop(gateway.child);
    removeFolder(folder);
  }
}

async function readWhenWritten(file) {
  const limit = performance.now() + WRITE_LIMIT_MS;
  for (;;) {
    await pause(100);
    try {
      if (statSync(file).size > 0) return JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      // Not there yet, or half written.
      if (performance.now() > limit) throw error;
    }
  }
}

/** Where a function stands, short: its file from dist or its package, `wasm` for the policy's module, `native` for what has no source. */
function placeOf({ url, lineNumber }) {
  if (url.startsWith('wasm:')) return 'wasm';
  if (url === '') return 'native';
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const inside = path.split('/node_modules/').at(-1);
  return `${inside === path ? path.split('/dist/').at(-1) : inside}:${lineNumber + 1}`;
}

/** The room or package a function is of. */
function partOf({ url, functionName }) {
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)') return 'outside of JavaScript';
  const place = placeOf({ url, lineNumber: 0 });
  if (place === 'wasm') return 'policy in WebAssembly';
  if (place === 'native') return 'native (V8, system calls)';
  if (place.startsWith('node:')) return 'Node.js itself';
  if (place.startsWith('/')) return 'this profiler';
  if (!url.includes('/node_modules/')) return `ours: ${place.split('/')[0].split(':')[0]}`;
  return place.startsWith('@') ? place.split('/').slice(0, 2).join('/') : place.split('/')[0];
}

/** Microseconds by function and by part: `self` within it, `all` with what it calls (a function that calls itself counts once). */
function summed({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, { ...node, time: 0 }]));
  for (let i = 0; i < samples.length; i += 1) byId.get(samples[i]).time += timeDeltas[i];
  const functions = new Map();
  const parts = new Map();
  let busy = 0;
  const count = ({ callFrame, time }, key, all) => {
    const part = partOf(callFrame);
    parts.set(part, (parts.get(part) ?? 0) + time);
    const own = functions.get(key) ?? { name: callFrame.functionName, place: placeOf(callFrame), self: 0, all: 0 };
    own.self += time;
    own.all += all;
    functions.set(key, own);
    busy += time;
  };
  const walk = (id, above, calledBy) => {
    const node = byId.get(id);
    // What a native addon gives has no name: who called it tells what it is.
    node.callFrame.functionName ||= node.callFrame.url === '' ? `(called by ${calledBy})` : '(anonymous)';
    const { functionName } = node.callFrame;
    const key = `${functionName} ${placeOf(node.callFrame)}`;
    const isInside = above.has(key);
    const within = isInside ? above : new Set(above).add(key);
    let all = node.time;
    for (const child of node.children ?? []) all += walk(child, within, functionName);
    if (functionName !== '(idle)' && functionName !== '(root)') count(node, key, isInside ? 0 : all);
    return all;
  };
  walk(nodes[0].id, new Set(), '');
  return { functions: [...functions.values()], parts, busy };
}

const chosen = options();
const { profile, round } = await profileUnderLoad(chosen);
const { functions, parts, busy } = summed(profile);
const share = (time) => ((time / busy) * 100).toFixed(1);
const micros = (time) => ((time / busy) * round.cpu).toFixed(2);
const rows = (list, what) =>
  list
    .sort((a, b) => b[what] - a[what])
    .slice(0, chosen.top)
    .map((one) => [`${one.name} \`${one.place}\``, share(one.self), micros(one.self), share(one.all), micros(one.all)]);
const heads = ['function', 'self %', 'self µs', 'with its callees %', 'µs'];
process.stdout.write(`${machine()}

${chosen.checkout.name}: ${whole(round.rate)} requests/s and ${round.cpu.toFixed(1)} µs of CPU each (all threads) just before it was sampled;
each µs below is the share of that. ${whole(chosen.grants)} grants, ${chosen.connections} connections.

${table(
  ['part', 'self %', 'self µs'],
  [...parts].sort((a, b) => b[1] - a[1]).map(([name, time]) => [name, share(time), micros(time)]),
)}

By what each function does itself:

${table(heads, rows(functions, 'self'))}

By what it does with all that it calls:

${table(heads, rows(functions, 'all'))}
`);
