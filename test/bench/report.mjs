// The measurements as Markdown.
import { cpus, totalmem } from 'node:os';
import { generator } from './load.mjs';

export function machine() {
  const [{ model }] = cpus();
  const memoryGiB = Math.round(totalmem() / 2 ** 30);
  return `Node.js ${process.versions.node}; ${model.trim()}, ${cpus().length} cores, ${memoryGiB} GiB; load by ${generator} on the same machine.
The load generator shares the cores with the server that it measures, so throughput and latency vary between runs;
CPU time per request is the number to trust.`;
}

export function table(heads, rows) {
  const align = heads.map((_, i) => (i === 0 ? '---' : '---:'));
  return [heads, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A whole number with its thousands apart. */
export const whole = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ');

export const loadHeads = [
  'server',
  'connections',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'CPU µs/request (least–most)',
  'RSS MiB',
  'CPU ÷ Koa',
  'p99 ÷ Koa',
];

/** One row per server; `rounds` and `rss` by the server's name, `base` the name of the one that is compared with. */
export function loadRows(connections, measured, base) {
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
      (at(name, 'cpu') / at(base, 'cpu')).toFixed(2),
      (at(name, 'p99') / at(base, 'p99')).toFixed(2),
    ];
  });
}
