// Takes about 12 s.
import type { Page } from 'playwright-core';
import t from 'tap';
import { createScope, grantAccess } from '#maskinporten';
import { noBrowser, openBrowser, picture, sidewaysScroll, type TestBrowser, tabStops, tabTo, violationsIn } from '../fixtures/browser.js';
import { freePort } from '../fixtures/command.js';
import { runDocumented } from '../fixtures/documented.js';
import { type RunningGateway, runGateway } from '../fixtures/gateway.js';
import { FHI, type IdportenSide, idportenSide, OSLO } from '../fixtures/idporten.js';

t.test('a person, two services of a kommune and an API, in a browser', { skip: noBrowser }, async (t) => {
  const gateway = await runGateway(t);
  const side = await idportenSide(t, gateway);
  const browser = await openBrowser(t);
  const services = await runServices(t, gateway, side);
  const setting = { ...services, gateway, side, browser };
  await t.test('logs in, steps up, refuses, gives, withdraws and logs out, by keyboard', (t) => wholeWay(t, setting));
  await t.test('the pages are sound to axe, narrow or wide, light or dark, in each language', (t) => looksSound(t, setting));
  await t.test('a stray visitor is told so, in the language of the browser', (t) => strays(t, setting));
  const own = [services.mine, services.other];
  t.same(
    browser.strayed.filter((address) => !own.some((home) => address.startsWith(home))),
    [],
    'nothing is asked of another origin',
  );
  t.same(browser.complaints, [], 'and the browser has nothing to complain of');
});

interface Services {
  /** Where Min side is at home: at another of our names, so that it shares no cookie with the others. */
  readonly mine: string;
  /** Where Byggesak is, which hears of logouts by the back channel. */
  readonly other: string;
  readonly scopes: { readonly carried: string; readonly asked: string };
}

interface Setting extends Services {
  readonly gateway: RunningGateway;
  readonly side: IdportenSide;
  readonly browser: TestBrowser;
}

type Test = Pick<typeof t, 'same' | 'equal' | 'match' | 'notMatch' | 'teardown'>;

/** The relying party of docs/idporten.md, twice, and its API. */
async function runServices(t: Test, { origin }: RunningGateway, side: IdportenSide): Promise<Services> {
  const { parts, operator, issuer } = side;
  const carried = await side.scope('time/egne.read', { description: 'Se legetimene dine' });
  const asked = await side.scope('vaksine/egne.read', {
    description: 'Lese vaksinene dine',
    descriptions: { nb: 'Lese vaksinene dine', nn: 'Lese vaksinane dine', en: 'Read your vaccinations' },
    longDescription: 'Tjenesten ser hvilke vaksiner du har fått, og når. Den ser ikke andre helseopplysninger.',
    requiresUserConsent: true,
  });
  const more = { prefix: 'dibk', subscope: 'sak/egne.read', description: 'Lese byggesakene dine', requiresUserConsent: true };
  const { value: ofOthers } = await createScope(parts, operator, more);
  await grantAccess(parts, operator, { scope: ofOthers.name, consumer: OSLO });
  await grantAccess(parts, operator, { scope: 'idporten:token.introspection', consumer: FHI });
  const kind = { integrationType: 'api_klient', tokenEndpointAuthMethod: 'client_secret_basic' } as const;
  const owner = await side.client({ ...kind, orgnr: FHI, scopes: ['openid', 'idporten:token.introspection'] });
  const envOf = ({ id, secret = '' }: { readonly id: string; readonly secret: string | undefined }) => ({
    ISSUER: issuer,
    CLIENT: id,
    SECRET: secret,
  });
  const api = await runDocumented(t, { page: 'idporten', heading: 'An API that asks', env: { ...envOf(owner), SCOPE: asked } });
  const shared = [carried, asked, ofOthers.name];
  const run = async (name: string, host: string): Promise<string> => {
    const port = await freePort();
    const home = `http://${host}:${port}`;
    const client = await side.client({
      ...kind,
      name,
      scopes: ['openid', 'profile', ...shared],
      redirectUris: [`${home}/callback`],
      postLogoutRedirectUris: [`${home}/`],
      backchannelLogoutUri: `${home}/logged-out`,
    });
    const env = { ...envOf(client), BASE: `${home}/`, SHARED: shared.join(' '), API: api };
    await runDocumented(t, { page: 'idporten', heading: 'A service that logs persons in', port, env });
    return home;
  };
  t.match(origin, /127\.0\.0\.1/);
  return { mine: await run('Min side', 'localhost'), other: await run('Byggesak', '127.0.0.1'), scopes: { carried, asked } };
}

/** What a service says. */
// biome-ignore lint/suspicious/noExplicitAny: what comes over the wire has no type until a test has looked.
async function saidBy(page: Page, address: string): Promise<any> {
  await page.goto(address);
  return JSON.parse((await page.textContent('body')) ?? '');
}

async function wholeWay(t: Test, { gateway: { origin }, side, browser, mine, other, scopes }: Setting): Promise<void> {
  const { carried, asked } = scopes;
  const page = await browser.open(origin, { scripts: false });
  const heading = () => page.locator('h1').textContent();
  const press = async (name: string, then: string | RegExp): Promise<void> => {
    await tabTo(page, name);
    await Promise.all([page.waitForURL(then), page.keyboard.press('Enter')]);
  };
  const said = async (): Promise<unknown> => JSON.parse((await page.textContent('body')) ?? '');
  t.same(await saidBy(page, `${mine}/`), {}, 'nobody is logged in');

  await page.goto(`${mine}/login`);
  t.equal(await heading(), 'Velg en testperson');
  await tabTo(page, 'Høyt');
  await page.keyboard.press('ArrowUp');
  await press('Blid Bjørk person-001', `${mine}/`);
  const { brukerIdent: pid } = side.person;
  t.same(await said(), { pid, acr: 'idporten-loa-substantial', scope: 'openid profile' });
  t.match(await saidBy(page, `${other}/login`), { acr: 'idporten-loa-substantial' }, 'Byggesak asks nothing: single sign-on');

  await page.goto(`${mine}/step-up`);
  t.match(await page.textContent('main'), /krever sikkerhetsnivå høyt/);
  await press('Blid Bjørk person-001', `${mine}/`);
  t.match(await said(), { pid, acr: 'idporten-loa-high' });

  await page.goto(`${mine}/share`);
  t.equal(await heading(), 'Vil du gi Min side tilgang?');
  t.notMatch(page.url() + (await page.title()) + (await page.content()), pid, 'nobody’s number is on the page');
  const words = (await page.textContent('main')) ?? '';
  for (const told of ['Lese vaksinene dine', 'Den ser ikke andre', 'Fra Folkehelseinstituttet', 'Lese byggesakene dine', 'Oslo'])
    t.match(words, told);
  t.notMatch(words, 'legetimene', 'what the login carries is not asked for');
  await press('Nei', `${mine}/`);
  t.match(await said(), { pid, scope: `openid profile ${carried}` }, 'logged in all the same');
  t.match(await saidBy(page, `${mine}/api`), { status: 403 }, 'and the API hears no');

  await page.goto(`${mine}/share`);
  await press('Ja, jeg godtar', `${mine}/`);
  t.match(await said(), { scope: new RegExp(`openid profile ${carried} ${asked}`) });
  const allowed = { status: 200, said: JSON.stringify({ person: pid, consumer: OSLO }) };
  t.same(await saidBy(page, `${mine}/api`), allowed);
  t.match(await saidBy(page, `${mine}/share`), { acr: 'idporten-loa-high' }, 'it is not asked again');

  await page.goto(`${origin}/idporten/mine`);
  t.equal(await heading(), 'Det du har gitt');
  await press('Trekk tilbake fra Min side', /trukket=ja$/);
  t.match(await page.textContent('main'), /Det er trukket tilbake/);
  t.match(await saidBy(page, `${mine}/api`), { status: 401 }, 'the API hears no at once');

  t.match(await saidBy(page, `${other}/`), { pid });
  await page.goto(`${mine}/logout`);
  t.equal(page.url(), `${mine}/`);
  t.same(await said(), {});
  t.same(await saidBy(page, `${other}/`), {}, 'Byggesak has heard of it');
  await page.goto(`${other}/login`);
  t.equal(await heading(), 'Velg en testperson', 'and the session is over');
  await page.goto(`${origin}/idporten/mine`);
  t.equal(await heading(), 'Velg en testperson');
  await page.context().close();
}

/** Nobody can use a page that axe finds fault with, or that is wider than a telephone, or whose focus is not to be seen. */
async function looksAt(t: Test, page: Page, name: string): Promise<void> {
  t.same(await violationsIn(page), [], name);
  await picture(page, name.replaceAll(' ', '-'));
  await page.setViewportSize({ width: 320, height: 640 });
  t.equal(await sidewaysScroll(page), 0, `${name}, at 320 px`);
  await picture(page, `${name.replaceAll(' ', '-')}-320`);
  await page.setViewportSize({ width: 1024, height: 800 });
}

async function looksSound(t: Test, { gateway: { origin }, browser, mine }: Setting): Promise<void> {
  const texts = { 'nb-NO': ['Ja, jeg godtar', /Trekk tilbake fra/], 'en-GB': ['Yes, I accept', /Withdraw from/] } as const;
  for (const [locale, colorScheme] of [
    ['nb-NO', 'light'],
    ['en-GB', 'dark'],
  ] as const) {
    const page = await browser.open(origin, { locale, colorScheme });
    const [yes, withdraw] = texts[locale];
    const look = (name: string): Promise<void> => looksAt(t, page, `${name} ${locale} ${colorScheme}`);
    await page.goto(`${mine}/share`);
    await page
      .getByRole('button', { name: /Aud|Blid Bjørk person-002|person-00/ })
      .nth(1)
      .click();
    await look('consent');
    t.same(
      (await tabStops(page)).filter((stop) => stop.startsWith('!')),
      [],
      'whatever has the focus shows it',
    );
    await page.getByRole('button', { name: yes }).click();
    await page.goto(`${origin}/idporten/mine`);
    await look('mine');
    await page.getByRole('button', { name: withdraw }).first().click();
    await look('withdrawn');
    await page.context().close();
  }
}

async function strays(t: Test, { gateway }: Setting): Promise<void> {
  const told = {
    nb: ['Forespørselen er feil', 'Tjenesten er ikke kjent her'],
    nn: ['Førespurnaden er feil', 'Tenesta er ikkje kjend her'],
    en: ['The request is wrong', 'The service is not known here'],
  };
  const paths = ['/idporten/authorize', '/idporten/authorize?client_id=nobody&response_type=code'];
  for (const [language, titles] of Object.entries(told)) {
    for (const [at, path] of paths.entries()) {
      const { status, text } = await gateway.get(path, { headers: { Accept: 'text/html', 'Accept-Language': language } });
      t.equal(status, 400);
      t.equal(/<h1[^>]*>([^<]*)/.exec(text)?.[1], titles[at], path);
    }
  }
}
