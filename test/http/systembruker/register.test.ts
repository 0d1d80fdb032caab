import t from 'tap';
import { openAccess } from '#installation';
import { systemClients, systems } from '#systembruker/entities';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { type Answer, type AnyHolder, type MachineHolder, runGateway } from '../../fixtures/gateway.js';
import { DIBK, FHI, OSLO } from '../../fixtures/maskinporten.js';

t.setTimeout(120_000);

const described = readAnswerDescription('src/http/systembruker/register/openapi.yaml');
const WRITE = 'altinn:authentication/systemregister.write';
const vendorOf = (orgnr: string, ...scopes: string[]): MachineHolder => ({ orgnr, scopes: scopes.length === 0 ? [WRITE] : scopes });
const OTHER = vendorOf(DIBK);
const KEEPER = vendorOf(FHI, 'altinn:authentication/systemregister.admin');
const PORTAL: AnyHolder = { person: 'oslo-leder' };

let now = Date.parse('2026-11-27T12:00:00Z');
const gateway = await runGateway(t, { refusalsPerMinute: 1e6, systemsPerVendor: 30 }, () => now);
/** A client of the vendor's in the demo world. */
const K = 'leverandor';
const VENDOR = gateway.world.maskinporten.clients.find(({ id }) => id === K)?.orgnr as string;
const V = vendorOf(VENDOR);
const send = (holder: AnyHolder | null, method: string, path = '', body?: unknown): Promise<Answer> =>
  gateway.send(holder, method, `/authentication/api/v1/systemregister${path}`, body);
const texts = (text: string): object => ({ nb: text, nn: text, en: text });
const right = (value: string, more: object = {}): object => ({ ...more, resource: [{ id: 'urn:altinn:resource', value }] });
const urn = (name: string): object => ({ urn: `urn:altinn:accesspackage:${name}` });
const systemOf = (id: string, more: object = {}): Record<string, unknown> => ({
  id,
  vendor: { authority: 'iso6523-actorid-upis', ID: `0192:${VENDOR}` },
  name: texts('Regnskap 123'),
  description: texts('Fører regnskap.'),
  rights: [right('mva')],
  accessPackages: [urn('skattnaering')],
  clientId: [],
  allowedRedirectUrls: ['https://regnskap.example/kvittering'],
  ...more,
});
const name = (suffix: string): string => `${VENDOR}_${suffix}`;
const register = (suffix: string, more: object = {}, holder: AnyHolder = V): Promise<Answer> =>
  send(holder, 'POST', '/vendor', systemOf(name(suffix), more));
const codesOf = ({ json }: Answer): readonly string[] => json?.validationErrors?.map(({ code }: { code: string }) => code) ?? [json?.code];
const told = (answer: Answer): string => [answer.status, ...codesOf(answer)].filter((part) => part !== undefined).join(' ');
const idsIn = ({ json }: Answer): readonly string[] => json.map(({ systemId }: { systemId: string }) => systemId);

t.test('1: a system is registered, listed to its vendor, and its change log begins', async (t) => {
  const made = await register('x', { clientId: [K] });
  t.equal(told(made), '200', made.text);
  t.match(made.json, /^[0-9a-f-]{36}$/, 'a bare text');
  t.match(made.headers.get('content-type'), /^application\/json/);
  t.equal(described.faultsOf('createSystem', made), '');
  const list = await send(V, 'GET', '/vendor');
  t.equal(described.faultsOf('listOwnSystems', list), '');
  t.same(idsIn(list), [name('x')]);
  t.match(list.json[0], { systemVendorOrgNumber: VENDOR, systemVendorOrgName: /Demoleverandør/, isVisible: true, rights: [right('mva')] });
  const log = await send(V, 'GET', `/vendor/${name('x')}/changelog`);
  t.equal(described.faultsOf('listSystemChanges', log), '');
  t.match(log.json, [{ changeType: 'create', systemInternalId: made.json, changedByOrgNumber: VENDOR, clientId: `test-${VENDOR}` }]);
  t.equal(log.json.length, 1);
  const whole = await send(V, 'GET', `/vendor/${name('x')}`);
  t.equal(described.faultsOf('readOwnSystem', whole), '');
  t.match(whole.json, { id: name('x'), internalId: made.json, clientId: [K], isDeleted: false, vendor: { ID: `0192:${VENDOR}` } });
  t.same(log.json[0].changedData, whole.json);
  t.same(idsIn(await send(OTHER, 'GET', '/vendor')), [], 'another vendor has none');
});

t.test('2: an id is the vendor’s own, is used once and has no blank, and all faults are told at once', async (t) => {
  const of = async (id: string, more: object = {}): Promise<string> => told(await send(V, 'POST', '/vendor', systemOf(id, more)));
  t.equal(await of(`${FHI}_x`), '400 AUTH.VLD-00001');
  t.equal(await of(VENDOR), '400 AUTH.VLD-00001');
  t.equal(await of(name('x')), '400 AUTH.VLD-00002');
  t.equal(await of(name('a b')), '400 AUTH.VLD-00013');
  t.equal(await of(name('a​b')), '400 AUTH.VLD-00013', 'nor what nobody sees');
  t.equal(await of(` ${name('x')} `), '400 AUTH.VLD-00002', 'blanks around it are no part of it');
  t.equal(
    await of(`${FHI}_a b`, { rights: [right('nope')], accessPackages: [urn('nope')], allowedRedirectUrls: ['http://v.example'] }),
    '400 AUTH.VLD-00001 AUTH.VLD-00013 AUTH.VLD-00005 AUTH.VLD-00003 AUTH.VLD-00008',
  );
  const wrong = await send(V, 'POST', '/vendor', systemOf(`${FHI}_x`));
  t.match(wrong.json, {
    type: 'urn:altinn:error:STD-00000',
    code: 'STD-00000',
    status: 400,
    validationErrors: [{ code: 'AUTH.VLD-00001', paths: ['/registersystemrequest/systemid'] }],
  });
  t.equal(described.faultsOf('createSystem', wrong), '');
  const unread = await send(V, 'POST', '/vendor', { id: 5 });
  t.equal(told(unread).slice(0, 27), '400 TILGANG.VLD-00000 TILGA', 'what is not of the described form is told in the same way');
});

t.test('3: nobody registers a system of another vendor, and whoever keeps the register does (threat 32)', async (t) => {
  const foreign = { vendor: { ID: `0192:${DIBK}` } };
  const refused = await send(V, 'POST', '/vendor', systemOf(`${DIBK}_y`, foreign));
  t.equal(refused.status, 403);
  const faulty = await send(V, 'POST', '/vendor', systemOf('no id', { ...foreign, rights: [right('nope')] }));
  t.equal(faulty.status, 403, 'whose it is comes before what is wrong with it');
  t.equal(told(await send(KEEPER, 'POST', '/vendor', systemOf(`${DIBK}_y`, foreign))), '200');
  t.same(idsIn(await send(OTHER, 'GET', '/vendor')), [`${DIBK}_y`]);
  t.match((await send(OTHER, 'GET', `/vendor/${DIBK}_y/changelog`)).json, [{ changedByOrgNumber: FHI, changeType: 'create' }]);
  for (const vendor of [{ ID: VENDOR }, { ID: '0192:123' }, { ID: `9908:${VENDOR}` }, {}])
    t.equal(told(await send(V, 'POST', '/vendor', systemOf(name('y'), { vendor }))), '400 AUTH.VLD-00000');
  t.equal((await send(vendorOf(VENDOR, 'ks:fiks'), 'POST', '/vendor', systemOf(name('y')))).status, 403, 'nor without the scope');
  t.equal((await send(null, 'POST', '/vendor', systemOf(name('y')))).status, 401);
  t.equal((await send(PORTAL, 'POST', '/vendor', systemOf(name('y')))).status, 403, 'nor does a person');
});

t.test('4: a client is in one living system, and an id is never used again', async (t) => {
  t.equal(told(await register('second', { clientId: [K] })), '400 AUTH.VLD-00004');
  t.equal(told(await register('second')), '200', 'the id was not lost by that');
  const put = (suffix: string, clientId: readonly string[]) =>
    send(V, 'PUT', `/vendor/${name(suffix)}`, systemOf(name(suffix), { clientId }));
  t.equal(told(await put('second', [K])), '400 AUTH.VLD-00004');
  t.equal(told(await put('second', [K, K.toUpperCase()])), '400 AUTH.VLD-00011 TILGANG.VLD-00001');
  t.equal(told(await put('second', ['fhi'])), '400 TILGANG.VLD-00001', 'nor is it another organisation’s');
  t.equal(told(await put('x', [])), '200');
  t.equal(told(await put('second', [K])), '200', 'a client that a system has left is free');
  t.equal(told(await put('x', [K])), '400 AUTH.VLD-00004');
  t.same((await send(V, 'DELETE', `/vendor/${name('second')}`)).json, { succeeded: true });
  t.equal(told(await register('second', { clientId: [K] })), '400 AUTH.VLD-00002');
  t.equal(told(await put('x', [K])), '200', 'as is that of one that is deleted');
  const racing = await Promise.all(['r1', 'r2', 'r3', 'r4'].map((suffix) => register(suffix, { clientId: [K] })));
  t.same(racing.map(told), Array(4).fill('400 AUTH.VLD-00004'));
  t.equal(told(await put('x', [])), '200');
  const again = await Promise.all(['r1', 'r2', 'r3', 'r4'].map((suffix) => register(suffix, { clientId: [K] })));
  t.same(again.map(told).sort(), ['200', ...Array(3).fill('400 AUTH.VLD-00004')], 'of several at once one has it');
  const winner = ['r1', 'r2', 'r3', 'r4'][again.findIndex(({ status }) => status === 200)] as string;
  t.equal((await send(V, 'DELETE', `/vendor/${name(winner)}`)).status, 200);
});

t.test('5: customers are sent back to absolute https addresses alone', async (t) => {
  const bad = [
    'http://v.example',
    '/kvittering',
    'https:kvittering',
    'https://',
    'https://a:b@v.example',
    'https://v.example/#x',
    'ftp://v.example',
  ];
  for (const url of bad)
    t.equal(told(await register('urls', { allowedRedirectUrls: ['https://v.example/ok', url] })), '400 AUTH.VLD-00005', url);
  const change = (allowedRedirectUrls: readonly string[]) =>
    send(V, 'PUT', `/vendor/${name('x')}`, systemOf(name('x'), { allowedRedirectUrls }));
  t.equal(told(await change(['http://v.example'])), '400 AUTH.VLD-00005', 'at a change too');
  const long = `https://v.example/${'a'.repeat(1500)}?x=1`;
  t.equal(told(await change([long])), '200');
  t.same((await send(V, 'GET', `/vendor/${name('x')}`)).json.allowedRedirectUrls, [long]);
});

t.test('6: what customers can choose themselves has no package of clients; what is hidden is in no list', async (t) => {
  const accessPackages = [urn('ansvarlig-revisor')];
  t.equal(told(await register('agent', { accessPackages, isVisible: true })), '400 AUTH.VLD-00018');
  t.equal(told(await register('agent', { accessPackages })), '400 AUTH.VLD-00018', 'they can, if nothing is said');
  t.equal(told(await register('agent', { accessPackages, isVisible: false })), '200');
  t.equal(told(await send(V, 'PUT', `/vendor/${name('agent')}/accesspackages`, [])), '200');
  for (const holder of [V, PORTAL, { orgnr: OSLO, scopes: ['altinn:authentication/systemuser.request.read'] }]) {
    const list = await send(holder, 'GET');
    t.equal(described.faultsOf('listSystems', list), '');
    t.ok(idsIn(list).includes(name('x')));
    t.notOk(idsIn(list).includes(name('agent')));
  }
  const one = await send(V, 'GET', `/${name('agent')}`);
  t.equal(described.faultsOf('readSystem', one), '', 'whoever knows its id reads it');
  t.equal(one.json.isVisible, false);
  t.equal((await send({ orgnr: OSLO, scopes: ['ks:fiks'] }, 'GET')).status, 403, 'whoever asks for another reason does not');
  t.equal((await send(null, 'GET')).status, 401);
});

t.test('7: nobody else changes a system, and its id, its vendor and its end stay', async (t) => {
  const path = `/vendor/${name('x')}`;
  for (const vendor of [VENDOR, DIBK]) {
    const body = systemOf(name('x'), { vendor: { ID: `0192:${vendor}` } });
    t.equal((await send(OTHER, 'PUT', path, body)).status, 403, 'whatever vendor is named');
  }
  for (const [method, more, body] of [
    ['PUT', '/rights', []],
    ['PUT', '/accesspackages', []],
    ['DELETE', '', undefined],
    ['GET', '', undefined],
    ['GET', '/changelog', undefined],
  ] as const) {
    t.equal((await send(OTHER, method, path + more, body)).status, 403, `${method} ${more}`);
    const unknown = await send(V, method, `/vendor/${name('nope')}${more}`, body);
    t.equal(told(unknown), method === 'DELETE' ? '400 TILGANG.VLD-00002' : '404 AUTH-00011', `${method} ${more} of what is not there`);
  }
  t.equal(told(await send(V, 'PUT', `/vendor/${name('nope')}`, systemOf(name('nope')))), '404 AUTH-00011');
  t.equal(told(await send(V, 'PUT', path, systemOf(name('z')))), '400 AUTH.VLD-00012');
  t.equal(told(await send(V, 'PUT', path, systemOf(name('x'), { vendor: { ID: `0192:${DIBK}` } }))), '404 AUTH-00011');
  const gone = `/vendor/${name('second')}`;
  t.equal(told(await send(V, 'PUT', gone, systemOf(name('second')))), '400 AUTH-00005');
  t.equal(told(await send(V, 'PUT', `${gone}/rights`, [])), '400 AUTH-00005');
  t.equal((await send(V, 'GET', gone)).json.isDeleted, true, 'its vendor sees what it was');
  t.equal(told(await send(V, 'GET', `/${name('second')}`)), '404 AUTH-00011');
  t.equal((await send(V, 'DELETE', gone)).status, 200, 'once more changes nothing');
  t.equal((await send(V, 'GET', `${gone}/changelog`)).json.filter((row: { changeType: string }) => row.changeType === 'delete').length, 1);
});

t.test('8: the change log has the newest first, with organisation, client and kind', async (t) => {
  t.equal(told(await register('log')), '200');
  now += 1000;
  t.equal(told(await send(V, 'PUT', `/vendor/${name('log')}/rights`, [right('mva'), right('arsregnskap', { action: 'read' })])), '200');
  now += 1000;
  t.equal(told(await send(V, 'PUT', `/vendor/${name('log')}/accesspackages`, [urn('skattnaering')])), '200');
  now += 1000;
  t.equal(told(await send(V, 'PUT', `/vendor/${name('log')}`, systemOf(name('log'), { isVisible: false }))), '200');
  t.equal(told(await send(V, 'DELETE', `/vendor/${name('log')}`)), '200');
  const log = await send(V, 'GET', `/vendor/${name('log')}/changelog`);
  t.same(
    log.json.map(({ changeType, changedByOrgNumber, clientId }: Record<string, string>) => [changeType, changedByOrgNumber, clientId]),
    ['delete', 'update', 'accesspackageupdate', 'rightsupdate', 'create'].map((kind) => [kind, VENDOR, `test-${VENDOR}`]),
  );
  t.same(log.json[3].changedData.rights, [right('mva'), right('arsregnskap', { action: 'read' })]);
  t.equal(log.json[1].created, '2026-11-27T12:00:03.000Z');
  t.equal((await send(OTHER, 'GET', `/vendor/${name('log')}/changelog`)).status, 403);
});

t.test('rights name services that can be given, each once, by their one attribute', async (t) => {
  const put = async (rights: readonly unknown[]): Promise<string> => told(await send(V, 'PUT', `/vendor/${name('x')}/rights`, rights));
  t.equal(await put([{ resource: [{ id: 'urn:altinn:app', value: 'mva' }] }]), '400 AUTH.VLD-00009');
  t.equal(await put([right('nope')]), '400 AUTH.VLD-00003');
  t.equal(await put([right('mva', { action: 'eat' })]), '400 TILGANG.VLD-00003');
  for (const never of ['skd-innsyn', 'rf-1167', 'samtykke-laan']) t.equal(await put([right(never)]), '400 AUTH.VLD-00017', never);
  t.equal(await put([right('mva'), right('mva')]), '400 AUTH.VLD-00006');
  t.equal(await put([right('mva'), right('mva', { action: 'read' })]), '200', 'an action of it is another right');
  const both = [{ resource: [right('mva'), right('arsregnskap')].flatMap((one) => (one as { resource: object[] }).resource) }];
  const turned = [{ resource: [...(both[0] as { resource: object[] }).resource].reverse() }];
  t.equal(await put([...both, ...turned]), '400 AUTH.VLD-00006', 'whatever their order');
  t.equal(await put([right('app_skd_skattemelding')]), '200');
  const app = [
    {
      resource: [
        { id: 'urn:altinn:org', value: 'skd' },
        { id: 'urn:altinn:app', value: 'skattemelding' },
      ],
    },
  ];
  t.same((await send(V, 'GET', `/${name('x')}/rights?useOldFormatForApp=true`)).json, app);
  t.same((await send(V, 'GET', `/${name('x')}/rights`)).json, [right('app_skd_skattemelding')]);
  const packages = async (urns: readonly object[]): Promise<string> =>
    told(await send(V, 'PUT', `/vendor/${name('x')}/accesspackages`, urns));
  t.equal(await packages([urn('skattnaering'), urn('skattnaering')]), '400 AUTH.VLD-00007');
  t.equal(await packages([{ urn: 'skattnaering' }]), '400 AUTH.VLD-00008');
  t.equal(await packages([urn('ansvarlig-revisor')]), '400 AUTH.VLD-00018');
  t.equal(await packages([urn('regnskap-okonomi-rapport')]), '200');
  t.same((await send(V, 'GET', `/${name('x')}/accesspackages`)).json, [urn('regnskap-okonomi-rapport')]);
});

t.test('what is sent twice at once leaves the client its place: registered, or added to a system (threat 53)', async (t) => {
  const { access, close } = await openAccess(gateway.config, () => now, false);
  t.teardown(close);
  const placeOf = async () => (await access.store.collection(systemClients).get(K))?.value.systemId;
  await send(V, 'PUT', `/vendor/${name('x')}`, systemOf(name('x'), { clientId: [] }));
  const twice = <T>(act: () => Promise<T>): Promise<readonly T[]> => Promise.all([1, 2, 3, 4].map(act));
  for (const id of ['twice1', 'twice2', 'twice3']) {
    const answers = await twice(() => register(id, { clientId: [K] }));
    t.equal(answers.filter(({ status }) => status === 200).length, 1);
    t.equal(await placeOf(), name(id));
    const put = (clientId: readonly string[]) => send(V, 'PUT', `/vendor/${name(id)}`, systemOf(name(id), { clientId }));
    await put([]);
    t.equal(await placeOf(), undefined);
    await twice(() => put([K]));
    t.equal(await placeOf(), name(id));
    await Promise.all([put([]), put([K]), put([]), put([K])]);
    const { clientId } = (await send(V, 'GET', `/vendor/${name(id)}`)).json;
    t.equal(await placeOf(), clientId.length === 0 ? undefined : name(id));
    t.equal((await send(V, 'DELETE', `/vendor/${name(id)}`)).status, 200);
  }
  t.equal((await register('thrice', { clientId: [K] })).status, 200);
  t.equal((await send(V, 'DELETE', `/vendor/${name('thrice')}`)).status, 200);
});

t.test('a redirect URL may have any escape, and hides no person number behind one (threat 13)', async (t) => {
  const number = gateway.world.persons[0]?.brukerIdent as string;
  const escaped = [...number].map((digit) => `%3${digit}`).join('');
  const put = (url: string) => send(V, 'PUT', `/vendor/${name('x')}`, systemOf(name('x'), { allowedRedirectUrls: [url] }));
  for (const url of ['https://v.example/%ff', 'https://v.example/%', 'https://v.example/%E0%A4%A'])
    t.equal(told(await put(url)), '200', url);
  for (const url of [`https://v.example/${escaped}`, `https://v.example/%ff?${escaped}`])
    t.equal(told(await put(url)), '400 AUTH.VLD-00005');
});

t.test('names of properties are read in any letter case', async (t) => {
  const sent = {
    Id: name('case'),
    Vendor: { Authority: 'iso6523-actorid-upis', id: `0192:${VENDOR}` },
    NAME: { NB: 'Ord', Nn: 'Ord', en: 'Words' },
    Description: texts('Ord.'),
    accesspackages: [{ URN: 'urn:altinn:accesspackage:skattnaering' }],
    isvisible: false,
  };
  t.equal(told(await send(V, 'POST', '/vendor', sent)), '200');
  t.match((await send(V, 'GET', `/vendor/${name('case')}`)).json, {
    name: { nb: 'Ord' },
    isVisible: false,
    accessPackages: [urn('skattnaering')],
  });
});

t.test('texts hold no person number and nothing that fools the eye (threat 17)', async (t) => {
  const number = gateway.world.persons[0]?.brukerIdent as string;
  for (const nb of [`Kari ${number}`, 'Regn​skap', '  ']) {
    const answer = await register('texts', { name: { nb, nn: 'Ord', en: 'Words' } });
    t.match(told(answer), /^400 (TILGANG\.VLD-00000|TILGANG\.VLD-00000 .*)$/);
    t.notOk(answer.text.includes(number));
  }
});

t.test('a vendor has as many systems as its place allows', async (t) => {
  const { length } = (await send(V, 'GET', '/vendor')).json;
  for (let i = length; i < 30; i += 1) t.equal((await register(`many${i}`)).status, 200);
  const over = await register('over');
  t.same([over.status, over.json.type], [409, '/problems/quota-reached']);
  t.equal(described.faultsOf('createSystem', over), '');
  t.equal((await send(V, 'DELETE', `/vendor/${name('x')}`)).status, 200);
  t.equal((await register('over')).status, 200);
});

t.test('the history of the vendor has each change, and another’s attempts', async (t) => {
  const { access, close } = await openAccess(gateway.config, () => now, false);
  t.teardown(close);
  const { events } = await access.store.events.concerning(VENDOR, { limit: 500 });
  const actions = new Set(events.map(({ action }) => action));
  for (const action of ['system.create', 'system.change', 'system.change-rights', 'system.delete', 'attempt.refused'])
    t.ok(actions.has(action), action);
  t.ok(
    events.every(({ action, actor }) => action !== 'system.create' || actor === VENDOR),
    'by the organisation itself',
  );
  t.equal((await access.store.collection(systems).get(name('x')))?.value.deleted?.by, VENDOR);
});
