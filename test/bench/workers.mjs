// Two workers beside one process: what a decision costs, and how long the slowest wait.
import { join } from 'node:path';
import { writeDataset } from './dataset.mjs';
import { gatewayWith, measure, warmUp, withServers } from './decisions.mjs';
import { aims, loadHeads, loadRows, ratioOf, ratioOfLeast, table, whole } from './report.mjs';
import { ownCheckout } from './servers.mjs';

const GRANTS = 5_000;
const PER_PERSON = 5;
const ONE = { ...ownCheckout, name: 'one process' };
const TWO = { ...ownCheckout, name: 'two workers', settings: { TILGANG_WORKERS: '2' } };

/** @param chosen `connections`, `seconds`, `rounds` */
export async function benchWorkers({ connections, seconds, rounds }, { print, note }) {
  await withServers(async (folder, started) => {
    const file = join(folder(), 'grants.jsonl');
    const asked = await writeDataset(file, GRANTS, PER_PERSON);
    const gateways = [];
    for (const checkout of [ONE, TWO]) gateways.push(await started(gatewayWith(checkout, folder(), { file, asked }, note)));
    note('warming up');
    await warmUp(gateways, seconds);
    const base = { name: ONE.name, heads: 'one', what: ['cpu', 'p99'] };
    const rows = [];
    const ratios = [];
    for (const count of connections) {
      note(`${count} connections`);
      const measured = await measure(gateways, { connections: count, seconds, rounds });
      rows.push(...loadRows(count, measured, [base]));
      const of = (what) => [ratioOf(measured, TWO.name, ONE.name, what), ratioOfLeast(measured, TWO.name, ONE.name, what)];
      ratios.push([`CPU, ${count} connections`, ...of('cpu'), '1.15'], [`p99, ${count} connections`, ...of('p99'), '1']);
    }
    const how = `CPU and memory are those of the parent and its workers together; median of ${rounds} rounds of ${seconds} s, interleaved`;
    print(`Two workers beside one process, ${whole(GRANTS)} grants; ${how}:\n\n${table(loadHeads([base]), rows)}\n\n${aims(ratios)}`);
  });
}
