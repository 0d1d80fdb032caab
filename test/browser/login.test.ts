// Takes about 20 s.
import type { Page } from 'playwright-core';
import t from 'tap';
import { noBrowser, openBrowser, picture, sidewaysScroll, type TestBrowser, tabStops, tabTo, violationsIn } from '../fixtures/browser.js';
import { type RunningGateway, runGateway } from '../fixtures/gateway.js';
import { type IdportenSide, idportenSide, type TestClient } from '../fixtures/idporten.js';

t.test('logging in, in a browser', { skip: noBrowser }, async (t) => {
  const gateway = await runGateway(t);
  const side = await idportenSide(t, gateway);
  // A page of ours at another of our names: to the browser it is another's.
  const home = `${gateway.origin.replace('127.0.0.1', 'localhost')}/health/live`;
  const client = await side.client({
    name: 'Min side',
    redirectUris: [home],
    postLogoutRedirectUris: [home],
    frontchannelLogoutUri: home,
  });
  const browser = await openBrowser(t);
  const setting = { gateway, side, client, browser, home };
  await t.test('every page is sound to axe, narrow or wide, light or dark, in each language', (t) => looksSound(t, setting));
  await t.test('the whole way goes by keyboard, without scripts', (t) => byKeyboard(t, setting));
  await t.test('the language that is chosen is kept', (t) => inAnotherLanguage(t, setting));
  await t.test('an answer by form_post comes to the client, by the one script that the page may run', (t) => byFormPost(t, setting));
  t.same(
    browser.strayed.filter((address) => !address.startsWith(home)),
    [],
    'nothing is asked of another origin',
  );
  t.same(browser.complaints, [], 'and the browser has nothing to complain of');
});

interface Setting {
  readonly gateway: RunningGateway;
  readonly side: IdportenSide;
  readonly client: TestClient;
  readonly browser: TestBrowser;
  readonly home: string;
}

type Test = Pick<typeof t, 'same' | 'equal' | 'match' | 'notMatch'>;

async function looksSound(t: Test, { gateway: { origin }, client, browser }: Setting): Promise<void> {
  for (const [locale, colorScheme] of [
    ['nb-NO', 'light'],
    ['en-GB', 'dark'],
  ] as const) {
    const page = await browser.open(origin, { locale, colorScheme });
    const look = async (name: string): Promise<void> => {
      const told = `${name} ${locale} ${colorScheme}`;
      t.same(await violationsIn(page), [], told);
      await picture(page, told.replaceAll(' ', '-'));
      await page.setViewportSize({ width: 320, height: 640 });
      t.equal(await sidewaysScroll(page), 0, `${told}, at 320 px`);
      await picture(page, `${told.replaceAll(' ', '-')}-320`);
      await page.setViewportSize({ width: 1024, height: 800 });
    };
    await page.goto((await client.begin()).url.href);
    await look('eid');
    await page.goto(`${origin}/idporten/authorize?client_id=nobody`);
    await look('error');
    await page.goto((await client.begin({ login_hint: 'testid:person-001_idporten-loa-high' })).url.href);
    await page.goto(`${origin}/idporten/logout`);
    await look('logout');
    await stays(page);
    await page.getByRole('button').click();
    await look('logging-out');
    await page.getByRole('link', { name: /Gå videre|Continue/ }).click();
    await look('logged-out');
    await page.context().close();
  }
}

/** The page from which others are told of a logout goes on by itself: here it waits until it has been looked at. */
async function stays(page: Page): Promise<void> {
  await page.route('**/idporten/logout', async (route) => {
    const response = await route.fetch();
    const { refresh, ...headers } = response.headers();
    await route.fulfill({ response, headers: { ...headers, was: `${refresh}` } });
  });
}

async function byKeyboard(t: Test, { gateway: { origin }, side, client, browser, home }: Setting): Promise<void> {
  const page = await browser.open(origin, { scripts: false });
  const login = await client.begin();
  await page.goto(login.url.href);
  const stops = await tabStops(page);
  t.same(
    stops.filter((stop) => stop.startsWith('!')),
    [],
    'whatever has the focus shows it',
  );
  t.same(stops.slice(0, 6), ['Hopp til hovedinnhold', 'Nynorsk', 'English', 'Søk på navn, rolle eller organisasjon', 'Søk', 'Høyt']);
  await tabTo(page, 'Søk på navn');
  await page.keyboard.type('123456');
  await page.keyboard.press('Enter');
  t.notMatch(page.url(), '123456', 'no number goes into the address');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('bjørk');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=/);
  t.match(await page.getByRole('status').textContent(), /^Viser 1–1[0-9] av 1[0-9] personer/);
  await tabTo(page, 'Blid Bjørk person-001');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.href.startsWith(home));
  const tokens = await login.finish(new URL(page.url()));
  t.equal(tokens.claims()?.['pid'], side.person.brukerIdent);
  t.equal(tokens.claims()?.['acr'], 'idporten-loa-high');
  await page.goto(`${origin}/idporten/logout`);
  await tabTo(page, 'Logg ut');
  await page.keyboard.press('Enter');
  await page.waitForURL(/logout\/done$/);
  t.equal(await page.locator('h1').textContent(), 'Du er logget ut', 'it goes on by itself once the others are told');
  await page.context().close();
}

async function inAnotherLanguage(t: Test, { gateway: { origin }, client, browser }: Setting): Promise<void> {
  const page = await browser.open(origin, { locale: 'en-GB' });
  await page.goto((await client.begin({ ui_locales: 'nb' })).url.href);
  t.equal(await page.locator('h1').textContent(), 'Velg en testperson', 'what the client asks for comes before what the browser likes');
  await page.getByRole('link', { name: 'Nynorsk' }).click();
  t.equal(await page.locator('h1').textContent(), 'Vel ein testperson');
  t.equal(await page.locator('html').getAttribute('lang'), 'nn');
  t.same(await violationsIn(page), []);
  await page.goto((await client.begin({ ui_locales: 'nb' })).url.href);
  t.equal(await page.locator('h1').textContent(), 'Vel ein testperson', 'and what was chosen before both');
  await page.context().close();
}

async function byFormPost(t: Test, { gateway: { origin }, client, browser, home, side }: Setting): Promise<void> {
  const page = await browser.open(origin);
  const login = await client.begin({ response_mode: 'form_post' });
  await page.goto(login.url.href);
  const [sent] = await Promise.all([
    page.waitForRequest((request) => request.method() === 'POST' && request.url() === home),
    page.getByRole('button', { name: new RegExp(side.person.id) }).click(),
  ]);
  const form = new URLSearchParams(sent.postData() ?? '');
  t.equal(form.get('state'), login.state);
  t.equal(form.get('iss'), side.issuer);
  t.match(form.get('code'), /./);
  await page.context().close();
}
