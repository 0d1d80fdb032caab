// The second part of `make bench`: what a konsument's system does, giving, importing, listing and history, each beside bare floors.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { appId, newPersons, otherAppId, personsOf, writeDataset } from './dataset.mjs';
import { askAll, openConnection, requestBytes, spread } from './exchange.mjs';
import { cpuMicros, memory } from './proc.mjs';
import { median, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, stop, track } from './scratch.mjs';
import { importGrants, startFloor, startGateway, tokenFor } from './servers.mjs';

const OSLO = '/konsument-bruker/api/v1/organisasjoner/958935420';
const OSLO_KOMMUNE = '0301';
const CONNECTIONS = 16;
const PAGE = 100;
const HEALTH = requestBytes('GET', '/health/live');
const bareWork = fileURLToPath(new URL('bare-work.mjs', import.meta.url));
const BARE_LIMIT_MS = 300_000;

const givingPath = `${OSLO}/applikasjoner/${appId}/brukere`;
const listPath = `${OSLO}/applikasjoner/${otherAppId}/brukere`;

/** Wall and CPU time of what is done to a server. @param count of what it is made of */
async function measured({ pid }, count, action) {
  const cpuBefore = cpuMicros(pid);
  const started = performance.now();
  const came = await action();
  const seconds = (performance.now() - started) / 1000;
  return { seconds, rate: count / seconds, cpu: (cpuMicros(pid) - cpuBefore) / count, came };
}

async function bare(kind, where, count) {
  const running = promisify(execFile)(process.execPath, [bareWork, kind, where, String(count)], { timeout: BARE_LIMIT_MS });
  track(running.child);
  const { seconds, cpu } = JSON.parse((await running).stdout);
  return { seconds, rate: count / seconds, cpu: cpu / count };
}

/** Asks one after the other on one connection. */
async function inTurn(server, questions, status = 200) {
  const { came, rate, cpu } = await measured(server, questions.length, () => askAll(server.port, questions, 1, status));
  return { ...spread(came.times), rate, cpu, bodies: came.bodies };
}

const csv = (app, persons) => `app,brukerIdent\n${persons.map((person) => `${app},${person}\n`).join('')}`;

async function sendFile(server, token, text) {
  const { bodies } = await askAll(server.port, [requestBytes('POST', `${OSLO}/import`, token, text, { type: 'text/csv' })], 1, 200);
  return JSON.parse(bodies[0]);
}

function expectCounts(report, expected) {
  for (const [name, count] of Object.entries(expected)) {
    if (report[name] !== count) throw new Error(`the import told ${JSON.stringify(report)} instead of ${JSON.stringify(expected)}`);
  }
}

/** Collects rounds by what was measured, in the order in which it first came. */
function ledger() {
  const kept = new Map();
  return {
    add(name, round) {
      if (!kept.has(name)) kept.set(name, []);
      kept.get(name).push(round);
    },
    at: (name, what) => median(kept.get(name).map((round) => round[what])),
    names: () => [...kept.keys()],
    range(name, what, digits) {
      const values = kept.get(name).map((round) => round[what]);
      return `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
    },
  };
}

const ASIDE = 'CSV read alone (#files)';
const SINK = 'node:http, body dropped';
const FIRST = 'Tilgang, new persons';
const AGAIN = 'Tilgang, the same file again';

/** Each round on an empty store. Gives the last round's gateway, which has the grants. */
async function benchImport(lines, rounds, starting, note) {
  const book = ledger();
  const rss = ledger();
  const text = csv(appId, newPersons(lines));
  let gateway;
  for (let round = 0; round < rounds; round += 1) {
    if (gateway !== undefined) await stop(gateway.child);
    const folder = starting.folder();
    const file = join(folder, 'grants.csv');
    writeFileSync(file, text, { mode: 0o600 });
    gateway = await starting.gateway(folder);
    const token = await tokenFor(gateway, 'oslo');
    const sink = await starting.floor('sink', '{}');
    note(`importing, round ${round + 1}`);
    book.add(ASIDE, await bare('parse', file, lines));
    book.add(SINK, await measured(sink, lines, () => sendFile(sink, undefined, text)));
    await stop(sink.child);
    rss.add('before', memory(gateway.pid));
    for (const [name, expected] of [
      [FIRST, { linjer: lines, gitt: lines }],
      [AGAIN, { linjer: lines, uendret: lines }],
    ]) {
      const taken = await measured(gateway, lines, () => sendFile(gateway, token, text));
      expectCounts(taken.came, expected);
      book.add(name, taken);
      rss.add(name, memory(gateway.pid));
    }
  }
  const rows = book
    .names()
    .map((name) => [
      name,
      whole(book.at(name, 'rate')),
      book.range(name, 'cpu', 1),
      (book.at(name, 'cpu') / book.at(ASIDE, 'cpu')).toFixed(1),
      (book.at(name, 'seconds') / book.at(ASIDE, 'seconds')).toFixed(1),
    ]);
  const memories = rss.names().map((name) => [name, ...['rss', 'own', 'files', 'peak'].map((what) => whole(rss.at(name, what)))]);
  return { gateway, rows, memories };
}

const PUT = 'bare LMDB: 16 writers, put and flush';
const FSYNC = 'bare disk: 4 KiB and fdatasync, one by one';

async function benchGiving(gateway, token, count, rounds, starting, note) {
  const book = ledger();
  const questionsFor = (persons) => persons.map((brukerIdent) => requestBytes('POST', givingPath, token, JSON.stringify({ brukerIdent })));
  const give = async (total) => {
    const questions = questionsFor(newPersons(total));
    return measured(gateway, total, () => askAll(gateway.port, questions, CONNECTIONS, 201));
  };
  note('giving');
  const { came: first } = await give(1000);
  const floor = await starting.floor('http', first.bodies[0].toString());
  const floorQuestions = questionsFor(newPersons(count));
  await askAll(floor.port, floorQuestions, CONNECTIONS, 200);
  for (let round = 0; round < rounds; round += 1) {
    const times = (taken) => ({ ...taken, ...spread(taken.came.times) });
    book.add('Tilgang', times(await give(count)));
    book.add('node:http', times(await measured(floor, count, () => askAll(floor.port, floorQuestions, CONNECTIONS, 200))));
    const folder = starting.folder();
    book.add(PUT, await bare('put', folder, count));
    book.add(FSYNC, await bare('fsync', folder, Math.ceil(count / 4)));
    removeFolder(folder);
  }
  await stop(floor.child);
  return book.names().map((name) => {
    const hasTimes = name === 'Tilgang' || name === 'node:http';
    return [
      name,
      whole(book.at(name, 'rate')),
      ...['p50', 'p99', 'most'].map((what) => (hasTimes ? book.at(name, what).toFixed(2) : '')),
      book.range(name, 'cpu', 0),
      (book.at(name, 'cpu') / book.at('node:http', 'cpu')).toFixed(1),
    ];
  });
}

const turnRow = (what, base, { p50, p99, most, cpu }) => [
  what,
  ...[p50, p99, most].map((ms) => ms.toFixed(2)),
  whole(cpu),
  (p50 / base.p50).toFixed(1),
];

/** Walks a list to its end on one connection; one page is asked for with what the page before it said. */
async function walk(gateway, token) {
  const { ask, close } = await openConnection(gateway.port);
  const times = [];
  let seen = 0;
  const cpuBefore = cpuMicros(gateway.pid);
  try {
    for (let next = ''; next !== undefined; ) {
      const bytes = requestBytes('GET', `${listPath}?antall=${PAGE}${next}`, token);
      const begun = performance.now();
      const { status, body } = await ask(bytes);
      times.push(performance.now() - begun);
      if (status !== 200) throw new Error(`a page was answered ${status}: ${body}`);
      const { brukere, neste } = JSON.parse(body);
      seen += brukere.length;
      next = neste === undefined ? undefined : `&markor=${encodeURIComponent(neste)}`;
    }
  } finally {
    close();
  }
  return { ...spread(times), seen, pages: times.length, cpu: (cpuMicros(gateway.pid) - cpuBefore) / times.length };
}

async function benchList(gateway, token, grants, note) {
  note(`listing ${whole(grants)}`);
  const before = await walk(gateway, token);
  expectCounts(await sendFile(gateway, token, csv(otherAppId, newPersons(grants - before.seen))), { gitt: grants - before.seen });
  const health = await inTurn(gateway, new Array(2000).fill(HEALTH));
  const cold = await walk(gateway, token);
  if (cold.seen !== grants) throw new Error(`${cold.seen} grants were listed instead of ${grants}`);
  const warm = await walk(gateway, token);
  return [
    turnRow('GET /health/live', health, health),
    turnRow(`${whole(cold.pages)} pages of ${PAGE}, first walk`, health, cold),
    turnRow(`${whole(warm.pages)} pages of ${PAGE}, second walk`, health, warm),
  ];
}

const HISTORY_PERSONS = 300;

async function benchHistory(scale, starting, note) {
  const folder = starting.folder();
  const file = join(folder, 'grants.jsonl');
  note(`history: writing and importing ${whole(scale)} grants`);
  await writeDataset(file, scale);
  const gateway = await starting.gateway(folder);
  const imported = await importGrants(gateway, file);
  const token = await tokenFor(gateway, 'oslo');
  const tidspunkt = new Date().toISOString();
  const persons = personsOf(OSLO_KOMMUNE, scale, HISTORY_PERSONS);
  const lookUp = (more) =>
    persons.map((brukerIdent) => requestBytes('POST', `${OSLO}/oppslag`, token, JSON.stringify({ brukerIdent, ...more })));
  const health = await inTurn(gateway, new Array(2000).fill(HEALTH));
  const now = await inTurn(gateway, lookUp({}));
  const names = now.bodies.map((body) => JSON.parse(body).brukerId);
  const then = await inTurn(gateway, lookUp({ tidspunkt }));
  const events = (query) => requestBytes('GET', `${OSLO}/hendelser?${query}`, token);
  const ofPerson = await inTurn(
    gateway,
    names.map((name) => events(`bruker=${name}`)),
  );
  for (const body of ofPerson.bodies) if (JSON.parse(body).hendelser.length === 0) throw new Error('a person has no history');
  for (const body of then.bodies) if (JSON.parse(body).tilganger?.length === 0) throw new Error('a person had nothing');
  const newest = await inTurn(gateway, new Array(50).fill(events('antall=100')));
  const rows = [
    turnRow('GET /health/live', health, health),
    turnRow('oppslag, now', health, now),
    turnRow('oppslag with tidspunkt', health, then),
    turnRow('hendelser?bruker=…', health, ofPerson),
    turnRow('hendelser, the newest 100', health, newest),
  ];
  const { rss, own } = memory(gateway.pid);
  await stop(gateway.child);
  return { rows, persons: persons.length, imported, rss, own };
}

/** @param sizes `lines` of an import, `gifts` per round, `listed` grants, `scale` of the history's store, `rounds` */
export async function benchKonsument({ lines, gifts, listed, scale, rounds }, { print, note }) {
  const folders = [];
  const running = [];
  const starting = {
    folder() {
      folders.push(scratchFolder());
      return folders.at(-1);
    },
    async gateway(folder) {
      // What is measured is not how it refuses.
      running.push(await startGateway(folder, { TILGANG_LOOK_UPS_PER_MINUTE: '1000000' }));
      return running.at(-1);
    },
    async floor(kind, answer) {
      running.push(await startFloor(kind, answer));
      return running.at(-1);
    },
  };
  try {
    const { gateway, rows, memories } = await benchImport(lines, rounds, starting, note);
    const how = `median of ${rounds} round${rounds === 1 ? '' : 's'}`;
    const importHeads = ['', 'lines/s', 'CPU µs/line (least–most)', 'CPU ÷ reading', 'time ÷ reading'];
    print(`Import over the API, ${whole(lines)} lines of CSV; ${how}, each on an empty store:\n\n${table(importHeads, rows)}`);
    print(`Memory of the gateway:\n\n${table(['', 'RSS MiB', 'own MiB', 'mapped files MiB', 'peak MiB'], memories)}`);
    const token = await tokenFor(gateway, 'oslo');
    const pages = await benchList(gateway, token, listed, note);
    const turnHeads = ['in turn on one connection', 'p50 ms', 'p99 ms', 'most ms', 'CPU µs', 'p50 ÷ health'];
    print(`The list of ${whole(listed)} grants:\n\n${table(turnHeads, pages)}`);
    const given = await benchGiving(gateway, token, gifts, rounds, starting, note);
    const giveHeads = ['', 'per second', 'p50 ms', 'p99 ms', 'most ms', 'CPU µs (least–most)', 'CPU ÷ node:http'];
    const kept = `in a store of ${whole(lines + listed)} grants and more`;
    print(
      `Giving durably from ${CONNECTIONS} connections, ${whole(gifts)} new persons a round, ${how}, ${kept}:\n\n${table(giveHeads, given)}`,
    );
    await stop(gateway.child);
    const { imported, rss, own, persons, rows: turns } = await benchHistory(scale, starting, note);
    const made = `imported in ${imported.seconds.toFixed(1)} s, ${whole(scale / imported.seconds)} per second`;
    const after = `RSS after it ${whole(rss)} MiB, ${whole(own)} of them own`;
    print(`History in a store of ${whole(scale)} events (${made}), ${whole(persons)} persons; ${after}:\n\n${table(turnHeads, turns)}`);
  } finally {
    for (const { child } of running) await stop(child);
    for (const folder of folders) removeFolder(folder);
  }
}
