// The servers of a run, each a process on a free port of 127.0.0.1.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { appId, clientId } from './dataset.mjs';
import { memory } from './proc.mjs';
import { startNode } from './scratch.mjs';

const floors = fileURLToPath(new URL('floors.mjs', import.meta.url));
const path = `/tilgang/api/v1/app/${appId}/tilganger`;
const START_LIMIT_MS = 180_000;
const IMPORT_LIMIT_MS = 900_000;

/** The checkout that this file is of. */
export const ownCheckout = checkoutAt(fileURLToPath(new URL('../..', import.meta.url)), 'Tilgang');

/**
 * A checkout whose gateway can be started: how tables call it, and its program.
 * @throws Error if it is not built
 */
export function checkoutAt(root, name = `Tilgang (${basename(resolve(root))})`) {
  const main = join(resolve(root), 'dist/program/main.js');
  if (!existsSync(main)) throw new Error(`${main} is missing: run \`make build\` there`);
  return { name, main };
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort() {
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
 * @param flags for Node.js, before the program
 */
export async function startGateway(folder, settings = {}, { name, main } = ownCheckout, flags = []) {
  const port = await freePort();
  const data = join(folder, 'data');
  // Only what is set here: a person's own TILGANG_ variables must not change what is measured.
  const env = { PATH: process.env.PATH, TILGANG_MODE: 'demo', TILGANG_DATA: data, TILGANG_PORT: String(port), ...settings };
  const log = openSync(join(folder, 'gateway.log'), 'a', 0o600);
  const started = performance.now();
  const own = process.env.BENCH_NODE_FLAGS?.split(' ') ?? [];
  const child = startNode([...own, ...flags, main, 'serve'], { env, stdio: ['ignore', log, log] });
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(`${origin}/health/ready`, child, name);
  const readySeconds = (performance.now() - started) / 1000;
  return { name, main, child, pid: child.pid, port, origin, url: origin + path, env, data, readySeconds };
}

/**
 * Waits until a server that was just started answers 200 there.
 * @throws Error if it ends before, or is not ready in a minute
 */
export async function untilReady(url, child, name) {
  const limit = AbortSignal.timeout(START_LIMIT_MS);
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} ended with ${child.exitCode} at its start`);
    const ready = await fetch(url, { signal: limit }).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (ready) return;
    if (limit.aborted) throw new Error(`${name} is not ready in time`);
    await pause(5);
  }
}

/** How tables call the bare Koa server. */
export const KOA = 'Koa + router';

const FLOOR_NAMES = { koa: KOA, sink: 'node:http, body dropped', http: 'node:http', find: 'node:http, and a find of the driver' };

/** A bare server that answers `answer`; of the kind `sink`, one that drops what it reads; of the kind `find`, one that asks the database that is named behind. */
export async function startFloor(kind, answer, ...more) {
  const child = startNode([floors, kind, answer, ...more], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(START_LIMIT_MS) });
  const name = FLOOR_NAMES[kind];
  const url = `http://127.0.0.1:${String(port).trim()}${path}`;
  const given = await fetch(url, { method: 'POST', body: '{}', signal: AbortSignal.timeout(5000) });
  if (given.status !== 200 || (await given.text()) !== answer) throw new Error(`${name} does not answer as it should`);
  return { name, child, pid: child.pid, port: Number(port), url };
}

/** A token of the gateway's demo issuers, for a machine. */
export const tokenFor = (gateway, client = clientId) => demoToken(gateway, '--client', client);

/** A token of the gateway's demo issuers, for a person of the demo world such as `person-001`. */
export const tokenOfPerson = (gateway, id) => demoToken(gateway, '--person', id);

async function demoToken({ env, main }, ...whose) {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'token', ...whose], { env, timeout: START_LIMIT_MS });
  return stdout.trim();
}

/** Imports beside the running gateway; `peak` is the importing process's memory. */
export const importGrants = (gateway, file) => importFile(gateway, 'grants', file);

/** The same for what another command imports. */
export async function importFile({ env, main }, command, file) {
  const started = performance.now();
  const child = startNode([main, command, 'import', file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
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
  if (code !== 0) throw new Error(`${command} import ended with ${code}: ${said}`);
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
