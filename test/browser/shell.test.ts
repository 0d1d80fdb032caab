import { createElement } from 'react';
import t from 'tap';
import { type Api, openServer } from '#http';
import { assetsApi, openPages, pageReply } from '#http/pages';
import { createLog } from '#telemetry';
import { AllParts } from '../fixtures/all-parts.js';
import { noBrowser, openBrowser, picture, sidewaysScroll, tabStops, violationsIn } from '../fixtures/browser.js';

t.test('the shell in a browser', { skip: noBrowser }, async (t) => {
  const log = createLog('error', { write: () => {} });
  let pages = openPages('http://127.0.0.1');
  const api: Api = {
    mounts: ['/all'],
    handler: (ctx) => {
      const reply = pageReply(createElement(AllParts, { language: pages.language(ctx), token: pages.formToken(ctx, 'all') }));
      ctx.set({ ...reply.headers });
      ctx.body = reply.body;
    },
  };
  const server = await openServer({ host: '127.0.0.1', port: 0, bodyTimeoutMs: 1000 }, () => ({ log, apis: [assetsApi(), api] }));
  t.teardown(() => server.stop({ stopDelayMs: 0, stopTimeoutMs: 0 }));
  const origin = `http://127.0.0.1:${server.port}`;
  pages = openPages(origin);
  const browser = await openBrowser(t);
  for (const [locale, colorScheme] of [
    ['nb-NO', 'light'],
    ['en-GB', 'dark'],
  ] as const) {
    const page = await browser.open(origin, { locale, colorScheme });
    await page.goto(`${origin}/all`);
    t.same(await violationsIn(page), [], `${locale} ${colorScheme}`);
    await picture(page, `shell-${locale}-${colorScheme}`);
    if (colorScheme === 'light') t.same(await tabStops(page), []);
    await page.setViewportSize({ width: 320, height: 640 });
    t.equal(await sidewaysScroll(page), 0);
    await picture(page, `shell-${locale}-${colorScheme}-320`);
  }
  t.same(browser.strayed, []);
  t.same(browser.complaints, []);
});
