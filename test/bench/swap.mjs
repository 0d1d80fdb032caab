// Another bundle of an application every second, under full load: no request may fail, no answer may be of two bundles, and the slowest wait no longer.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readBundle, signBundle, writeTarball } from '#policy';
import { appId, clientId, writeDataset } from './dataset.mjs';
import { gatewayWith, withServers } from './decisions.mjs';
import { openConnection, requestBytes, spread } from './exchange.mjs';
import { findOpa } from './opa.mjs';
import { median, table, whole } from './report.mjs';
import { ownCheckout, tokenFor } from './servers.mjs';

const GRANTS = 10_000;
const CONNECTIONS = 16;
const SWAP_MS = 1000;
const KEY = 'bench';

/** What the two bundles say, one after the other: each answer is one of theirs. */
const RULES = ['search := {g.konsument | some g in input.grants}', 'search := {input.grants[0].konsument}'];

async function filesOf(opa, folder, rule) {
  writeFileSync(join(folder, 'rules.rego'), `package application\n${rule}\n`);
  const file = join(folder, 'rules.tar.gz');
  execFileSync(opa, ['build', '-t', 'wasm', '-e', 'application/search', '-o', file, join(folder, 'rules.rego')]);
  return (await readBundle(readFileSync(file))).files;
}

async function signed(files, privateKey, revision) {
  const own = new Map([...files].filter(([name]) => !name.endsWith('.rego')));
  own.set('.manifest', Buffer.from(JSON.stringify({ ...JSON.parse(own.get('.manifest')), revision })));
  own.set('.signatures.json', await signBundle(own, { kid: KEY, algorithm: 'ES256', privateKey }, { now: Date.now() }));
  return writeTarball(own);
}

/** The policy API of the application's tilbyder. */
async function authorOf(gateway) {
  const token = await tokenFor(gateway, clientId);
  const send = async (method, path, body, type = 'application/json') => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': type }), 'if-match': '*' };
    const answer = await fetch(gateway.origin + path, { method, headers, body });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const { tilbyder } = await send('GET', `/leverandor-tjenester/api/v1/applikasjoner/${appId}`);
  const base = `/policy/api/v1/organisasjoner/${tilbyder}`;
  const own = `${base}/applikasjoner/${appId}`;
  return {
    register: (jwk) => send('PUT', `${base}/nokler/${KEY}`, JSON.stringify({ algoritme: 'ES256', jwk })),
    push: (tarball) => send('POST', `${own}/regelpakker`, tarball, 'application/gzip'),
    activate: (revisjon) => send('PUT', `${own}/regelpakke/aktiv`, JSON.stringify({ revisjon })),
  };
}

/** Asks over all connections until it is over: latencies, and what was no whole answer of one of the bundles. */
async function underLoad(gateway, asked, forMs) {
  const path = new URL(gateway.url).pathname;
  const open = await Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(gateway.port)));
  const result = { times: [], failed: 0, mixed: 0, kinds: new Set() };
  const end = performance.now() + forMs;
  let at = 0;
  await Promise.all(
    open.map(async ({ ask }) => {
      while (performance.now() < end) {
        const { body, kommuner } = asked[at++ % asked.length];
        const bytes = requestBytes('POST', path, gateway.questions.token, body);
        const begun = performance.now();
        const answer = await ask(bytes);
        result.times.push(performance.now() - begun);
        if (answer.status !== 200) {
          result.failed += 1;
          continue;
        }
        const found = JSON.parse(answer.body).tilganger.map(({ kommune }) => kommune);
        const isOne = found.length === 1 && kommuner.includes(found[0]);
        if (!isOne && found.sort().join() !== kommuner.join()) result.mixed += 1;
        result.kinds.add(found.length);
      }
    }),
  );
  for (const { close } of open) close();
  return result;
}

async function benchGateway(gateway, asked, { rounds, forMs, bundles, privateKey, jwk }) {
  const author = await authorOf(gateway);
  await author.register(jwk);
  const perRound = Math.ceil(forMs / SWAP_MS);
  let revision = 0;
  const push = async () => {
    revision += 1;
    await author.push(await signed(bundles[revision % bundles.length], privateKey, String(revision)));
    return String(revision);
  };
  await author.activate(await push());
  await underLoad(gateway, asked, 2000);
  const all = { ratios: [], failed: 0, mixed: 0, requests: 0, swaps: 0, kinds: new Set(), without: [], beside: [] };
  for (let round = 0; round < rounds; round += 1) {
    const still = await underLoad(gateway, asked, forMs);
    const next = [];
    for (let i = 0; i < perRound; i += 1) next.push(await push());
    const loading = underLoad(gateway, asked, forMs);
    for (const one of next) {
      await Promise.all([author.activate(one), pause(SWAP_MS)]);
      all.swaps += 1;
    }
    const swapped = await loading;
    const [a, b] = [spread(still.times).p99, spread(swapped.times).p99];
    all.without.push(a);
    all.beside.push(b);
    all.ratios.push(b / a);
    for (const { failed, mixed, times, kinds } of [still, swapped]) {
      all.failed += failed;
      all.mixed += mixed;
      all.requests += times.length;
      for (const kind of kinds) all.kinds.add(kind);
    }
  }
  return all;
}

/** Swapping bundles under load, in one process and in two workers. */
export async function benchSwap({ rounds, seconds }, { print, note }) {
  const opa = findOpa();
  if (opa === undefined) return note('no OPA: swapping bundles is not measured');
  await withServers(async (folder, started) => {
    const own = folder();
    const file = join(own, 'grants.jsonl');
    const asked = await writeDataset(file, GRANTS);
    const bundles = [];
    for (const rule of RULES) bundles.push(await filesOf(opa, own, rule));
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const chosen = { rounds, forMs: seconds * 3000, bundles, privateKey, jwk: publicKey.export({ format: 'jwk' }) };
    const rows = [];
    for (const [name, settings] of [
      ['one process', {}],
      ['two workers', { TILGANG_WORKERS: '2' }],
    ]) {
      note(`swap: ${name}`);
      const gateway = await started(gatewayWith({ ...ownCheckout, name, settings }, folder(), { file, asked }, note));
      const all = await benchGateway(gateway, asked, chosen);
      if (all.kinds.size < RULES.length) throw new Error('the swaps changed no answer');
      const ratio = `${median(all.ratios).toFixed(2)} (${Math.min(...all.ratios).toFixed(2)}–${Math.max(...all.ratios).toFixed(2)})`;
      const p99s = [all.without, all.beside].map((times) => median(times).toFixed(2));
      rows.push([name, whole(all.requests), all.swaps, all.failed, all.mixed, ...p99s, ratio, '2']);
    }
    const heads = ['', 'requests', 'swaps', 'failed', 'mixed', 'p99 ms without', 'with', 'with ÷ without (least–most)', 'at most'];
    print(`Another bundle every second, ${CONNECTIONS} connections, ${whole(GRANTS)} grants:\n\n${table(heads, rows)}`);
  });
}
