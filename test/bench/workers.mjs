// Two workers beside one process: what a decision costs, and how long the slowest wait.
import { join } from 'node:path';
import { writeDataset } from './dataset.mjs';
import { gatewayWith, measure, withServers } from './decisions.mjs';
import { generator, load } from './load.mjs';
import { aims, loadHeads, loadRows, ratioOf, ratioOfLeast, table, whole } from './report.mjs';
import { ownCheckout } from './servers.mjs';

const GRANTS = 5_000;
const PER_PERSON = 5;
/** Each process compiles what is asked often, and half as many requests reach each of two. */
const WARM_REQUESTS = 40_000;
const MOST_WARMING = 15;
/** Some 1 800 requests a second over 16 connections: less than either can answer. */
const PAUSE_MS = 8;
const PACED = 16;
const ONE = { ...ownCheckout, name: 'one process' };
const TWO = { ...ownCheckout, name: 'two workers', settings: { TILGANG_WORKERS: '2' } };

/** Asks a gateway until each of its processes has answered as often as that of the other. */
async function warmUp(gateway, processes) {
  for (let asked = 0, i = 0; asked < WARM_REQUESTS * processes && i < MOST_WARMING; i += 1) {
    asked += (await load(gateway, gateway.questions, { connections: 16, seconds: 2 })).rate * 2;
  }
}

/** @param chosen `connections`, `seconds`, `rounds` */
export async function benchWorkers({ connections, seconds, rounds }, { print, note }) {
  await withServers(async (folder, started) => {
    const file = join(folder(), 'grants.jsonl');
    const asked = await writeDataset(file, GRANTS, PER_PERSON);
    const gateways = [];
    for (const checkout of [ONE, TWO]) gateways.push(await started(gatewayWith(checkout, folder(), { file, asked }, note)));
    note('warming up');
    for (const [i, gateway] of gateways.entries()) await warmUp(gateway, i + 1);
    const base = { name: ONE.name, heads: 'one', what: ['cpu', 'p99'] };
    const rows = [];
    const ratios = [];
    const loads = connections.map((count) => ({ name: `${count}`, connections: count }));
    if (generator === 'wrk') loads.push({ name: `${PACED}, each pausing ${PAUSE_MS} ms`, connections: PACED, pauseMs: PAUSE_MS });
    for (const { name, ...made } of loads) {
      note(`${name} connections`);
      const measured = await measure(gateways, { ...made, seconds, rounds });
      rows.push(...loadRows(name, measured, [base]));
      const of = (what) => [ratioOf(measured, TWO.name, ONE.name, what), ratioOfLeast(measured, TWO.name, ONE.name, what)];
      ratios.push([`CPU, connections: ${name}`, ...of('cpu'), '1.15'], [`p99, connections: ${name}`, ...of('p99'), '1']);
    }
    const how = `CPU and memory are those of the parent and its workers together; median of ${rounds} rounds of ${seconds} s, interleaved`;
    print(`Two workers beside one process, ${whole(GRANTS)} grants; ${how}:\n\n${table(loadHeads([base]), rows)}\n\n${aims(ratios)}`);
  });
}
