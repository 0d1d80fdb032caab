// The engine by itself: inline, in a thread, and in a thread beside a policy that does not end.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { JsonText, loadBundle, openIsolation } from '#policy';
import { findOpa } from './opa.mjs';
import { aims, median, table, whole } from './report.mjs';
import { removeFolder, scratchFolder } from './scratch.mjs';

const SEARCH = 'tilgang/access/search';
const GRANTS = 3;
const BATCH = 32;
/** Some milliseconds. */
const ROUND = 20 * BATCH;
const WARM_UP = 10;
const MILLION = 1_000_000;
const bundleFile = new URL('../../bundles/tilgang.tar.gz', import.meta.url);

/** What a decision over some grants asks, written already. */
const question = (grants) =>
  new JsonText(
    JSON.stringify({
      application: { state: 'active', roles: ['use'] },
      action: { name: 'use' },
      grants: Array.from({ length: grants }, (_, i) => ({
        ...{ konsument: `91000000${i}`, roles: ['use'], activated: true, mayBeKonsument: true },
        ...{ from: '2026-01-01T00:00:00.000Z', until: '2027-01-01T00:00:00.000Z' },
      })),
      context: { time: '2026-11-21T12:00:00.000Z' },
    }),
  );

const sorted = (values) => [...values].sort((a, b) => a - b);
const at = (values, share) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];
const micros = (ms) => (ms * 1000).toFixed(1);

const inlineRounds = (bundle, input) => (count) => {
  for (let i = 0; i < count; i += 1) bundle.evaluate(SEARCH, input);
};
const oneByOne = (bundle, input) => async (count) => {
  for (let i = 0; i < count; i += 1) await bundle.evaluate(SEARCH, input);
};
const inBatches = (bundle, input) => async (count) => {
  for (let i = 0; i < count; i += BATCH) await Promise.all(Array.from({ length: BATCH }, () => bundle.evaluate(SEARCH, input)));
};

async function benchSpeed(inline, isolated, { rounds, print }) {
  const input = question(GRANTS);
  const kinds = [
    ['inline', inlineRounds(inline, input), 10],
    ['in a thread, one by one', oneByOne(isolated, input), 60],
    [`in a thread, ${BATCH} at once`, inBatches(isolated, input), 15],
  ];
  const times = kinds.map(() => []);
  // In turns, and briefly: what each costs is held against inline at the same moment.
  for (let round = -WARM_UP; round < rounds * 40; round += 1) {
    for (const [i, [, ask]] of kinds.entries()) {
      const begun = performance.now();
      await ask(ROUND);
      if (round >= 0) times[i].push((performance.now() - begun) / ROUND);
    }
  }
  const rows = kinds.map(([name, , aim], i) => {
    const ratio = median(times[i].map((ms, round) => ms / times[0][round]));
    return [name, micros(at(times[i], 0.05)), micros(median(times[i])), ratio.toFixed(2), aim];
  });
  const heads = ['', 'µs, 5th percentile', 'µs, median', '÷ inline', 'aim'];
  print(`One decision over ${GRANTS} grants, rounds of ${ROUND} in turns:\n\n${table(heads, rows)}`);
}

const mib = () => {
  globalThis.gc?.();
  return process.memoryUsage().rss / 2 ** 20;
};

async function benchMemory(inline, isolated, { million, print }) {
  const inputs = [1, 3, 40].map(question);
  const rows = [];
  for (const [name, ask] of [
    ['inline', (input) => inlineRounds(inline, input)(BATCH)],
    ['in a thread', (input) => inBatches(isolated, input)(BATCH)],
  ]) {
    const marks = [];
    const step = million / 10;
    for (let done = 0, next = step; done < million; ) {
      for (const input of inputs) await ask(input);
      done += inputs.length * BATCH;
      if (done % (BATCH * 300) === 0) await turn();
      if (done >= next) {
        marks.push(mib());
        next += step;
      }
    }
    rows.push([name, whole(million), ...[0, 4, 9].map((i) => marks[i].toFixed(0))]);
  }
  print(`Memory over evaluations of mixed sizes:\n\n${table(['', 'evaluations', 'RSS MiB after a tenth', 'a half', 'all'], rows)}`);
}

const RUNAWAY = `package t
endless := count([1 | some a in numbers.range(1, 1000); some b in numbers.range(1, 1000); some c in numbers.range(1, 1000); a + b == c])
`;

/** Latencies of one bundle asked all the time, in ms. */
async function latencies(bundle, input, forMs) {
  const times = [];
  for (const end = performance.now() + forMs; performance.now() < end; ) {
    const begun = performance.now();
    await bundle.evaluate(SEARCH, input);
    times.push(performance.now() - begun);
  }
  return times;
}

async function benchRunaway(isolation, isolated, { seconds, rounds, print, note }) {
  const opa = findOpa();
  if (opa === undefined) return note('no OPA: what a runaway policy does to others is not measured');
  const folder = scratchFolder();
  writeFileSync(join(folder, 't.rego'), RUNAWAY);
  execFileSync(opa, ['build', '-t', 'wasm', '-e', 't/endless', '-o', join(folder, 'b.tar.gz'), join(folder, 't.rego')]);
  const tarball = readFileSync(join(folder, 'b.tar.gz'));
  removeFolder(folder);
  const input = question(GRANTS);
  const [without, floor, beside] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    without.push(at(await latencies(isolated, input, seconds * 500), 0.99));
    // What no isolation can spare: a core taken by a thread that does nothing else.
    const busy = new Worker('for (;;);', { eval: true });
    await new Promise((resolve) => busy.once('online', resolve));
    floor.push(at(await latencies(isolated, input, seconds * 500), 0.99));
    await busy.terminate();
    // A bundle that is held back does not run: each round has fresh ones.
    const bad = await Promise.all(Array.from({ length: 4 }, (_, i) => isolation.load(tarball, { name: `bad ${round} ${i}` })));
    let isOver = false;
    const running = bad.map(async (bundle) => {
      while (!isOver) {
        await bundle.evaluate('t/endless', {}).catch(() => {});
        await turn();
      }
    });
    beside.push(at(await latencies(isolated, input, seconds * 500), 0.99));
    isOver = true;
    await Promise.all(running);
  }
  const row = (name, base, aim) => {
    const ratios = beside.map((p99, i) => p99 / base[i]);
    const ratio = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
    return [name, ratio, (Math.min(...beside) / Math.min(...base)).toFixed(2), aim];
  };
  const rows = [row('p99 beside ÷ alone', without, '2'), row('p99 beside ÷ beside a plain busy thread', floor, '')];
  print(
    `Four policies that do not end are asked all the time, beside one that does (p99 ${micros(median(without))} µs alone, ${micros(median(floor))} µs beside a plain busy thread, ${micros(median(beside))} µs beside them):\n\n${aims(rows)}`,
  );
}

/** Speed of the engine, and what a runaway policy costs its neighbours. */
export async function benchEngine({ rounds, seconds }, { print, note }) {
  const tarball = readFileSync(bundleFile);
  const isolation = openIsolation();
  try {
    const [inline, isolated] = await Promise.all([loadBundle(tarball), isolation.load(tarball, { name: 'standard' })]);
    note('engine: speed');
    await benchSpeed(inline, isolated, { rounds, print });
    note('engine: beside a runaway');
    await benchRunaway(isolation, isolated, { seconds, rounds, print, note });
  } finally {
    await isolation.close();
  }
}

/** Whether memory stays flat over a million evaluations. */
export async function benchEngineMemory({ million = MILLION }, { print, note }) {
  const tarball = readFileSync(bundleFile);
  const isolation = openIsolation();
  try {
    note('engine: memory');
    await benchMemory(await loadBundle(tarball), await isolation.load(tarball, { name: 'standard' }), { million, print });
  } finally {
    await isolation.close();
  }
}
