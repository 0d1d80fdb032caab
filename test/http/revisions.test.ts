import t from 'tap';
import { openPersonVault } from '#persons';
import { newPersons } from '../fixtures/demo-folder.js';
import { runGateway, temporaryFolder } from '../fixtures/gateway.js';

const gateway = await runGateway(t);
const { world } = gateway;
const { appId } = world.first;
const [anne = '', berit = ''] = newPersons(2, world);
const OSLO = '958935420';
const leader = { person: 'oslo-leder' };
const people = `/konsument-bruker/api/v1/organisasjoner/${OSLO}/applikasjoner/${appId}/brukere`;
const HEADER = 'Tilgang-Revision';

t.test('a change answers a revision, and whoever sends it is answered from a state at least as new (threat 21)', async (t) => {
  const given = await gateway.send(leader, 'POST', people, { brukerIdent: anne }, { 'Idempotency-Key': 'revision-of-anne' });
  t.equal(given.status, 201);
  const revision = given.headers.get(HEADER) ?? '';
  t.match(revision, /^[A-Za-z0-9_-]{38,200}$/);
  const token = await gateway.tokenOf({
    client: world.clients.find(({ orgnr, supplierOrgnr, scopes }) => orgnr === tilbyder() && !supplierOrgnr && scopes.length > 0)?.id ?? '',
  });
  const asked = await gateway.ask(appId, { brukerIdent: anne }, { token, headers: { [HEADER]: revision } });
  t.equal(asked.status, 200);
  t.match(asked.json, { tilganger: [{ orgnr: OSLO }] });
  t.equal(asked.headers.get(HEADER), null, 'a question changes nothing');
  t.equal((await gateway.send(leader, 'GET', people, undefined, { [HEADER]: revision })).status, 200);

  const again = await gateway.send(leader, 'POST', people, { brukerIdent: anne }, { 'Idempotency-Key': 'revision-of-anne' });
  t.equal(again.headers.get(HEADER), revision, 'an answer that was kept tells the revision of its change');
  const etag = given.headers.get('etag') ?? '';
  const gone = await gateway.send(leader, 'DELETE', given.headers.get('location') ?? '', {}, { 'If-Match': etag });
  t.equal(gone.status, 204);
  const after = await gateway.ask(appId, { brukerIdent: anne }, { token, headers: { [HEADER]: gone.headers.get(HEADER) ?? '' } });
  t.same(after.json, { tilganger: [] });
  function tilbyder(): string | undefined {
    return world.applications.find(({ id }) => id === appId)?.tilbyder;
  }
});

t.test(
  'what no change has answered is refused by name, and what cannot be had yet is answered 503 with Retry-After (threat 23)',
  async (t) => {
    const { headers } = await gateway.send(leader, 'POST', people, { brukerIdent: berit });
    const revision = headers.get(HEADER) ?? '';
    const [vault, strange] = [await openPersonVault(gateway.config.data), await openPersonVault(temporaryFolder(t))];
    for (const sent of [
      '1',
      '0000000000000001.0',
      `${revision}A`,
      revision.slice(1),
      strange.sealToken('0000000000000001.0', HEADER),
      vault.sealToken('0000000000000001.0', 'another use'),
      vault.sealText('0000000000000001.0', HEADER),
      `${revision.slice(0, -2)}${revision.endsWith('AA') ? 'BB' : 'AA'}`,
    ]) {
      const { status, json } = await gateway.ask(appId, { brukerIdent: anne }, { headers: { [HEADER]: sent } });
      t.equal(status, 400);
      t.match(json.errors, [{ parameter: HEADER }]);
    }
    const ahead = await gateway.ask(appId, { brukerIdent: anne }, { headers: { [HEADER]: vault.sealToken('0000000900000000.0', HEADER) } });
    t.equal(ahead.status, 503);
    t.match(ahead.json.type, /store-unavailable/);
    t.equal(ahead.headers.get('retry-after'), '5');
  },
);
