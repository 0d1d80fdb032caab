// Takes about 20 s.
import t from 'tap';
import { noBrowser, openBrowser, picture, sidewaysScroll, tabStops, violationsIn } from '../fixtures/browser.js';
import { runGateway } from '../fixtures/gateway.js';
import { idportenSide } from '../fixtures/idporten.js';

t.test('logging in, in a browser', { skip: noBrowser }, async (t) => {
  const gateway = await runGateway(t);
  const { origin } = gateway;
  const side = await idportenSide(t, gateway);
  // Where the browser ends: a page of ours stands for the client's.
  const home = `${origin}/health/live`;
  const client = await side.client({ name: 'Oslo kommune, min side', redirectUris: [home], postLogoutRedirectUris: [home] });
  const browser = await openBrowser(t);

  await t.test('the page on which one chooses a person', async (t) => {
    for (const [locale, colorScheme] of [
      ['nb-NO', 'light'],
      ['en-GB', 'dark'],
    ] as const) {
      const page = await browser.open(origin, { locale, colorScheme });
      await page.goto((await client.begin()).url.href);
      t.same(await violationsIn(page), []);
      await picture(page, `eid-demo-${locale}-${colorScheme}`);
      if (colorScheme === 'light') t.comment(JSON.stringify(await tabStops(page)));
      await page.setViewportSize({ width: 320, height: 640 });
      t.equal(await sidewaysScroll(page), 0);
      await picture(page, `eid-demo-${locale}-${colorScheme}-320`);
      await page.context().close();
    }
  });
  t.same(browser.strayed, []);
  t.same(browser.complaints, []);
});
