// `make bench`: the real gateway beside two bare servers, at several sizes of data; Markdown on standard output.
import { writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeDataset } from './dataset.mjs';
import { benchKonsument } from './konsument.mjs';
import { load } from './load.mjs';
import { memory } from './proc.mjs';
import { loadHeads, loadRows, machine, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, stop } from './scratch.mjs';
import { checkAnswers, importGrants, startFloor, startGateway, tokenFor } from './servers.mjs';

const HELP = `node test/bench/bench.mjs [options]
  --sizes=1000,100000,1000000   numbers of grants, each even and at least 2
  --connections=1,16,64         keep-alive connections
  --seconds=3                   length of a round, whole seconds
  --rounds=5                    rounds per server; the median counts
  --parts=decisions,konsument   which parts to run
  --scale=1000000               grants in the store whose history is read (or BENCH_SCALE); even
  --quick                       1 000 and 100 000 grants, three rounds of one second; konsument: one round, history of 100 000
`;

function options() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: {
      sizes: text,
      connections: text,
      seconds: text,
      rounds: text,
      parts: text,
      scale: text,
      quick: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const numbers = (name, fallback, most) =>
    (values[name] ?? fallback).split(',').map((part) => {
      const number = Number(part);
      if (!Number.isInteger(number) || number < 1 || number > most) throw new RangeError(`--${name}: ${part}\n${HELP}`);
      return number;
    });
  const sizes = numbers('sizes', values.quick ? '1000,100000' : '1000,100000,1000000', 5_000_000);
  if (sizes.some((size) => size % 2 === 1)) throw new RangeError(`--sizes: each person has two grants\n${HELP}`);
  const [seconds] = numbers('seconds', values.quick ? '1' : '3', 60);
  const [rounds] = numbers('rounds', values.quick ? '3' : '5', 50);
  values.scale ??= process.env.BENCH_SCALE;
  const [scale] = numbers('scale', values.quick ? '100000' : '1000000', 5_000_000);
  if (scale % 2 === 1) throw new RangeError(`--scale: each person has two grants\n${HELP}`);
  const parts = (values.parts ?? 'decisions,konsument').split(',');
  if (parts.some((part) => part !== 'decisions' && part !== 'konsument')) throw new RangeError(`--parts: ${values.parts}\n${HELP}`);
  const konsument = { lines: 100_000, gifts: values.quick ? 3000 : 10_000, listed: 50_000, scale, rounds: values.quick ? 1 : 3 };
  return { parts, konsument, sizes, connections: numbers('connections', '1,16,64', 1000), seconds, rounds };
}

const note = (text) => process.stderr.write(`${text}\n`);
const print = (text) => process.stdout.write(`${text}\n\n`);

/** Rounds interleaved, so that what else happens on the machine meets all servers alike. */
async function measure(servers, questions, { connections, seconds, rounds }) {
  const measured = new Map(servers.map(({ name }) => [name, { rounds: [], rss: 0 }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) {
      const own = measured.get(server.name);
      own.rounds.push(await load(server, questions, { connections, seconds }));
      own.rss = memory(server.pid).rss;
    }
  }
  return measured;
}

async function benchSize(size, { connections, seconds, rounds }) {
  const folder = scratchFolder();
  const running = [];
  try {
    note(`${whole(size)} grants: writing them`);
    const file = join(folder, 'grants.jsonl');
    const asked = await writeDataset(file, size);
    const gateway = await startGateway(folder);
    running.push(gateway);
    note('importing');
    const imported = await importGrants(gateway, file);
    note(imported.said.trim());
    const token = await tokenFor(gateway);
    const answer = await checkAnswers(gateway, token, asked);
    const bodies = join(folder, 'bodies.txt');
    writeFileSync(bodies, asked.map(({ body }) => `${body}\n`).join(''), { mode: 0o600 });
    const servers = [gateway];
    for (const kind of ['koa', 'http']) {
      const floor = await startFloor(kind, answer);
      running.push(floor);
      servers.push(floor);
    }
    const questions = { token, bodies };
    note('warming up');
    for (const server of servers) await load(server, questions, { connections: 16, seconds: Math.max(2, seconds) });
    const rows = [];
    for (const count of connections) {
      note(`${count} connections`);
      rows.push(...loadRows(count, await measure(servers, questions, { connections: count, seconds, rounds }), servers[1].name));
    }
    await checkAnswers(gateway, token, asked);
    const { rss, peak, own, files } = memory(gateway.pid);
    const store = await stat(join(gateway.data, 'store', 'data.mdb')).catch(() => stat(join(gateway.data, 'store')));
    const facts = [
      whole(size),
      gateway.readySeconds.toFixed(2),
      imported.seconds.toFixed(1),
      whole(size / imported.seconds),
      whole(imported.peak),
      whole(store.size / 2 ** 20),
      ...[rss, peak, own, files].map(whole),
    ];
    return { facts, rows };
  } finally {
    for (const { child } of running) await stop(child);
    removeFolder(folder);
  }
}

async function benchDecisions(chosen) {
  const facts = [];
  for (const size of chosen.sizes) {
    const result = await benchSize(size, chosen);
    facts.push(result.facts);
    const how = `median of ${chosen.rounds} rounds of ${chosen.seconds} s, interleaved`;
    print(`${whole(size)} grants; ${how}:\n\n${table(loadHeads, result.rows)}`);
  }
  const heads = ['grants', 'ready s', 'import s', 'lines/s', 'import peak MiB', 'store MiB'];
  print(table([...heads, 'RSS MiB', 'peak MiB', 'own memory MiB', 'mapped files MiB'], facts));
}

const chosen = options();
print(machine());
if (chosen.parts.includes('decisions')) await benchDecisions(chosen);
if (chosen.parts.includes('konsument')) await benchKonsument(chosen.konsument, { print, note });
