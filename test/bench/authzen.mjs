// The part authzen: evaluations and searches beside the Tilgang API, on one gateway with one set of grants.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { appId, clientId, newPersons, otherAppId, writeDataset } from './dataset.mjs';
import { openConnection, requestBytes } from './exchange.mjs';
import { findOpa, OPA, opaQuestion, startOpa } from './opa.mjs';
import { cpuMicros } from './proc.mjs';
import { median, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, stop } from './scratch.mjs';
import { importGrants, startGateway, tokenFor } from './servers.mjs';

const PERSONS = 10_000;
const BATCH = 100;
const HITS = 50_000;
const PAGE = 1000;
const OSLO_KOMMUNE = '0301';
const TILGANG = 'Tilgang API';
const EVALUATION = 'evaluation';
const DATA_API = 'OPA Data API, the same question';
const MANY = `evaluations, ${BATCH} persons`;
/** Lists are asked so often in each round: what is measured is a server that has warmed up. */
const TIMES = 5;
/** The gateway's log is written by then. */
const WRITTEN_MS = 1500;

const use = { name: 'use' };
const person = (id) => ({ type: 'person', id });
const application = (kommune) => ({ type: 'application', id: appId, properties: { kommune } });

/** A question as AuthZEN has it. */
const question = ({ brukerIdent, kommuner }) => ({ subject: person(brukerIdent), action: use, resource: application(kommuner[0]) });

/** OPA's own server, asked about the same persons: nothing where there is none. */
function opaKind(opa, asked) {
  if (opa === undefined) return [];
  const [form] = opa.forms;
  const bodies = asked.slice(0, 1000).map(({ brukerIdent }) => opaQuestion(clientId, appId, brukerIdent));
  return [[OPA, 1, bodies.map((body) => requestBytes('POST', new URL(form.url).pathname, 'none', body)), form]];
}

/** What is asked in turns: by its name, of how many questions one request is, the requests of a round, and who is asked if not the gateway. */
function kindsOf(token, asked) {
  const some = asked.slice(0, 1000);
  const batches = Array.from({ length: 20 }, (_, i) => asked.slice(i * BATCH, (i + 1) * BATCH));
  const lists = Array.from({ length: TIMES }, () => batches).flat();
  const kinds = [
    [TILGANG, 1, `/tilgang/api/v1/app/${appId}/tilganger`, some, ({ brukerIdent }) => ({ brukerIdent })],
    [EVALUATION, 1, '/access/v1/evaluation', some, question],
    [DATA_API, 1, '/v1/data/tilgang/decision', some, (one) => ({ input: question(one) })],
    [
      'search for a person’s organisations',
      1,
      '/access/v1/search/resource',
      some,
      ({ brukerIdent }) => ({
        subject: person(brukerIdent),
        action: use,
        resource: { type: 'organisation', properties: { application: appId } },
      }),
    ],
    [
      MANY,
      BATCH,
      '/access/v1/evaluations',
      lists,
      (part) => ({
        action: use,
        evaluations: part.map(({ brukerIdent, kommuner }) => ({ subject: person(brukerIdent), resource: application(kommuner[0]) })),
      }),
    ],
    [
      `evaluations, one person, ${BATCH} organisations`,
      BATCH,
      '/access/v1/evaluations',
      lists,
      (part) => ({
        subject: person(part[0].brukerIdent),
        action: use,
        evaluations: part.map(({ kommuner }) => ({ resource: application(kommuner[0]) })),
      }),
    ],
  ];
  return kinds.map(([name, questions, path, all, bodyOf], i) => {
    const requestId = idOf(i);
    return [name, questions, all.map((one) => requestBytes('POST', path, token, JSON.stringify(bodyOf(one)), { requestId }))];
  });
}

/** How the requests of a kind are called in the gateway's log. */
const idOf = (kind) => `kind-${kind}`;

/**
 * How long the gateway itself took for each request of a kind, by its log: from the head to the answer, without the client. Sorted; without the round
 * that warms up.
 */
async function atServer(folder, kinds) {
  await pause(WRITTEN_MS);
  const times = kinds.map(() => []);
  const places = new Map(kinds.map((_, i) => [idOf(i), times[i]]));
  for (const line of readFileSync(join(folder, 'gateway.log'), 'utf8').split('\n')) {
    if (!line.includes('"requestId":"kind-')) continue;
    const { requestId, durationMs } = JSON.parse(line);
    places.get(requestId).push(durationMs);
  }
  return new Map(kinds.map(([name, , requests], i) => [name, times[i].slice(requests.length).sort((a, b) => a - b)]));
}

const part = (sorted, of) => sorted[Math.floor(sorted.length * of)];

/** One after the other on one connection. */
async function inTurn({ pid, port }, requests) {
  const { ask, close } = await openConnection(port);
  const times = [];
  const before = cpuMicros(pid);
  try {
    for (const bytes of requests) {
      const begun = performance.now();
      const { status, body } = await ask(bytes);
      times.push(performance.now() - begun);
      if (status !== 200) throw new Error(`answered ${status}: ${body}`);
    }
  } finally {
    close();
  }
  return { cpu: (cpuMicros(pid) - before) / requests.length, p50: median(times) };
}

/** All who may use an application for Oslo, page by page. */
async function walk({ pid, port }, token) {
  const { ask, close } = await openConnection(port);
  const question = {
    subject: { type: 'person' },
    action: use,
    resource: { type: 'application', id: otherAppId, properties: { kommune: OSLO_KOMMUNE } },
  };
  const times = [];
  const cpus = [];
  let found = 0;
  try {
    for (let next; next !== ''; ) {
      const body = JSON.stringify({ ...question, page: { limit: PAGE, ...(next && { token: next }) } });
      const before = cpuMicros(pid);
      const begun = performance.now();
      const answer = await ask(requestBytes('POST', '/access/v1/search/subject', token, body));
      times.push(performance.now() - begun);
      cpus.push(cpuMicros(pid) - before);
      if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body}`);
      const { results, page } = JSON.parse(answer.body);
      found += results.length;
      next = page.next_token;
    }
  } finally {
    close();
  }
  return {
    found,
    pages: times.length,
    p50: median(times),
    most: Math.max(...times),
    cpu: cpus.reduce((sum, one) => sum + one) / cpus.length,
  };
}

function rowsOf(kinds, measured, served) {
  const base = measured.get(TILGANG);
  return kinds.map(([name, questions]) => {
    const rounds = measured.get(name);
    const times = served.get(name);
    const cpus = rounds.map(({ cpu }) => cpu);
    const ratios = rounds.map(({ cpu }, i) => cpu / base[i].cpu);
    const least = Math.min(...cpus) / Math.min(...base.map(({ cpu }) => cpu));
    return [
      name,
      median(rounds.map(({ p50 }) => p50)).toFixed(2),
      times.length === 0 ? '' : `${part(times, 0.5).toFixed(2)} (${part(times, 0.02).toFixed(2)})`,
      `${whole(median(cpus))} (${whole(Math.min(...cpus))}–${whole(Math.max(...cpus))})`,
      (median(cpus) / questions).toFixed(1),
      `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`,
      least.toFixed(2),
    ];
  });
}

/** @param chosen `rounds`, and the `checkouts`, of which the first one's gateway is measured */
export async function benchAuthzen({ rounds, checkouts }, { print, note }) {
  const folder = scratchFolder();
  let gateway;
  let opa;
  try {
    const file = join(folder, 'grants.jsonl');
    const asked = await writeDataset(file, PERSONS * 2);
    const holders = newPersons(HITS).map((brukerIdent) => JSON.stringify({ app: otherAppId, brukerIdent, kommune: OSLO_KOMMUNE }));
    appendFileSync(file, `${holders.join('\n')}\n`);
    gateway = await startGateway(folder, {}, checkouts[0]);
    note('authzen: importing');
    await importGrants(gateway, file);
    const program = findOpa();
    if (program !== undefined) opa = await startOpa(program, folder, file);
    const kinds = [...kindsOf(await tokenFor(gateway), asked), ...opaKind(opa, asked)];
    const measured = new Map(kinds.map(([name]) => [name, []]));
    for (let round = -1; round < rounds; round += 1) {
      note(round < 0 ? 'warming up' : `round ${round + 1}`);
      for (const [name, , requests, server = gateway] of round % 2 === 0 ? kinds : kinds.toReversed()) {
        const taken = await inTurn(server, requests);
        if (round >= 0) measured.get(name).push(taken);
      }
    }
    const heads = [
      'in turn on one connection',
      'p50 ms',
      'at the server: p50 (p2) ms',
      'CPU µs (least–most)',
      'CPU µs a question',
      `CPU ÷ ${TILGANG}`,
      'least ÷ least',
    ];
    const served = await atServer(folder, kinds);
    print(
      `AuthZEN beside the Tilgang API, ${whole(PERSONS)} persons; median of ${rounds} rounds:\n\n${table(heads, rowsOf(kinds, measured, served))}`,
    );
    const many = served.get(MANY);
    print(
      `A list of ${BATCH} persons at the server: p50 ${part(many, 0.5).toFixed(2)} ms, p10 ${part(many, 0.1).toFixed(2)}, p2 ${part(many, 0.02).toFixed(2)}, of ${whole(many.length)} (must 1.5).`,
    );
    const ratios = measured.get(DATA_API).map(({ cpu }, i) => cpu / measured.get(EVALUATION)[i].cpu);
    print(`CPU of the OPA Data API ÷ that of an AuthZEN evaluation: ${median(ratios).toFixed(2)} (must 0.9–1.1).`);
    const oslo = await tokenFor(gateway, 'oslo');
    note('authzen: walking');
    await walk(gateway, oslo);
    const { found, pages, p50, most, cpu } = await walk(gateway, oslo);
    if (found < HITS) throw new Error(`${found} were found instead of ${HITS}`);
    print(
      `Who may use it for Oslo: ${whole(found)} found, ${pages} pages of ${whole(PAGE)}: p50 ${p50.toFixed(1)} ms, most ${most.toFixed(1)} ms, CPU ${(cpu / 1000).toFixed(1)} ms a page (must 20).`,
    );
  } finally {
    if (gateway !== undefined) await stop(gateway.child);
    if (opa !== undefined) await stop(opa.child);
    removeFolder(folder);
  }
}
