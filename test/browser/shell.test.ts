// Takes about 2 s.
import { createElement } from 'react';
import t from 'tap';
import { type Api, openServer } from '#http';
import { assetsApi, openPages, pageReply, sendPage } from '#http/pages';
import { createLog } from '#telemetry';
import { AllParts } from '../fixtures/all-parts.js';
import { noBrowser, openBrowser, picture, sidewaysScroll, tabStops, violationsIn } from '../fixtures/browser.js';

t.test('the shell in a browser', { skip: noBrowser }, async (t) => {
  const log = createLog('error', { write: () => {} });
  const pages = openPages('http://127.0.0.1');
  const api: Api = {
    mounts: ['/all'],
    handler: (ctx) => {
      ctx.respond = false;
      sendPage(ctx, pageReply(createElement(AllParts, { language: pages.language(ctx), token: pages.formToken(ctx, 'all') })));
    },
  };
  const server = await openServer({ host: '127.0.0.1', port: 0, bodyTimeoutMs: 1000 }, () => ({ log, apis: [assetsApi(), api] }));
  t.teardown(() => server.stop({ stopDelayMs: 0, stopTimeoutMs: 0 }));
  const origin = `http://127.0.0.1:${server.port}`;
  const browser = await openBrowser(t);
  for (const [locale, colorScheme] of [
    ['nb-NO', 'light'],
    ['en-GB', 'dark'],
  ] as const) {
    const page = await browser.open(origin, { locale, colorScheme });
    await page.goto(`${origin}/all`);
    t.same(await violationsIn(page), [], `axe finds nothing, ${locale} ${colorScheme}`);
    await picture(page, `shell-${locale}-${colorScheme}`);
    const stops = await tabStops(page);
    t.equal(stops[0], locale === 'nb-NO' ? 'Hopp til hovedinnhold' : 'Skip to main content');
    t.same(
      stops.slice(3),
      ['E-postadressen mangler', 'Søk på navn', 'Søk', 'E-postadresse', 'Send', 'Avbryt'],
      'Tab goes as one reads, and shows where it is',
    );
    await page.setViewportSize({ width: 320, height: 640 });
    t.equal(await sidewaysScroll(page), 0, 'nothing is wider than 320 px');
    await page.emulateMedia({ media: 'print' });
    t.equal(await page.getByRole('navigation').count(), 0, 'paper has nothing to press');
  }
  t.same(browser.strayed, [], 'nothing is asked of another origin');
  t.same(browser.complaints, [], 'and the browser has nothing to complain of');
});
