import { setTimeout as passed } from 'node:timers/promises';
import t from 'tap';
import { operatorRequest } from '#access';
import { DAY_MS } from '#domain';
import { createFirstClient, FIRST_SCOPES } from '#maskinporten';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { runGateway } from '../../fixtures/gateway.js';
import { DIBK, FHI, maskinportenSide, OSLO } from '../../fixtures/maskinporten.js';
import { keyPair } from '../../maskinporten/room.js';

t.setTimeout(120_000);

const described = readAnswerDescription('src/http/maskinporten/selfservice/openapi.yaml');
const oslo = { orgnr: OSLO, scopes: ['idporten:dcr.read', 'idporten:dcr.write'] };
const [ONE, TWO] = [keyPair('one'), keyPair('two')];
const MACHINE = { client_name: 'Fagsystem', integration_type: 'maskinporten' };

t.test('the keys of a client over the API', async (t) => {
  let now = Date.now();
  const clock = (): number => now;
  const gateway = await runGateway(t, { refusalsPerMinute: 1e6 }, clock);
  const { send, parts } = await maskinportenSide(t, gateway, clock);
  const { json: client } = await send(oslo, 'POST', '/clients', MACHINE);
  const path = `/clients/${client.client_id}/jwks`;
  const kids = async (): Promise<string> => (await send(oslo, 'GET', path)).json.keys.map((one: { kid: string }) => one.kid).join(' ');
  const set = (...keys: object[]) => send(oslo, 'POST', path, { keys });

  await t.test('MP 23: none is 404, six are 400, one takes the place of three', async (t) => {
    const none = await send(oslo, 'GET', path);
    t.equal(none.status, 404);
    t.equal(described.faultsOf('readKeys', none), '');
    t.equal((await set(...'abcdef'.split('').map((kid) => ({ ...ONE.jwk, kid })))).status, 400);
    const three = await set(...'abc'.split('').map((kid) => ({ ...ONE.jwk, kid })));
    t.equal(described.faultsOf('replaceKeys', three), '');
    t.equal(await kids(), 'a b c');
    await set(ONE.jwk);
    t.equal(await kids(), 'one');
    const { json } = await send(oslo, 'GET', path);
    t.equal(Date.parse(json.keys[0].expires) - Date.parse(json.keys[0].created), 365 * DAY_MS, 'when it ends is told with it');
    t.match((await send(oslo, 'GET', `/clients/${client.client_id}`)).json, { jwks_uri: new RegExp(`${path}$`) });
  });

  await t.test('MP 23: a private key is refused, and stands neither in answers, nor the log, nor the store', async (t) => {
    const secret = ONE.secret.d as string;
    const answers = [
      await set(TWO.jwk, ONE.secret),
      await send(oslo, 'PUT', `${path}/one`, ONE.secret),
      await send(oslo, 'POST', `/clients/${client.client_id}/key`, JSON.stringify(ONE.secret), { 'Content-Type': 'text/plain' }),
    ];
    for (const answer of answers) {
      t.equal(answer.status, 400);
      t.notOk(answer.text.includes(secret) || answer.text.includes(secret.slice(0, 40)));
      t.match(answer.text, /private key/);
    }
    t.equal(await kids(), 'one', 'nothing of the set is kept');
    const { events } = await parts.store.events.concerning(OSLO, { limit: 1000 });
    t.notOk(JSON.stringify(events).includes(secret));
    t.notOk(gateway.lines.join('').includes(secret.slice(0, 40)));
    for (const change of [
      { use: 'enc' },
      { use: undefined },
      { alg: 'ES256' },
      { kty: 'EC' },
      { e: 'AQ' },
      { n: keyPair('x', 1024).jwk.n },
    ]) {
      t.equal((await set({ ...ONE.jwk, ...change })).status, 400, JSON.stringify(Object.keys(change)));
    }
  });

  await t.test('one key is added, renewed, read and removed beside the others', async (t) => {
    const put = await send(oslo, 'PUT', `${path}/two`, TWO.jwk);
    t.equal(put.status, 200, put.text);
    t.equal(described.faultsOf('putKey', put), '');
    t.equal(await kids(), 'one two');
    t.equal((await send(oslo, 'PUT', `${path}/three`, TWO.jwk)).status, 400, 'another kid than that of the path');
    const read = await send(oslo, 'GET', `${path}/two`);
    t.same(read.json, put.json);
    t.equal(described.faultsOf('readKey', read), '');
    const pem = TWO.publicKey.export({ type: 'spki', format: 'pem' }) as string;
    for (const base of ['/maskinporten/api/v2', '/maskinporten/api/v1', '/maskinporten']) {
      const added = await gateway.get(`${base}/clients/${client.client_id}/key`, {
        method: 'POST',
        body: pem,
        headers: { 'Content-Type': 'text/plain' },
      });
      t.equal(added.status, 401, `${base} leads to it`);
    }
    const added = await send(oslo, 'POST', `/clients/${client.client_id}/key`, pem, { 'Content-Type': 'text/plain' });
    t.match(added.json, { kid: /^[\w-]{43}$/, n: TWO.jwk.n });
    t.equal(described.faultsOf('addKey', added), '');
    t.equal((await send(oslo, 'POST', `/clients/${client.client_id}/key`, pem, { 'Content-Type': 'application/json' })).status, 415);
    t.equal(
      (await send(oslo, 'POST', `/clients/${client.client_id}/key`, 'x'.repeat(70_000), { 'Content-Type': 'text/plain' })).status,
      413,
    );
    const gone = await send(oslo, 'DELETE', `${path}/${added.json.kid}`);
    t.same([gone.status, gone.text], [200, '']);
    t.equal((await send(oslo, 'GET', `${path}/${added.json.kid}`)).status, 404);
    const { status } = await send({ orgnr: OSLO, scopes: ['idporten:dcr.modify'] }, 'PUT', `${path}/two`, TWO.jwk);
    t.equal(status, 200, 'the scope for keys is enough');
    t.equal((await send({ orgnr: OSLO, scopes: ['idporten:dcr.read'] }, 'DELETE', path)).status, 403);
  });

  await t.test('MP 11: what ends soon is listed, and what is sent again begins anew', async (t) => {
    now += 200 * DAY_MS;
    const later = { orgnr: OSLO, scopes: [...oslo.scopes].reverse() };
    await send(later, 'PUT', `${path}/two`, TWO.jwk);
    now += 110 * DAY_MS;
    const fresh = { orgnr: OSLO, scopes: ['idporten:dcr.read', 'idporten:dcr.write', 'idporten:dcr.modify'] };
    // Of what the demo's world has, nothing.
    const ours = (rows: readonly { readonly client_id: string }[]) => rows.filter((one) => one.client_id === client.client_id);
    const listed = await send(fresh, 'GET', '/clients/keys/expiring');
    t.equal(described.faultsOf('listExpiringKeys', listed), '');
    t.match(ours(listed.json), [{ client_id: client.client_id, kid: 'one', expired: false }]);
    t.equal(ours(listed.json).length, 1);
    t.same(ours((await send(fresh, 'GET', '/clients/keys/expiring?within_days=30')).json), []);
    now += 60 * DAY_MS;
    const last = { orgnr: OSLO, scopes: ['idporten:dcr.modify', 'idporten:dcr.read'] };
    t.match(ours((await send(last, 'GET', '/clients/keys/expiring?within_days=1')).json), [{ kid: 'one', expired: true }]);
    t.match((await send(last, 'GET', `${path}/one`)).json, { expired: true });
    t.match((await send(last, 'PUT', `${path}/one`, ONE.jwk)).json, { expired: false });
    t.same(ours((await send(last, 'GET', '/clients/keys/expiring?within_days=1')).json), []);
    t.equal((await send(last, 'GET', '/clients/keys/expiring?within_days=0')).status, 400);
  });

  await t.test('the operator hands out the first client, and from there an organisation goes on by itself', async (t) => {
    const first = { orgnr: FHI, name: 'Forvaltning', jwk: ONE.jwk };
    const { value } = await createFirstClient(parts, operatorRequest(), first);
    t.match(value, { orgnr: FHI, scopes: FIRST_SCOPES, keys: [{ kid: 'one' }] });
    const faultOf = (made: Promise<unknown>): Promise<string> => made.then(String, ({ slug }) => slug);
    for (const wrong of [{ jwk: ONE.secret }, { scopes: ['fhi:a'] }]) {
      t.equal(await faultOf(createFirstClient(parts, operatorRequest(), { ...first, orgnr: DIBK, ...wrong })), 'invalid-request');
    }
    const machine = { caller: { kind: 'machine' as const, consumer: DIBK, clientId: 'dibk', scopes: FIRST_SCOPES } };
    t.equal(
      await faultOf(createFirstClient(parts, machine, { ...first, orgnr: DIBK })),
      'action-not-allowed',
      'nobody does it for oneself',
    );
  });

  await t.test('the simple way makes a client for machines with its keys, or nothing', async (t) => {
    const sharing = { orgnr: DIBK, scopes: ['idporten:dcr.datasharing'] };
    const consumer = '/datasharing/consumer';
    t.equal((await send(sharing, 'POST', `${consumer}/client`, { description: 'A', scopes: [], keys: [ONE.secret] })).status, 400);
    t.equal((await send(sharing, 'POST', `${consumer}/client`, { description: 'A', scopes: ['fhi:none'], keys: [ONE.jwk] })).status, 403);
    // Its organisation administers itself by another client; this scope is for fetching data.
    const keeper = await createFirstClient(parts, operatorRequest(), { name: 'Selvbetjening', jwk: ONE.jwk, orgnr: DIBK });
    const asKeeper = { description: 'A', scopes: ['ks:fiks.konsument', 'idporten:dcr.write'], keys: [ONE.jwk] };
    const refused = await send(sharing, 'POST', `${consumer}/client`, asKeeper);
    t.equal(refused.status, 403, 'nobody makes oneself an administrator by it');
    t.match(refused.json.errors, [{}, { fieldIdentifier: /scopes\/1/, errorMessage: /installation’s own/ }]);
    t.equal((await send(sharing, 'DELETE', `${consumer}/client?client_id=${keeper.value.id}`)).status, 403, 'nor ends one who is');
    const before = (await send(sharing, 'GET', `${consumer}/client`)).json;
    const made = await send(sharing, 'POST', `${consumer}/client`, { description: 'A', scopes: [], keys: [ONE.jwk] });
    t.equal(described.faultsOf('createSharedClient', made), '');
    t.equal((await send(sharing, 'GET', `${consumer}/client`)).json.length, before.length + 1);
    t.equal((await send(sharing, 'GET', `${consumer}/scope/access`)).status, 200);
    const gone = await send(sharing, 'DELETE', `${consumer}/client?client_id=${made.json.client_id}`);
    t.match(gone.json, { active: false });
    t.equal((await send(sharing, 'DELETE', `${consumer}/client?client_id=${client.client_id}`)).status, 403, 'another organisation’s');
    t.equal((await send(oslo, 'GET', `${consumer}/client`)).status, 401, 'its token is too old by now');
  });

  await t.test('a gateway tells in its log, and in the history of the client, that a key ends soon', async (t) => {
    await gateway.stop();
    now += 340 * DAY_MS;
    const next = await runGateway(t, { data: gateway.config.data }, clock);
    const told = (): string[] => next.lines.filter((line) => line.includes('client key ends soon'));
    const own = (): string | undefined => told().find((line) => line.includes(client.client_id));
    while (own() === undefined) await passed(10);
    t.match(JSON.parse(own() ?? ''), { client: /\S/, orgnr: /^[0-9]{9}$/, kid: /one|two/, days: Number });
    const { events } = await parts.store.events.of('client', client.client_id, { limit: 1 });
    t.match(events[0], { action: 'client-key.ends-soon', actor: 'operator' });
  });
});
