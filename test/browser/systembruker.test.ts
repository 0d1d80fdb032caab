// Takes about 20 s.
import type { Page } from 'playwright-core';
import t from 'tap';
import type { DemoPerson } from '#demo';
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
  await page.waitForURL(/\/systembruker\//);
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
  await page.waitForURL(/systembruker\/foresporsel/);
  t.equal(await heading(), 'Du er logget ut', 'whoever came by a link is logged out');
  await page.context().close();
}

async function looksSound(t: Test, { gateway: { origin }, world, browser }: Setting): Promise<void> {
  const [open, kept] = [
    await world.ask({ rights: [world.right('lonn'), world.right('tinglysing')], packages: ['skattnaering' as never] }),
    await world.ask(),
  ];
  const ofCustomer = `/systembruker/${CUSTOMER}`;
  let change = '';
  // Light all of them, dark each once.
  for (const [locale, colorScheme, lang, looked] of [
    ['nb-NO', 'light', '', /./],
    ['nb-NO', 'dark', 'nn', /^(request|overview|create|rights|missing)$/],
    ['en-GB', 'dark', '', /^(change|choose|user|move|delete)$/],
  ] as const) {
    const page = await browser.open(origin, { locale, colorScheme });
    await enter(page, `${origin}/systembruker/foresporsel?id=${kept}&fra=oversikt`, world.manager);
    if (change === '') {
      await page.getByRole('button', { name: 'Godkjenn' }).click();
      await page.waitForURL(/lagret/);
      change = await world.askChange(kept, { required: [world.right('lonn')], unwanted: [world.right('arsregnskap')] });
    }
    if (lang !== '') await page.goto(`${origin}${ofCustomer}?lang=${lang}`);
    const pages: Readonly<Record<string, string>> = {
      request: `/systembruker/foresporsel?id=${open}`,
      change: `/systembruker/endring?id=${change}`,
      overview: ofCustomer,
      choose: `${ofCustomer}/ny?q=bok`,
      create: `${ofCustomer}/ny/system?id=${world.otherSystem}`,
      user: `${ofCustomer}/${kept}`,
      rights: `${ofCustomer}/${kept}/rettigheter`,
      move: `${ofCustomer}/${kept}/flytt/system?id=${world.otherSystem}`,
      delete: `${ofCustomer}/${kept}/slett`,
      missing: `${ofCustomer}/${open}`,
    };
    for (const [name, path] of Object.entries(pages).filter(([one]) => looked.test(one))) {
      await page.goto(origin + path);
      const told = `${name} ${locale} ${colorScheme} ${lang}`.trim();
      t.same(await violationsIn(page), [], told);
      await picture(page, told.replaceAll(' ', '-'));
      await page.setViewportSize({ width: 320, height: 640 });
      t.equal(await sidewaysScroll(page), 0, `${told}, at 320 px`);
      await picture(page, `${told.replaceAll(' ', '-')}-320`);
      await page.setViewportSize({ width: 1024, height: 800 });
    }
    await page.context().close();
  }
}
