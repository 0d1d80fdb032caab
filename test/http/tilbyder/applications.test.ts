import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';

const API = '/leverandor-tjenester/api/v1/applikasjoner';
const gateway = await runGateway(t, { refusalsPerMinute: 10_000, draftsPerTilbyder: 1000 });
const { send, world } = gateway;
const FHI = { client: 'fhi' };
const DIBK = { client: 'dibk' };
const LEADER = { person: 'fhi-leder' };
const orgnrOf = (id: string): string => world.clients.find((client) => client.id === id)?.orgnr ?? '';
const TEXTS = { navn: { nb: 'Prøve' }, beskrivelse: { nb: 'Til prøve.' }, url: 'https://prove.example' };
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

/** A new application of FHI. */
async function created(more: Record<string, unknown> = {}): Promise<string> {
  const { status, json } = await send(FHI, 'POST', API, { ...TEXTS, ...more });
  if (status !== 201) throw new TypeError(`${status} ${JSON.stringify(json)}`);
  return `${API}/${json.appId}`;
}
const pointersOf = (json: { errors?: { pointer: string }[] }): string[] => (json.errors ?? []).map(({ pointer }) => pointer);

t.test('a new application is a draft of its tilbyder, has the role use, and is read where Location says', async (t) => {
  const sent = { ...TEXTS, navn: { nb: 'Badeplasser', nn: 'Badeplassar', en: 'Bathing places' }, roller: ['saksbehandler'] };
  const { status, json, headers } = await send(FHI, 'POST', API, sent);
  t.equal(status, 201);
  t.equal(headers.get('location'), `${API}/${json.appId}`);
  t.equal(headers.get('etag'), '"1"');
  t.same(json, {
    ...sent,
    appId: json.appId,
    tilbyder: orgnrOf('fhi'),
    tilstand: 'utkast',
    roller: ['use', 'saksbehandler'],
    revisjon: 1,
  });
  t.same((await send(FHI, 'GET', headers.get('location') ?? '')).json, json);
  t.same((await send(FHI, 'GET', await created())).json.roller, ['use']);
});

t.test('the same application sent again under a key is the one that was made, and another one is refused', async (t) => {
  const key = { 'Idempotency-Key': 'badeplass-0001' };
  const first = await send(FHI, 'POST', API, TEXTS, key);
  const again = await send(FHI, 'POST', API, TEXTS, key);
  t.equal(again.status, 201);
  t.same(again.json, first.json);
  t.equal(again.headers.get('location'), first.headers.get('location'));
  t.match(await send(FHI, 'POST', API, { ...TEXTS, roller: ['annen'] }, key), {
    status: 422,
    json: { type: '/problems/idempotency-key-reused' },
  });
  const other = await send(DIBK, 'POST', API, TEXTS, key);
  t.equal(other.status, 201, 'the key of another is another key');
  t.not(other.json.appId, first.json.appId);
  t.equal((await send(FHI, 'POST', API, TEXTS, { 'Idempotency-Key': 'kort' })).status, 400);
});

t.test('search finds a text in each language in any letter case, among the own applications only', async (t) => {
  await created({
    navn: { nb: 'Ørretvann', nn: 'Aurevatn', en: 'Trout LAKE' },
    beskrivelse: { nb: 'Om fisk', nn: 'Om fisken', en: 'On fish' },
  });
  const found = async (sok: string, holder = FHI): Promise<string[]> =>
    (await send(holder, 'GET', `${API}?sok=${encodeURIComponent(sok)}`)).json.applikasjoner.map(
      (one: { navn: { nb: string } }) => one.navn.nb,
    );
  for (const sok of ['ørret', 'ØRRETVANN', 'aureVATN', 'trout lake', 'OM FISKEN', 'on fish']) t.same(await found(sok), ['Ørretvann'], sok);
  t.same(await found('finnes ikke'), []);
  t.same(await found('ørret', DIBK), []);
  t.equal((await send(FHI, 'GET', `${API}?sok=`)).status, 400);
});

t.test('the list can be of one state', async (t) => {
  const states = { utkast: 'draft', aktiv: 'active', avviklet: 'retired' };
  for (const [tilstand, state] of Object.entries(states)) {
    const { json } = await send(DIBK, 'GET', `${API}?tilstand=${tilstand}`);
    const ids = world.applications.filter((one) => one.tilbyder === orgnrOf('dibk') && one.state === state).map(({ id }) => id);
    const listed = json.applikasjoner as { appId: string; tilstand: string }[];
    t.ok(
      listed.every((one) => one.tilstand === tilstand),
      tilstand,
    );
    t.ok(ids.every((id) => listed.some(({ appId }) => appId === id)));
  }
  t.equal((await send(FHI, 'GET', `${API}?tilstand=active`)).status, 400);
});

t.test('pages of a hundred and fifty applications neither drop nor repeat one', async (t) => {
  const made = await Promise.all(Array.from({ length: 150 }, (_, i) => created({ navn: { nb: `Side ${i}` } })));
  for (const query of ['antall=40', 'antall=40&sok=side', 'antall=1000']) {
    const seen: string[] = [];
    let next: string | undefined;
    if (query === 'antall=1000') {
      t.equal((await send(FHI, 'GET', `${API}?${query}`)).status, 400);
      continue;
    }
    do {
      const { json } = await send(FHI, 'GET', `${API}?${query}${next === undefined ? '' : `&markor=${encodeURIComponent(next)}`}`);
      t.ok(json.applikasjoner.length <= 40);
      seen.push(...json.applikasjoner.map(({ appId }: { appId: string }) => `${API}/${appId}`));
      next = json.neste;
    } while (next !== undefined);
    t.equal(new Set(seen).size, seen.length, 'none is repeated');
    t.ok(
      made.every((path) => seen.includes(path)),
      'none is dropped',
    );
    if (query.includes('sok')) t.equal(seen.length, 150);
  }
});

t.test('a cursor of another tilbyder shows nothing of it (threat 27)', async (t) => {
  const { neste } = (await send(FHI, 'GET', `${API}?antall=1`)).json;
  const { status, json } = await send(DIBK, 'GET', `${API}?markor=${encodeURIComponent(neste)}`);
  const foreign = (json.applikasjoner ?? []).filter((one: { tilbyder: string }) => one.tilbyder !== orgnrOf('dibk'));
  t.same(foreign, [], String(status));
});

t.test('a foreign application is answered like an unknown one, by every operation (threat 27)', async (t) => {
  const foreign = world.applications.find(({ tilbyder }) => tilbyder === orgnrOf('dibk'))?.id;
  const proving = { brukerIdent: '01819011067', tilganger: [{ orgnr: '958935420' }] };
  const any = { 'If-Match': '*' };
  const acts: [string, string, unknown?, Record<string, string>?][] = [
    ['GET', ''],
    ['PATCH', '', { tilstand: 'avviklet' }, any],
    ['DELETE', '', undefined, any],
    ['PUT', '/logo', '<svg xmlns="http://www.w3.org/2000/svg"/>', { ...any, 'Content-Type': 'image/svg+xml' }],
    ['DELETE', '/logo', undefined, any],
    ['GET', '/konsumenter'],
    ['POST', '/proving', proving],
  ];
  for (const holder of [FHI, LEADER, { client: 'fremmed' }]) {
    for (const [method, path, body, headers] of acts) {
      const told = await Promise.all(
        [foreign, UNKNOWN, 'tull'].map(async (id) => {
          const { status, json } = await send(holder, method, `${API}/${id}${path}`, body, headers);
          return { status, ...json, requestId: '' };
        }),
      );
      t.match(told[0], { status: 404, type: '/problems/application-not-found' }, `${JSON.stringify(holder)} ${method} ${path}`);
      t.same(told[1], told[0]);
      t.same(told[2], told[0]);
    }
  }
  t.equal((await send(DIBK, 'GET', `${API}/${foreign}`)).json.tilstand !== 'avviklet', true);
});

t.test(
  'a supplier by delegation keeps the applications of the tilbyder, and a person those of the organisation that it names',
  async (t) => {
    const bySupplier = await send({ client: 'leverandor' }, 'POST', API, TEXTS);
    t.match(bySupplier, { status: 201, json: { tilbyder: orgnrOf('dibk') } });
    t.equal((await send({ person: 'dibk-applikasjon' }, 'GET', bySupplier.headers.get('location') ?? '')).status, 200);
    t.match(await send(LEADER, 'POST', `${API}?tilbyder=${orgnrOf('fhi')}`, TEXTS), { status: 201, json: { tilbyder: orgnrOf('fhi') } });
    t.equal((await send(LEADER, 'GET', `${API}?tilbyder=${orgnrOf('fhi')}`)).status, 200);
    for (const query of [`?tilbyder=${orgnrOf('dibk')}`, '?tilbyder=999999999'])
      for (const method of ['GET', 'POST']) {
        const { status, json } = await send(LEADER, method, API + query, method === 'POST' ? TEXTS : undefined);
        t.match({ status, json }, { status: 404, json: { type: '/problems/organisation-not-found' } }, `${method} ${query}`);
      }
    t.equal((await send(FHI, 'POST', `${API}?tilbyder=${orgnrOf('dibk')}`, TEXTS)).status, 404, 'a machine is its consumer only');
    t.equal((await send({ client: 'fremmed' }, 'POST', API, TEXTS)).status, 403, 'not everybody may be tilbyder');
    t.equal((await send({ client: 'uten-scope' }, 'GET', API)).status, 403);
  },
);

t.test('what is wrong with an application is told by pointers', async (t) => {
  const faults: [Record<string, unknown>, string][] = [
    [{ url: 'http://prove.example' }, '/url'],
    [{ url: 'javascript:alert(1)' }, '/url'],
    [{ url: 'https://[' }, '/url'],
    [{ url: 'https://a b' }, '/url'],
    [{ navn: { en: 'Only English' } }, '/navn/nb'],
    [{ navn: { nb: ' ' } }, '/navn/nb'],
    [{ navn: { nb: 'n'.repeat(101) } }, '/navn/nb'],
    [{ ekstra: 1 }, '/ekstra'],
    [{ tilstand: 'aktiv' }, '/tilstand'],
    [{ roller: ['use', 'use'] }, '/roller'],
    [{ roller: ['Use'] }, '/roller/0'],
    [{ beskrivelse: undefined }, '/beskrivelse'],
    [{ klienter: {} }, '/klienter'],
    [{ klienter: { leverandorer: ['123456789'] } }, '/klienter/leverandorer/0'],
  ];
  for (const [change, pointer] of faults) {
    const { status, json } = await send(FHI, 'POST', API, { ...TEXTS, ...change });
    t.equal(status, 400, JSON.stringify(change));
    t.same(pointersOf(json), [pointer]);
  }
});

t.test('at the quota a new application is refused, with what to do, and the key may be sent again (fault 4)', async (t) => {
  const small = await runGateway(t, { draftsPerTilbyder: 2 });
  const key = { 'Idempotency-Key': 'ved-grensen-1' };
  const attempts = await Promise.all(Array.from({ length: 6 }, () => small.send(FHI, 'POST', API, TEXTS)));
  t.equal(attempts.filter(({ status }) => status === 201).length, 2);
  const refused = await small.send(FHI, 'POST', API, TEXTS, key);
  t.equal(refused.status, 409);
  t.match(refused.json, { type: '/problems/quota-reached', detail: /may have 2 drafts: make one active or retire it/ });
  const path = attempts.find(({ status }) => status === 201)?.headers.get('location') ?? '';
  t.equal((await small.send(FHI, 'DELETE', path, undefined, { 'If-Match': '*' })).status, 204);
  const made = await small.send(FHI, 'POST', API, TEXTS, key);
  t.equal(made.status, 201);
  t.notOk('seats' in made.json);
  t.same((await small.send(FHI, 'POST', API, TEXTS, key)).json, made.json);
});
