import t from 'tap';
import { type PersonNumber, toInstant } from '#domain';
import { authorizationId, giveConsent, idportenName, personClaims, recordLogin } from '#idporten';
import { openAccess } from '#installation';
import type { Client } from '#maskinporten';
import { clients } from '#maskinporten/entities';
import { runGateway } from '../../fixtures/gateway.js';
import { FHI, OSLO } from '../../fixtures/maskinporten.js';

const CLIENT = 'oslo-min-side';
const SCOPES = ['openid', 'dibk:byggesak/egne.read', 'fhi:vaksine/egne.read'];
const BOTH = ['idporten:authorizations', 'idporten:user.log.read'];

t.test('organisations and persons see and withdraw what was given, each what is theirs (§8 28; threat 33)', async (t) => {
  const gateway = await runGateway(t);
  const { access, side, close } = await openAccess(gateway.config, Date.now, false).then(async (opened) => ({
    ...opened,
    side: { origin: gateway.origin },
  }));
  t.teardown(close);
  const [kari, ola] = gateway.world.persons.map(({ brukerIdent }) => brukerIdent) as [PersonNumber, PersonNumber];
  const client = (await access.store.collection(clients).get(CLIENT))?.value as Client;
  const parts = { ...access, side };
  const give = (person: PersonNumber, answered: readonly string[]) =>
    giveConsent(
      parts,
      {
        client,
        person,
        use: 'login',
        scopes: SCOPES,
        resource: [],
        prompt: [],
        login: { acr: 'idporten-loa-high', fresh: true },
        answered,
      },
      { userAgent: 'Firefox' },
    );
  t.equal((await give(kari, ['fhi:vaksine/egne.read'])).round, 1);
  t.equal((await give(ola, [])).round, 1);
  await recordLogin(
    access,
    { loginHistoryDays: 600 },
    { person: kari, acr: 'idporten-loa-high', amr: ['BankID'], service: { clientId: CLIENT, orgnr: client.orgnr, name: 'Min side' } },
  );

  const issuer = idportenName(gateway.origin);
  const tokenOf = (pid: PersonNumber, scopes = BOTH, more = {}) =>
    gateway.keys.sign(
      personClaims({ issuer, audience: gateway.origin, pid, clientId: CLIENT, acr: 'idporten-loa-substantial', scopes, ...more }),
      { expiresInSeconds: 600, now: Date.now() },
    );
  const asPerson = async (path: string, pid = kari, scopes = BOTH, more = {}, method = 'GET') =>
    gateway.get(`/idporten${path}`, { method, headers: { Authorization: `Bearer ${await tokenOf(pid, scopes, more)}` } });
  const machine = { orgnr: OSLO, scopes: ['idporten:authorizations'] };

  const own = await asPerson('/clients/authorizations');
  t.equal(own.status, 200);
  const id = authorizationId(parts, { brukerId: access.vault.nameOf(kari), clientId: CLIENT });
  t.match(own.json, [{ authorization_id: id, client_id: CLIENT, user_agent: 'Firefox', consumer: { ID: `0192:${OSLO}` } }]);
  t.same(own.json[0].scopes.map(({ name, requires_user_consent }: Record<string, unknown>) => [name, requires_user_consent]).sort(), [
    ['dibk:byggesak/egne.read', false],
    ['fhi:vaksine/egne.read', true],
  ]);
  t.ok(own.json[0].expires > own.json[0].authorized_at);
  t.notOk(own.text.includes(kari), 'nobody’s number is in it');
  t.same((await asPerson('/api-provider/authorizations')).json, [], 'Oslo owns none of the scopes');
  t.same((await asPerson('/clients/authorizations', ola)).json, [], 'nothing that was asked for');
  t.equal((await asPerson('/clients/authorizations?require_user_consent=false', ola)).json.length, 1);
  t.same((await asPerson('/clients/authorizations?visibility=PRIVATE')).json, []);
  t.match((await asPerson('/logg/idporten?maxhits=5')).json, [
    { tjeneste: 'Min side', eid: 'BankID', integrasjon_id: CLIENT, orgno: OSLO },
  ]);

  const looked = await gateway.send(machine, 'POST', '/idporten/clients/authorizations', { pid: kari });
  t.same(looked.json, own.json, 'a machine hears the same');
  t.equal((await gateway.send({ ...machine, orgnr: FHI }, 'POST', '/idporten/api-provider/authorizations', { pid: kari })).json.length, 1);
  t.same((await gateway.send({ ...machine, orgnr: FHI }, 'POST', '/idporten/clients/authorizations', { pid: kari })).json, []);

  await t.test('who may not is refused', async (t) => {
    t.equal((await gateway.get('/idporten/clients/authorizations')).status, 401);
    t.equal((await asPerson('/clients/authorizations', kari, ['openid'])).status, 403, 'without the scope');
    t.equal((await asPerson('/clients/authorizations', kari, BOTH, { acr: 'idporten-loa-low' })).status, 401, 'not surely enough');
    t.equal((await asPerson('/clients/authorizations', kari, BOTH, { clientId: 'ukjent' })).status, 403, 'by a client that is not here');
    t.equal((await gateway.send(machine, 'GET', '/idporten/clients/authorizations')).status, 403, 'a machine names the person');
    t.equal(
      (await gateway.send({ ...machine, scopes: ['ks:fiks'] }, 'POST', '/idporten/clients/authorizations', { pid: kari })).status,
      403,
    );
    t.equal((await gateway.send({ ...machine, supplier: FHI }, 'POST', '/idporten/clients/authorizations', { pid: kari })).status, 403);
    t.equal((await gateway.send(machine, 'POST', '/idporten/clients/authorizations', { pid: '01010199999' })).status, 400);
    const [foreign, unknown] = await Promise.all([
      gateway.send({ ...machine, orgnr: '974760223' }, 'DELETE', `/idporten/authorizations/${'A'.repeat(43)}`),
      gateway.send({ orgnr: '991825827', scopes: machine.scopes }, 'DELETE', `/idporten/authorizations/${id}`),
    ]);
    t.same([foreign.status, unknown.status], [404, 404]);
    t.equal(foreign.json.detail, unknown.json.detail, 'what is foreign is as what is not there');
    t.equal((await asPerson(`/authorizations/${id}`, ola, BOTH, {}, 'DELETE')).status, 404, 'nor is another person’s');
  });

  t.equal((await asPerson(`/authorizations/${id}`, kari, BOTH, {}, 'DELETE')).status, 204);
  t.same((await asPerson('/clients/authorizations')).json, []);
  t.equal((await asPerson(`/authorizations/${id}`, kari, BOTH, {}, 'DELETE')).status, 204, 'once more is as once');
  const list = await gateway.get(`/idporten/revokelist?client_id=${CLIENT}`);
  t.match(list.json, { revoked_access_tokens: [] });
  t.equal((await gateway.get('/idporten/revokelist')).status, 400);
  t.ok(toInstant(list.json.created));
});
