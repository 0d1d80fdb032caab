import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { gatewayApis, openServer } from '#http';
import { openAccess } from '#installation';
import { BUNDLE_SOURCES } from '#policy';
import { createLog } from '#telemetry';
import { createTokenVerifier } from '#tokens';
import { copyFilledFolder } from '../fixtures/filled-folder.js';
import { type Answer, demoConfig, parsed, runGateway, temporaryFolder } from '../fixtures/gateway.js';
import { openLogFile } from '../fixtures/log-file.js';
import { runOpa } from '../fixtures/opa.js';

const PARTS = BUNDLE_SOURCES['tilgang'] ?? [];

/** A bundle of the product's own policies, the access rules of which have been changed. */
function doctoredBundle(t: { teardown(end: () => unknown): void }, changed: (rules: string) => string): string {
  const folder = temporaryFolder(t);
  for (const part of PARTS) cpSync(`policies/${part}`, join(folder, part), { recursive: true });
  const file = join(folder, 'tilgang/access/access.rego');
  const rules = readFileSync(file, 'utf8');
  if (changed(rules) === rules) throw new TypeError('the rules are no longer as this test knows them');
  writeFileSync(file, changed(rules));
  const bundle = join(folder, 'bundle.tar.gz');
  const sources = PARTS.map((part) => join(folder, part));
  runOpa(['build', '-t', 'wasm', '-O', '0', '--ignore', '*_test.rego', '-r', 'doctored', '-o', bundle, ...sources]);
  return bundle;
}

/** What is asked when a bundle is loaded is asked of this moment: a bundle that is wrong there does not get here. */
const HERE = 'input.context.time != "2026-11-21T12:00:00.000Z"';
const SEARCHED = '] if {\n\tgrants.is_instant';
const elsewhere = (rules: string): string =>
  rules.replace(SEARCHED, `] if {\n\tnot _here\n\tgrants.is_instant`).concat(`\n_here if ${HERE}\n`);
const ALLOWED = 'may_ask := {"allowed": true, "reasons": []} if {';
const DOCTORED: Readonly<Record<string, (rules: string) => string>> = {
  'the rule that finds organisations has two answers': (rules) => `${rules}\nsearch := ["958935420"] if ${HERE}\n`,
  'the rule that finds organisations gives another shape': (rules) => `${elsewhere(rules)}\nsearch := {"958935420": true} if _here\n`,
  'the rule that finds organisations gives nothing': elsewhere,
  'the rule of who may ask has two answers': (rules) =>
    `${rules}\nmay_ask := {"allowed": true, "reasons": ["x"]} if input.caller.clientId != "client"\n`,
  'the rule of who may ask gives another shape': (rules) =>
    rules.replace(ALLOWED, `may_ask := {"allowed": "yes"} if {\n\tinput.caller.clientId != "client"\n} else := ${ALLOWED.slice(11)}`),
};

/** That is the whole answer: nothing of what was read or judged so far. */
function assertFailed(t: Test, { status, json, text, headers }: Answer, type: string, what: string): void {
  t.match({ status, json }, { status: 503, json: { type: `/problems/${type}`, status: 503 } }, what);
  t.match(headers.get('content-type'), /^application\/problem\+json/, what);
  t.notOk(/tilganger|organisasjoner|applikasjoner/.test(Object.keys(json ?? {}).join()), `${what}: no list`);
  t.notMatch(text, /[0-9]{9}/, `${what}: nobody's number`);
}

for (const [title, changed] of Object.entries(DOCTORED)) {
  t.test(`while ${title}, nobody is answered yes or no: 503, and each cause is logged`, async (t) => {
    const gateway = await runGateway(t, { policyBundle: doctoredBundle(t, changed) });
    const { appId, persons } = { ...gateway.world.first, persons: gateway.world.persons.slice(0, 5) };
    for (const { brukerIdent } of [gateway.world.first, ...persons]) {
      const answer = await gateway.ask(appId, { brukerIdent });
      assertFailed(t, answer, 'evaluation-failed', title);
    }
    t.ok(gateway.lines.filter((line) => line.includes('evaluation-failed')).length >= persons.length, 'in the log');
    t.match(await gateway.get('/health/live'), { status: 200 }, 'the process lives');
  });
}

t.test('while the store is closed under a gateway, nobody is answered yes or no: 503 from every API', async (t) => {
  // Signs and publishes keys; the other trusts its issuers.
  const issuing = await runGateway(t);
  const data = temporaryFolder(t);
  await copyFilledFolder(data);
  const { access, close } = await openAccess(demoConfig(data));
  const shared = { audience: issuing.origin, algorithms: ['RS256'] } as const;
  const verifier = createTokenVerifier({
    issuers: [
      { issuer: `${issuing.origin}/maskinporten/`, kind: 'maskinporten', ...shared },
      { issuer: `${issuing.origin}/idporten`, kind: 'idporten', ...shared },
    ],
    clock: Date.now,
  });
  const {
    maxBodyBytes,
    maxBodyDepth,
    maxImportBytes,
    maxBundleBytes,
    bodyTimeoutMs,
    lookUpsPerMinute,
    refusalsPerMinute,
    loginsPerMinute,
  } = demoConfig(data);
  const log = createLog('debug', { write: openLogFile() });
  let origin = '';
  const server = await openServer({ host: '127.0.0.1', port: 0, bodyTimeoutMs }, (port) => {
    origin = `http://127.0.0.1:${port}`;
    const installation = { ...access, decisions: { pinned: () => access.judge, over: () => access.judge } };
    const limits = { maxBodyBytes, maxBodyDepth, maxImportBytes, maxBundleBytes, bodyTimeoutMs };
    const rates = { lookUpsPerMinute, refusalsPerMinute, loginsPerMinute };
    const readiness = async () => ({ ready: true, parts: {} });
    const opa = { defaultDecision: 'tilgang/decision', version: '0' };
    return { log, apis: gatewayApis({ installation, verifier, limits, opa, rates, readiness }) };
  });
  t.teardown(() => server.stop({ stopDelayMs: 0, stopTimeoutMs: 1000 }));
  const { first, administrators } = issuing.world;
  const oslo = administrators.find(({ id }) => id === 'oslo-leder')?.orgnr;
  const questions = [
    ['POST', { client: 'fhi' }, `/tilgang/api/v1/app/${first.appId}/tilganger`, { brukerIdent: first.brukerIdent }],
    ['GET', { client: 'fhi' }, '/leverandor-tjenester/api/v1/applikasjoner', undefined],
    ['GET', { person: 'oslo-leder' }, `/konsument-bruker/api/v1/organisasjoner/${oslo}/applikasjoner`, undefined],
    ['GET', { person: 'oslo-leder' }, '/konsument-bruker/api/v1/organisasjoner', undefined],
  ] as const;
  const answers = (): Promise<Answer[]> =>
    Promise.all(
      questions.map(async ([method, holder, path, body]) => {
        const headers = { Authorization: `Bearer ${await issuing.tokenOf(holder)}`, 'Content-Type': 'application/json' };
        const response = await fetch(`${origin}${path}`, {
          method,
          headers,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        return { status: response.status, headers: response.headers, text, json: parsed(text) };
      }),
    );
  for (const [i, { status }] of (await answers()).entries()) t.equal(status, 200, `${questions[i]?.[2]} before`);
  await close();
  for (const [i, answer] of (await answers()).entries()) assertFailed(t, answer, 'store-unavailable', questions[i]?.[2] ?? '');
});
