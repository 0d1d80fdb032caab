// Takes about 3 s.

import t from 'tap';
import { organisations } from '#access';
import { type Orgnr, toInstant } from '#domain';
import type { SystemId } from '#systembruker';
import { NOON, said } from '../maskinporten/token-world.js';
import {
  ACCOUNTANT,
  actingWorld,
  CUSTOMER,
  OTHER,
  organisation,
  otherClient,
  rightsOf,
  STRANGER,
  saidOf,
  USER_ID,
  VENDOR,
} from './acting-world.js';

const { world, systemId, put, call, detail, askToken } = await actingWorld(t, { vendor: VENDOR, nodes: 2 });
const MP_303 = '400 invalid_altinn_customer_configuration system-user-not-found';
const moment = { at: toInstant(NOON), by: 'operator' };

t.test('§8.21: the vendor’s token carries the system user, its system and its owner, and no rights', async (t) => {
  const reply = await askToken();
  t.equal(reply.status, 200, reply.text);
  const claims = world.claimsOf(reply);
  t.same(claims['authorization_details'], [
    { type: 'urn:altinn:systemuser', systemuser_id: [USER_ID], system_id: systemId, systemuser_org: organisation(CUSTOMER) },
  ]);
  t.same(claims['consumer'], organisation(VENDOR));
  t.notMatch(JSON.stringify(claims), /mva|arsregnskap|externalRef/);
  t.equal(said(await askToken(CUSTOMER, { externalRef: '' })), '200', 'an empty externalRef is the owner’s number');
  t.equal(said(await askToken(CUSTOMER, { externalRef: CUSTOMER })), '200');
  t.equal(
    said(
      await world.ask({
        claims: {
          authorization_details: [{ ...detail(CUSTOMER), systemuser_org: { authority: 'iso6523-actorid-upis', id: `0192:${CUSTOMER}` } }],
        },
      }),
    ),
    '200',
    'some write id for ID',
  );
  t.notOk('authorization_details' in world.claimsOf(await world.ask()), 'a plain token has none');
});

t.test('§8.21: without a system user that fits there is no token, and the vendor is told which part does not fit', async (t) => {
  const told = async (part: RegExp, ...asked: Parameters<typeof askToken>): Promise<void> => {
    const reply = await askToken(...asked);
    t.equal(said(reply), MP_303, String(part));
    t.match(reply.json.error_description, part);
    t.match(reply.json.error_description, /^MP-303: /, 'by the code that clients search for');
  };
  await told(/no system user of systemuser_org/, OTHER);
  await told(/accountant/, OTHER);
  await told(/externalRef/, CUSTOMER, { externalRef: 'another' });
  await told(/externalRef/, CUSTOMER, { externalRef: '\u202e' });
  await put.systemUser({ status: 'New' });
  await told(/has not been approved/);
  await put.systemUser({ status: 'Rejected' });
  await told(/has not been approved/);
  await put.systemUser({ deactivated: moment });
  await told(/has deactivated it/);
  await put.systemUser();
  await put.system({ clientIds: [] });
  await told(/adds its client id to the system/);
  await put.system({ deleted: moment });
  await told(/on none of the systems/);
  await put.system({ vendor: OTHER });
  await told(/of another vendor/);
  await put.system();
  const closed = {
    orgnr: CUSTOMER,
    name: 'Rørlegger',
    fiksOrgId: USER_ID,
    mayBeTilbyder: false,
    mayBeKonsument: true,
    closed: toInstant(NOON),
  };
  const facts = { action: 'test', at: toInstant(NOON), actor: 'operator' };
  await world.store.collection(organisations).put(closed as never, { expect: 'any', facts });
  await told(/has ceased/);
  await world.store.collection(organisations).remove(CUSTOMER, { expect: 'any', facts });
  t.equal(said(await askToken()), '200');
});

t.test('a foreign vendor’s client gets the same answer whatever there is', async (t) => {
  await otherClient(world, 'foreign', STRANGER);
  const of = (owner: string, more: object = {}) => world.ask({ claims: { iss: 'foreign', authorization_details: [detail(owner, more)] } });
  const answers = await Promise.all([of(CUSTOMER), of(OTHER), of(CUSTOMER, { externalRef: 'x' })]);
  const texts = answers.map((one) => saidOf(one).replace(/\(trace_id.*/, ''));
  t.equal(new Set(texts).size, 1, texts.join('\n'));
  t.match(texts[0], /on none of the systems/);
});

t.test('what is asked for must have its form: MP-301 for its type, MP-302 for its fields, MP-303 for its values', async (t) => {
  const of = (...details: readonly object[]) => world.ask({ claims: { authorization_details: details } });
  const good = detail(CUSTOMER);
  for (const [code, details] of [
    ['MP-301', [{ ...good, type: 'urn:altinn:other' }]],
    ['MP-302', [{ ...good, rights: [] }]],
    ['MP-302', [{ ...good, systemuser_org: { ...organisation(CUSTOMER), name: 'x' } }]],
    ['MP-303', [good, good]],
    ['MP-303', [{ type: good.type }]],
    ['MP-303', [{ ...good, systemuser_org: CUSTOMER }]],
    ['MP-303', [{ ...good, systemuser_org: { ID: `0192:${CUSTOMER}` } }]],
    ['MP-303', [{ ...good, systemuser_org: { ...organisation(CUSTOMER), ID: CUSTOMER } }]],
    ['MP-303', [{ ...good, systemuser_org: { ...organisation(CUSTOMER), ID: '0192:123456789' } }]],
    ['MP-303', [{ ...good, systemuser_org: { ...organisation(CUSTOMER), id: `0192:${OTHER}` } }]],
    ['MP-303', [{ ...good, externalRef: 7 }]],
  ] as const) {
    t.equal(said(await of(...details)), `400 invalid_authorization_details ${code}`, JSON.stringify(details));
  }
});

t.test(
  'a second after a system user is stopped, moved or deleted no node issues a token for it, nor finds it (threats 43, 44)',
  async (t) => {
    const lookUp = (node: number) =>
      call(
        `/authentication/api/v1/systemuser/byExternalId?${new URLSearchParams({ clientId: 'c', systemProviderOrgNo: VENDOR, systemUserOwnerOrgNo: CUSTOMER })}`,
        {
          scopes: ['altinn:maskinporten/systemuser.read'],
          node,
        },
      );
    const both = async (): Promise<unknown> => {
      const tokens = await Promise.all([askToken(CUSTOMER, {}, 0), askToken(CUSTOMER, {}, 1)]);
      const found = await Promise.all([lookUp(0), lookUp(1)]);
      return [tokens.map(said), found.map(({ status }) => status)];
    };
    const yes = [
      ['200', '200'],
      [200, 200],
    ];
    const no = [
      [MP_303, MP_303],
      [404, 404],
    ];
    t.same(await both(), yes);
    world.now += 1000;
    await put.systemUser({ deactivated: moment });
    t.same(await both(), no, 'deactivated');
    await put.systemUser();
    t.same(await both(), yes, 'activated');
    await put.systemUser({ removed: { ...moment, side: 'customer' } });
    t.same(await both(), no, 'deleted');
    await put.systemUser({ systemId: `${OTHER}_annet` as SystemId, vendor: OTHER });
    t.same(await both(), no, 'moved to another vendor');
    await put.systemUser();
    await put.system({ deleted: moment });
    t.same(await both(), no, 'the system is deleted');
    await put.system();
    t.same(await both(), yes);
  },
);

t.test('an agent’s token is its owner’s, whatever clients it has', async (t) => {
  await put.systemUser({ id: '11111111-4b5a-4978-8a9b-0c1d2e3f4a5b', type: 'agent', party: ACCOUNTANT, has: rightsOf([], ['a']) });
  await put.agentClient(OTHER);
  await put.relation(OTHER, ['a']);
  t.match(world.claimsOf(await askToken(ACCOUNTANT))['authorization_details'], [{ systemuser_org: organisation(ACCOUNTANT) }]);
  t.equal(said(await askToken(OTHER)), MP_303);
});

t.test('§8.20: another Maskinporten looks up what it issues a token for', async (t) => {
  const read = ['altinn:maskinporten/systemuser.read'];
  const good = { clientId: 'c', systemProviderOrgNo: VENDOR, systemUserOwnerOrgNo: CUSTOMER };
  const of = (query: Readonly<Record<string, string>>, scopes: readonly string[] = read, as: Orgnr = STRANGER) =>
    call(`/authentication/api/v1/systemuser/byExternalId?${new URLSearchParams(query)}`, { as, scopes });
  const found = await of(good);
  t.equal(found.status, 200, found.text);
  t.same(found.json, {
    id: USER_ID,
    integrationTitle: 'Regnskap og MVA',
    systemId,
    productName: systemId,
    reporteeOrgNo: CUSTOMER,
    supplierName: '',
    supplierOrgno: VENDOR,
    externalRef: CUSTOMER,
    userType: 'standard',
    isDeleted: false,
    created: toInstant(NOON),
  });
  t.equal(found.headers.get('cache-control'), 'no-store');
  t.equal((await of({ ...good, externalRef: '' })).status, 200);
  for (const [why, query] of Object.entries({
    'wrong externalRef': { ...good, externalRef: 'x' },
    'foreign client': { ...good, clientId: 'foreign' },
    'other vendor': { ...good, systemProviderOrgNo: OTHER },
    'other customer': { ...good, systemUserOwnerOrgNo: OTHER },
    'no client': { ...good, clientId: '../c' },
  })) {
    const { status, json } = await of(query);
    t.same([status, json.code], [404, 'AUTH-00015'], why);
  }
  await put.system({ deleted: moment });
  t.equal((await of(good)).status, 404, 'deleted system');
  await put.system();
  for (const name of Object.keys(good))
    t.equal((await of(Object.fromEntries(Object.entries(good).filter(([key]) => key !== name)))).status, 400, name);
  t.equal((await of({ ...good, systemUserOwnerOrgNo: '0192:974760673' })).status, 400, 'without 0192:');
  t.equal((await of(good, ['altinn:authentication/systemuser.request.read'])).status, 403);
  t.equal((await of(good, ['altinn:authentication/systemuser.request.read'], VENDOR)).status, 403);
});

t.test('the last token of a system user is noted by day and client, once a day', async (t) => {
  const { lastUsesOf } = await import('#systembruker');
  for (const uses of world.uses) await uses.write();
  const [last] = await lastUsesOf(world.store, [USER_ID]);
  t.match(last, { token: { day: '2026-11-21', by: 'c' }, decision: undefined });
  world.now += 86_400_000;
  await askToken(CUSTOMER, {}, 1);
  for (const uses of world.uses) await uses.write();
  t.match(await lastUsesOf(world.store, [USER_ID, 'nobody']), [{ token: { day: '2026-11-22' } }, {}]);
});
