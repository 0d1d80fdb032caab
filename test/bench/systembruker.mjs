// Tokens of system users beside plain ones, their look-up and decisions about them, over a small and a large store; and pages of requests.
import { randomUUID, sign } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadConfig } from '#config';
import { demoWorld } from '#demo';
import { toInstant } from '#domain';
import { openAccess } from '#installation';
import { tendKeys } from '#maskinporten';
import { clients, scopeAccesses, scopes } from '#maskinporten/entities';
import { resources, systemClients, systems, systemUsers } from '#systembruker/entities';
import { appId } from './dataset.mjs';
import { askAll, requestBytes, spread } from './exchange.mjs';
import { exactCpuMicros } from './proc.mjs';
import { median, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, stop } from './scratch.mjs';
import { startGateway, tokenFor } from './servers.mjs';
import { assertionOf, bodyOf, clientTerms, formOf } from './tokens.mjs';

const OWNER = '958935420';
/** None of the demo's, which is its owner's. */
const SERVICE = 'bench-regnskap';
const TOGETHER = 2000;
const CONNECTIONS = 16;
const PAIRED = 100;
/** V8 goes on compiling for some ten thousand tokens. */
const WARM_UP_ROUNDS = 2;
const facts = { action: 'bench', at: toInstant(Date.now()), actor: 'operator' };
const created = facts.at;
const KEEPING = ['altinn:maskinporten/systemuser.read', 'altinn:authentication/systemuser.request.read', 'altinn:authorization/authorize'];
const texts = { nb: 'Regnskap', nn: 'Rekneskap', en: 'Accounts' };

const WEIGHTS = [3, 2, 7, 6, 5, 4, 3, 2];
/** Numbers with their last digit as it must be, from an eight-digit one on. */
function orgnrs(first) {
  const known = [];
  let next = first;
  return (i) => {
    for (; known.length <= i; next += 1) {
      const sum = [...String(next)].reduce((all, digit, at) => all + Number(digit) * WEIGHTS[at], 0);
      const last = (11 - (sum % 11)) % 11;
      if (last < 10) known.push(`${next}${last}`);
    }
    return known[i];
  };
}
const vendorAt = orgnrs(20_000_000);
const customerAt = orgnrs(30_000_000);
const systemAt = (i) => `${vendorAt(i)}_regnskap`;
/** Their system, customer and id. */
const userAt = (size, n) => ({
  system: n % size.systems,
  customer: n,
  id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
});

/** Systems, each with a client of its own, and their system users, written directly; those of the first are the ones that a page shows. */
async function fill(data, size, algorithm) {
  mkdirSync(data, { mode: 0o700 });
  const { access, close } = await openAccess(loadConfig({ TILGANG_MODE: 'demo', TILGANG_DATA: data }));
  const { store } = access;
  await tendKeys(access, { algorithm, modulusBits: 4096, keyDays: 90 });
  const put = async (entity, count, valueAt) => {
    const collection = store.collection(entity);
    for (let i = 0; i < count; i += TOGETHER) {
      const orders = Array.from({ length: Math.min(TOGETHER, count - i) }, (_, j) => ({ value: valueAt(i + j), expect: 'absent' }));
      await collection.putMany(orders, facts);
    }
  };
  const name = 'bench:s';
  await put(scopes, 1, () => ({
    name,
    prefix: 'bench',
    subscope: 's',
    owner: OWNER,
    description: 'Et scope',
    visibility: 'PUBLIC',
    tokenType: 'SELF_CONTAINED',
    atMaxAge: 0,
    authorizationMaxLifetime: 0,
    requiresUserConsent: false,
    requiresUserAuthentication: false,
    requiresPseudonymousTokens: false,
    accessibleForAll: true,
    allowedIntegrationTypes: [],
    active: true,
    created,
    updated: created,
  }));
  const client = clientTerms(created);
  await put(clients, size.systems, (i) => ({ ...client, id: `c${i}`, orgnr: vendorAt(i), scopes: [name] }));
  await put(clients, 1, () => ({ ...client, id: 'keeper', orgnr: OWNER, scopes: KEEPING }));
  await put(clients, 1, () => ({ ...client, id: 'vendor', orgnr: vendorAt(0), scopes: KEEPING }));
  const access0 = { owner: OWNER, state: 'APPROVED', created, updated: created };
  await put(scopeAccesses, KEEPING.length, (i) => ({ ...access0, scope: KEEPING[i], consumer: OWNER }));
  await put(scopeAccesses, KEEPING.length, (i) => ({ ...access0, scope: KEEPING[i], consumer: vendorAt(0) }));
  const service = { owner: OWNER, type: 'GenericAccessResource', title: texts, description: texts, delegable: true, active: true };
  await put(resources, 1, () => ({ ...service, id: SERVICE, actions: ['read', 'write'], created, updated: created }));
  const has = { rights: [{ resources: [SERVICE] }], packages: [] };
  await put(systems, size.systems, (i) => ({
    ...has,
    id: systemAt(i),
    internalId: randomUUID(),
    vendor: vendorAt(i),
    name: texts,
    description: texts,
    clientIds: [`c${i}`],
    redirectUrls: [],
    isVisible: true,
    created,
    updated: created,
  }));
  await put(systemClients, size.systems, (i) => ({ clientId: `c${i}`, systemId: systemAt(i), at: created }));
  await put(systemUsers, size.users, (n) => {
    const { system, customer, id } = userAt(size, n);
    const party = customerAt(customer);
    return {
      id,
      type: 'standard',
      systemId: systemAt(system),
      vendor: vendorAt(system),
      party,
      externalRef: party,
      title: 'Regnskap',
      madeBy: 'vendor',
      status: 'Accepted',
      asked: has,
      has,
      expires: created,
      changes: [],
      created,
      updated: created,
    };
  });
  // Pages of requests are of one system.
  await put(systemUsers, 200, (n) => ({
    id: randomUUID(),
    type: 'standard',
    systemId: systemAt(0),
    vendor: vendorAt(0),
    party: customerAt(n),
    externalRef: `r${n}`,
    title: 'Regnskap',
    madeBy: 'vendor',
    status: 'New',
    asked: has,
    has: { rights: [], packages: [] },
    expires: toInstant(Date.now() + 86_400_000),
    changes: [],
    created,
    updated: created,
  }));
  await close();
}

const given = () => ({
  head: Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'k' })).toString('base64url'),
  iat: Math.floor(Date.now() / 1000),
  signed: promisify(sign),
});

/** Grants that were not sent yet: plain ones, or each of another system user. */
function grants(gateway, size, count, isPlain) {
  const with_ = given();
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { system, customer } = userAt(size, (i * 7919) % size.users);
      const systemuser_org = { authority: 'iso6523-actorid-upis', ID: `0192:${customerAt(customer)}` };
      const more = isPlain ? {} : { authorization_details: [{ type: 'urn:altinn:systemuser', systemuser_org }] };
      return formOf(await assertionOf(gateway, `c${system}`, 'bench:s', with_, more));
    }),
  );
}

async function tokenOf(gateway, client) {
  const body = bodyOf(await assertionOf(gateway, client, KEEPING.join(' '), given()));
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const answer = await (await fetch(`${gateway.origin}/maskinporten/token`, { method: 'POST', headers, body })).json();
  if (answer.access_token === undefined) throw new Error(answer.error_description);
  return answer.access_token;
}

/** What each request takes. */
async function round(gateway, requests) {
  const cpu = exactCpuMicros(gateway.pid);
  const begun = performance.now();
  const { times } = await askAll(gateway.port, requests, CONNECTIONS, 200);
  return { cpu: (exactCpuMicros(gateway.pid) - cpu) / requests.length, ms: (performance.now() - begun) / requests.length, times };
}

/** Two kinds of requests in turns of a hundred, since a machine's speed changes: the medians of what each takes, and of the ratio of both. */
async function inPairs(gateway, one, other) {
  const pairs = [];
  for (let at = 0; at < one.length; at += PAIRED) {
    const some = [one, other].map((requests) => requests.slice(at, at + PAIRED));
    // Neither is always the one that comes after the other.
    const isTurned = pairs.length % 2 === 1;
    const first = await round(gateway, some[isTurned ? 1 : 0]);
    const second = await round(gateway, some[isTurned ? 0 : 1]);
    pairs.push(isTurned ? [second, first] : [first, second]);
  }
  const sides = [0, 1].map((side) => ({
    cpu: median(pairs.map((pair) => pair[side].cpu)),
    ...spread(pairs.flatMap((pair) => pair[side].times)),
  }));
  return { sides, ratio: median(pairs.map(([a, b]) => b.cpu / a.cpu)), time: median(pairs.map(([a, b]) => b.ms / a.ms)) };
}

async function pageMs(gateway, token) {
  const times = [];
  for (let i = 0; i < 30; i += 1) {
    const begun = performance.now();
    const answer = await fetch(`${gateway.origin}/authentication/api/v1/systemuser/request/vendor/bysystem/${systemAt(0)}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const { data } = await answer.json();
    if (data?.length !== 50) throw new Error(`a page of requests is answered ${answer.status} with ${data?.length}`);
    times.push(performance.now() - begun);
  }
  return median(times);
}

/** So many requests about others each time: look-ups, decisions, and evaluations of persons of the demo. */
function questionsOf(size, count, { keeper, machine }, persons) {
  const evaluation = (token, question) => requestBytes('POST', '/access/v1/evaluation', token, JSON.stringify(question));
  const users = Array.from({ length: count }, (_, i) => userAt(size, (i * 104_729) % size.users));
  return {
    lookUp: users.map(({ system, customer }) =>
      requestBytes(
        'GET',
        `/authentication/api/v1/systemuser/byExternalId?clientId=c${system}&systemProviderOrgNo=${vendorAt(system)}&systemUserOwnerOrgNo=${customerAt(customer)}`,
        keeper,
      ),
    ),
    decision: users.map(({ customer, id }) =>
      evaluation(keeper, {
        subject: { type: 'systemuser', id },
        action: { name: 'read' },
        resource: { type: 'resource', id: SERVICE, properties: { orgnr: customerAt(customer) } },
      }),
    ),
    person: users.map((_, i) =>
      evaluation(machine, {
        subject: { type: 'person', id: persons[i % persons.length].brukerIdent },
        action: { name: 'use' },
        resource: { type: 'application', id: appId, properties: { kommune: '0301' } },
      }),
    ),
  };
}

async function measure({ algorithm, size, count, rounds }, note) {
  const folder = scratchFolder();
  let gateway;
  try {
    const begun = performance.now();
    await fill(join(folder, 'data'), size, algorithm);
    note(`${whole(size.users)} system users written in ${whole((performance.now() - begun) / 1000)} s`);
    gateway = await startGateway(folder);
    const { persons } = demoWorld(created);
    const measured = [];
    for (let n = -WARM_UP_ROUNDS; n < rounds; n += 1) {
      // Tokens do not outlast a slow run.
      const questions = questionsOf(size, count, { keeper: await tokenOf(gateway, 'keeper'), machine: await tokenFor(gateway) }, persons);
      const one = {
        tokens: await inPairs(gateway, await grants(gateway, size, count, true), await grants(gateway, size, count, false)),
        lookUps: await inPairs(gateway, questions.lookUp, questions.lookUp),
        decisions: await inPairs(gateway, questions.person, questions.decision),
      };
      if (n >= 0) measured.push(one);
      note(
        Object.entries(one).reduce(
          (said, [name, { sides, ratio }]) =>
            `${said} ${name} ${sides.map(({ cpu }) => whole(cpu)).join(' and ')} µs (${ratio.toFixed(2)})`,
          `${algorithm}:`,
        ),
      );
    }
    return { algorithm, size, measured, page: await pageMs(gateway, await tokenOf(gateway, 'vendor')) };
  } finally {
    if (gateway !== undefined) await stop(gateway.child);
    removeFolder(folder);
  }
}

const HEADS = [
  'signed with, systems, system users',
  'plain token, CPU µs',
  'of a system user',
  '÷',
  'time ÷',
  'look-up, CPU µs',
  'p99 ms',
  'a person’s evaluation, CPU µs',
  'a system user’s',
  '÷',
  'p99 ms',
  'page of requests ms',
];

function rowOf({ algorithm, size, measured, page }) {
  const of = (what) => median(measured.map(what));
  const cpu = (name, side) => of((one) => one[name].sides[side].cpu);
  return [
    `${algorithm}, ${whole(size.systems)}, ${whole(size.users)}`,
    whole(cpu('tokens', 0)),
    whole(cpu('tokens', 1)),
    of(({ tokens }) => tokens.ratio).toFixed(2),
    of(({ tokens }) => tokens.time).toFixed(2),
    whole(cpu('lookUps', 1)),
    of(({ lookUps }) => lookUps.sides[1].p99).toFixed(1),
    whole(cpu('decisions', 0)),
    whole(cpu('decisions', 1)),
    of(({ decisions }) => decisions.ratio).toFixed(2),
    of(({ decisions }) => decisions.sides[1].p99).toFixed(1),
    page.toFixed(1),
  ];
}

/** What costs more in a large store than in a small one; of tokens the ratio with plain ones of the same store, since the machine is another one by then. */
function growthOf(small, large) {
  const of = ({ measured }, what) => median(measured.map(what));
  const grown = (what) => (of(large, what) / of(small, what)).toFixed(2);
  return [
    ['CPU of a token of a system user', grown(({ tokens }) => tokens.sides[1].cpu)],
    ['of a plain token, which knows nothing of them', grown(({ tokens }) => tokens.sides[0].cpu)],
    ['of both together', grown(({ tokens }) => tokens.ratio)],
    ['CPU of a look-up by external id', grown(({ lookUps }) => lookUps.sides[1].cpu)],
    ['CPU of a decision', grown(({ decisions }) => decisions.sides[1].cpu)],
    ['of a person’s, which knows nothing of them', grown(({ decisions }) => decisions.sides[0].cpu)],
    ['time of a page of requests', (large.page / small.page).toFixed(2)],
  ];
}

/** The part `systembruker` of the bench. @param systemUsers how many there are in the small and in the large store, with a system for twenty each */
export async function benchSystembruker({ systemUsers, rounds }, { print, note }) {
  const [small, large] = systemUsers.map((users) => ({ systems: users / 20, users }));
  const all = [];
  for (const [algorithm, size, count] of [
    ['RS256', small, 200],
    ['ES256', small, 1500],
    ['ES256', large, 1500],
  ])
    all.push(await measure({ algorithm, size, count, rounds }, note));
  print(
    `## System users\n\nTokens, plain and of a system user, and decisions, about a person and about a system user, in turns (${CONNECTIONS} connections); each request is
about another one than that before. RS256 signs with 4096 bits.`,
  );
  print(table(HEADS, all.map(rowOf)));
  print(table([`${whole(large.users)} system users beside ${whole(small.users)}`, 'large ÷ small'], growthOf(all[1], all[2])));
}
