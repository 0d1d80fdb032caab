// Takes about 10 s.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import t from 'tap';
import { DEMO_KEY_FILE } from '#demo';
import { isFault } from '#domain';
import { privateClientKey, requestToken } from '#tokens';
import { noBrowser, openBrowser, picture } from '../fixtures/browser.js';
import { freePort } from '../fixtures/command.js';
import { runDocumented } from '../fixtures/documented.js';
import { type Answer, type AnyHolder, type RunningGateway, runGateway } from '../fixtures/gateway.js';

const BASE = '/authentication/api/v1';
const RECEIPT = 'https://bedriftshjelp.example/kvittering?sak=1&til=%2Fhjem';
const BRREG = { orgnr: '974760673', scopes: ['altinn:authorization/authorize'] };

t.test(
  'a vendor asks, a person approves, narrows, moves and deletes; tokens and decisions follow at once',
  { skip: noBrowser },
  async (t) => {
    const gateway = await runGateway(t);
    const { vendor, customer } = numbersOf(gateway);
    const system = `${vendor}_regnskap`;
    const told = await receiver(t, gateway);
    const ask = await registered(gateway, { vendor, customer, system, webhook: told.url });
    t.equal(ask.status, 201, ask.text);
    const browser = await openBrowser(t);
    const story = {
      ...{ gateway, told, system, id: ask.json.id as string, page: await browser.open(gateway.origin, { scripts: false }) },
      ours: await tokensOf(gateway, 'bedriftshjelp', customer),
      theirs: await tokensOf(gateway, 'nye-tall', customer),
      may: decisionsOf(gateway, customer),
    };
    t.match(await story.ours(), /MP-303.*has not been approved/, 'no token before the customer has said yes');
    await t.test('approved, the system has just what was asked for', (t) => approves(t, story, ask.json.confirmUrl));
    await t.test('narrowed, moved to another vendor, deleted', (t) => keeps(t, story));
    t.same(browser.complaints, []);
  },
);

interface Story {
  readonly gateway: RunningGateway;
  readonly told: { of(what: string): Promise<unknown> };
  readonly system: string;
  readonly id: string;
  readonly page: Page;
  /** What is in a token of each vendor, or why there is none. */
  ours(): Promise<unknown>;
  theirs(): Promise<unknown>;
  may(user: string, service: string): Promise<boolean>;
}

async function approves(t: Test, { gateway, told, system, id, page, ours, may }: Story, confirmUrl: string): Promise<void> {
  const { vendor, customer } = numbersOf(gateway);
  await page.goto(confirmUrl);
  await logIn(page, 'login');
  const words = await mainOf(page);
  for (const word of ['Bedriftshjelp AS', 'Regnskap 123', 'Rørlegger Hansen & Sønner AS', 'Merverdiavgift', 'Årsregnskap'])
    t.ok(words.includes(word), word);
  // Nobody is at home there.
  const [gone] = await Promise.all([page.waitForRequest(/bedriftshjelp/), page.getByRole('button', { name: 'Godkjenn' }).click()]);
  t.equal(gone.url(), RECEIPT, 'the browser goes to just what was sent');
  t.match(await told.of('request-approved'), { systemUserId: id, partyOrgNo: customer, status: 'Accepted' });
  const systemuser_org = { authority: 'iso6523-actorid-upis', ID: `0192:${customer}` };
  const detail = { type: 'urn:altinn:systemuser', system_id: system, systemuser_id: [id], systemuser_org };
  t.match(await ours(), { consumer: { ID: `0192:${vendor}` }, authorization_details: [detail] });
  t.same([await may(id, 'mva'), await may(id, 'app_skd_skattemelding'), await may(id, 'arsregnskap')], [true, false, true]);
}

async function keeps(t: Test, { gateway, told, id, page, ours, theirs, may }: Story): Promise<void> {
  const { otherVendor, customer } = numbersOf(gateway);
  const pages = `${gateway.origin}/systembruker/${customer}`;
  await page.goto(pages);
  await logIn(page, 'overview');
  await page.getByRole('link', { name: 'Regnskap og MVA' }).click();
  await picture(page, 'detail');
  await page.getByRole('link', { name: 'Endre hva systemet får gjøre' }).click();
  await page.getByLabel('Årsregnskap').uncheck();
  await picture(page, 'rights');
  await press(page, 'Lagre', /lagret=/);
  t.same([await may(id, 'mva'), await may(id, 'arsregnskap')], [true, false], 'what was taken away is gone');

  await page.goto(`${pages}/${id}`);
  await picture(page, 'narrowed');
  await page.getByRole('link', { name: 'Flytt til et annet system' }).click();
  await page.getByLabel('Søk på system eller leverandør').fill('nye tall');
  await page.getByRole('button', { name: 'Søk' }).click();
  await picture(page, 'move-choose');
  await page.getByRole('link', { name: 'Bok' }).click();
  t.match(await mainOf(page), /mister tilgangen med en gang/);
  await picture(page, 'move-confirm');
  await press(page, 'Flytt', /lagret=/);
  await picture(page, 'moved');
  t.match(await ours(), /MP-303/, 'the token of the old vendor is not renewed');
  const now = (await theirs()) as { readonly authorization_details: readonly [{ readonly systemuser_id: readonly [string] }] };
  t.match(now, { consumer: { ID: `0192:${otherVendor}` }, authorization_details: [{ system_id: `${otherVendor}_bok` }] });
  const [moved] = now.authorization_details[0].systemuser_id;
  t.same([await may(id, 'mva'), await may(moved, 'mva')], [false, true], 'and one that is out means nothing more');
  t.match(await told.of('system-user-moved-away'), { systemUserId: id });

  await page.goto(`${pages}/${moved}/slett`);
  await picture(page, 'delete');
  await press(page, 'Slett', /lagret=/);
  await picture(page, 'deleted');
  t.match(await theirs(), /MP-303/);
  t.equal(await may(moved, 'mva'), false);
}

type Test = Pick<typeof t, 'teardown' | 'same' | 'equal' | 'match' | 'ok'>;

function numbersOf({ world }: RunningGateway) {
  const numberOf = (name: string): string => world.organisations.find((one) => one.name === name)?.orgnr ?? '';
  return {
    vendor: numberOf('Bedriftshjelp AS'),
    otherVendor: numberOf('Nye Tall AS'),
    customer: numberOf('Rørlegger Hansen & Sønner AS'),
  };
}

/** The vendor registers its system anew, with the client of the one that it had, says where it is told, and asks. */
async function registered(
  gateway: RunningGateway,
  { vendor, customer, system, webhook }: { readonly [Name in 'vendor' | 'customer' | 'system' | 'webhook']: string },
): Promise<Answer> {
  const as = (method: string, path: string, body?: object) => gateway.send({ client: 'bedriftshjelp' }, method, `${BASE}${path}`, body);
  const before = `${vendor}_regnskap123`;
  const { json: waiting } = await as('GET', `/systemuser/request/vendor/bysystem/${before}`);
  for (const { id } of waiting.data) await as('DELETE', `/systemuser/request/vendor/${id}`);
  await as('DELETE', `/systemregister/vendor/${before}`);
  const name = { nb: 'Regnskap 123', nn: 'Rekneskap 123', en: 'Accounts 123' };
  const rights = ['mva', 'arsregnskap', 'app_skd_skattemelding'].map((value) => ({ resource: [{ id: 'urn:altinn:resource', value }] }));
  const made = await as('POST', '/systemregister/vendor', {
    id: system,
    vendor: { authority: 'iso6523-actorid-upis', ID: `0192:${vendor}` },
    ...{ name, description: name, rights, accessPackages: [], clientId: ['bedriftshjelp'] },
    allowedRedirectUrls: ['https://bedriftshjelp.example/kvittering'],
  });
  if (made.status !== 200) return made;
  await as('PUT', `/systemregister/vendor/${system}/webhook`, { url: webhook });
  return as('POST', '/systemuser/request/vendor', {
    ...{ systemId: system, partyOrgNo: customer, integrationTitle: 'Regnskap og MVA', redirectUrl: RECEIPT },
    rights: rights.slice(0, 2),
  });
}

/** The receiver of docs/systembruker.md. */
async function receiver(t: Test, { origin }: RunningGateway) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/hendelser`;
  const env = { ISSUER: `${origin}/maskinporten/`, AUDIENCE: url };
  await runDocumented(t, { page: 'systembruker', heading: 'A receiver', port, env });
  return {
    url,
    /** Waits until that has arrived. */
    async of(what: string): Promise<unknown> {
      for (;;) {
        const told = (await (await fetch(url)).json()) as { readonly what: string }[];
        const found = told.find((one) => one.what === what);
        if (found !== undefined) return found;
        await delay(20);
      }
    },
  };
}

/** Has a client of a vendor ask for a token of the customer's system user. @returns what is in it, or why there is none */
async function tokensOf({ origin, config }: RunningGateway, clientId: string, orgnr: string): Promise<() => Promise<unknown>> {
  const key = await privateClientKey(readFileSync(join(config.data, DEMO_KEY_FILE), 'utf8'));
  if (isFault(key)) throw new TypeError(key.detail);
  const asked = { issuer: `${origin}/maskinporten/`, clientId, key, scope: 'skatteetaten:mva.write', systemUser: { orgnr } };
  return async () => {
    const answer = await requestToken({ ...asked, now: Date.now() });
    if ('refused' in answer) return answer.refused.description;
    return JSON.parse(Buffer.from(answer.accessToken.split('.')[1] ?? '', 'base64url').toString());
  };
}

/** What each service's owner is told. */
function decisionsOf(gateway: RunningGateway, customer: string): Story['may'] {
  return async (user, service) => {
    const owner: AnyHolder = service === 'arsregnskap' ? BRREG : { client: 'skatteetaten' };
    const { json } = await gateway.send(owner, 'POST', '/access/v1/evaluation', {
      subject: { type: 'systemuser', id: user },
      action: { name: 'write' },
      resource: { type: 'resource', id: service, properties: { orgnr: customer } },
    });
    return json.decision;
  };
}

/** As whoever answers for the customer. */
async function logIn(page: Page, name: string): Promise<void> {
  await page.goto(`${page.url()}?${new URLSearchParams({ q: 'hansen' })}`);
  await picture(page, name);
  await page.getByLabel('Betydelig').check();
  await page.getByRole('button', { name: /tilgangsstyrer/ }).click();
  await picture(page, `${name}-done`);
}

async function mainOf(page: Page): Promise<string> {
  return (await page.textContent('main')) ?? '';
}

async function press(page: Page, name: string, then: string | RegExp): Promise<void> {
  await Promise.all([page.waitForURL(then), page.getByRole('button', { name, exact: true }).click()]);
}
