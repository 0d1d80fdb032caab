// One round of load on one server: wrk if it is on PATH (it takes less of the machine), else autocannon.
import { execFile, execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cpuMicros } from './proc.mjs';
import { track } from './scratch.mjs';

const script = fileURLToPath(new URL('wrk.lua', import.meta.url));
const run = promisify(execFile);

/** The name of the program that makes the load. */
export const generator = hasWrk() ? 'wrk' : 'autocannon';

function hasWrk() {
  try {
    execFileSync('wrk', ['-v'], { stdio: 'ignore' });
  } catch (error) {
    // wrk -v prints its version and ends with 1.
    return error.code !== 'ENOENT';
  }
  return true;
}

/**
 * @param server its `url` and `pid`
 * @param questions the `bodies` (a file, one per line) and the `token`, if the server takes one
 * @param load how many `connections`, for how many `seconds`, each pausing for `pauseMs` before it asks (wrk alone)
 * @throws Error if any answer is not a success (wrk counts from status 400 on)
 */
export async function load(server, questions, { connections, seconds, pauseMs = 0 }) {
  const cpuBefore = cpuMicros(server.pid);
  const came = await (generator === 'wrk' ? withWrk : withAutocannon)(server.url, questions, connections, seconds, pauseMs);
  const cpu = cpuMicros(server.pid) - cpuBefore;
  if (came.refused + came.broken > 0 || came.requests === 0) {
    throw new Error(`${server.name}: of ${came.requests} requests ${came.refused} were not answered 200, ${came.broken} broke`);
  }
  return { rate: came.requests / came.seconds, p50: came.p50, p99: came.p99, cpu: cpu / came.requests };
}

async function withWrk(url, { token = '', bodies }, connections, seconds, pauseMs) {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '5s', '-s', script, url, '--', bodies, token, String(pauseMs)];
  const running = run('wrk', args, { timeout: seconds * 1000 + 30_000 });
  track(running.child);
  const { stdout } = await running;
  return JSON.parse(stdout.trimEnd().split('\n').at(-1));
}

async function withAutocannon(url, { token, bodies }, connections, duration) {
  const { default: autocannon } = await import('autocannon');
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const requests = (await readFile(bodies, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((body) => ({ method: 'POST', headers, body }));
  const { statusCodeStats, errors, timeouts, latency, duration: seconds } = await autocannon({ url, connections, duration, requests });
  let answered = 0;
  for (const { count } of Object.values(statusCodeStats)) answered += count;
  const good = statusCodeStats['200']?.count ?? 0;
  // Its latencies are whole milliseconds.
  return { requests: answered, seconds, p50: latency.p50, p99: latency.p99, refused: answered - good, broken: errors + timeouts };
}
