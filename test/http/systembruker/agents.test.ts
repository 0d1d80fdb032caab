import t from 'tap';
import { operatorRequest } from '#access';
import { toInstant } from '#domain';
import { importRelations } from '#systembruker';
import { systemUsers } from '#systembruker/entities';
import { A, AGENT, agentsWorld, B, CLIENT, OTHER, OWN, PROVIDER, STANDARD, urn, userOf, VENDOR } from '../../fixtures/agents.js';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { type Answer, runGateway } from '../../fixtures/gateway.js';

t.setTimeout(120_000);

const described = readAnswerDescription('src/http/systembruker/agents/openapi.yaml');
let now = Date.parse('2026-11-27T12:00:00Z');
const gateway = await runGateway(t, { refusalsPerMinute: 1e6 }, () => now);
const world = await agentsWorld(t, gateway, () => now);
const { keeper, viewer, giver, stranger, nobody } = world.people;
const { send } = world;
/** Of 120 others. */
const numbers = gateway.world.organisations
  .map(({ orgnr }) => orgnr)
  .filter((orgnr) => orgnr !== OTHER && orgnr !== CLIENT)
  .slice(0, 120);
/** A klientadministrator by a client that may do all that a person may. */
const portalKeeper = { pid: keeper.pid, scopes: giver.scopes };

const told = ({ status, json }: Answer): string => {
  const codes = json?.validationErrors?.map(({ code }: { code: string }) => code) ?? [json?.code ?? json?.type?.replace('/problems/', '')];
  return [status, ...codes].join(' ').trim();
};
const ONE = '/enduser/systemuser/clients';
const one = (agent: string, client = ''): string => `${ONE}?agent=${agent}${client === '' ? '' : `&client=${client}`}`;
const given = (provider = PROVIDER, party = CLIENT): string => `/clientrelations/${party}/given/${provider}`;
const give = (...names: string[]) => send(giver, 'PUT', given(), { accessPackages: names.map((name) => ({ urn: urn(name) })) });
const clientsOf = async (agent = AGENT): Promise<string[]> =>
  (await send(keeper, 'GET', one(agent))).json.data.map(({ clientId }: { clientId: string }) => clientId);
const later = (ms = 1): void => {
  now += ms;
};

t.test('25: an agent acts for a client that has given every one of its packages, until that ends, and not again by itself', async (t) => {
  t.equal(told(await send(keeper, 'POST', one(AGENT, CLIENT))), '400 AUTH-00079', 'it has given nothing');
  const first = await give(A);
  t.equal(told(first), '200', first.text);
  t.equal(described.faultsOf('giveRelation', first), '');
  const refused = await send(keeper, 'POST', one(AGENT, CLIENT));
  t.equal(told(refused), '400 AUTH-00080');
  t.equal(refused.json.MissingPackages, urn(B), 'what is missing is named');
  t.same(await clientsOf(), []);

  t.equal((await give(A, B)).status, 200);
  const available = await send(keeper, 'GET', `${ONE}/available?agent=${AGENT}`);
  t.equal(described.faultsOf('listAvailableClients', available), '');
  t.match(available.json, { systemUserInformation: { systemUserId: AGENT, systemUserOwnerOrg: PROVIDER }, data: [{ clientId: CLIENT }] });
  t.same(await clientsOf(), [], 'it may be added, and is not yet');
  const added = await send(keeper, 'POST', one(AGENT, CLIENT));
  t.same([added.status, added.json], [200, { agent: AGENT, client: CLIENT }]);
  t.same(await clientsOf(), [CLIENT]);

  t.equal((await send(giver, 'DELETE', given())).status, 204);
  t.same(await clientsOf(), [], 'the relation has ended');
  later();
  await give(A, B);
  t.same(await clientsOf(), [], 'a new relation does not bring it back');
  await send(keeper, 'POST', one(AGENT, CLIENT));
  t.same(await clientsOf(), [CLIENT]);

  later();
  await give(A);
  t.same(await clientsOf(), [], 'a package is taken back');
  later();
  await give(A, B);
  t.same(await clientsOf(), []);
});

t.test('a relation that ends by its date takes the client with it, also when it is renewed later', async (t) => {
  const HOUR = 3_600_000;
  const body = { accessPackages: [{ urn: urn(A) }, { urn: urn(B) }], until: toInstant(now + HOUR) };
  t.equal((await send(giver, 'PUT', given(), body)).status, 200);
  await send(keeper, 'POST', one(AGENT, CLIENT));
  t.same(await clientsOf(), [CLIENT]);
  later(HOUR);
  t.same(await clientsOf(), [], 'from that moment on');
  t.same((await send(keeper, 'GET', `/systemuser/agent/${PROVIDER}/clients`)).json, []);
  await give(A, B);
  t.same(await clientsOf(), []);
  t.equal(told(await send(giver, 'PUT', given(), body)), '400 TILGANG.VLD-00001', 'no moment of the past');
});

t.test('the same as Altinn’s pages ask it', async (t) => {
  const portal = `/systemuser/agent/${PROVIDER}`;
  const clients = await send(keeper, 'GET', `${portal}/clients?packages=${urn(A)},${B}`);
  t.equal(described.faultsOf('listClients', clients), '');
  t.match(clients.json, [{ organizationIdentifier: CLIENT, displayName: 'Oslo kommune' }]);
  t.same((await send(keeper, 'GET', `${portal}/clients?packages=${OWN}`)).json, []);
  const added = await send(keeper, 'POST', `${portal}/${AGENT}?provider=${PROVIDER}&client=${CLIENT}`);
  t.equal(described.faultsOf('delegateClient', added), '');
  t.match(added.json, [{ agentSystemUserId: AGENT, customerOrganizationNumber: CLIENT, customerName: 'Oslo kommune' }]);
  const listed = await send(keeper, 'GET', `${portal}/${PROVIDER}/${AGENT}/delegations`);
  t.equal(described.faultsOf('listDelegations', listed), '');
  t.same(listed.json, added.json);
  t.equal(told(await send(keeper, 'POST', `${portal}/${AGENT}?provider=${OTHER}&client=${CLIENT}`)), '400 AUTH-00039');
  t.equal(told(await send(keeper, 'GET', `${portal}/${OTHER}/${AGENT}/delegations`)), '400 AUTH-00039');
  t.equal(told(await send(keeper, 'POST', `${portal}/${STANDARD}?client=${CLIENT}`)), '400 AUTH-00034');
  t.equal((await send(keeper, 'DELETE', `${portal}/${AGENT}/client?provider=${PROVIDER}&client=${CLIENT}`)).status, 200);
  t.equal(told(await send(keeper, 'DELETE', `${portal}/${AGENT}/client?client=${CLIENT}`)), '400 AUTH-00038');
  const agents = await send(keeper, 'GET', `/enduser/systemuser/agents?party=${PROVIDER}`);
  t.equal(described.faultsOf('listAgents', agents), '');
  t.match(agents.json, [{ id: AGENT, userType: 'agent', supplierOrgno: VENDOR }]);
  t.equal(agents.json.length, 1, 'a standard one is none');
});

t.test('an agent acts for its own organisation if that may give itself all of its packages', async (t) => {
  const id = '00000000-0000-4000-8000-0000000000a2';
  const self = (agent: string): string => `/systemuser/agent/${PROVIDER}/${agent}/self`;
  await world.put(systemUsers, userOf({ id, type: 'agent', packages: [OWN], at: toInstant(now) }));
  const refused = await send(keeper, 'POST', self(AGENT));
  t.equal(told(refused), '400 AUTH-00064');
  t.equal((await send(keeper, 'GET', self(id))).json, false);
  t.equal((await send(keeper, 'POST', self(id))).json, true);
  t.equal((await send(keeper, 'GET', self(id))).json, true);
  t.same(await clientsOf(id), [PROVIDER]);
  t.equal((await send(keeper, 'DELETE', self(id))).json, true);
  t.equal((await send(keeper, 'GET', self(id))).json, false);
});

t.test('who has no role in the organisation is told no more of its agents than of none (threat 27)', async (t) => {
  const unknown = '00000000-0000-4000-8000-0000000000ff';
  const withoutId = ({ status, json: { requestId: _, ...rest } }: Answer) => [status, rest];
  for (const [method, path] of [
    ['GET', (id: string) => one(id)],
    ['GET', (id: string) => `${ONE}/available?agent=${id}`],
    ['POST', (id: string) => one(id, CLIENT)],
    ['DELETE', (id: string) => one(id, CLIENT)],
  ] as const) {
    for (const person of [stranger, nobody]) {
      const answer = await send(person, method, path(AGENT));
      t.equal(told(answer), '400 AUTH.VLD-00014', method);
      t.same(withoutId(answer), withoutId(await send(person, method, path(unknown))));
      t.same(withoutId(answer), withoutId(await send(person, method, path('x'))));
    }
  }
  t.equal(told(await send(stranger, 'POST', `/systemuser/agent/${PROVIDER}/${AGENT}?client=${CLIENT}`)), '403 action-not-allowed');
  const foreign = await send(stranger, 'POST', `/systemuser/agent/${OTHER}/${AGENT}?client=${CLIENT}`);
  t.equal(told(foreign), '404 AUTH-00015', 'another organisation’s, under the own number');
  t.same(withoutId(foreign), withoutId(await send(stranger, 'POST', `/systemuser/agent/${OTHER}/${unknown}?client=${CLIENT}`)));
  t.equal(told(await send(stranger, 'PUT', given(), { accessPackages: [{ urn: urn(A) }] })), '403 action-not-allowed');
  t.equal(told(await send(portalKeeper, 'PUT', given(VENDOR, PROVIDER), { accessPackages: [{ urn: urn(A) }] })), '403 action-not-allowed');
  t.equal(told(await send(stranger, 'GET', `/enduser/systemuser/agents?party=${PROVIDER}`)), '403 action-not-allowed');
});

t.test('scopes, kinds of callers and what is missing are told apart', async (t) => {
  t.equal(told(await send(viewer, 'POST', one(AGENT, CLIENT))), '403 scope-missing');
  t.equal((await send(viewer, 'GET', one(AGENT))).status, 200);
  t.equal(told(await gateway.get(`/authentication/api/v1${one(AGENT)}`)), '401 token-missing');
  const machine = { orgnr: PROVIDER, scopes: ['altinn:clientdelegations.write'] };
  t.equal(told(await gateway.send(machine, 'GET', `/authentication/api/v1${one(AGENT)}`)), '403 action-not-allowed');
  t.equal(told(await send(keeper, 'GET', ONE)), '400 AUTH.VLD-00014');
  t.equal(told(await send(keeper, 'POST', one(STANDARD, CLIENT))), '400 AUTH.VLD-00015');
  t.equal(told(await send(keeper, 'POST', one(AGENT))), '400 AUTH.VLD-00016');
  t.equal(told(await send(keeper, 'POST', one(AGENT, 'x'))), '400 AUTH.VLD-00016');
  t.equal(told(await give('finnes-ikke')), '400 AUTH.VLD-00008');
  t.equal(told(await send(giver, 'PUT', given(CLIENT), { accessPackages: [{ urn: urn(A) }] })), '400 AUTH.VLD-00000', 'oneself');
  t.equal(told(await send(giver, 'DELETE', given(OTHER))), '404 not-found');
});

t.test('an organisation that is a client by the registers and by its own gift is one client, and has given what both say', async (t) => {
  await send(giver, 'DELETE', given());
  const relation = (packages: string): { line: number; fields: Record<string, string> } => ({
    line: 2,
    fields: { provider: PROVIDER, client: CLIENT, packages },
  });
  const imported = (...rows: { line: number; fields: Record<string, string> }[]) =>
    importRelations(
      world.access,
      operatorRequest(),
      (async function* () {
        yield* rows;
      })(),
      {},
    );
  t.match(await imported(relation(B), { line: 3, fields: { provider: 'x' } }), { given: 1, faulty: 1 });
  t.match(await imported(relation(B)), { unchanged: 1 });
  await give(A);
  const { json } = await send(giver, 'GET', `/clientrelations/${CLIENT}/given`);
  t.match(json.data, [
    { source: 'given', accessPackages: [{ urn: urn(A) }] },
    { source: 'register', accessPackages: [{ urn: urn(B) }] },
  ]);
  t.match((await send(keeper, 'GET', `/systemuser/agent/${PROVIDER}/clients`)).json, [{ organizationIdentifier: CLIENT }]);
  t.equal((await send(keeper, 'POST', one(AGENT, CLIENT))).status, 200);
  t.match(await imported(relation('')), { changed: 1 });
  t.same(await clientsOf(), []);
  const events = await world.access.store.events.concerning(CLIENT, { limit: 2, newestFirst: true });
  t.same(
    events.events.map(({ action }) => action),
    ['agent-client.end', 'client-relation.import'],
    'the history of both says so',
  );
});

t.test('clients come page by page, each once', async (t) => {
  const rows = Array.from({ length: 120 }, (_, i) => ({ provider: OTHER, client: numbers[i] as string, packages: A }));
  const report = await importRelations(
    world.access,
    operatorRequest(),
    (async function* () {
      for (const [i, fields] of rows.entries()) yield { line: i + 2, fields };
    })(),
    {},
  );
  t.equal(report.given, 120);
  const seen: string[] = [];
  for (let path: string | undefined = `/systemuser/agent/${OTHER}/clients`; path !== undefined; ) {
    const answer: Answer = await send(stranger, 'GET', path);
    seen.push(...answer.json.map((one: { organizationIdentifier: string }) => one.organizationIdentifier));
    path = /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1]?.replace(/^.*\/authentication\/api\/v1/, '');
  }
  t.same(seen, [...numbers].sort());
});
