// The servers of a run, each a process on a free port of 127.0.0.1.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { appId, clientId } from './dataset.mjs';
import { memory } from './proc.mjs';
import { startNode } from './scratch.mjs';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const floors = fileURLToPath(new URL('floors.mjs', import.meta.url));
const path = `/tilgang/api/v1/app/${appId}/tilganger`;
const START_LIMIT_MS = 60_000;
const IMPORT_LIMIT_MS = 900_000;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * The real gateway on an empty folder, logging to a file; `readySeconds` from its start to /health/ready.
 * @param settings more TILGANG_ variables
 */
export async function startGateway(folder, settings = {}) {
  const port = await freePort();
  const data = join(folder, 'data');
  // Only what is set here: a person's own TILGANG_ variables must not change what is measured.
  const env = { PATH: process.env.PATH, TILGANG_MODE: 'demo', TILGANG_DATA: data, TILGANG_PORT: String(port), ...settings };
  const log = openSync(join(folder, 'gateway.log'), 'a', 0o600);
  const started = performance.now();
  const child = startNode([...(process.env.BENCH_NODE_FLAGS?.split(' ') ?? []), main, 'serve'], { env, stdio: ['ignore', log, log] });
  const origin = `http://127.0.0.1:${port}`;
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode} at its start`);
    const ready = await fetch(`${origin}/health/ready`, { signal: limit }).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (ready) break;
    if (limit.aborted) throw new Error('the gateway is not ready in time');
    await pause(5);
  }
  return {
    name: 'Tilgang',
    child,
    pid: child.pid,
    port,
    url: origin + path,
    env,
    data,
    readySeconds: (performance.now() - started) / 1000,
  };
}

/** A bare server that answers `answer`; of the kind `sink`, one that drops what it reads. */
export async function startFloor(kind, answer) {
  const child = startNode([floors, kind, answer], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(START_LIMIT_MS) });
  const name = kind === 'koa' ? 'Koa + router' : kind === 'sink' ? 'node:http, body dropped' : 'node:http';
  const url = `http://127.0.0.1:${String(port).trim()}${path}`;
  const given = await fetch(url, { method: 'POST', body: '{}', signal: AbortSignal.timeout(5000) });
  if (given.status !== 200 || (await given.text()) !== answer) throw new Error(`${name} does not answer as it should`);
  return { name, child, pid: child.pid, port: Number(port), url };
}

export async function tokenFor({ env }, client = clientId) {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'token', '--client', client], { env, timeout: START_LIMIT_MS });
  return stdout.trim();
}

/** Imports beside the running gateway; `peak` is the importing process's memory. */
export async function importGrants({ env }, file) {
  const started = performance.now();
  const child = startNode([main, 'grants', 'import', file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  let peak = 0;
  const watch = setInterval(() => {
    try {
      peak = memory(child.pid).peak || peak;
    } catch {
      // It has just ended.
    }
  }, 100);
  const limit = setTimeout(() => child.kill('SIGKILL'), IMPORT_LIMIT_MS);
  const [code] = await once(child, 'close');
  clearInterval(watch);
  clearTimeout(limit);
  if (code !== 0) throw new Error(`grants import ended with ${code}: ${said}`);
  return { seconds: (performance.now() - started) / 1000, peak, said };
}

/** Asks some of the questions and compares the kommuner; gives one answer's text. */
export async function checkAnswers({ url }, token, questions) {
  const step = Math.max(1, Math.floor(questions.length / 100));
  let sample = '';
  for (let i = 0; i < questions.length; i += step) {
    const { body, kommuner } = questions[i];
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(5000) });
    sample = await answer.text();
    if (answer.status !== 200) throw new Error(`a question was answered ${answer.status}`);
    const found = JSON.parse(sample).tilganger.map(({ kommune }) => kommune);
    if (found.sort().join() !== kommuner.join()) throw new Error(`an answer has the kommuner ${found} instead of ${kommuner}`);
  }
  return sample;
}
