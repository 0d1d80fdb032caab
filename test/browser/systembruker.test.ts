// Takes about 20 s.
import type { Page } from 'playwright-core';
import t from 'tap';
import type { DemoPerson } from '#demo';
import { noBrowser, openBrowser, picture, sidewaysScroll, type TestBrowser, violationsIn } from '../fixtures/browser.js';
import { type RunningGateway, runGateway } from '../fixtures/gateway.js';
import { CUSTOMER, RECEIPT, type SystemUserWorld, systemUserWorld } from '../fixtures/system-pages.js';

t.test('people of a business and the systems that act for it, in a browser', { skip: noBrowser }, async (t) => {
  const gateway = await runGateway(t);
  const world = await systemUserWorld(t, gateway);
  const browser = await openBrowser(t);
  const setting = { gateway, world, browser };
  await t.test('look', (t) => look(t, setting));
});

interface Setting {
  readonly gateway: RunningGateway;
  readonly world: SystemUserWorld;
  readonly browser: TestBrowser;
}

type Test = Pick<typeof t, 'same' | 'equal' | 'match' | 'notMatch'>;

async function logIn(page: Page, person: DemoPerson, level: 'Betydelig' | 'Høyt'): Promise<void> {
  const address = page.url();
  await page.goto(`${address}?${new URLSearchParams({ q: person.id })}`);
  await page.getByLabel(level).check();
  await page.locator(`button[value="${person.id}"]`).click();
}

async function look(t: Test, { gateway: { origin }, world, browser }: Setting): Promise<void> {
  const page = await browser.open(origin);
  const at = async (path: string, name: string) => {
    await page.goto(`${origin}${path}`);
    t.same(await violationsIn(page), [], name);
    await picture(page, name);
    await page.setViewportSize({ width: 320, height: 640 });
    t.equal(await sidewaysScroll(page), 0, `${name}, at 320 px`);
    await picture(page, `${name}-320`);
    await page.setViewportSize({ width: 1024, height: 800 });
  };
  const id = await world.ask({ redirectUrl: RECEIPT });
  const refused = await world.ask({ rights: [world.right('lonn'), world.right('tinglysing')], packages: ['skattnaering'] as never });
  const agent = await world.ask({ type: 'agent' });
  await page.goto(`${origin}/systembruker/foresporsel?id=${id}`);
  await logIn(page, world.manager, 'Betydelig');
  await page.waitForURL(/foresporsel/);
  await at(`/systembruker/foresporsel?id=${id}`, 'request');
  await at(`/systembruker/foresporsel?id=${refused}`, 'request-refused');
  await at(`/systembruker/foresporsel?id=${agent}&fra=oversikt`, 'request-agent');
  await page.goto(`${origin}/systembruker/foresporsel?id=${agent}&fra=oversikt`);
  await page.getByRole('button', { name: 'Godkjenn' }).click();
  await page.goto(`${origin}/systembruker/foresporsel?id=${id}&fra=oversikt`);
  await page.getByRole('button', { name: 'Godkjenn' }).click();
  await page.waitForURL(/lagret/);
  await picture(page, 'overview-saved');
  const change = await world.askChange(id, {
    required: [world.right('lonn'), { action: 'read', resources: world.right('tinglysing').resources }],
    unwanted: [world.right('arsregnskap')],
  });
  await at(`/systembruker/endring?id=${change}`, 'change');
  await at(`/systembruker/${CUSTOMER}`, 'overview');
  await at(`/systembruker/${CUSTOMER}/${id}`, 'user');
  await at(`/systembruker/${CUSTOMER}/${id}/rettigheter`, 'rights');
  await at(`/systembruker/${CUSTOMER}/${id}/flytt`, 'move');
  await at(`/systembruker/${CUSTOMER}/${id}/flytt/system?id=${world.otherSystem}`, 'move-confirm');
  await at(`/systembruker/${CUSTOMER}/${id}/slett`, 'delete');
  await at(`/systembruker/${CUSTOMER}/ny?q=regn`, 'choose');
  await at(`/systembruker/${CUSTOMER}/ny/system?id=${world.otherSystem}`, 'create');
}
