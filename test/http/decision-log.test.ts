// Takes about 6 s.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type DecisionEvent, readDecisions } from '#decisions';
import { holdsPersonNumber, type PersonNumber } from '#domain';
import { eventsIn, textOf } from '../decisions/logged.js';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';
import { type RunningGateway, runGateway } from '../fixtures/gateway.js';
import { startGatewayProcess } from '../fixtures/gateway-process.js';

const OSLO = '958935420';
const KONSUMENT = `/konsument-bruker/api/v1/organisasjoner/${OSLO}`;
/** Oslo switches the application on and gives persons access. */
async function giveInOslo(
  t: Pick<typeof import('tap').default, 'equal'>,
  { send }: Pick<RunningGateway, 'send'>,
  appId: string,
  persons: readonly string[],
): Promise<void> {
  const place = `${KONSUMENT}/applikasjoner/${appId}`;
  await send({ person: 'oslo-leder' }, 'PUT', `${place}/aktivering`);
  for (const brukerIdent of persons) {
    t.equal((await send({ person: 'oslo-leder' }, 'POST', `${place}/brukere`, { brukerIdent })).status, 201);
  }
}

const requestOf = ({ custom }: DecisionEvent): string | undefined => custom?.request_id;

t.test('every API logs what it decides, by the request’s id and brukerId, and no person number (threat 37)', async (t) => {
  const gateway = await runGateway(t);
  const { world } = gateway;
  const { appId, brukerIdent } = world.first;
  const [other] = newPersons(1, world);
  const answers = [
    await gateway.ask(appId, { brukerIdent }),
    await gateway.ask(appId, { brukerIdent: other }),
    await gateway.ask('00000000-0000-4000-8000-000000000000', { brukerIdent }),
    await gateway.send({ client: 'fhi' }, 'GET', '/leverandor-tjenester/api/v1/applikasjoner'),
    await gateway.send({ client: 'fhi' }, 'GET', `/leverandor-tjenester/api/v1/applikasjoner/${appId}/konsumenter`),
    await gateway.send({ person: 'oslo-leder' }, 'POST', `${KONSUMENT}/applikasjoner/${appId}/brukere`, { brukerIdent: other }),
    await gateway.send({ person: 'oslo-leder' }, 'POST', `${KONSUMENT}/oppslag`, { brukerIdent: other }),
    await gateway.send({ person: 'oslo-leder' }, 'POST', `${KONSUMENT}/administratorer`, {
      brukerIdent: other,
      roller: ['tilgangsadministrator'],
    }),
    await gateway.send({ person: 'bergen-leder' }, 'GET', `${KONSUMENT}/applikasjoner/${appId}/brukere`),
    await gateway.send({ client: 'oslo' }, 'GET', `${KONSUMENT}/hendelser`),
    await gateway.send(null, 'GET', '/health/ready'),
  ];
  const folder = join(gateway.config.data, 'decisions');
  const events = await eventsIn(folder);
  const logged = new Set(events.map(requestOf));
  for (const [i, { headers, status }] of answers.slice(0, -1).entries()) {
    t.ok(logged.has(headers.get('x-request-id') ?? ''), `the answer ${i} (${status}) is from a decision of the log`);
  }
  t.equal(answers.at(-1)?.json.parts.decisionLog, 'ok');
  const search = events.find(({ path }) => path === 'tilgang/access/search');
  t.match(search, {
    input: { subject: { type: 'person', id: /^[\w-]{43}$/ }, application: { id: appId } },
    result: Array,
    requested_by: world.applications.find(({ id }) => id === appId)?.tilbyder,
    bundles: { tilgang: { revision: answers.at(-1)?.json.parts.policy } },
    custom: { document_revision: Number },
  });
  const text = textOf(folder);
  t.notOk(holdsPersonNumber(text));
  for (const person of [brukerIdent, other as string, ...world.persons.map((one) => one.brukerIdent)]) t.notOk(text.includes(person));
  t.notMatch(text, /"sealed"|begrunnelse/);
});

t.test('an access shows when it was used last, and those that were not are listed', async (t) => {
  const first = await runGateway(t);
  const { appId } = first.world.first;
  const [brukerIdent, other] = newPersons(2, first.world) as [PersonNumber, PersonNumber];
  await giveInOslo(t, first, appId, [brukerIdent, other]);
  const path = `${KONSUMENT}/applikasjoner/${appId}/brukere`;
  await first.ask(appId, { brukerIdent });
  await first.stop();
  const gateway = await runGateway(t, { data: first.config.data });
  const all = (await gateway.send({ person: 'oslo-leder' }, 'GET', path)).json.brukere as { brukerIdent: string; sistBrukt?: string }[];
  const today = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Oslo' }).format(new Date());
  t.same(
    all.filter(({ sistBrukt }) => sistBrukt !== undefined).map(({ brukerIdent: whose, sistBrukt }) => [whose, sistBrukt]),
    [[brukerIdent, today]],
  );
  t.ok(all.length > 1);
  t.match(await gateway.send({ person: 'oslo-leder' }, 'GET', `${path}?ubruktSiden=${today}`), { status: 200, json: { brukere: [] } });
  for (const query of [
    'ubruktSiden=2026-02-30',
    'ubruktSiden=yesterday',
    'ubruktSiden=2999-01-01',
    'ubruktSiden=2026-01-01&tidspunkt=2026-01-01T00:00:00Z',
  ]) {
    const refused = await gateway.send({ person: 'oslo-leder' }, 'GET', `${path}?${query}`);
    t.match(refused, { status: 400, json: { errors: [{ parameter: 'ubruktSiden' }] } }, query);
  }
});

t.test('where a decision must be logged and cannot be the answer is 503, and readiness is red (threat 36)', async (t) => {
  const gateway = await runGateway(t, { decisionLogWhenFull: 'refuse' });
  const { appId, brukerIdent } = gateway.world.first;
  const folder = join(gateway.config.data, 'decisions');
  rmSync(folder, { recursive: true, force: true });
  writeFileSync(folder, 'in the way');
  for (const body of [{ brukerIdent }, { brukerIdent }]) {
    t.match(await gateway.ask(appId, body), { status: 503, json: { type: /decision-log-unavailable$/ } });
  }
  t.match(await gateway.get('/health/ready'), { status: 503, json: { ready: false, parts: { decisionLog: /^refusing; [1-9]/ } } });
  t.equal((await gateway.get('/tilgang/api/v1/openapi.json')).status, 200, 'what decides nothing is answered');
  rmSync(folder);
  t.equal((await gateway.ask(appId, { brukerIdent })).status, 200);
  t.match(await gateway.get('/health/ready'), { status: 200, json: { ready: true } });
});

t.test('what was answered before kill -9 is in the log, and the next start notes from it what was used (threat 36)', async (t) => {
  const { data, world } = await demoFolder(t);
  const { appId } = world.first;
  const [brukerIdent] = newPersons(1, world) as [PersonNumber];
  const killed = await startGatewayProcess(t, data);
  await giveInOslo(t, killed, appId, [brukerIdent]);
  const acknowledged: string[] = [];
  let isOver = false;
  const askers = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const answer = await killed
        .send({ client: 'fhi' }, 'POST', `/tilgang/api/v1/app/${appId}/tilganger`, { brukerIdent })
        .catch(() => undefined);
      if (answer?.status !== 200) return;
      acknowledged.push(answer.headers.get('x-request-id') ?? '');
      if (acknowledged.length === 40) void killed.stop('SIGKILL');
    }
  });
  await Promise.all(askers);
  isOver = true;
  t.ok(acknowledged.length >= 40);
  const logged = new Set<string | undefined>();
  for await (const event of readDecisions({ folder: join(data, 'decisions') })) logged.add(requestOf(event));
  t.same(
    acknowledged.filter((id) => !logged.has(id)),
    [],
  );
  const next = await runGateway(t, { data });
  await next.stop();
  const gateway = await runGateway(t, { data });
  const { json } = await gateway.send({ person: 'oslo-leder' }, 'GET', `${KONSUMENT}/applikasjoner/${appId}/brukere`);
  t.ok(
    json.brukere.some((one: { brukerIdent: string; sistBrukt?: string }) => one.brukerIdent === brukerIdent && one.sistBrukt !== undefined),
  );
});
