// OPA's own server on the same work: the same grants as data in its memory, judged alike, asked over HTTP.
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
const FLAGS = ['--server', '--log-level', 'error', '--optimize-store-for-read-speed', '--disable-telemetry', '--ignore', '*_test.rego'];
const SOURCES = ['policies/tilgang/grants', 'test/bench/opa'];

/** By the rule that costs OPA least: what the gateway is held against. */
export const OPA = 'OPA server';

/** By the gateway's own package. */
const OPA_BY_PACKAGE = 'OPA server, by data.tilgang.grants';

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

/** What an open bound is filled in with: a rule that need not look whether there is one costs OPA a tenth less. */
const ALWAYS = { from: '0000-01-01T00:00:00.000Z', until: '9999-12-31T23:59:59.999Z' };

/** The world's grants and those of an import's file, by application and person, each with what the gateway puts beside it. */
async function grantsByPerson(importFile) {
  const active = new Set(world.activations.filter(({ active }) => active).map(({ appId, konsument }) => `${appId} ${konsument}`));
  const konsumenter = new Set(world.organisations.filter(({ mayBeKonsument }) => mayBeKonsument).map(({ orgnr }) => orgnr));
  const orgnrOf = new Map(KOMMUNER.map(({ kommunenummer, orgnr }) => [kommunenummer, orgnr]));
  const grants = {};
  const add = (app, person, { konsument, roles, from = ALWAYS.from, until = ALWAYS.until, withdrawn }) => {
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

/** OPA's server with the demo world and the grants of an import's file: one process, asked in two forms. */
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
  const form = (name, rule) => ({ name, child, pid: child.pid, port, url: `${origin}/v1/data/bench/opa/${rule}` });
  return { child, forms: [form(OPA, 'answer'), form(OPA_BY_PACKAGE, 'answer_by_package')] };
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

const REFUSED = 'refused';
const inOrder = (numbers) => numbers.sort().join(' ');

async function organisationsByGateway({ origin }, app, token, brukerIdent) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const body = JSON.stringify({ brukerIdent });
  const answer = await fetch(`${origin}/tilgang/api/v1/app/${app}/tilganger`, { method: 'POST', headers, body });
  const said = await answer.json();
  return answer.status === 200 ? inOrder(said.tilganger.map(({ orgnr }) => orgnr)) : REFUSED;
}

async function organisationsByOpa({ url }, body) {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { result } = await answer.json();
  return result.allowed ? inOrder(result.organisations) : REFUSED;
}

/**
 * Asks the gateway and each form of OPA's the same and compares the organisations; gives how many questions it were.
 * @param tokenOf a token of a client of the demo world
 * @throws Error at the first difference
 */
export async function expectSameAnswers(gateway, forms, imported, tokenOf) {
  const tokens = new Map();
  let asked = 0;
  let reached = 0;
  for (const { client, app, brukerIdent } of differing(imported)) {
    if (!tokens.has(client)) tokens.set(client, await tokenOf(client));
    const ours = await organisationsByGateway(gateway, app, tokens.get(client), brukerIdent);
    const body = opaQuestion(client, app, brukerIdent);
    for (const form of forms) {
      const theirs = await organisationsByOpa(form, body);
      if (ours !== theirs) throw new Error(`${client} on ${app}: the gateway says ${ours}, ${form.name} ${theirs}`);
    }
    asked += 1;
    if (/\d/.test(ours)) reached += 1;
  }
  if (reached < asked / 4) throw new Error(`only ${reached} of ${asked} compared answers name an organisation`);
  return asked;
}
