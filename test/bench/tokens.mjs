// Tokens over HTTP beside what their signatures cost, over a small and a large store; and decisions while tokens are signed.
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadConfig } from '#config';
import { demoWorld } from '#demo';
import { toInstant } from '#domain';
import { openAccess } from '#installation';
import { tendKeys } from '#maskinporten';
import { clients, scopeAccesses, scopes, signedTerms } from '#maskinporten/entities';
import { appId } from './dataset.mjs';
import { askAll, spread } from './exchange.mjs';
import { load } from './load.mjs';
import { cpuMicros } from './proc.mjs';
import { median, table, whole } from './report.mjs';
import { removeFolder, scratchFolder, startNode, stop } from './scratch.mjs';
import { startGateway, tokenFor } from './servers.mjs';

const run = promisify(execFile);
const SERVER = fileURLToPath(new URL('tokens-server.mjs', import.meta.url));
const FLOOR = fileURLToPath(new URL('tokens-floor.mjs', import.meta.url));
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const CONNECTIONS = 16;
/** V8 goes on compiling for some ten thousand tokens: one of a process that has just started costs twice as much. */
const WARM_UP_ROUNDS = 2;
const OWNER = '958935420';
const TOGETHER = 2000;
/** Each with ten accesses. */
const ACCESSES_EACH = 10;
const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
const facts = { action: 'bench', at: toInstant(Date.now()), actor: 'operator' };

const orgnrAt = (i) => String(200_000_000 + i);
const scopeAt = (i) => `bench:s${i}`;

/** What the clients have in common: one key, with which all of them sign. */
export function clientTerms(created) {
  const jwk = { ...key.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' };
  return {
    name: 'bench',
    description: '',
    active: true,
    integrationType: 'maskinporten',
    applicationType: 'web',
    grantTypes: [JWT_BEARER],
    tokenEndpointAuthMethod: 'private_key_jwt',
    accessTokenLifetime: 7200,
    refreshTokenLifetime: 0,
    authorizationLifetime: 0,
    refreshTokenUsage: 'ONETIME',
    redirectUris: [],
    postLogoutRedirectUris: [],
    frontchannelLogoutSessionRequired: false,
    ssoDisabled: false,
    codeChallengeMethod: 'none',
    keys: [{ kid: 'k', alg: 'RS256', jwk, added: created, until: toInstant(Date.now() + 86_400_000) }],
    created,
    updated: created,
  };
}

/** Scopes, clients and accesses as they lie in a store, written directly. */
async function fill(data, size, algorithm) {
  mkdirSync(data, { mode: 0o700 });
  const { access, close } = await openAccess(loadConfig({ TILGANG_MODE: 'demo', TILGANG_DATA: data }));
  const { store } = access;
  await tendKeys(access, { algorithm, modulusBits: 4096, keyDays: 90 });
  const [created, updated] = [facts.at, facts.at];
  const put = async (entity, count, valueAt) => {
    const collection = store.collection(entity);
    for (let i = 0; i < count; i += TOGETHER) {
      const orders = Array.from({ length: Math.min(TOGETHER, count - i) }, (_, j) => ({ value: valueAt(i + j), expect: 'absent' }));
      await collection.putMany(orders, facts);
    }
  };
  const scope = {
    prefix: 'bench',
    owner: OWNER,
    description: 'Et scope',
    visibility: 'PUBLIC',
    tokenType: 'SELF_CONTAINED',
    atMaxAge: 0,
    authorizationMaxLifetime: 0,
    requiresUserConsent: false,
    requiresUserAuthentication: false,
    requiresPseudonymousTokens: false,
    accessibleForAll: false,
    allowedIntegrationTypes: [],
    active: true,
    created,
    updated,
  };
  await put(scopes, size.scopes, (i) => ({ ...scope, name: scopeAt(i), subscope: `s${i}` }));
  const client = clientTerms(created);
  const keeping = ['idporten:scopes.read', 'idporten:dcr.read'];
  await put(clients, size.clients, (i) => ({ ...client, id: `c${i}`, orgnr: orgnrAt(i), scopes: [scopeAt(i % size.scopes)] }));
  await put(clients, 1, () => ({ ...client, id: 'keeper', orgnr: OWNER, scopes: keeping }));
  // The keeper has a hundred more, to be listed.
  await put(clients, 100, (i) => ({ ...client, id: `own${i}`, orgnr: OWNER, scopes: [] }));
  await put(scopeAccesses, size.clients * ACCESSES_EACH, (n) => {
    const [i, j] = [Math.floor(n / ACCESSES_EACH), n % ACCESSES_EACH];
    return { scope: scopeAt((i + j) % size.scopes), owner: OWNER, consumer: orgnrAt(i), state: 'APPROVED', created, updated };
  });
  await put(scopeAccesses, 2, (i) => ({ scope: keeping[i], owner: OWNER, consumer: OWNER, state: 'APPROVED', created, updated }));
  await store.collection(signedTerms).put({ orgnr: OWNER, at: created, by: 'operator' }, { expect: 'any', facts });
  await close();
}

/** Grants that were not sent yet, each for another client, as the bytes of a request. */
async function grants(gateway, size, count) {
  const head = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'k' })).toString('base64url');
  const iat = Math.floor(Date.now() / 1000);
  const signed = promisify(sign);
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const i = (n * 7919) % size.clients;
      return formOf(await assertionOf(gateway, `c${i}`, scopeAt(i % size.scopes), { head, iat, signed }));
    }),
  );
}

/** An assertion that was not sent yet. @param claims beside the usual ones */
export async function assertionOf({ origin }, iss, scope, { head, iat, signed }, more = {}) {
  const claims = { iss, aud: `${origin}/maskinporten/`, scope, iat, exp: iat + 120, jti: randomUUID(), ...more };
  const input = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${input}.${(await signed('sha256', Buffer.from(input), key.privateKey)).toString('base64url')}`;
}

/** The form that it is sent in. */
export const bodyOf = (assertion) => new URLSearchParams({ grant_type: JWT_BEARER, assertion }).toString();

/** The request, as its bytes. */
export function formOf(assertion) {
  const body = bodyOf(assertion);
  return Buffer.from(
    `POST /maskinporten/token HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

const floorOf = async (algorithm, seconds, threads) =>
  JSON.parse((await run(process.execPath, [FLOOR, algorithm, String(seconds), String(threads)])).stdout);

/** A bare server that issues tokens; with a folder it keeps each jti before. */
async function startServer(algorithm, ...folder) {
  const jwk = JSON.stringify(key.publicKey.export({ format: 'jwk' }));
  const child = startNode([SERVER, algorithm, jwk, ...folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(60_000) });
  return { child, pid: child.pid, port: Number(port), origin: `http://127.0.0.1:${String(port).trim()}` };
}

/** Sends them all over 16 connections. */
export async function tokenRound(gateway, questions) {
  const cpu = cpuMicros(gateway.pid);
  const begun = performance.now();
  const { times } = await askAll(gateway.port, questions, CONNECTIONS, 200);
  const seconds = (performance.now() - begun) / 1000;
  return { rate: questions.length / seconds, cpu: (cpuMicros(gateway.pid) - cpu) / questions.length, ...spread(times) };
}

/** How long a page of a hundred takes, as its keeper reads it. */
async function pages(gateway) {
  const head = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'k' })).toString('base64url');
  const given = { head, iat: Math.floor(Date.now() / 1000), signed: promisify(sign) };
  const body = bodyOf(await assertionOf(gateway, 'keeper', 'idporten:scopes.read idporten:dcr.read', given));
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const { access_token: token } = await (await fetch(`${gateway.origin}/maskinporten/token`, { method: 'POST', headers, body })).json();
  const found = [];
  for (const path of ['scopes?limit=100', `scopes/access?scope=${encodeURIComponent(scopeAt(1))}&limit=100`, 'clients?limit=100']) {
    const times = [];
    for (let i = 0; i < 15; i += 1) {
      const begun = performance.now();
      const answer = await fetch(`${gateway.origin}/maskinporten/api/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${path} is answered ${answer.status}: ${text}`);
      times.push(performance.now() - begun);
    }
    found.push(median(times));
  }
  return found;
}

/** p99 of decisions, with tokens signed as fast as they can be beside them or not. */
async function decisionsBeside(gateway, size, folder, seconds) {
  const bodies = join(folder, 'bodies.txt');
  const persons = demoWorld(toInstant(Date.now())).persons.slice(0, 200);
  writeFileSync(bodies, `${persons.map(({ brukerIdent }) => JSON.stringify({ brukerIdent })).join('\n')}\n`, { mode: 0o600 });
  const server = { ...gateway, url: `${gateway.origin}/tilgang/api/v1/app/${appId}/tilganger` };
  const questions = { token: await tokenFor(gateway), bodies };
  const decide = () => load(server, questions, { connections: 1, seconds });
  const alone = await decide();
  const asked = await grants(gateway, size, Math.ceil(seconds * 1500));
  let isOver = false;
  let issued = 0;
  const signing = (async () => {
    for (let at = 0; !isOver && at < asked.length; at += 64) {
      const some = asked.slice(at, at + 64);
      await askAll(gateway.port, some, CONNECTIONS, 200);
      issued += some.length;
    }
  })();
  const beside = await decide();
  isOver = true;
  await signing;
  return { alone, beside, tokens: issued / seconds };
}

/** One algorithm over one store. */
async function measureOne({ algorithm, size, count, rounds, seconds }, note) {
  const folder = scratchFolder();
  let gateway;
  const bare = [];
  try {
    const begun = performance.now();
    await fill(join(folder, 'data'), size, algorithm);
    note(`${algorithm}: ${size.clients * ACCESSES_EACH} accesses written in ${whole((performance.now() - begun) / 1000)} s`);
    gateway = await startGateway(folder);
    bare.push(await startServer(algorithm), await startServer(algorithm, join(folder, 'jti')));
    for (let warm = 0; warm < WARM_UP_ROUNDS; warm += 1)
      for (const server of [gateway, ...bare]) await tokenRound(server, await grants(server, size, count));
    const measured = [];
    for (let round = 0; round < rounds; round += 1) {
      const asked = await grants(gateway, size, count);
      const floors = [await floorOf(algorithm, seconds, 1), await floorOf(algorithm, seconds, availableParallelism())];
      const ours = await tokenRound(gateway, asked);
      const bares = [];
      for (const server of bare) bares.push(await tokenRound(server, await grants(server, size, count)));
      measured.push({ ...ours, floors, bares });
      const { rate, cpu } = ours;
      note(`bare: ${bares.map((one) => `${whole(one.rate)} tokens/s, ${whole(one.cpu)} µs`).join(' and ')}`);
      note(
        `${algorithm}: ${whole(rate)} tokens/s, ${whole(cpu)} µs of CPU; beside ${floors.map((one) => `${whole(one.rate)}, ${whole(one.cpu)} µs`).join(' and ')}`,
      );
    }
    const decisions = await decisionsBeside(gateway, size, folder, seconds);
    return { algorithm, size, measured, decisions, pages: await pages(gateway) };
  } finally {
    for (const server of [gateway, ...bare]) if (server !== undefined) await stop(server.child);
    removeFolder(folder);
  }
}

/** The part `tokens` of the bench. */
export async function benchTokens({ million, rounds, seconds }, { print, note }) {
  const small = { scopes: 10, clients: 100 };
  const large = { scopes: million / 100, clients: million / 10 };
  const all = [];
  for (const [algorithm, size, count] of [
    ['ES256', small, 3000],
    ['RS256', small, 600],
    ['ES256', large, 3000],
  ]) {
    all.push(await measureOne({ algorithm, size, count, rounds, seconds }, note));
  }
  const of = (measured, what) => median(measured.map(what));
  print(`## Tokens\n\nThe floor verifies an assertion (RS256, 2048 bits) and signs a token, in a loop of node:crypto in a process of its own, before each round: on one
thread, and on ${availableParallelism()}, as many as there are cores, all of which the gateway may use too, but so does the load. ${CONNECTIONS} connections.`);
  print(
    table(
      [
        'signed with, accesses',
        'tokens/s',
        'p50 ms',
        'p99 ms',
        'floor/s, one thread',
        '÷',
        'floor/s, all cores',
        '÷',
        'CPU µs/token',
        'CPU µs of the floor',
        'its part',
      ],
      all.map(({ algorithm, size, measured }) => [
        `${algorithm}, ${whole(size.clients * ACCESSES_EACH)}`,
        whole(of(measured, ({ rate }) => rate)),
        of(measured, ({ p50 }) => p50).toFixed(1),
        of(measured, ({ p99 }) => p99).toFixed(1),
        ...[0, 1].flatMap((at) => [
          whole(of(measured, ({ floors }) => floors[at].rate)),
          of(measured, ({ rate, floors }) => rate / floors[at].rate).toFixed(2),
        ]),
        whole(of(measured, ({ cpu }) => cpu)),
        whole(of(measured, ({ floors }) => floors[0].cpu)),
        of(measured, ({ cpu, floors }) => floors[0].cpu / cpu).toFixed(2),
      ]),
    ),
  );
  print(`Beside bare servers, in turns: Koa that reads the form, verifies and signs, by the same code, and nothing else; and one that also keeps the jti in LMDB, flushed, before it answers.
The ratios with the floor of one thread say how much of 1 a server in Node can reach at all.`);
  print(
    table(
      [
        'signed with, accesses',
        'bare/s',
        '÷ floor',
        'CPU µs',
        'bare with jti/s',
        '÷ floor',
        'CPU µs',
        'ours ÷ bare',
        'ours ÷ bare with jti',
        'CPU: bare with jti ÷ ours',
      ],
      all.map(({ algorithm, size, measured }) => [
        `${algorithm}, ${whole(size.clients * ACCESSES_EACH)}`,
        ...[0, 1].flatMap((at) => [
          whole(of(measured, ({ bares }) => bares[at].rate)),
          of(measured, ({ bares, floors }) => bares[at].rate / floors[0].rate).toFixed(2),
          whole(of(measured, ({ bares }) => bares[at].cpu)),
        ]),
        ...[0, 1].map((at) => of(measured, ({ rate, bares }) => rate / bares[at].rate).toFixed(2)),
        of(measured, ({ cpu, bares }) => bares[1].cpu / cpu).toFixed(2),
      ]),
    ),
  );
  print(
    table(
      ['decisions beside', 'tokens/s meanwhile', 'p99 ms alone', 'p99 ms beside', '÷', 'page of scopes ms', 'of accesses', 'of clients'],
      all.map(({ algorithm, size, decisions: { alone, beside, tokens }, pages: listed }) => [
        `${algorithm}, ${whole(size.clients * ACCESSES_EACH)}`,
        whole(tokens),
        alone.p99.toFixed(2),
        beside.p99.toFixed(2),
        (beside.p99 / alone.p99).toFixed(1),
        ...listed.map((ms) => ms.toFixed(1)),
      ]),
    ),
  );
}
