import t from 'tap';
import type { Orgnr } from '#domain';
import { machineClaims } from '#maskinporten';
import { runGateway } from '../../fixtures/gateway.js';

const API = '/leverandor-tjenester/api/v1/applikasjoner';
const gateway = await runGateway(t, { refusalsPerMinute: 10_000 });
const { send, world, origin } = gateway;
const FHI = { client: 'fhi' };
const ANY = { 'If-Match': '*' };
const TEXTS = { navn: { nb: 'Prøve', nn: 'Prøve', en: 'Trial' }, beskrivelse: { nb: 'Til prøve.' }, url: 'https://prove.example' };
type State = 'utkast' | 'aktiv' | 'avviklet';

/** A new application of FHI in a state. */
async function created(state: State = 'utkast'): Promise<string> {
  const path = (await send(FHI, 'POST', API, TEXTS)).headers.get('location') ?? '';
  if (state !== 'utkast') await send(FHI, 'PATCH', path, { tilstand: state }, ANY);
  return path;
}

t.test('a patch is merged: what it names changes, null takes away, the rest stays', async (t) => {
  const path = await created();
  const change = async (patch: unknown) => (await send(FHI, 'PATCH', path, patch, ANY)).json;
  const { navn } = await change({ navn: { en: null, nn: 'Freistnad' } });
  t.same(navn, { nb: 'Prøve', nn: 'Freistnad' });
  t.same((await change({ klienter: { klientIder: ['a'] } })).klienter, { klientIder: ['a'] });
  const supplier = world.clients.find(({ supplierOrgnr }) => supplierOrgnr)?.supplierOrgnr;
  t.same((await change({ klienter: { leverandorer: [supplier] } })).klienter, { klientIder: ['a'], leverandorer: [supplier] });
  const { klienter, roller, url } = await change({ klienter: null, roller: ['saksbehandler'] });
  t.equal(klienter, undefined);
  t.same(roller, ['use', 'saksbehandler']);
  t.equal(url, TEXTS.url);
  const as = { ...ANY, 'Content-Type': 'application/json' };
  t.match(await send(FHI, 'PATCH', path, '{"url":"https://ny.example"}', as), { status: 200, json: { url: 'https://ny.example' } });
});

t.test('a change needs the revision that it was made from', async (t) => {
  const path = await created();
  const patch = { navn: { nb: 'Ny' } };
  t.match(await send(FHI, 'PATCH', path, patch), { status: 428, json: { type: '/problems/precondition-required' } });
  for (const stale of ['"7"', 'W/"1"', '"tull"'])
    t.match(await send(FHI, 'PATCH', path, patch, { 'If-Match': stale }), { status: 412 }, `If-Match ${stale}`);
  const { status, headers, json } = await send(FHI, 'PATCH', path, patch, { 'If-Match': '"9", "1"' });
  t.equal(status, 200);
  t.equal(headers.get('etag'), '"2"');
  t.equal(json.revisjon, 2);
  t.equal((await send(FHI, 'PATCH', path, patch, { 'If-Match': '"1"' })).status, 412);
  t.equal((await send(FHI, 'DELETE', path)).status, 428);
  t.equal((await send(FHI, 'DELETE', path, undefined, { 'If-Match': '"1"' })).status, 412);
});

t.test('a patch with a fault changes nothing and tells where it is', async (t) => {
  const path = await created();
  const faults: [string, string][] = [
    ['{"__proto__":{"tilstand":"aktiv"}}', '/__proto__'],
    ['{"constructor":{"a":1}}', '/constructor'],
    ['{"navn":{"__proto__":"x"}}', '/navn/__proto__'],
    ['{"navn":{"nb":null}}', '/navn/nb'],
    ['{"url":"http://a.example"}', '/url'],
    ['{"url":"javascript:alert(1)"}', '/url'],
    ['{"url":"https://["}', '/url'],
    ['{"roller":["use","use"]}', '/roller'],
    ['{"klienter":{"leverandorer":["123456789"]}}', '/klienter/leverandorer/0'],
    ['{"tilbyder":"974760223"}', '/tilbyder'],
    ['{"appId":"x"}', '/appId'],
    ['[]', ''],
  ];
  for (const [body, pointer] of faults) {
    const headers = { ...ANY, 'Content-Type': 'application/merge-patch+json' };
    const { status, json } = await send(FHI, 'PATCH', path, body, headers);
    t.equal(status, 400, body);
    t.ok(
      json.errors?.some((one: { pointer: string }) => one.pointer === pointer),
      JSON.stringify(json.errors),
    );
  }
  t.match((await send(FHI, 'GET', path)).json, { ...TEXTS, revisjon: 1 });
  t.equal(({} as { tilstand?: string }).tilstand, undefined);
});

t.test('states go from utkast to aktiv to avviklet and never back', async (t) => {
  const moves: Record<State, State[]> = { utkast: ['utkast', 'aktiv', 'avviklet'], aktiv: ['aktiv', 'avviklet'], avviklet: [] };
  for (const [from, allowed] of Object.entries(moves) as [State, State[]][]) {
    for (const to of Object.keys(moves) as State[]) {
      const path = await created(from);
      const { status, json } = await send(FHI, 'PATCH', path, { tilstand: to }, ANY);
      t.equal(status, allowed.includes(to) ? 200 : 409, `${from} to ${to}`);
      if (status === 409) t.equal(json.type, '/problems/transition-not-allowed');
      t.equal((await send(FHI, 'GET', path)).json.tilstand, allowed.includes(to) ? to : from);
    }
  }
});

t.test('DELETE retires an application, as often as it is sent, and what is retired stays as it is', async (t) => {
  for (const state of ['utkast', 'aktiv'] as const) {
    const path = await created(state);
    t.equal((await send(FHI, 'DELETE', path, undefined, ANY)).status, 204);
    t.equal((await send(FHI, 'DELETE', path, undefined, ANY)).status, 204);
    const before = (await send(FHI, 'GET', path)).json;
    t.equal(before.tilstand, 'avviklet');
    t.match(await send(FHI, 'PATCH', path, { navn: { nb: 'Ny' } }, ANY), {
      status: 409,
      json: { type: '/problems/transition-not-allowed' },
    });
    const svg = { ...ANY, 'Content-Type': 'image/svg+xml' };
    t.equal((await send(FHI, 'PUT', `${path}/logo`, '<svg xmlns="http://www.w3.org/2000/svg"/>', svg)).status, 409);
    t.same((await send(FHI, 'GET', path)).json, before);
  }
});

t.test('an application that is retired answers nobody from then on', async (t) => {
  const { appId, brukerIdent } = world.first;
  t.ok((await gateway.ask(appId, { brukerIdent })).json.tilganger.length >= 2);
  t.equal((await send(FHI, 'DELETE', `${API}/${appId}`, undefined, ANY)).status, 204);
  t.same((await gateway.ask(appId, { brukerIdent })).json, { tilganger: [] });
});

t.test('an application that limits its clients answers those alone', async (t) => {
  const app = world.applications.find(({ name }) => name.nb === 'Byggesaksinnsyn');
  const person = world.persons.find(({ expected }) => expected.some(({ appId, orgnr }) => appId === app?.id && orgnr.length > 0));
  const { orgnr, supplierOrgnr = '' as Orgnr } = world.clients.find(({ id }) => id === 'leverandor') ?? { orgnr: '' as Orgnr };
  const other = world.clients.find(({ id }) => id === 'fremmed')?.orgnr as Orgnr;
  const asked = async (id: string, supplier?: Orgnr): Promise<number> => {
    const client = { id, orgnr, ...(supplier === undefined ? {} : { supplierOrgnr: supplier }) };
    const claims = machineClaims({ issuer: `${origin}/maskinporten/`, audience: origin, client, scopes: ['ks:fiks'] });
    const token = await gateway.keys.sign(claims, { expiresInSeconds: 600, now: Date.now() });
    const { status, json } = await gateway.ask(app?.id ?? '', { brukerIdent: person?.brukerIdent }, { token });
    if (status === 200) t.ok(json.tilganger.length > 0);
    else t.equal(json.type, '/problems/client-not-allowed');
    return status;
  };
  const limit = async (klienter: unknown) =>
    t.equal((await send({ client: 'dibk' }, 'PATCH', `${API}/${app?.id}`, { klienter }, ANY)).status, 200, JSON.stringify(klienter));
  t.equal(await asked('hvem-som-helst'), 200);
  await limit({ klientIder: ['dibk'] });
  t.equal(await asked('dibk'), 200);
  t.equal(await asked('DIBK'), 403, 'ids are byte-exact (threat 25)');
  t.equal(await asked('annen'), 403);
  t.equal(await asked('dibk', other), 200, 'suppliers are not limited');
  await limit(null);
  await limit({ leverandorer: [supplierOrgnr] });
  t.equal(await asked('annen'), 200, 'the tilbyder itself always may');
  t.equal(await asked('annen', supplierOrgnr), 200);
  t.equal(await asked('annen', other), 403);
  await limit({ klientIder: ['leverandor'] });
  t.equal(await asked('leverandor', supplierOrgnr), 200);
  t.equal(await asked('leverandor', other), 403);
  t.equal(await asked('annen', supplierOrgnr), 403);
  await limit(null);
  t.equal(await asked('annen', other), 200);
});
