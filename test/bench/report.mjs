// The measurements as Markdown.
import { cpus, totalmem } from 'node:os';
import { generator } from './load.mjs';

/** What a page of measurements begins with: the machine, the load's program, and how far to trust the numbers. */
export function machine() {
  const [{ model }] = cpus();
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  return `Node.js ${process.versions.node}; ${model.trim()}, ${cpus().length} cores, ${memoryGiB} GiB; load by ${generator} on the same machine.
The load generator shares the cores with the server that it measures, so throughput and latency vary between runs;
CPU time per request is the number to trust, and on a busy machine only its ratios within one run.`;
}

/** A Markdown table, numbers to the right. */
export function table(heads, rows) {
  const align = heads.map((_, i) => (i === 0 ? '---' : '---:'));
  return [heads, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The middle one, or the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A whole number with its thousands apart. */
export const whole = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ');

/** How a server stands to another in each round: the median, with the least and the most. */
export function ratioOf(measured, name, base, what) {
  const others = measured.get(base).rounds;
  const ratios = measured.get(name).rounds.map((round, i) => round[what] / others[i][what]);
  return `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}

/** How the best round of a server stands to the best of another: on a busy machine the one that was disturbed least. */
export function ratioOfLeast(measured, name, base, what) {
  const least = (server) => Math.min(...measured.get(server).rounds.map((round) => round[what]));
  return (least(name) / least(base)).toFixed(2);
}

/** What came out beside what was aimed at. */
export const aims = (rows) => table(['', 'median of rounds (least–most)', 'least ÷ least', 'at most'], rows);

const RATIOS = { cpu: 'CPU', p99: 'p99' };

/** @param bases the servers that all are compared with: `name`, how the `heads` call them, and `what` is compared */
export const loadHeads = (bases) => [
  'server',
  'connections',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'CPU µs/request (least–most)',
  'RSS MiB',
  ...bases.flatMap(({ heads, what }) => what.map((one) => `${RATIOS[one]} ÷ ${heads}`)),
];

/** One row per server; `rounds` and `rss` by the server's name. */
export function loadRows(connections, measured, bases) {
  const at = (name, what) => median(measured.get(name).rounds.map((round) => round[what]));
  return [...measured].map(([name, { rounds, rss }]) => {
    const cpus = rounds.map(({ cpu }) => cpu);
    return [
      name,
      connections,
      whole(at(name, 'rate')),
      at(name, 'p50').toFixed(2),
      at(name, 'p99').toFixed(2),
      `${at(name, 'cpu').toFixed(1)} (${Math.min(...cpus).toFixed(1)}–${Math.max(...cpus).toFixed(1)})`,
      whole(rss),
      ...bases.flatMap((base) => base.what.map((what) => ratioOf(measured, name, base.name, what))),
    ];
  });
}
