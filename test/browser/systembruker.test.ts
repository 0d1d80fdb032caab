// Takes about 15 s.
import { generateKeyPairSync } from 'node:crypto';
import type { Page } from 'playwright-core';
import t from 'tap';
import type { DemoPerson } from '#demo';
import { signTerms } from '#maskinporten';
import { approveRequest, makeOwnSystem } from '#systembruker';
import { clientRelations } from '#systembruker/entities';
import { noBrowser, openBrowser, picture, sidewaysScroll, type TestBrowser, tabStops, tabTo, violationsIn } from '../fixtures/browser.js';
import { type RunningGateway, runGateway } from '../fixtures/gateway.js';
import { CUSTOMER, OTHER_VENDOR, type SystemUserWorld, systemUserWorld } from '../fixtures/system-pages.js';

t.test('people of a business and the systems that act for it, in a browser', { skip: noBrowser }, async (t) => {
  const gateway = await runGateway(t);
  const world = await systemUserWorld(t, gateway);
  const browser = await openBrowser(t);
  const setting = { gateway, world, browser };
  await t.test('a request is answered by keyboard, without scripts, and chosen clients are served', (t) => byKeyboard(t, setting));
  await t.test('the pages are sound to axe, narrow or wide, light or dark, in each language', (t) => looksSound(t, setting));
  t.same(browser.strayed, [], 'nothing is asked of another origin');
  t.same(browser.complaints, [], 'and the browser has nothing to complain of');
});

interface Setting {
  readonly gateway: RunningGateway;
  readonly world: SystemUserWorld;
  readonly browser: TestBrowser;
}

type Test = Pick<typeof t, 'same' | 'equal' | 'match' | 'notMatch'>;

/** Goes to a page, and logs in on the way. */
async function enter(page: Page, address: string, person: DemoPerson): Promise<void> {
  await page.goto(address);
  await page.goto(`${page.url()}?${new URLSearchParams({ q: person.id })}`);
  await page.locator('#idporten-loa-substantial').check();
  await page.locator(`button[value="${person.id}"]`).click();
  await page.waitForURL(/\/systembruker(\/|$)/);
}

async function byKeyboard(t: Test, { gateway: { origin }, world, browser }: Setting): Promise<void> {
  const page = await browser.open(origin, { scripts: false });
  const heading = () => page.locator('h1').textContent();
  const press = async (name: string, then: RegExp): Promise<void> => {
    await tabTo(page, name);
    await Promise.all([page.waitForURL(then), page.keyboard.press('Enter')]);
  };
  const agent = await world.ask({ type: 'agent' });
  await enter(page, `${origin}/systembruker/foresporsel?id=${agent}&fra=oversikt`, world.manager);
  t.equal(await heading(), 'Vil du la Byråsystemet arbeide for kundene deres?');
  const stops = await tabStops(page);
  t.same(
    stops,
    ['Hopp til hovedinnhold', 'Nynorsk', 'English', 'Pakken gir tilgang til (2)', 'Godkjenn', 'Avvis'],
    'whatever has the focus shows it',
  );
  await press('Godkjenn', /lagret=approved/);
  t.match(await page.getByRole('status').textContent(), /Systemet har fått tilgang/);

  const at = world.at;
  const relation = {
    provider: CUSTOMER,
    client: OTHER_VENDOR,
    source: 'register' as const,
    packages: ['regnskapsforer-lonn' as never],
    since: { 'regnskapsforer-lonn': at } as never,
    created: at,
    updated: at,
  };
  await world.parts.store.collection(clientRelations).put(relation, { expect: 'absent', facts: { action: 'test', at, actor: 'operator' } });
  await press('Byråsystemet', /911825805\/[0-9a-f-]{36}$/);
  await press('Velg kunder', /klienter$/);
  await press('Legg til', /clientAdded/);
  t.match(await page.getByRole('list', { name: 'Valgte kunder' }).textContent(), /Nye Tall AS/);
  await press('Fjern', /clientRemoved/);
  t.match(await page.textContent('main'), /Ingen kunder er valgt/);

  const id = await world.ask();
  await page.goto(`${origin}/systembruker/foresporsel?id=${id}`);
  await press('Avvis', /./);
  await page.waitForURL(/systembruker\/besvart/);
  t.equal(await heading(), 'Du har avvist forespørselen', 'whoever came by a link is told what was answered');
  t.match(await page.textContent('main'), /Du er logget ut/);
  await page.context().close();
}

async function looksSound(t: Test, { gateway: { origin }, world, browser }: Setting): Promise<void> {
  const open = await world.ask({ rights: [world.right('lonn'), world.right('tinglysing')], packages: ['skattnaering' as never] });
  const kept = await approved(world, {});
  const agent = await approved(world, { type: 'agent' });
  await signTerms(world.parts, { caller: { kind: 'operator' }, orgnr: CUSTOMER });
  const change = await world.askChange(kept, { required: [world.right('lonn')], unwanted: [world.right('arsregnskap')] });
  const own = await makeOwnSystem(world.parts, asManager(world), {
    ...{ name: 'Vårt lager', rights: [world.right('mva')], packages: [], scopes: [] },
    jwk: { ...generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }), use: 'sig' },
  });
  const ofCustomer = `/systembruker/${CUSTOMER}`;
  const pages: Readonly<Record<string, string>> = {
    request: `/systembruker/foresporsel?id=${open}`,
    change: `/systembruker/endring?id=${change}`,
    answered: '/systembruker/besvart?svar=changeApproved',
    overview: ofCustomer,
    choose: `${ofCustomer}/ny?q=bok`,
    create: `${ofCustomer}/ny/system?id=${world.otherSystem}`,
    user: `${ofCustomer}/${kept}`,
    rights: `${ofCustomer}/${kept}/rettigheter`,
    move: `${ofCustomer}/${kept}/flytt/system?id=${world.otherSystem}`,
    delete: `${ofCustomer}/${kept}/slett`,
    clients: `${ofCustomer}/${agent}/klienter`,
    connect: `${ofCustomer}/eget`,
    connected: `${ofCustomer}/eget/${own.user.value.id}`,
    given: `${ofCustomer}/gitt`,
    missing: `${ofCustomer}/${open}`,
  };
  const page = await browser.open(origin);
  await enter(page, origin + ofCustomer, world.manager);
  // Light all of them; dark those that have what the others have not; in the other languages those with the longest words.
  for (const [lang, colorScheme, looked] of [
    ['nb', 'light', /./],
    ['nn', 'dark', /^(request|rights|connect)$/],
    ['en', 'dark', /^(change|connected)$/],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const [name, path] of Object.entries(pages).filter(([one]) => looked.test(one))) {
      await page.goto(`${origin}${path}${path.includes('?') ? '&' : '?'}lang=${lang}`);
      const told = `${name}-${lang}-${colorScheme}`;
      t.same(await violationsIn(page), [], told);
      await picture(page, told);
      if (colorScheme === 'dark') continue;
      await page.setViewportSize({ width: 320, height: 640 });
      t.equal(await sidewaysScroll(page), 0, `${told}, at 320 px`);
      await picture(page, `${told}-320`);
      await page.setViewportSize({ width: 1024, height: 800 });
    }
  }
  await page.context().close();
}

function asManager({ parts, manager }: SystemUserWorld) {
  const caller = { kind: 'citizen' as const, brukerId: parts.vault.nameOf(manager.brukerIdent), acr: 'idporten-loa-substantial' };
  return { caller, orgnr: CUSTOMER };
}

/** A system user that the customer has said yes to. */
async function approved(world: SystemUserWorld, sent: Parameters<SystemUserWorld['ask']>[0]): Promise<string> {
  const id = await world.ask(sent);
  await approveRequest(world.parts, { caller: asManager(world).caller }, { id });
  return id;
}
