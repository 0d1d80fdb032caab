import t from 'tap';
import { giveGrants, operatorRequest, withdrawGrant } from '#access';
import type { DemoClient } from '#demo';
import type { Orgnr } from '#domain';
import { openAccess } from '#installation';
import { machineClaims } from '#maskinporten';
import { type Answer, type RunningGateway, runGateway } from '../fixtures/gateway.js';

const gateway = await runGateway(t);
const { world } = gateway;
const applicationOf = (appId: string) => world.applications.find(({ id }) => id === appId);
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

/** The token of the tilbyder's own client, for each application. */
async function tilbyderTokens({ tokenOf }: RunningGateway): Promise<Map<string, string>> {
  const tokens = new Map<string, string>();
  for (const { id, tilbyder } of world.applications) {
    const client = world.clients.find(({ orgnr, supplierOrgnr, scopes }) => orgnr === tilbyder && !supplierOrgnr && scopes.length > 0);
    tokens.set(id, await tokenOf({ client: client?.id ?? '' }));
  }
  return tokens;
}
const tokens = await tilbyderTokens(gateway);

interface Tilgang {
  readonly kommune?: string;
  readonly orgnr: string;
  readonly fiksOrgId: string;
}

/** What is answered about the person, as lists to compare; with the status if it is not 200. */
async function answered(appId: string, brukerIdent: string, token = tokens.get(appId) ?? '') {
  const { status, json } = await gateway.ask(appId, { brukerIdent }, { token });
  if (status !== 200) return { status };
  const tilganger = json.tilganger as Tilgang[];
  return {
    kommuner: tilganger.flatMap(({ kommune }) => (kommune === undefined ? [] : [kommune])).sort(),
    orgnr: tilganger.map(({ orgnr }) => orgnr).sort(),
  };
}

t.test('each person of the demo world has exactly the expected organisations in each application', async (t) => {
  const open = world.persons.filter(({ expected }) => expected.some(({ orgnr }) => orgnr.length > 0));
  t.ok(open.length > 200, 'most persons have access to something');
  for (const { id, brukerIdent, expected } of world.persons) {
    const answers = await Promise.all(expected.map(({ appId }) => answered(appId, brukerIdent)));
    t.same(
      answers,
      expected.map(({ kommuner, orgnr }) => ({ kommuner, orgnr })),
      id,
    );
  }
});

t.test('an organisation is answered with the numbers it is registered under', async (t) => {
  const { appId, brukerIdent } = world.first;
  const { json, headers, status } = await gateway.ask(appId, { brukerIdent });
  t.equal(status, 200);
  t.match(headers.get('content-type'), /^application\/json/);
  t.equal(headers.get('cache-control'), 'no-store');
  t.ok(headers.get('x-request-id'));
  t.ok(json.tilganger.length >= 2);
  for (const tilgang of json.tilganger as Tilgang[]) {
    const found = world.organisations.find(({ orgnr }) => orgnr === tilgang.orgnr);
    t.same(tilgang, { kommune: found?.kommunenummer, orgnr: found?.orgnr, fiksOrgId: found?.fiksOrgId });
  }
});

t.test('an organisation that is no kommune has no field kommune', async (t) => {
  const grant = world.grants.find(({ sort, appId }) => sort === 'no-kommune' && applicationOf(appId)?.state === 'active');
  const { json } = await gateway.ask(
    grant?.appId ?? '',
    { brukerIdent: grant?.brukerIdent },
    { token: tokens.get(grant?.appId ?? '') ?? '' },
  );
  const trondelag = (json.tilganger as Tilgang[]).find(({ orgnr }) => orgnr === grant?.konsument);
  t.same(Object.keys(trondelag ?? {}), ['orgnr', 'fiksOrgId']);
});

t.test('a person without any grant has an empty list', async (t) => {
  const nobody = '01819011067';
  t.notOk(world.persons.some(({ brukerIdent }) => brukerIdent === nobody));
  t.same((await gateway.ask(world.first.appId, { brukerIdent: nobody })).json, { tilganger: [] });
});

t.test('a supplier to whom the tilbyder has delegated gets the tilbyder’s answers', async (t) => {
  const supplier = world.clients.find(({ supplierOrgnr }) => supplierOrgnr !== undefined);
  const token = await gateway.tokenOf({ client: supplier?.id ?? '' });
  const own = world.applications.filter(({ tilbyder, state }) => tilbyder === supplier?.orgnr && state === 'active');
  let found = 0;
  for (const { brukerIdent, expected } of world.persons.slice(0, 60)) {
    for (const { appId, kommuner, orgnr } of expected.filter(({ appId }) => own.some(({ id }) => id === appId))) {
      t.same(await answered(appId, brukerIdent, token), { kommuner, orgnr });
      found += orgnr.length;
    }
  }
  t.ok(found > 0, 'some of them have access');
  t.same(await answered(world.first.appId, world.first.brukerIdent, token), { status: 404 }, 'and nothing of another tilbyder');
});

t.test('a foreign application, an unknown one and what is no App-ID are answered alike (threats 12, 27)', async (t) => {
  const foreign = world.applications.find(({ tilbyder }) => tilbyder !== applicationOf(world.first.appId)?.tilbyder)?.id ?? '';
  const bodies = new Set<string>();
  const headers = new Set<string>();
  for (const appId of [
    foreign,
    UNKNOWN,
    'smittevernmelding',
    'x'.repeat(500),
    '%00',
    '..%2f..',
    'a%20b',
    'æ',
    'health',
    `${world.first.appId};a`,
  ]) {
    const answer = await gateway.ask(appId, { brukerIdent: world.first.brukerIdent });
    t.equal(answer.status, 404, appId);
    t.equal(answer.json.type, '/problems/application-not-found', appId);
    const { requestId } = answer.json;
    t.equal(requestId, answer.headers.get('x-request-id'));
    bodies.add(answer.text.replace(requestId, ''));
    headers.add([...answer.headers.keys()].join());
  }
  t.equal(bodies.size, 1, 'the bodies differ in nothing but the request id');
  t.equal(headers.size, 1, 'the same headers are there');
});

t.test('a stranger with the scope sees no application', async (t) => {
  const token = await gateway.tokenOf({ client: 'fremmed' });
  for (const { id } of world.applications) t.same(await answered(id, world.first.brukerIdent, token), { status: 404 });
});

t.test('a person’s token does not ask', async (t) => {
  const token = await gateway.tokenOf({ person: 'person-001' });
  const answer = await gateway.ask(world.first.appId, { brukerIdent: world.first.brukerIdent }, { token });
  t.equal(answer.status, 403);
  t.match(answer.json, { type: '/problems/caller-not-a-machine', status: 403 });
  t.notMatch(answer.text, /[0-9]{11}/);
});

t.test('a client without the scope is told which scope is needed, whether the application exists or not (threat 32)', async (t) => {
  const client = world.clients.find(({ id }) => id === 'fhi');
  const { origin, keys } = gateway;
  for (const scope of ['ks:fiksi', 'KS:FIKS', 'ks', 'ks:fiks:alt openid', 'ks:fiks,openid', 'ks:fiks\topenid']) {
    const claims = machineClaims({ issuer: `${origin}/maskinporten/`, audience: origin, client: client as DemoClient, scopes: [scope] });
    const token = await keys.sign(claims, { expiresInSeconds: 60, now: Date.now() });
    for (const appId of [world.first.appId, UNKNOWN]) {
      const answer = await gateway.ask(appId, { brukerIdent: world.first.brukerIdent }, { token });
      t.match(answer, { status: 403, json: { type: '/problems/scope-missing', status: 403 } }, scope);
      t.match(answer.headers.get('www-authenticate'), /^Bearer .*error="insufficient_scope".*scope="ks:fiks"/);
    }
  }
});

t.test('the demo client without the scope is refused for the scope, whoever and whatever it asks about', async (t) => {
  const token = await gateway.tokenOf({ client: 'uten-scope' });
  for (const { id } of world.applications) {
    for (const brukerIdent of [world.first.brukerIdent, '01819011067']) {
      const answer = await gateway.ask(id, { brukerIdent }, { token });
      t.match(answer, { status: 403, json: { type: '/problems/scope-missing', status: 403 } }, id);
      t.notOk(answer.json.tilganger);
    }
  }
});

t.test('what is wrong with a body is told alike with the scope and without it', async (t) => {
  const token = await gateway.tokenOf({ client: 'uten-scope' });
  const told = ({ status, json: { requestId: _, ...rest } }: Answer) => ({ status, ...rest });
  for (const body of [{ brukerIdent: 'x' }, {}, [], '{', '']) {
    const without = told(await gateway.ask(world.first.appId, body, { token }));
    t.match(without, { status: 400, type: /^\/problems\/(invalid-request|malformed-json)$/ }, JSON.stringify(body));
    t.same(without, told(await gateway.ask(world.first.appId, body)), JSON.stringify(body));
  }
});

t.test(
  'a grant that another opening of the folder withdraws is gone on the next query, and back when given anew (threat 21)',
  async (t) => {
    const { access, close } = await openAccess(gateway.config);
    t.teardown(close);
    const { appId, brukerIdent: person } = world.first;
    const grants = world.grants.filter((grant) => grant.appId === appId && grant.brukerIdent === person && grant.sort === 'open');
    const withdraw = (orgnr: Orgnr) =>
      withdrawGrant(access, operatorRequest(), { orgnr, appId, brukerId: access.vault.nameOf(person) }, 'any', undefined);
    const before = (await answered(appId, person)).orgnr ?? [];
    for (const { konsument, roles } of grants) {
      t.ok(before.includes(konsument));
      t.equal(await withdraw(konsument), true);
      t.notOk((await answered(appId, person)).orgnr?.includes(konsument));
      t.equal(await withdraw(konsument), false, 'once is enough');
      t.same(await giveGrants(access, operatorRequest(), [{ appId, person, konsument, roles }]), ['given']);
      t.ok((await answered(appId, person)).orgnr?.includes(konsument));
    }
    t.same((await answered(appId, person)).orgnr, before);
  },
);

t.test('no log line of all this holds a person number (threat 37)', async (t) => {
  const idents = world.persons.map(({ brukerIdent }) => brukerIdent);
  t.ok(gateway.lines.length > 2000);
  t.same(
    gateway.lines.filter((line) => idents.some((ident) => line.includes(ident))),
    [],
  );
  t.same(
    gateway.lines.filter((line) => /(?<![0-9])[0-9]{11}(?![0-9])/.test(line)),
    [],
  );
});
