// Takes about 3 s.

import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import t from 'tap';
import type { DemoOrganisation, DemoPerson } from '#demo';
import { eventsIn } from '../../decisions/logged.js';
import { runGateway } from '../../fixtures/gateway.js';

const gateway = await runGateway(t);
const { world } = gateway;
const { appId, brukerIdent, clientId } = world.first;
const FHI = { client: clientId };
const first = world.persons.find((person) => person.brukerIdent === brukerIdent) as DemoPerson;
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const use = { name: 'use' };
const subject = { type: 'person', id: brukerIdent };

const post = (path: string, body: unknown, holder: Parameters<typeof gateway.send>[0] = FHI, headers = {}) =>
  gateway.send(holder, 'POST', `/access/v1/${path}`, body, headers);
const decide = async (body: unknown): Promise<unknown> => (await post('evaluation', body)).json.decision;
const applicationOf = (id: string, properties?: object) => ({ type: 'application', id, ...(properties && { properties }) });

t.test('a decision says what the Tilgang API says, for each person and each organisation', async (t) => {
  const orgnrs = world.organisations.map(({ orgnr }) => orgnr);
  for (const { brukerIdent: id, expected } of world.persons.slice(0, 40)) {
    const own = expected.find((one) => one.appId === appId);
    const evaluations = orgnrs.map((orgnr) => ({ resource: applicationOf(appId, { orgnr }) }));
    const { json } = await post('evaluations', { subject: { type: 'person', id }, action: use, evaluations });
    const yes = orgnrs.filter((_, i) => json.evaluations[i].decision).sort();
    t.same(yes, own?.orgnr ?? [], id);
    t.equal(json.evaluations.length, orgnrs.length);
  }
});

t.test('an organisation is named by kommune, organisation number or FiksOrgId, and what is told of it must be its own', async (t) => {
  const organisation = world.organisations.find(({ orgnr }) => first.expected.find((one) => one.appId === appId)?.orgnr[0] === orgnr);
  const { kommunenummer: kommune, orgnr, fiksOrgId } = organisation as DemoOrganisation;
  for (const properties of [{ kommune }, { orgnr }, { fiksOrgId }, { kommune, orgnr, fiksOrgId }, undefined]) {
    t.equal(await decide({ subject, action: use, resource: applicationOf(appId, properties) }), true, JSON.stringify(properties));
  }
  for (const properties of [{ kommune: '9999' }, { orgnr, kommune: '9999' }, { fiksOrgId: UNKNOWN }, { orgnr: ` ${orgnr}` }]) {
    t.equal(await decide({ subject, action: use, resource: applicationOf(appId, properties) }), false, JSON.stringify(properties));
  }
  t.equal(await decide({ subject, action: use, resource: { type: 'organisation', id: orgnr, properties: { application: appId } } }), true);
  const { status, json } = await post('evaluation', { subject, action: use, resource: applicationOf(appId, { kommune: 301 }) });
  t.equal(status, 400, 'a number is no kommune');
  t.equal(json.errors[0].pointer, '/resource/properties/kommune');
});

t.test('who has the scope for it hears why, in the language that is asked for; everybody else hears yes or no (issue 13, 5)', async (t) => {
  const { tilbyder } = world.applications.find(({ id }) => id === appId) as { tilbyder: string };
  const curious = { orgnr: tilbyder, scopes: ['ks:fiks', 'ks:fiks.begrunnelse'] };
  const leader = { person: 'oslo-leder' };
  const place = `/konsument-bruker/api/v1/organisasjoner/958935420/applikasjoner/${appId}`;
  const inOslo = applicationOf(appId, { kommune: '0301' });
  const ask = async (more: object = {}, language = 'de', holder: Parameters<typeof gateway.send>[0] = curious) =>
    (await post('evaluation', { subject, action: use, resource: inOslo, ...more }, holder, { 'Accept-Language': language })).json;
  const no = (...reasons: readonly string[]) => ({ decision: false, context: { reasons } });
  const activate = (aktiv: boolean) => gateway.send(leader, 'PUT', `${place}/aktivering`, { aktiv }, { 'If-Match': '*' });
  await activate(false);
  t.same(await ask(), no('application_not_activated', 'grant_missing'), 'both must be mended');
  await activate(true);
  t.same(await ask(), no('grant_missing'));
  const { json, headers } = await gateway.send(leader, 'POST', `${place}/brukere`, { brukerIdent, roller: ['use'] });
  t.same(await ask(), { decision: true, context: { reasons: ['granted'] } });
  t.same(await ask({ action: { name: 'saksbehandler' } }), no('role_missing'), 'by its other role the application has seen it');
  t.same(await ask({}, 'en'), { decision: true, context: { reasons: ['granted'], reason_user: { en: 'Access is given, and in force.' } } });
  await gateway.send(leader, 'DELETE', `${place}/brukere/${json.brukerId}`, undefined, { 'If-Match': headers.get('etag') ?? '' });
  t.same(await ask(), no('grant_missing'), 'withdrawn looks like never given');
  t.same(await ask({}, 'nn, en;q=0.5'), {
    ...no('grant_missing'),
    context: { reasons: ['grant_missing'], reason_user: { nn: 'Personen har ingen tilgang frå organisasjonen.' } },
  });
  t.same(await ask({ resource: applicationOf(appId, { kommune: '9999' }) }), no('grant_missing'), 'of an organisation that is not there');
  t.same(await ask({ action: { name: 'fly' }, resource: applicationOf(appId) }), no('grant_missing'), 'for any organisation');
  const foreign = world.applications.find((one) => one.tilbyder !== tilbyder)?.id ?? '';
  for (const id of [foreign, UNKNOWN, 'no App-ID'])
    t.same(await ask({ resource: applicationOf(id) }, 'en'), await ask({ resource: applicationOf(UNKNOWN) }, 'en'), id);
  t.match(await ask({ resource: applicationOf(foreign) }), no('application_unknown'));
  t.same(await ask({ subject: { type: 'client', id: clientId } }), no('kind_unknown'), 'machines are judged where they fetch their tokens');
  const { json: list } = await post('evaluations', { subject, action: use, resource: inOslo, evaluations: [{}, { resource: 7 }] }, curious);
  t.match(list.evaluations, [no('grant_missing'), { decision: false, context: { error: { status: 400 } } }]);
  const data = await gateway.send(
    curious,
    'POST',
    '/v1/data/tilgang/decision',
    { input: { subject, action: use, resource: inOslo } },
    { 'Accept-Language': 'de' },
  );
  t.same(data.json.result, no('grant_missing'), 'an OPA client too');
  for (const holder of [FHI, { ...curious, scopes: ['ks:fiks', 'ks:fiks.tilbyder'] }])
    t.same(await ask({}, 'en', holder), { decision: false });
  t.equal(
    (await post('evaluation', { subject, action: use, resource: inOslo }, { ...curious, scopes: ['ks:fiks.begrunnelse'] })).status,
    403,
  );
});

t.test('what nobody knows is a no: kinds, persons, roles, and applications that are foreign or not there, alike', async (t) => {
  const foreign = world.applications.find(({ tilbyder }) => tilbyder !== world.applications.find(({ id }) => id === appId)?.tilbyder)?.id;
  const told = new Set<string>();
  for (const body of [
    { subject, action: use, resource: applicationOf(foreign ?? '') },
    { subject, action: use, resource: applicationOf(UNKNOWN) },
    { subject, action: use, resource: applicationOf('no App-ID') },
    { subject, action: use, resource: { type: 'spaceship', id: appId } },
    { subject: { type: 'user', id: brukerIdent }, action: use, resource: applicationOf(appId) },
    { subject: { type: 'person', id: 'nobody' }, action: use, resource: applicationOf(appId) },
    { subject: { type: 'person', id: '' }, action: use, resource: applicationOf(appId) },
    { subject, action: { name: 'fly' }, resource: applicationOf(appId) },
    { subject, action: { name: brukerIdent }, resource: applicationOf(appId) },
    { subject: { type: 'person', id: '__proto__' }, action: { name: '__proto__' }, resource: applicationOf('__proto__') },
  ]) {
    const { status, text } = await post('evaluation', body);
    t.equal(status, 200, text);
    told.add(text);
  }
  t.same([...told], ['{"decision":false}']);
  t.notOk(
    gateway.lines.some((line) => line.includes(brukerIdent)),
    'and no person number is logged',
  );
});

t.test('who may ask nothing of the kind is told so, whatever is asked about', async (t) => {
  const good = { subject, action: use, resource: applicationOf(appId) };
  const foreign = { subject: { type: 'x', id: 'y' }, action: use, resource: applicationOf(UNKNOWN) };
  for (const body of [good, foreign]) {
    const evaluations = [body];
    t.equal((await post('evaluation', body, null)).status, 401);
    t.equal((await post('evaluation', body, { client: 'uten-scope' })).json.type, '/problems/scope-missing');
    t.equal((await post('evaluations', { evaluations }, { client: 'uten-scope' })).status, 403);
    t.equal((await post('search/resource', { ...body, resource: { type: 'application' } }, { client: 'uten-scope' })).status, 403);
    t.equal((await post('search/action', body, { client: 'uten-scope' })).status, 403);
    t.equal((await post('evaluation', body, { person: 'oslo-leder' })).status, 403);
  }
});

t.test('a question must have its parts, each with its own, and may have whatever else (AuthZEN certification 2.4)', async (t) => {
  const good = { subject, action: use, resource: applicationOf(appId) };
  t.equal(await decide({ ...good, foo: 'bar', future: { nested: [true] }, context: { time: '2025-06-27T18:03-07:00', ip: '::1' } }), true);
  for (const [pointer, body] of [
    ['', { action: use, resource: good.resource }],
    ['', { subject, resource: good.resource }],
    ['/subject', { ...good, subject: { id: brukerIdent } }],
    ['/resource', { ...good, resource: { type: 'application' } }],
    ['/action', { ...good, action: {} }],
    ['/subject', { ...good, subject: 'alice' }],
    ['/action/name', { ...good, action: { name: 123 } }],
    ['/context', { ...good, context: [] }],
  ] as const) {
    for (const path of ['evaluation', 'evaluations']) {
      const { status, json, text } = await post(path, body);
      t.equal(status, 400, `${path} ${JSON.stringify(body)}`);
      t.ok(
        json.errors.some((one: { pointer: string }) => one.pointer.startsWith(pointer)),
        text,
      );
      t.notMatch(text, brukerIdent);
    }
  }
  for (const [type, body] of [
    ['text/plain', JSON.stringify(good)],
    ['application/json', '{"subject":'],
    ['application/json', ''],
    ['application/json', '[]'],
  ] as const) {
    t.equal((await post('evaluation', body, FHI, { 'Content-Type': type })).status, 400, `${type} ${body}`);
  }
  const named = await post('evaluation', good, FHI, { 'X-Request-ID': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' });
  t.equal(named.headers.get('x-request-id'), 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716');
  t.match(named.headers.get('content-type'), /^application\/json/);
});

t.test('of a list of many persons each is a decision of the log', async (t) => {
  const ids = world.persons.slice(0, 30).map((one) => one.brukerIdent);
  const evaluations = ids.map((id) => ({ subject: { type: 'person', id } }));
  const { json, headers } = await post('evaluations', { action: use, resource: applicationOf(appId), evaluations });
  const events = (await eventsIn(join(gateway.config.data, 'decisions'))).filter(
    ({ custom }) => custom?.request_id === headers.get('x-request-id'),
  );
  t.ok(events.every(({ path }) => path === 'tilgang/access/search'));
  t.equal(new Set(events.map(({ decision_id }) => decision_id)).size, ids.length);
  t.equal(new Set(events.map(({ input }) => (input as { subject: { id: string } }).subject.id)).size, ids.length);
  const yes = json.evaluations.filter(({ decision }: { decision: boolean }) => decision).length;
  t.equal(events.filter(({ result }) => (result as unknown[]).length > 0).length, yes);
  t.ok(yes > 0 && yes < ids.length);
});

t.test('what fails of one question of a list is told in its place, and alters no other (threat 28)', async (t) => {
  const evaluations = [{}, { resource: 7 }, 'x', null, { resource: applicationOf(appId, { orgnr: 7 }) }, { action: { name: 'fly' } }, {}];
  const { status, json } = await post('evaluations', { subject, action: use, resource: applicationOf(appId), evaluations });
  t.equal(status, 200);
  t.same(
    json.evaluations.map(({ decision }: { decision: boolean }) => decision),
    [true, false, false, false, false, false, true],
  );
  t.same(
    json.evaluations.map(({ context }: { context?: { error: { status: number; message: string } } }) => context?.error.message),
    [
      undefined,
      '/resource must be an object',
      'the question must be an object',
      'the question must be an object',
      '/resource/properties/orgnr must be a text',
      undefined,
      undefined,
    ],
  );
  const missing = await post('evaluations', { subject, action: use, evaluations: [{ resource: applicationOf(appId) }, {}] });
  t.same(missing.json.evaluations[1], { decision: false, context: { error: { status: 400, message: '/resource is missing' } } });
});

t.test('a list ends at the first no, or at the first yes, if it is asked to (AuthZEN 1.0 §7.1.2.1)', async (t) => {
  const [yes, no] = [{}, { action: { name: 'fly' } }];
  const asked = async (evaluations_semantic: string | undefined, evaluations: readonly object[]): Promise<unknown> => {
    const options = evaluations_semantic === undefined ? {} : { options: { evaluations_semantic, another: 1 } };
    const { json } = await post('evaluations', { subject, action: use, resource: applicationOf(appId), ...options, evaluations });
    return json.evaluations?.map(({ decision }: { decision: boolean }) => decision) ?? json.errors[0].pointer;
  };
  t.same(await asked(undefined, [yes, no, yes]), [true, false, true]);
  t.same(await asked('execute_all', [no, no, yes]), [false, false, true]);
  t.same(await asked('deny_on_first_deny', [yes, yes, no, yes]), [true, true, false]);
  t.same(await asked('permit_on_first_permit', [no, no, yes, no]), [false, false, true]);
  t.same(await asked('permit_on_first_permit', [no, no]), [false, false]);
  t.equal(await asked('execute_some', [yes]), '/options/evaluations_semantic');
  t.same((await post('evaluations', { subject, action: use, resource: applicationOf(appId), evaluations: [] })).json, { decision: true });
  t.same((await post('evaluations', { subject, action: use, resource: applicationOf(appId) })).json, { decision: true });
});

t.test('a thousand questions are answered at once, and no more (AuthZEN 1.0 §7)', async (t) => {
  const evaluations = Array.from({ length: 1000 }, (_, i) => ({
    resource: applicationOf(i % 2 === 0 ? appId : UNKNOWN, { kommune: '0301', note: 'x'.repeat(100) }),
  }));
  const { status, json } = await post('evaluations', { subject, action: use, evaluations });
  t.equal(status, 200);
  t.equal(json.evaluations.length, 1000);
  t.equal((await post('evaluations', { subject, action: use, evaluations: [...evaluations, {}] })).status, 400);
  const others = Array.from({ length: 1000 }, (_, i) => ({
    subject: { type: 'person', id: world.persons[i % world.persons.length]?.brukerIdent },
  }));
  t.equal((await post('evaluations', { action: use, resource: applicationOf(appId), evaluations: others })).json.evaluations.length, 1000);
});

t.test('the decision point says what it is, signed by our own issuer (AuthZEN 1.0 §9)', async (t) => {
  const { status, json, headers } = await gateway.get('/.well-known/authzen-configuration');
  t.equal(status, 200);
  t.equal(headers.get('content-type'), 'application/json');
  t.equal(json.policy_decision_point, gateway.origin);
  const { signed_metadata: signed, ...plain } = json;
  for (const [name, url] of Object.entries(plain).slice(1)) {
    const asked = await gateway.get(new URL(url as string).pathname, { method: 'POST' });
    t.equal(asked.status, 401, `${name} is there`);
  }
  const issuer = `${gateway.origin}/maskinporten/`;
  const { payload } = await jwtVerify(signed, createRemoteJWKSet(new URL(`${issuer}jwk`)), { issuer });
  const { iss: _iss, iat: _iat, exp: _exp, jti: _jti, ...claims } = payload;
  t.same(claims, plain);
  t.equal(
    (await gateway.send(null, 'POST', '/access/v1/evaluation', {}, { Authorization: `Bearer ${signed}` })).status,
    401,
    'and that is no token',
  );
  t.equal((await gateway.get('/.well-known/authzen-configuration', { method: 'DELETE' })).status, 405);
  t.equal((await gateway.get('/.well-known/authzen-configuration/tenant1')).status, 404);
});
