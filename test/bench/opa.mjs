// OPA's own server on the same work: the same grants as data in its memory, judged by the same package, asked over HTTP.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { demoWorld, KOMMUNER } from '#demo';
import { track } from './scratch.mjs';
import { freePort, untilReady } from './servers.mjs';

const root = new URL('../../', import.meta.url);
const here = (path) => fileURLToPath(new URL(path, root));
// The store's form that is read fastest; what it logs besides errors is left out, and decision logs are off unless configured.
const FLAGS = ['--server', '--log-level', 'error', '--optimize-store-for-read-speed', '--disable-telemetry'];
const SOURCES = ['policies/tilgang/grants/grants.rego', 'test/bench/opa/adapter.rego'];

export const OPA = 'OPA server';

/** Where OPA is: of this checkout, or on PATH; absent if nowhere. */
export function findOpa() {
  for (const program of [here('.tools/opa'), 'opa']) {
    try {
      execFileSync(program, ['version'], { stdio: 'ignore' });
      return program;
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}

/** What it says of its version. */
export async function versionOf(program) {
  const { stdout } = await promisify(execFile)(program, ['version']);
  return /^Version: (\S+)/m.exec(stdout)?.[1] ?? 'of unknown version';
}

const world = demoWorld(new Date().toISOString());

/** The world's grants and those of an import's file, by application and person, each with what the gateway puts beside it. */
async function grantsByPerson(importFile) {
  const active = new Set(world.activations.filter(({ active }) => active).map(({ appId, konsument }) => `${appId} ${konsument}`));
  const konsumenter = new Set(world.organisations.filter(({ mayBeKonsument }) => mayBeKonsument).map(({ orgnr }) => orgnr));
  const orgnrOf = new Map(KOMMUNER.map(({ kommunenummer, orgnr }) => [kommunenummer, orgnr]));
  const grants = {};
  const add = (app, person, { konsument, roles, from, until, withdrawn }) => {
    grants[app] ??= {};
    grants[app][person] ??= [];
    const activated = active.has(`${app} ${konsument}`);
    grants[app][person].push({ konsument, roles, from, until, withdrawn, activated, mayBeKonsument: konsumenter.has(konsument) });
  };
  for (const { appId, brukerIdent, ...grant } of world.grants) add(appId, brukerIdent, grant);
  for (const line of (await readFile(importFile, 'utf8')).trimEnd().split('\n')) {
    const { app, brukerIdent, kommune } = JSON.parse(line);
    add(app, brukerIdent, { konsument: orgnrOf.get(kommune), roles: ['use'] });
  }
  return grants;
}

/** OPA's server with the demo world and the grants of an import's file. */
export async function startOpa(program, folder, importFile) {
  const data = join(folder, 'opa-data.json');
  const applications = Object.fromEntries(world.applications.map(({ id, tilbyder, state, roles }) => [id, { id, tilbyder, state, roles }]));
  writeFileSync(data, JSON.stringify({ grants: await grantsByPerson(importFile), applications }), { mode: 0o600 });
  const port = await freePort();
  const log = openSync(join(folder, 'opa.log'), 'a', 0o600);
  const args = ['run', ...FLAGS, '--addr', `127.0.0.1:${port}`, data, ...SOURCES.map(here)];
  const child = track(spawn(program, args, { stdio: ['ignore', log, log], cwd: folder }));
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(`${origin}/health`, child, OPA);
  return { name: OPA, child, pid: child.pid, port, url: `${origin}/v1/data/bench/opa/answer` };
}

/** The body that asks OPA what a client of the demo world asks the gateway. */
export function opaQuestion(clientId, app, person) {
  const { id, orgnr, scopes } = world.clients.find((client) => client.id === clientId);
  const caller = { kind: 'machine', consumer: orgnr, clientId: id, scopes };
  return JSON.stringify({ input: { caller, app, person, role: 'use', time: new Date().toISOString() } });
}

/** Questions whose answers differ in every way: the demo world's persons in its applications, and some of the imported, also by strangers. */
function* differing(imported) {
  const clients = new Map(
    world.clients.filter(({ supplierOrgnr, id }) => !supplierOrgnr && id !== 'uten-scope').map(({ id, orgnr }) => [orgnr, id]),
  );
  let count = 0;
  for (const { id: app, state, tilbyder } of world.applications) {
    if (state === 'draft') continue;
    for (const { brukerIdent } of world.persons) if (count++ % 5 === 0) yield { client: clients.get(tilbyder), app, brukerIdent };
  }
  const [{ id: app, tilbyder }] = world.applications;
  for (const { brukerIdent } of imported.slice(0, 100)) yield { client: clients.get(tilbyder), app, brukerIdent };
  for (const { brukerIdent } of imported.slice(0, 5)) for (const client of ['dibk', 'uten-scope']) yield { client, app, brukerIdent };
}

/**
 * Asks both the same and compares the organisations; gives how many questions it were.
 * @param tokenOf a token of a client of the demo world
 * @throws Error at the first difference
 */
export async function expectSameAnswers(gateway, opa, imported, tokenOf) {
  const tokens = new Map();
  let asked = 0;
  let reached = 0;
  for (const { client, app, brukerIdent } of differing(imported)) {
    if (!tokens.has(client)) tokens.set(client, await tokenOf(client));
    const headers = { 'content-type': 'application/json' };
    const own = await fetch(`${gateway.origin}/tilgang/api/v1/app/${app}/tilganger`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${tokens.get(client)}` },
      body: JSON.stringify({ brukerIdent }),
    });
    const ours =
      own.status === 200 ? (await own.json()).tilganger.map(({ orgnr }) => orgnr) : `refused ${await own.arrayBuffer().then(() => '')}`;
    const answer = await fetch(opa.url, { method: 'POST', headers, body: opaQuestion(client, app, brukerIdent) });
    const { result } = await answer.json();
    const theirs = result.allowed ? result.organisations : 'refused ';
    const texts = [ours, theirs].map((list) => (Array.isArray(list) ? [...list].sort().join() : list));
    if (texts[0] !== texts[1]) throw new Error(`the gateway and OPA differ for ${client} on ${app}: ${texts[0]} against ${texts[1]}`);
    asked += 1;
    if (texts[0] !== '') reached += 1;
  }
  if (reached < asked / 4) throw new Error(`only ${reached} of ${asked} compared answers name an organisation`);
  return asked;
}
