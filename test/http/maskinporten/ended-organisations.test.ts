import { randomUUID } from 'node:crypto';
import t from 'tap';
import { closeOrganisation, registerOrganisation } from '#access';
import { syntheticOrgnr } from '#demo';
import {
  createClient,
  createScope,
  giveDelegation,
  grantAccess,
  handOutPrefix,
  keysOf,
  maskinportenEnding,
  ownSource,
} from '#maskinporten';
import { runGateway } from '../../fixtures/gateway.js';
import { delegatorOf, FHI, keeperOf, maskinportenSide, SUPPLIER } from '../../fixtures/maskinporten.js';
import { first, JWT_BEARER, said, signed } from './token-world.js';

t.setTimeout(120_000);

const [ENDING, GOING_ON, OWNER] = ['Gammel', 'Ny', 'Eier'].map(syntheticOrgnr) as [
  ReturnType<typeof syntheticOrgnr>,
  ReturnType<typeof syntheticOrgnr>,
  ReturnType<typeof syntheticOrgnr>,
];
const gateway = await runGateway(t, { refusalsPerMinute: 1e6 });
const { parts, operator, send } = await maskinportenSide(t, gateway);
const issuer = `${gateway.origin}/maskinporten/`;
const source = ownSource(gateway.origin).issuer;

for (const [orgnr, name] of [
  [ENDING, 'Gammel kommune'],
  [GOING_ON, 'Ny kommune'],
  [OWNER, 'En eier'],
] as const) {
  const mayBeKonsument = orgnr !== OWNER;
  const organisation = { orgnr, name, fiksOrgId: randomUUID(), mayBeKonsument, mayBeTilbyder: !mayBeKonsument };
  await registerOrganisation(parts as never, operator, organisation as never);
}
for (const [prefix, owner] of [
  ['fhi', FHI],
  ['eier', OWNER],
  ['gammel', ENDING],
] as const) {
  await handOutPrefix(parts, operator, { prefix, owner });
  await createScope(parts, operator, { prefix, subscope: 'a', description: 'Et scope', delegationSource: source });
}
for (const scope of ['fhi:a', 'eier:a']) await grantAccess(parts, operator, { scope, consumer: ENDING });
await grantAccess(parts, operator, { scope: 'gammel:a', consumer: GOING_ON });
await giveDelegation(parts, operator, { scope: 'fhi:a', consumer: ENDING, supplier: SUPPLIER });
const jwk = { ...first.publicJwk, kid: 'first', use: 'sig', alg: 'RS256' };
for (const [id, orgnr, scopes] of [
  ['ending', ENDING, ['fhi:a', 'eier:a']],
  ['going-on', GOING_ON, ['gammel:a']],
  ['supplier', SUPPLIER, ['fhi:a']],
] as const) {
  const client = { id, orgnr, name: id, integrationType: 'maskinporten' as const, scopes };
  await createClient(parts, operator, client, { keys: (at) => keysOf([jwk], at) });
}

async function asked(iss: string, scope: string, more: object = {}): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  const assertion = signed(
    { alg: 'RS256', kid: 'first' },
    { iss, aud: issuer, scope, iat, exp: iat + 100, jti: randomUUID(), ...more },
    first.privateKey,
  );
  const body = new URLSearchParams({ grant_type: JWT_BEARER, assertion });
  const answer = await fetch(`${issuer}token`, { method: 'POST', body });
  const json = (await answer.json()) as { access_token?: string };
  if (json.access_token === undefined) return said({ status: answer.status, headers: answer.headers, text: '', json });
  const { consumer } = JSON.parse(Buffer.from(json.access_token.split('.')[1] as string, 'base64url').toString()) as {
    consumer: { ID: string };
  };
  return consumer.ID.slice('0192:'.length);
}

const sides = [maskinportenEnding];

t.test('the scopes of an organisation that has ceased give no token from then on, whoever has been granted them', async (t) => {
  t.equal(await asked('ending', 'eier:a'), ENDING);
  // As it stands before anything of its own has been written: what is judged is the organisation.
  await closeOrganisation(parts as never, operator, OWNER, {});
  t.equal(await asked('ending', 'eier:a'), '400 invalid_scope MP-200');
  t.equal(await asked('ending', 'fhi:a'), ENDING);
  const { ofSides } = await closeOrganisation(parts as never, operator, OWNER, { sides });
  t.same(Object.fromEntries(ofSides), { 'scopes deactivated': 1, 'prefixes taken back': 1 });
  const listed = (await send(null, 'GET', '/scopes/all?prefix=eier')).json;
  t.same(listed, [], 'it is listed no more');
  t.equal((await send(keeperOf(OWNER), 'PUT', `/scopes/access/${GOING_ON}?scope=eier:a`)).status, 403, 'nor does it grant');
});

t.test('after a merge the clients go on with what they had, in the name of the other organisation', async (t) => {
  const of = (consumer_org: string): Promise<string> => asked('supplier', 'fhi:a', { consumer_org });
  t.equal(await of(ENDING), ENDING);
  const dry = await closeOrganisation(parts as never, operator, ENDING, { into: GOING_ON, sides, dryRun: true });
  const { ofSides } = await closeOrganisation(parts as never, operator, ENDING, { into: GOING_ON, sides });
  t.same(ofSides, dry.ofSides, 'what was said is what was done');
  t.match(Object.fromEntries(ofSides), { 'clients moved': 1, 'accesses moved': 2, 'delegations given, moved': 1, 'scopes moved': 1 });
  t.equal(await asked('ending', 'fhi:a'), GOING_ON, 'the same client, key and scope');
  t.equal(await asked('going-on', 'gammel:a'), GOING_ON);
  t.equal(await of(ENDING), '403 forbidden MP-250', 'a supplier names the one that goes on');
  t.equal(await of(GOING_ON), GOING_ON);
  const keeper = keeperOf(ENDING);
  t.equal((await send(keeper, 'DELETE', '/scopes?scope=gammel:a')).status, 403, 'tokens of the old one keep nothing');
  t.equal((await send(delegatorOf(GOING_ON), 'PUT', `/delegations/${ENDING}?scope=fhi:a`)).status, 428, 'the terms are for it to sign');
});

t.test('a closed organisation’s clients get no token, it is acted for by nobody, and is given nothing', async (t) => {
  t.equal(await asked('going-on', 'gammel:a'), GOING_ON);
  await closeOrganisation(parts as never, operator, GOING_ON, {});
  for (const id of ['going-on', 'ending']) t.equal(await asked(id, 'gammel:a'), '400 invalid_grant MP-100', id);
  t.equal(await asked('supplier', 'fhi:a', { consumer_org: GOING_ON }), '403 forbidden MP-250');
  const refused = await send(keeperOf(FHI), 'PUT', `/scopes/access/${GOING_ON}?scope=fhi:a`);
  t.match(refused, { status: 403, json: { error: 'action-not-allowed', error_description: /has ceased/ } });
  const delegated = await send(delegatorOf(SUPPLIER), 'PUT', `/delegations/${GOING_ON}?scope=fhi:a`);
  t.match(delegated, { status: 403, json: { error_description: /has ceased/ } });
  await t.rejects(handOutPrefix(parts, operator, { prefix: 'ny', owner: GOING_ON }), /has ceased/);
  await closeOrganisation(parts as never, operator, GOING_ON, { sides });
  t.equal((await parts.store.events.verify()).broken, undefined);
});
