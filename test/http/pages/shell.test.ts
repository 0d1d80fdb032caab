import { createElement } from 'react';
import t from 'tap';
import { type Api, openServer } from '#http';
import { assetsApi, languageIn, openPages, Page, pageReply, problemPage, sendPage } from '#http/pages';
import type { ProblemError } from '#problem';
import { createLog } from '#telemetry';

const page = (language: 'nb' | 'nn' | 'en', title = 'Side') => createElement(Page, { language, title, children: null });

/** A server with a page at `/side` that says its language and gives a form's token, and takes forms there. */
async function serve(t: { teardown(end: () => unknown): void }, origin = 'http://127.0.0.1') {
  const pages = openPages(origin);
  const api: Api = {
    mounts: ['/side'],
    async handler(ctx) {
      ctx.respond = false;
      if (ctx.method === 'GET')
        return sendPage(ctx, pageReply(page(pages.language(ctx, ctx.get('X-Ui-Locales')), pages.formToken(ctx, 'one'))));
      const chunks: Buffer[] = [];
      for await (const chunk of ctx.req) chunks.push(chunk);
      try {
        pages.takeForm(ctx, new URLSearchParams(Buffer.concat(chunks).toString()), 'one');
        ctx.res.writeHead(200).end('taken');
      } catch (error) {
        sendPage(ctx, problemPage(pages, ctx, error as ProblemError));
      }
    },
  };
  const log = createLog('error', { write: () => {} });
  const server = await openServer({ host: '127.0.0.1', port: 0, bodyTimeoutMs: 1000 }, () => ({ log, apis: [assetsApi(), api] }));
  t.teardown(() => server.stop({ stopDelayMs: 0, stopTimeoutMs: 0 }));
  const at = `http://127.0.0.1:${server.port}`;
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${at}${path}`, { headers });
  const post = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${at}/side`, { method: 'POST', headers, body: new URLSearchParams(fields) });
  return { get, post };
}

t.test('a page loads nothing from elsewhere, runs nothing, is framed by nobody and kept by nobody (threat 40)', async (t) => {
  const { headers, body } = pageReply(page('nn'));
  t.match(headers, { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'Content-Language': 'nn', 'X-Frame-Options': 'DENY' });
  t.equal(
    headers?.['Content-Security-Policy'],
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  t.match(String(body), /^<!doctype html>\n<html lang="nn"/);
  t.notMatch(String(body), /<script| style=|<style| on[a-z]+=|https?:\/\//);
});

t.test('what is written in a page is text', async (t) => {
  t.match(String(pageReply(page('nb', '<b>"&')).body), '&lt;b&gt;&quot;&amp;');
});

t.test('the policy names where a form leads and what is framed, and nothing can be slipped into it', async (t) => {
  const policy = (terms: Parameters<typeof pageReply>[1]) => pageReply(page('nb'), terms).headers?.['Content-Security-Policy'];
  t.match(
    policy({
      formTargets: ['https://a.example/cb?x=1', 'http://127.0.0.1/cb', 'http://[::1]:90/cb', 'no.app:/cb', 'javascript:alert(1)', 'x'],
    }),
    "form-action 'self' https://a.example http://127.0.0.1:* http: no.app:;",
  );
  t.match(
    policy({ frames: ["https://a.example/out;script-src *,'x'?iss=1", 'https://b.example:8443/o'] }),
    'frame-src https://a.example/out%3Bscript-src%20*%2C%27x%27 https://b.example:8443/o;',
  );
});

t.test('the language is the one that is chosen, then ui_locales, then the browser’s, else bokmål', async (t) => {
  const { get } = await serve(t);
  const language = async (path: string, headers?: Record<string, string>) => (await get(path, headers)).headers.get('content-language');
  t.equal(await language('/side'), 'nb');
  t.equal(await language('/side', { 'Accept-Language': 'de, en-GB;q=0.8, nn;q=0.9' }), 'nn');
  t.equal(await language('/side', { 'Accept-Language': 'en;q=0, se' }), 'nb', 'what is not wanted is not taken');
  t.equal(await language('/side', { 'Accept-Language': 'en', 'X-Ui-Locales': 'fr nn' }), 'nn');
  const chosen = await get('/side?lang=en', { 'X-Ui-Locales': 'nn' });
  t.equal(chosen.headers.get('content-language'), 'en');
  t.equal(chosen.headers.getSetCookie()[0], 'tilgang-language=en; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000');
  t.equal(await language('/side', { Cookie: 'tilgang-language=en', 'X-Ui-Locales': 'nn' }), 'en');
  t.equal(languageIn('constructor'), undefined);
});

t.test(
  'a form is taken from the browser that it was shown to, for its purpose, once it comes from a page of ours (threat 40)',
  async (t) => {
    const { get, post } = await serve(t);
    const shown = await get('/side');
    const cookie = shown.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    t.match(cookie, /^tilgang-form=[\w-]{43}$/);
    const token = /<title>([\w-]{43}) /.exec(await shown.text())?.[1] ?? '';
    const status = async (fields: Record<string, string>, headers?: Record<string, string>) => (await post(fields, headers)).status;
    t.equal(await status({ form_token: token }, { Cookie: cookie }), 200);
    t.equal(await status({ form_token: token }, { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' }), 200);
    t.equal(await status({ form_token: token }, { Cookie: cookie, 'Sec-Fetch-Site': 'cross-site' }), 403);
    t.equal(await status({ form_token: token }), 403, 'without the cookie');
    t.equal(await status({ form_token: token }, { Cookie: `${cookie}; ${cookie}` }), 403, 'of two cookies none counts');
    t.equal(await status({}, { Cookie: cookie }), 403, 'without the token');
    const other = (await get('/side')).headers.getSetCookie()[0]?.split(';')[0] ?? '';
    t.equal(await status({ form_token: token }, { Cookie: other }), 403, 'of another browser');
    const refused = await (await post({}, { Cookie: cookie })).text();
    t.match(refused, /Skjemaet kan ikke brukes lenger/);
    t.match(refused, /Referanse: <code>./);
  },
);

t.test('over https the cookies are bound to the host and never sent in the clear', async (t) => {
  const { get } = await serve(t, 'https://tilgang.example.no');
  const [cookie] = (await get('/side')).headers.getSetCookie();
  t.match(cookie, /^__Host-tilgang-form=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
});

t.test('style is named by what it holds and kept for ever; what another version asks for is dressed too, and kept by nobody', async (t) => {
  const { get } = await serve(t);
  const path = /href="(\/assets\/pages\.[\w-]{12}\.css)"/.exec(await (await get('/side')).text())?.[1] ?? '';
  const sheet = await get(path);
  t.equal(sheet.status, 200);
  t.equal(sheet.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  t.equal(sheet.headers.get('content-encoding'), 'gzip');
  const text = await sheet.text();
  const asked = [...text.matchAll(/url\(\s*["']?([^)"']{0,5})/g)].map(([, begin]) => begin);
  t.ok(asked.length > 5);
  t.same(
    asked.filter((begin) => begin !== 'data:'),
    [],
    'it asks for nothing more',
  );
  t.notMatch(text, '@import');
  t.match(text, '.ds-button');
  const other = await get('/assets/pages.AAAAAAAAAAAA.css');
  t.equal(other.headers.get('cache-control'), 'no-store');
  t.equal(await other.text(), text);
  t.equal((await get('/assets/constructor.AAAAAAAAAAAA.css')).status, 404);
});

t.test('a problem is told to whoever reads in their language, and without a word of what was sent', async (t) => {
  const { post } = await serve(t);
  const refused = await post({ form_token: 'secret' }, { 'Accept-Language': 'en' });
  t.equal(refused.status, 403);
  const told = await refused.text();
  t.match(told, /The form can no longer be used/);
  t.notMatch(told, 'secret');
});
