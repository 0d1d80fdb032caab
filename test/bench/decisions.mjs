// Decisions under load: the gateway beside bare servers, beside OPA's own, and beside another checkout's gateway.
import { writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { appId, clientId, personsBeyond, writeDataset } from './dataset.mjs';
import { askAll, requestBytes, spread } from './exchange.mjs';
import { load } from './load.mjs';
import { expectSameAnswers, findOpa, OPA, opaQuestion, startOpa, versionOf } from './opa.mjs';
import { memory } from './proc.mjs';
import { aims, loadHeads, loadRows, ratioOf, ratioOfLeast, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, stop } from './scratch.mjs';
import { checkAnswers, importGrants, KOA, startFloor, startGateway, tokenFor } from './servers.mjs';

const FLOORS = ['koa', 'http'];
const CHANGES = 200;
const OSLO_GIVING = `/konsument-bruker/api/v1/organisasjoner/958935420/applikasjoner/${appId}/brukere`;

/** Rounds interleaved, there and back, so that what else happens on the machine meets all servers alike. */
export async function measure(servers, { rounds, ...made }) {
  const measured = new Map(servers.map(({ name }) => [name, { rounds: [], rss: 0 }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      const own = measured.get(server.name);
      own.rounds.push(await load(server, server.questions, made));
      own.rss = memory(server.pid).rss;
    }
  }
  return measured;
}

const linesFile = (file, lines) => {
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
};

/** Gives grants one after the other, each to a person who has none: how long each took. */
async function singleChanges(gateway, persons) {
  const token = await tokenFor(gateway, 'oslo');
  const questions = persons.map((brukerIdent) => requestBytes('POST', OSLO_GIVING, token, JSON.stringify({ brukerIdent })));
  const { times } = await askAll(gateway.port, questions, 1, 201);
  return spread(times);
}

/** A checkout's gateway, with its own `settings` if it has some, and the grants of a file, and what importing them took; its own `questions` go with it. */
export async function gatewayWith(checkout, folder, { file, asked, fresh }, note) {
  const gateway = await startGateway(folder, checkout.settings, checkout);
  try {
    note(`${gateway.name}: importing`);
    const imported = await importGrants(gateway, file);
    note(imported.said.trim());
    const changes = fresh === undefined ? undefined : await singleChanges(gateway, fresh);
    const token = await tokenFor(gateway);
    const answer = await checkAnswers(gateway, token, asked);
    const bodies = linesFile(
      join(folder, 'bodies.txt'),
      asked.map(({ body }) => body),
    );
    return { ...gateway, imported, changes, answer, questions: { token, bodies } };
  } catch (error) {
    await stop(gateway.child);
    throw error;
  }
}

/** Starts servers that end with what is done with them. */
export async function withServers(work) {
  const folders = [];
  const running = [];
  const folder = () => {
    folders.push(scratchFolder());
    return folders.at(-1);
  };
  const started = async (server) => {
    running.push(await server);
    return running.at(-1);
  };
  try {
    return await work(folder, started);
  } finally {
    for (const { child } of running) await stop(child);
    for (const path of folders) removeFolder(path);
  }
}

/** The gateways of these checkouts and the bare floors, filled and warm. */
async function startAll(checkouts, dataset, { folder, started, note }) {
  const gateways = [];
  for (const checkout of checkouts) gateways.push(await started(gatewayWith(checkout, folder(), dataset, note)));
  const [{ answer, questions }] = gateways;
  const floors = [];
  for (const kind of FLOORS) floors.push({ ...(await started(startFloor(kind, answer))), questions });
  return { gateways, floors };
}

export async function warmUp(servers, seconds) {
  for (const server of servers) await load(server, server.questions, { connections: 16, seconds: Math.max(2, seconds) });
}

/** What each table compares the servers with. */
const basesOf = (gateways, hasOpa) => [
  { name: KOA, heads: 'Koa', what: ['cpu', 'p99'] },
  ...(hasOpa ? [{ name: OPA, heads: 'OPA', what: ['cpu'] }] : []),
  ...gateways.slice(1).map(({ name }) => ({ name, heads: name, what: ['cpu'] })),
];

async function factsOf(gateway, size) {
  const { imported, readySeconds, changes, data, name } = gateway;
  const { rss, peak, own, files } = memory(gateway.pid);
  const store = await stat(join(data, 'store', 'data.mdb')).catch(() => stat(join(data, 'store')));
  return [
    name,
    whole(size),
    readySeconds.toFixed(2),
    imported.seconds.toFixed(1),
    whole(size / imported.seconds),
    whole(imported.peak),
    `${changes.p50.toFixed(2)} / ${changes.p99.toFixed(2)}`,
    whole(store.size / 2 ** 20),
    ...[rss, peak, own, files].map(whole),
  ];
}

async function benchSize(size, { connections, seconds, rounds, checkouts }, note) {
  return withServers(async (folder, started) => {
    note(`${whole(size)} grants: writing them`);
    const file = join(folder(), 'grants.jsonl');
    const asked = await writeDataset(file, size);
    const fresh = personsBeyond(size / 2, CHANGES);
    const { gateways, floors } = await startAll(checkouts, { file, asked, fresh }, { folder, started, note });
    const servers = [...gateways, ...floors];
    note('warming up');
    await warmUp(servers, seconds);
    const bases = basesOf(gateways, false);
    const rows = [];
    for (const count of connections) {
      note(`${count} connections`);
      rows.push(...loadRows(count, await measure(servers, { connections: count, seconds, rounds }), bases));
    }
    for (const gateway of gateways) await checkAnswers(gateway, gateway.questions.token, asked);
    return { facts: await Promise.all(gateways.map((gateway) => factsOf(gateway, size))), rows, heads: loadHeads(bases) };
  });
}

/** @param chosen `sizes`, `connections`, `seconds`, `rounds`, and the `checkouts` whose gateways are measured, this one first */
export async function benchDecisions(chosen, { print, note }) {
  const facts = [];
  for (const size of chosen.sizes) {
    const result = await benchSize(size, chosen, note);
    facts.push(...result.facts);
    const how = `median of ${chosen.rounds} rounds of ${chosen.seconds} s, interleaved`;
    print(`${whole(size)} grants; ${how}:\n\n${table(result.heads, result.rows)}`);
  }
  const heads = ['gateway', 'grants', 'ready s', 'import s', 'lines/s', 'import peak MiB', 'single changes after it p50 / p99 ms'];
  print(table([...heads, 'store MiB', 'RSS MiB', 'peak MiB', 'own memory MiB', 'mapped files MiB'], facts));
  print(
    `Single changes: ${CHANGES} grants given over HTTP one after the other, directly after the import. Aims with a million: import under 60 s, single changes under 5 ms, own memory under 120 MB.`,
  );
}

const PERSONS = 10_000;
const PER_PERSON = 5;
const CONNECTIONS = 16;
const NO_OPA = 'OPA IS MISSING (neither .tools/opa nor `opa` on PATH): NOT COMPARED WITH IT. `make opa` builds it.';

/** The gateway beside OPA's own server: the same grants, the same questions, the same rounds. */
export async function benchBesideOpa({ seconds, rounds, checkouts }, { print, note }) {
  const program = findOpa();
  if (program === undefined) note(NO_OPA);
  await withServers(async (folder, started) => {
    const own = folder();
    const file = join(own, 'grants.jsonl');
    const asked = await writeDataset(file, PERSONS * PER_PERSON, PER_PERSON);
    const { gateways, floors } = await startAll(checkouts, { file, asked }, { folder, started, note });
    const servers = [...gateways, ...floors];
    let what = `**${NO_OPA}**`;
    if (program !== undefined) {
      const opa = await started(startOpa(program, own, file));
      const tokenOf = (client) => tokenFor(gateways[0], client);
      const same = await expectSameAnswers(gateways[0], opa.forms, asked, tokenOf);
      const lines = asked.map(({ brukerIdent }) => opaQuestion(clientId, appId, brukerIdent));
      const bodies = linesFile(join(own, 'opa-bodies.txt'), lines);
      servers.splice(1, 0, ...opa.forms.map((form) => ({ ...form, questions: { bodies } })));
      what = `OPA ${await versionOf(program)} answers organisation numbers from memory: it checks no token, names no person by HMAC, reads no durable store and writes no decision log.
All gave the same answers to ${whole(same)} questions before they were measured. Its first form is the rule that costs OPA least, its second calls data.tilgang.grants.covers.`;
    }
    note('warming up');
    await warmUp(servers, Math.max(3, seconds));
    note('measuring');
    const measured = await measure(servers, { connections: CONNECTIONS, seconds, rounds });
    const bases = basesOf(gateways, program !== undefined);
    const how = `list, ${CONNECTIONS} connections; median of ${rounds} rounds of ${seconds} s, interleaved; ratios of CPU within each round`;
    const compared = (name, base, what, aim) => [ratioOf(measured, name, base, what), ratioOfLeast(measured, name, base, what), aim];
    const ratios = gateways.flatMap(({ name }, i) => [
      ...(program === undefined ? [] : [[`${name}: CPU ÷ OPA's`, ...compared(name, OPA, 'cpu', 'must 1.75, aim 1.3')]]),
      [`${name}: CPU ÷ Koa's`, ...compared(name, KOA, 'cpu', '')],
      [`${name}: p99 ÷ Koa's`, ...compared(name, KOA, 'p99', 'aim 2')],
      ...(i === 0 ? [] : [[`${gateways[0].name}: CPU ÷ that of ${name}`, ...compared(gateways[0].name, name, 'cpu', '')]]),
    ]);
    print(
      `OPA's own server on the same work: ${whole(PERSONS)} persons, ${whole(PERSONS * PER_PERSON)} grants, ${how}:\n\n${table(loadHeads(bases), loadRows(CONNECTIONS, measured, bases))}\n\n${what}\n\n${aims(ratios)}`,
    );
  });
}
