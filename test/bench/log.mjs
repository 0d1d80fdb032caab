// What the decision log costs a decision: the same gateway with it, without it, and with a collector to send it to, in the same rounds.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { writeDataset } from './dataset.mjs';
import { gatewayWith, measure, warmUp, withServers } from './decisions.mjs';
import { aims, loadHeads, loadRows, ratioOf, ratioOfLeast, table } from './report.mjs';
import { ownCheckout } from './servers.mjs';

const GRANTS = 10_000;
const WITHOUT = 'without a decision log';
const WITH = 'with it';
const SENDING = 'with it, sent to a collector';

/** A collector that takes what is sent and drops it: in this process, beside the load. */
async function startCollector() {
  const collector = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200).end());
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  return { url: `http://127.0.0.1:${collector.address().port}`, stop: () => collector.close() };
}

/** @param chosen `connections`, `seconds`, `rounds` */
export async function benchLog({ connections, seconds, rounds }, { print, note }) {
  const collector = await startCollector();
  try {
    await withServers(async (folder, started) => {
      const file = join(folder(), 'grants.jsonl');
      const asked = await writeDataset(file, GRANTS);
      const kinds = [
        [WITHOUT, { TILGANG_DECISION_LOG: 'off' }],
        [WITH, {}],
        [SENDING, { TILGANG_DECISION_LOG_URL: collector.url, TILGANG_DECISION_LOG_MIN_DELAY_MS: '1000' }],
      ];
      const gateways = [];
      for (const [name, settings] of kinds)
        gateways.push(await started(gatewayWith({ ...ownCheckout, name, settings }, folder(), { file, asked }, note)));
      note('warming up');
      await warmUp(gateways, seconds);
      const bases = [{ name: WITHOUT, heads: 'without', what: ['cpu', 'p99'] }];
      const rows = [];
      const ratios = [];
      for (const count of connections) {
        note(`${count} connections`);
        const measured = await measure(gateways, { connections: count, seconds, rounds });
        rows.push(...loadRows(count, measured, bases));
        const compared = (name, what) => [ratioOf(measured, name, WITHOUT, what), ratioOfLeast(measured, name, WITHOUT, what)];
        ratios.push([`${count} connections: CPU with it ÷ without`, ...compared(WITH, 'cpu'), 'under 1.10']);
        ratios.push([`${count} connections: p99 with it ÷ without`, ...compared(WITH, 'p99'), 'no step']);
      }
      print(
        `The decision log; median of ${rounds} rounds of ${seconds} s, interleaved:\n\n${table(loadHeads(bases), rows)}\n\n${aims(ratios)}`,
      );
    });
  } finally {
    collector.stop();
  }
}
