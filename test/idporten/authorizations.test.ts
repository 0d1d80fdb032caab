import t, { type Test } from 'tap';
import type { PersonNumber } from '#domain';
import {
  type AskedOfPerson,
  type AskedScopes,
  type AuthorizationParts,
  type AuthorizationRequest,
  authorizationId,
  authorizationOf,
  giveConsent,
  judgeIntrospection,
  judgeScopes,
  listAuthorizations,
  listOwnAuthorizations,
  withdrawAuthorization,
} from '#idporten';
import { givenGrants } from '#idporten/entities';
import type { Client, ScopeName } from '#maskinporten';
import { ProblemError } from '#problem';
import { BERGEN, FHI, machine, NOON, OSLO, openRoom, type Room } from '../maskinporten/room.js';

const KARI = '20914695016' as PersonNumber;
const OLA = '21879498012' as PersonNumber;

type ClientChange = Partial<Client>;

function clientOf(change: ClientChange = {}): Client {
  const at = new Date(NOON).toISOString() as Client['created'];
  return {
    id: 'min-side',
    name: 'Min side',
    description: 'Alt på ett sted',
    orgnr: OSLO,
    active: true,
    integrationType: 'api_klient',
    applicationType: 'web',
    scopes: ['openid', 'profile', 'fhi:fritt', 'fhi:spurt'] as unknown as readonly ScopeName[],
    grantTypes: ['authorization_code', 'refresh_token'],
    tokenEndpointAuthMethod: 'private_key_jwt',
    accessTokenLifetime: 120,
    refreshTokenLifetime: 600,
    authorizationLifetime: 7200,
    refreshTokenUsage: 'ONETIME',
    redirectUris: ['https://minside.example/callback'],
    postLogoutRedirectUris: [],
    frontchannelLogoutSessionRequired: false,
    ssoDisabled: false,
    codeChallengeMethod: 'S256',
    keys: [],
    created: at,
    updated: at,
    ...change,
  };
}

const asked = (change: Partial<AskedScopes> & { person?: PersonNumber } = {}): AskedOfPerson => ({
  client: clientOf(),
  person: KARI,
  use: 'login',
  scopes: ['openid', 'fhi:fritt', 'fhi:spurt'],
  resource: [],
  prompt: [],
  login: { acr: 'idporten-loa-high', fresh: true },
  ...change,
});

const NOT_FOUND = new ProblemError('not-found', { detail: 'There is no such authorization for the caller: list what there is.' });

const YES = { answered: ['fhi:spurt'] };
const NO = { answered: [] };

/** FHI has a scope that a log-in carries and one that needs a yes; Oslo has both. */
async function openConsents(t: Test): Promise<{ readonly room: Room; readonly parts: AuthorizationParts }> {
  const room = await openRoom(t);
  await room.scope('fhi:fritt');
  await room.scope('fhi:spurt', { requiresUserConsent: true });
  for (const scope of ['fhi:fritt', 'fhi:spurt']) await room.grant(OSLO, scope);
  return { room, parts: room as unknown as AuthorizationParts };
}

const basisOf = ({ granted }: { granted: readonly { scope: string; basis: string }[] }) =>
  Object.fromEntries(granted.map(({ scope, basis }) => [scope, basis]));

t.test('a login-based scope comes with the login, a user-controlled one by a yes that is not asked again (§8 25)', async (t) => {
  const { room, parts } = await openConsents(t);
  const first = await judgeScopes(parts, asked());
  t.same(basisOf(first), { openid: 'plain', 'fhi:fritt': 'login' });
  t.same(first.ask, [{ scope: 'fhi:spurt', lasts: 7200 }]);
  t.same(await giveConsent(parts, asked(), {}), { verdict: first }, 'nothing is written before it is answered');
  t.equal(await authorizationOf(parts, { person: KARI, clientId: 'min-side' }), undefined);

  const given = await giveConsent(parts, asked(YES), { userAgent: 'Firefox 20914695016', grantId: 'g1' });
  t.same(basisOf(given.verdict), { openid: 'plain', 'fhi:fritt': 'login', 'fhi:spurt': 'consent' });
  t.equal(given.round, 1);
  const kept = await authorizationOf(parts, { person: KARI, clientId: 'min-side', round: 1 });
  t.match(kept, { consumer: OSLO, userAgent: 'Firefox [masked]', scopes: { 'fhi:spurt': { consented: true, owner: FHI } } });
  t.notOk(JSON.stringify(kept).includes(KARI), 'the number stands nowhere in it');

  const again = await judgeScopes(parts, asked());
  t.same([again.ask, basisOf(again)['fhi:spurt']], [[], 'earlier'], 'not asked again');
  t.same((await judgeScopes(parts, asked({ prompt: ['consent'] }))).ask.length, 1, 'unless the client wants it');
  t.same((await judgeScopes(parts, asked({ person: OLA }))).ask.length, 1, 'and nobody answers for another');
  t.same((await judgeScopes(parts, asked({ client: clientOf({ id: 'en-annen' }) }))).ask.length, 1, 'nor for another client');
  room.later(1 / 24);
  t.equal((await judgeScopes(parts, asked())).granted.find(({ scope }) => scope === 'fhi:spurt')?.lasts, 3600, 'using it prolongs nothing');
  room.later(1 / 24);
  t.same((await judgeScopes(parts, asked())).ask.length, 1, 'and it ends');
});

t.test('a no leaves the login working and the scope missing; said to what was given before it takes that back (§8 25)', async (t) => {
  const { parts } = await openConsents(t);
  const { verdict, round } = await giveConsent(parts, asked(NO), {});
  t.same(basisOf(verdict), { openid: 'plain', 'fhi:fritt': 'login' });
  t.same(verdict.refused, [{ scope: 'fhi:spurt', reason: 'consent_refused' }]);
  t.equal(round, 1, 'what the login carries is given');

  await giveConsent(parts, asked(YES), {});
  await giveConsent(parts, asked({ prompt: ['consent'], ...NO }), {});
  const kept = await authorizationOf(parts, { person: KARI, clientId: 'min-side' });
  t.same(Object.keys(kept?.scopes ?? {}), ['fhi:fritt']);

  const only = { scopes: ['openid', 'fhi:spurt'], client: clientOf({ id: 'bare-spurt' }) };
  await giveConsent(parts, asked({ ...only, ...YES }), {});
  t.same(await giveConsent(parts, asked({ ...only, prompt: ['consent'], ...NO }), {}).then(({ round: none }) => none), undefined);
  t.equal(await authorizationOf(parts, { person: KARI, clientId: 'bare-spurt' }), undefined, 'where nothing is left it is withdrawn');
});

t.test('a login without scopes of APIs leaves nothing to withdraw', async (t) => {
  const { parts } = await openConsents(t);
  const { verdict, round } = await giveConsent(parts, asked({ scopes: ['openid', 'profile'] }), {});
  t.same([basisOf(verdict), round], [{ openid: 'plain', profile: 'plain' }, undefined]);
  t.equal(await authorizationOf(parts, { person: KARI, clientId: 'min-side' }), undefined);
});

t.test('the provider’s access comes before any yes, also when tokens are made anew', async (t) => {
  const { room, parts } = await openConsents(t);
  const { round } = await giveConsent(parts, asked(YES), {});
  const renewed = asked({ use: 'refresh', round });
  t.same(basisOf(await judgeScopes(parts, renewed)), { openid: 'plain', 'fhi:fritt': 'earlier', 'fhi:spurt': 'earlier' });
  await room.grant(OSLO, 'fhi:spurt', 'DENIED');
  const taken = [{ scope: 'fhi:spurt', reason: 'scope_not_granted' }];
  t.same((await judgeScopes(parts, renewed)).refused, taken);
  t.same((await judgeScopes(parts, asked(YES))).refused, taken);
  t.same((await judgeScopes(parts, asked({ client: clientOf({ orgnr: BERGEN }) }))).refused.length, 2, 'nor has another organisation it');
  t.same((await judgeScopes(parts, asked({ client: clientOf({ active: false }) }))).faults, ['client_inactive']);
});

const citizen: AuthorizationRequest = { caller: { kind: 'citizen', brukerId: '' as never, acr: 'idporten-loa-high' } };

t.test('what is withdrawn is gone at once for all tokens, and what is given anew brings none of them back (§8 28)', async (t) => {
  const { room, parts } = await openConsents(t);
  const { round } = await giveConsent(parts, asked(YES), { grantId: 'g1' });
  await giveConsent(parts, asked(), { grantId: 'g2' });
  const brukerId = parts.vault.nameOf(KARI);
  const own: AuthorizationRequest = { caller: { ...citizen.caller, brukerId } as AuthorizationRequest['caller'] };
  const id = authorizationId(parts, { brukerId, clientId: 'min-side' });
  const left = async () => {
    const { items } = await room.store.collection(givenGrants).query({ limit: 10 });
    return items.map(({ value: { grantId } }) => grantId).sort();
  };
  t.equal((await listOwnAuthorizations(parts, own, { limit: 10 })).items.length, 1);

  const other: AuthorizationRequest = { caller: { kind: 'citizen', brukerId: parts.vault.nameOf(OLA), acr: 'idporten-loa-high' } };
  await t.rejects(withdrawAuthorization(parts, other, id), NOT_FOUND);
  await t.rejects(withdrawAuthorization(parts, own, 'x'), NOT_FOUND);
  await t.rejects(withdrawAuthorization(parts, machine(BERGEN, 'idporten:authorizations'), id), NOT_FOUND);
  t.same(await left(), ['g1', 'g2']);

  await withdrawAuthorization(parts, own, id);
  t.same(await left(), []);
  t.same((await judgeScopes(parts, asked({ use: 'refresh', round }))).refused, [
    { scope: 'fhi:fritt', reason: 'authorization_ended' },
    { scope: 'fhi:spurt', reason: 'authorization_ended' },
  ]);
  t.same((await listOwnAuthorizations(parts, own, { limit: 10 })).items, []);
  await withdrawAuthorization(parts, own, id);

  const anew = await giveConsent(parts, asked(YES), {});
  t.equal(anew.round, 2);
  t.same(
    (await judgeScopes(parts, asked({ use: 'refresh', round }))).granted.map(({ scope }) => scope),
    ['openid'],
    'tokens of before stay dead',
  );
  t.same((await judgeScopes(parts, asked({ use: 'refresh', round: 2 }))).refused, []);
});

const SCOPE_MISSING = new ProblemError('scope-missing', { scope: 'idporten:authorizations' });

t.test('an organisation sees what was given to its clients, or of its scopes, and nothing else', async (t) => {
  const { parts } = await openConsents(t);
  await giveConsent(parts, asked(YES), {});
  await giveConsent(parts, asked({ person: OLA, scopes: ['openid', 'fhi:fritt'] }), {});
  const seen = async (orgnr: typeof OSLO, by: 'client' | 'owner', person: PersonNumber, consented = true) =>
    (await listAuthorizations(parts, machine(orgnr, 'idporten:authorizations'), { by, consented }, { limit: 10 }, person)).items.map(
      ({ authorization: { clientId }, scopes }) => `${clientId} ${scopes.map(({ name }) => name).sort()}`,
    );
  const whole = ['min-side fhi:fritt,fhi:spurt'];
  t.same(await seen(OSLO, 'client', KARI), whole);
  t.same(await seen(OSLO, 'owner', KARI), []);
  t.same(await seen(FHI, 'owner', KARI), whole);
  t.same(await seen(FHI, 'client', KARI), []);
  t.same(await seen(BERGEN, 'client', KARI), []);
  t.same(await seen(OSLO, 'client', OLA), [], 'what the login carried is left out');
  t.same(await seen(OSLO, 'client', OLA, false), ['min-side fhi:fritt'], 'unless it is asked for');
  await t.rejects(
    listAuthorizations(parts, machine(OSLO, 'ks:fiks'), { by: 'client', consented: true }, { limit: 10 }, KARI),
    SCOPE_MISSING,
  );
});

t.test('a token is told to the owner of its scopes that may introspect, and to nobody once it is withdrawn (§8 28)', async (t) => {
  const { room, parts } = await openConsents(t);
  const lets = 'idporten:token.introspection';
  for (const orgnr of [FHI, OSLO]) await room.grant(orgnr, lets);
  const { round } = await giveConsent(parts, asked(YES), {});
  const token = { client: 'min-side', person: KARI, scopes: ['openid', 'fhi:spurt'], audience: [], pseudonymous: true, round };
  const api = (change: ClientChange = {}) =>
    clientOf({ id: 'api', orgnr: FHI, scopes: [lets] as unknown as readonly ScopeName[], ...change });
  const told = (client: Client, more = {}) => judgeIntrospection(parts, { client, token: { ...token, ...more } });
  t.same(
    await told(api()),
    { active: true, person: false },
    'not whose it is: nobody asked for that to be hidden from the client for the API',
  );
  t.same(await told(api(), { pseudonymous: false }), { active: true, person: true });
  t.same(await told(api({ orgnr: OSLO })), { active: false, person: false }, 'Oslo owns none of them');
  t.same(await told(api({ scopes: [] })), { active: false, person: false }, 'without the scope for it');
  const own: AuthorizationRequest = { caller: { kind: 'citizen', brukerId: parts.vault.nameOf(KARI), acr: 'Level4' } };
  const id = authorizationId(parts, { brukerId: parts.vault.nameOf(KARI), clientId: 'min-side' });
  await withdrawAuthorization(parts, own, id);
  t.same(await told(api()), { active: false, person: false });
});
