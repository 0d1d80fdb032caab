import t from 'tap';
import type { DemoPerson } from '#demo';
import { rejectRequest, type SystemUserView } from '#systembruker';
import { systemUsers } from '#systembruker/entities';
import { runGateway } from '../../fixtures/gateway.js';
import { HOME, hiddenFields, idportenSide, logIn, UserAgent } from '../../fixtures/idporten.js';
import { CUSTOMER, RECEIPT, systemUserWorld } from '../../fixtures/system-pages.js';
import type { PageAnswer } from '../../fixtures/user-agent.js';

let now = Date.now();
const gateway = await runGateway(t, {}, () => now);
const world = await systemUserWorld(t, gateway, () => now);
const { origin } = gateway;
const { manager, employee, stranger } = world;

const asked = (id: string, more = ''): string => `${origin}/systembruker/foresporsel?id=${id}${more}`;
const changeAt = (id: string): string => `${origin}/systembruker/endring?id=${id}`;
const ofCustomer = (path = ''): string => `${origin}/systembruker/${CUSTOMER}${path}`;
const loggedIn = async (person: DemoPerson, url = `${origin}/systembruker`): Promise<UserAgent> => {
  const agent = new UserAgent(origin);
  await logIn(agent, url, person, { acr: 'idporten-loa-substantial' });
  return agent;
};
/** Opens the page of a form, then sends it. */
const send = async (agent: UserAgent, page: string, fields: Readonly<Record<string, string>>, to = page): Promise<PageAnswer> => {
  await agent.get(page);
  return agent.post(to, fields);
};
const stored = async (id: string): Promise<SystemUserView['value'] | undefined> =>
  (await world.parts.store.collection(systemUsers).get(id))?.value;
const statusOf = async (id: string): Promise<string | undefined> => (await stored(id))?.status;

/** Answers for the customer, and stays logged in. */
const agent = await loggedIn(manager);

t.test('whoever is not logged in logs in and comes back to the very page; who cancels is told so', async (t) => {
  const id = await world.ask();
  const agent = new UserAgent(origin);
  const page = await logIn(agent, asked(id), manager);
  t.equal(page.url.href, asked(id));
  t.match(page.text, /Vil du gi Regnskap 123 tilgang\?/);
  const other = new UserAgent(origin);
  const choose = await other.get(asked(id));
  const cancelled = await other.post(choose.url, { ...hiddenFields(choose.text), cancel: '1' });
  t.equal(cancelled.status, 403);
  t.match(cancelled.text, new RegExp(`href="/systembruker/foresporsel\\?id=${id}"`), 'and can begin again');
  t.equal(
    (await logIn(new UserAgent(origin), `${origin}/idporten/mine`, manager)).status,
    200,
    'so it is at the page of what one has given',
  );
});

t.test(
  '12: whoever keeps system users or their clients, in whichever role and at level substantial, comes from /systembruker to the own',
  async (t) => {
    const choose = `${origin}/systembruker`;
    t.equal(
      (await logIn(new UserAgent(origin), choose, manager, { acr: 'idporten-loa-substantial' })).url.href,
      ofCustomer(),
      'tilgangsstyrer',
    );
    await world.appoint(stranger, 'klientadministrator');
    t.equal(
      (await logIn(new UserAgent(origin), choose, stranger, { acr: 'idporten-loa-substantial' })).url.href,
      ofCustomer(),
      'klientadministrator',
    );
    await world.dismiss(stranger);
    t.match((await logIn(new UserAgent(origin), choose, employee)).text, /Du har ingen rolle/, 'another role keeps none');
  },
);

t.test('15: who may answer approves with what was asked, is logged out, and sent to the very address that the vendor gave', async (t) => {
  const id = await world.ask({ redirectUrl: RECEIPT });
  const agent = await loggedIn(manager);
  const page = await agent.get(asked(id));
  t.match(page.text, /vendor\.example/);
  const answered = await send(agent, asked(id), { svar: 'ja' });
  t.equal(answered.headers.get('location'), RECEIPT);
  t.match(await stored(id), { status: 'Accepted', has: { rights: [world.right('mva'), world.right('arsregnskap')] } });
  t.match((await agent.get(ofCustomer())).url.pathname, /^\/idporten\/interaction\//, 'logged out');
  const again = await loggedIn(manager);
  t.match((await again.get(asked(id))).text, /Forespørselen er godkjent/);
  const late = await send(again, asked(await world.ask()), { svar: 'nei' }, asked(id));
  t.equal(late.status, 403, 'a form of another request is none of this one');
});

t.test('who has answered a request that names no address is told what was answered, logged out, in three languages', async (t) => {
  const said = async (id: string, svar: 'ja' | 'nei', at = asked(id)): Promise<PageAnswer> => send(await loggedIn(manager), at, { svar });
  const approved = await world.ask();
  const page = await said(approved, 'ja');
  t.match(page.text, /<h1[^>]*>Du har godkjent forespørselen<.*Systemet har fått tilgang\..*Du er logget ut/s);
  t.equal(page.url.pathname, '/systembruker/besvart');
  const in_ = async (lang: string): Promise<string> => (await new UserAgent(origin).get(`${page.url.href}&lang=${lang}`)).text;
  t.match(await in_('nn'), /Du har godkjent førespurnaden/);
  t.match(await in_('en'), /You have approved the request.*You are logged out/s);
  t.match((await said(await world.ask(), 'nei')).text, /Du har avvist forespørselen.*ikke fått tilgang/s);
  const more = await world.askChange(approved, { required: [world.right('mva')], unwanted: [world.right('arsregnskap')] });
  t.match((await said(more, 'nei', changeAt(more))).text, /Du har avvist endringen.*det samme som før/s);
  const less = await world.askChange(approved, { required: [], unwanted: [world.right('arsregnskap')] });
  t.match((await said(less, 'ja', changeAt(less))).text, /Du har godkjent endringen/);
  const other = await new UserAgent(origin).get(`${origin}/systembruker/besvart?svar=constructor`);
  t.match(other.url.pathname, /interaction/, 'what says no answer leads to the overview, which asks for a login');
});

t.test('where clients of others must hear of the logout they do, before the browser goes on to the vendor', async (t) => {
  const side = await idportenSide(t, gateway, () => now);
  const client = await side.client({ frontchannelLogoutUri: HOME });
  const agent = new UserAgent(origin);
  await logIn(agent, (await client.begin()).url, manager);
  const id = await world.ask({ redirectUrl: RECEIPT });
  const page = await send(agent, asked(id), { svar: 'nei' });
  t.equal(page.headers.get('refresh'), `2; url=${RECEIPT}`);
  t.match(page.text, new RegExp(`<iframe src="${HOME}"`));
  t.equal(await statusOf(id), 'Rejected');
});

t.test('17: who has another role can only send a request on; then it is told so, and shown to those who answer', async (t) => {
  const id = await world.ask();
  const other = await loggedIn(employee, asked(id));
  const page = await other.get(asked(id));
  t.match(page.text, /Du kan ikke svare på denne forespørselen/);
  t.notMatch(page.text, /Godkjenn/);
  t.equal((await other.post(asked(id), { svar: 'ja' })).status, 403, 'whatever the form says');
  t.equal(await statusOf(id), 'New');
  t.match((await send(other, asked(id), { svar: 'send-videre' })).text, /Forespørselen er sendt videre/);
  t.match((await other.get(asked(id))).text, /allerede sendt videre/);
  t.match((await agent.get(ofCustomer())).text, /Sendt videre/);
  t.match((await send(other, asked(id), { svar: 'logg-ut' })).text, /Du er logget ut/);
});

t.test('18: what a person cannot give is named with its reason before it tries, and when it does; the request stands', async (t) => {
  const id = await world.ask({ rights: [world.right('mva'), world.right('lonn'), world.right('tinglysing')] });
  const agent = await loggedIn(manager);
  const page = await agent.get(asked(id));
  t.match(page.text, /Lønnsoppgaver: Bare en organisasjonsadministrator kan gi dette\./);
  t.match(page.text, /Tinglysing: Du må logge inn på nivå høyt for å gi dette\./);
  t.notMatch(page.text, /value="ja"/);
  const refused = await agent.post(asked(id), { svar: 'ja' });
  t.equal(refused.status, 403);
  t.match(refused.text, /Ingenting er endret/);
  t.equal(await statusOf(id), 'New');
  const higher = /href="([^"]*idporten-loa-high[^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const after = await logIn(agent, origin + higher, manager, { acr: 'idporten-loa-high' });
  t.equal(after.url.href, asked(id), 'a login at level high comes back here');
  t.notMatch(after.text, /Tinglysing: /);
});

t.test('two who answer at once: the second is told that it has changed', async (t) => {
  const id = await world.ask();
  await agent.get(asked(id));
  const brukerId = world.parts.vault.nameOf(manager.brukerIdent);
  await rejectRequest(world.parts, { caller: { kind: 'citizen', brukerId, acr: 'idporten-loa-high' } }, { id });
  const late = await agent.post(asked(id), { svar: 'ja' });
  t.equal(late.status, 409);
  t.match(late.text, /Det er endret i mellomtiden/);
  t.equal(await statusOf(id), 'Rejected');
});

t.test('a change is shown in lists, and approved it is what the system user has', async (t) => {
  const id = await world.ask({ rights: [world.right('arsregnskap')] });
  await send(agent, asked(id, '&fra=oversikt'), { svar: 'ja' });
  const change = await world.askChange(id, { required: [world.right('mva')], unwanted: [world.right('arsregnskap')] });
  const page = await agent.get(changeAt(change));
  t.match(page.text, /Tjenester som legges til.*MVA-melding.*Tjenester som tas bort.*Årsregnskap/s);
  const done = await send(agent, `${changeAt(change)}&fra=oversikt`, { svar: 'ja' });
  t.match(done, { url: { search: /lagret=changeApproved/ }, text: /Du har godkjent endringen\./ }, 'from the overview one goes back there');
  t.match(await stored(id), { has: { rights: [world.right('mva')] } });
  t.match((await agent.get(ofCustomer(`/${id}`))).text, /Lagt til: MVA-melding\. Tatt bort: Årsregnskap\./);
  const another = await world.askChange(id, { required: [world.right('arsregnskap')] });
  const no = await send(agent, `${changeAt(another)}&fra=oversikt`, { svar: 'nei' });
  t.match(no.text, /Du har avvist endringen\. Systemet får gjøre det samme som før\./, 'not that a request was');
});

t.test('the customer stops, starts, narrows, moves and deletes what it has', async (t) => {
  const id = await world.ask();
  await send(agent, asked(id, '&fra=oversikt'), { svar: 'ja' });
  const at = ofCustomer(`/${id}`);
  t.match((await send(agent, at, {}, `${at}/stopp`)).text, /er stoppet/);
  t.ok((await stored(id))?.deactivated);
  t.match((await send(agent, at, {}, `${at}/start`)).text, /er startet igjen/);
  t.equal((await stored(id))?.deactivated, undefined);

  const form = await agent.get(`${at}/rettigheter`);
  const { revisjon = '' } = hiddenFields(form.text);
  t.equal((await agent.post(`${at}/rettigheter`, { revisjon })).status, 422, 'nothing is no choice');
  const refused = await agent.post(`${at}/rettigheter`, { revisjon, tjeneste: 'lonn' });
  t.equal(refused.status, 403);
  t.match(refused.text, /Bare en organisasjonsadministrator/);
  await send(agent, `${at}/rettigheter`, { revisjon, tjeneste: 'mva' });
  t.same((await stored(id))?.has.rights, [world.right('mva')]);
  const late = await send(agent, `${at}/rettigheter`, { revisjon, tjeneste: 'arsregnskap' });
  t.equal(late.status, 412, 'of what has changed meanwhile nothing is lost');

  t.match((await agent.get(`${at}/flytt?q=bokf`)).text, /Bokføring/);
  const to = `${at}/flytt/system?id=${world.otherSystem}`;
  t.match((await agent.get(to)).text, /Regnskap 123 fra Bedriftshjelp AS mister tilgangen med en gang/);
  t.match((await agent.post(to, {})).text, /Kryss av for minst én ting/, 'nothing is no choice');
  t.equal((await stored(id))?.removed, undefined);
  const moved = await send(agent, to, { tjeneste: 'arsregnskap' });
  const next = moved.url.searchParams.get('ny') ?? '';
  t.match(await stored(next), { systemId: world.otherSystem });
  t.same((await stored(next))?.has.rights, [world.right('arsregnskap')], 'what is not ticked does not come along');
  t.ok((await stored(id))?.removed);
  t.equal((await agent.get(at)).url.pathname, `/systembruker/${CUSTOMER}/${next}`, 'an old link leads to the one that it is now');

  await send(agent, ofCustomer(`/${next}/slett`), {});
  t.ok((await stored(next))?.removed);
  t.equal((await agent.get(ofCustomer(`/${next}`))).status, 404);
});

t.test('a customer makes a system access of a system that it finds by its name or its vendor', async (t) => {
  const found = await agent.get(ofCustomer('/ny?q=nye+tall'));
  t.match(found.text, /Bokføring/);
  t.notMatch(found.text, /Regnskap 123/);
  t.match((await agent.get(ofCustomer('/ny?q=finnes+ikke'))).text, /Ingen systemer passer/);
  const at = ofCustomer(`/ny/system?id=${world.otherSystem}`);
  t.equal((await send(agent, at, { navn: ' ' })).status, 422);
  const made = await send(agent, at, { navn: 'Vår bok' });
  t.match(await stored(made.url.searchParams.get('ny') ?? ''), { title: 'Vår bok', madeBy: 'customer', status: 'Accepted' });
  t.equal((await send(agent, at, { navn: 'Enda en' })).status, 400, 'once for a system');
  t.equal((await agent.get(ofCustomer(`/ny/system?id=${world.agentSystem}`))).status, 404, 'none that is not shown to customers');
});

t.test(
  'threat 40: each form counts in the browser, for the person and for the address that it was shown for, and for no other',
  async (t) => {
    const [id, kept] = [await world.ask(), await world.ask()];
    await send(agent, asked(kept, '&fra=oversikt'), { svar: 'ja' });
    const at = ofCustomer(`/${kept}`);
    const forms = [
      [asked(id), { svar: 'ja' }],
      [`${at}/stopp`, {}],
      [`${at}/start`, {}],
      [`${at}/rettigheter`, { tjeneste: 'mva' }],
      [`${at}/slett`, {}],
      [`${at}/flytt/system?id=${world.otherSystem}`, {}],
      [ofCustomer(`/ny/system?id=${world.otherSystem}`), { navn: 'x' }],
    ] as const;
    // The token of another form of the same person, in the same browser.
    const { form_token: other = '' } = hiddenFields((await agent.get(asked(await world.ask()))).text);
    for (const [url, fields] of forms) {
      t.equal((await agent.post(url, { ...fields, form_token: '' })).status, 403, `${url} without a token`);
      t.equal((await agent.post(url, { ...fields, form_token: other })).status, 403, `${url} with another form's`);
    }
    const { form_token: own = '' } = hiddenFields((await agent.get(asked(id))).text);
    const another = await loggedIn(manager);
    t.equal((await another.post(asked(id), { svar: 'ja', form_token: own })).status, 403, 'in another browser');
    t.equal(await statusOf(id), 'New');
    t.equal((await stored(kept))?.removed, undefined);
  },
);

t.test('threat 40: what others have named is text, a login leads to no foreign place, and nothing is framed or kept', async (t) => {
  const page = await agent.get(asked(await world.ask({ title: '<script>alert(1)</script>' }), '&fra=oversikt'));
  t.match(page.headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/);
  t.equal(page.headers.get('cache-control'), 'no-store');
  t.notMatch((await agent.get(ofCustomer())).text, /<script/);
  for (const place of [
    '//evil.example',
    'https://evil.example',
    '/systembruker//evil.example',
    '/systembruker/..//evil.example',
    '/idporten/mine',
    '/systembruker\\evil',
  ]) {
    const state = Buffer.from(place).toString('base64url');
    const back = await agent.get(`${origin}/systembruker/innlogget?code=x&state=${state}`);
    t.equal(back.url.origin, origin, place);
    t.match(back.url.pathname, /^\/systembruker/);
  }
});

t.test(
  '16, threats 27 and 40: a person of another business sees and does nothing here, and a role that is taken away counts at once',
  async (t) => {
    const id = await world.ask();
    const kept = await world.ask();
    await send(agent, asked(kept, '&fra=oversikt'), { svar: 'ja' });
    const foreign = await loggedIn(stranger);
    for (const url of [
      asked(id),
      ofCustomer(),
      ofCustomer('/ny'),
      ofCustomer(`/${kept}`),
      ofCustomer(`/${kept}/slett`),
      ofCustomer(`/${kept}/flytt`),
    ]) {
      const page = await foreign.get(url);
      t.match(page.status, /^40[34]$/, url);
      t.notMatch(page.text, /Rørlegger|Regnskap 123/, url);
    }
    t.match((await foreign.get(`${origin}/systembruker`)).text, /Du har ingen rolle/);
    await world.dismiss(manager);
    t.equal((await agent.get(asked(id))).status, 403);
    t.equal((await agent.get(ofCustomer())).status, 403);
  },
);

t.test('24: a request that nobody has answered in time is shown as over, and cannot be approved', async (t) => {
  const id = await world.ask();
  await world.appoint(manager);
  const { form_token: token = '' } = hiddenFields((await agent.get(asked(id))).text);
  now += 31 * 86_400_000;
  const later = await loggedIn(manager);
  t.match((await later.get(asked(id))).text, /Fristen for å svare gikk ut/);
  t.equal((await later.post(asked(id), { svar: 'ja', form_token: token })).status, 403, 'there is no form any more');
  t.equal(await statusOf(id), 'New');
});
