import t from 'tap';
import {
  activationOf,
  activator,
  BASE,
  bergen,
  ifMatch,
  keeper,
  machine,
  OSLO,
  openOffice,
  said,
  UNKNOWN_APP,
  WHATEVER,
} from './office.js';

const office = await openOffice(t);
const { send, give, told, smittevern, byggesak, bergenOrgnr } = office;
const path = activationOf(smittevern);

t.test('switching off stops every answer for that konsument at once, and on restores them (threat 21)', async (t) => {
  const person = office.stranger();
  await give(smittevern, person);
  await give(byggesak, person);
  await send(bergen, 'POST', `${BASE}/${bergenOrgnr}/applikasjoner/${smittevern}/brukere`, { brukerIdent: person });
  t.same(await told(smittevern, person), [bergenOrgnr, OSLO].sort());
  const off = await send(activator, 'PUT', path, { aktiv: false }, WHATEVER);
  t.equal(said(off), '200');
  t.same(off.json, { aktiv: false, endret: office.moment() });
  t.same(await told(smittevern, person), [bergenOrgnr], 'the other konsument is as it was');
  t.same(await told(byggesak, person), [OSLO], 'the other application too');
  t.equal(said(await give(smittevern, office.stranger())), '409 application-not-activated', 'nobody is given anything meanwhile');
  t.equal(said(await send(activator, 'PUT', path, { aktiv: true }, WHATEVER)), '200');
  t.same(await told(smittevern, person), [bergenOrgnr, OSLO].sort());
});

t.test('a change says what it is made from', async (t) => {
  const read = await send(activator, 'GET', path);
  t.equal(read.json.aktiv, true);
  t.match(read.headers.get('etag'), /^"[0-9]+"$/, 'the ETag is strong');
  t.equal((await send(activator, 'GET', `${BASE}/${OSLO}/applikasjoner/${smittevern}`)).headers.get('etag'), read.headers.get('etag'));
  const body = { aktiv: false };
  const etag = read.headers.get('etag') ?? '';
  t.equal(said(await send(activator, 'PUT', path, body)), '428 precondition-required');
  t.equal(said(await send(activator, 'DELETE', path)), '428 precondition-required');
  for (const wrong of ['"999"', `W/${etag}`, '"*"', '"-1"', '"1e1"', '"999", "998"']) {
    t.equal(said(await send(activator, 'PUT', path, body, { 'If-Match': wrong })), '412 precondition-failed', `If-Match: ${wrong}`);
  }
  t.equal((await send(activator, 'GET', path)).json.aktiv, true, 'nothing of it was done');
  const off = await send(activator, 'PUT', path, body, { 'If-Match': `"999", ${etag}` });
  t.equal(said(off), '200', 'one of two tags is enough');
  t.not(off.headers.get('etag'), etag);
  t.equal(
    said(await send(activator, 'PUT', path, { aktiv: true }, { 'If-Match': etag })),
    '412 precondition-failed',
    'the old one is stale',
  );
  t.equal(said(await send(activator, 'PUT', path, { aktiv: true }, ifMatch(off))), '200');
});

t.test('what is already so stays as it is, and is no event', async (t) => {
  const first = await send(activator, 'PUT', path, { aktiv: true }, WHATEVER);
  office.pass(1000);
  const before = await office.events('handling=activation');
  const second = await send(activator, 'PUT', path, { aktiv: true, begrunnelse: 'Igjen' }, WHATEVER);
  t.same(second.json, first.json);
  t.equal(second.headers.get('etag'), first.headers.get('etag'));
  t.equal(said(await send(activator, 'DELETE', path, undefined, WHATEVER)), '204');
  t.equal(said(await send(activator, 'DELETE', path, undefined, WHATEVER)), '204', 'twice');
  t.equal((await office.events('handling=activation')).length, before.length + 1);
  await send(activator, 'PUT', path, { aktiv: true }, WHATEVER);
});

t.test('only an application in use can be switched on, and an unknown one is not there', async (t) => {
  const on = (appId: string) => send(activator, 'PUT', activationOf(appId), { aktiv: true }, WHATEVER);
  t.equal(said(await on(office.appNamed('Vannprøveregister'))), '404 application-not-found', 'a draft is nobody’s but its tilbyder’s');
  t.equal(said(await on(office.appNamed('Byggesøknad 2010'))), '409 application-not-active', 'retired');
  t.equal(said(await on(UNKNOWN_APP)), '404 application-not-found');
  t.equal(said(await on('no-uuid')), '404 application-not-found');
  t.equal(said(await send(activator, 'DELETE', activationOf(UNKNOWN_APP), undefined, WHATEVER)), '404 application-not-found');
});

t.test('of two who switch from one ETag, one wins', async (t) => {
  const read = await send(activator, 'GET', path);
  const answers = await Promise.all([1, 2, 3].map(() => send(activator, 'PUT', path, { aktiv: false }, ifMatch(read))));
  const offEvents = (await office.events('handling=activation.deactivate')).filter(({ foer }) => foer?.['endret'] === read.json.endret);
  t.ok(
    answers.every(({ status }) => status === 200 || status === 409 || status === 412),
    answers.map(said).join(),
  );
  t.equal(offEvents.length, 1);
  await send(machine, 'PUT', path, { aktiv: true }, WHATEVER);
});

t.test('who may: the machine and the applikasjonsadministrator, not the tilgangsadministrator, not others (threat 27)', async (t) => {
  t.equal(said(await send(machine, 'PUT', path, { aktiv: true }, WHATEVER)), '200');
  t.equal(said(await send(keeper, 'PUT', path, { aktiv: false }, WHATEVER)), '403 action-not-allowed');
  t.equal(said(await send(bergen, 'PUT', path, { aktiv: false }, WHATEVER)), '404 organisation-not-found');
  t.equal(said(await send(null, 'PUT', path, { aktiv: false }, WHATEVER)), '401 token-missing');
  t.equal((await send(keeper, 'GET', path)).json.aktiv, true);
});
