import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';
import { idportenSide, logIn, UserAgent } from '../../fixtures/idporten.js';
import type { PageAnswer } from '../../fixtures/user-agent.js';

const MOST = 4;

void t.test('what anybody may ask of a login, and how a reader hears of what went wrong', async (t) => {
  const gateway = await runGateway(t, { loginsPerMinute: MOST });
  const side = await idportenSide(t, gateway);
  const { person } = side;
  const client = await side.client();
  const fresh = (): UserAgent => new UserAgent(gateway.origin);
  const resources = (count: number) => Array.from({ length: count }, (_, i): [string, string] => ['resource', `https://api${i}.example`]);

  await t.test('more than ten resources are refused by name, pushed or not, and cost nothing more (threat 32)', async (t) => {
    const { url } = await client.begin();
    const page = await fresh().get(`${url}&${new URLSearchParams(resources(11))}`);
    t.match([page.status, page.text], [400, /Forespørselen er feil/]);
    const push = (count: number) =>
      gateway.get('/idporten/par', {
        method: 'POST',
        body: new URLSearchParams([...url.searchParams, ...resources(count)]),
        headers: { Authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
      });
    const pushed = await push(1500);
    t.same([pushed.status, pushed.json], [400, { error: 'invalid_request', error_description: 'resource must be sent at most 10 times' }]);
    t.equal((await push(10)).status, 201);
  });

  await t.test('once the last login is answered, nobody pays for finding its request', async (t) => {
    const login = await client.begin();
    await login.finish((await logIn(fresh(), login.url, person)).url);
    // Of the library's inside, which says nothing of its types.
    const inside = 'oidc-provider/lib/helpers/als.js';
    const { default: context } = (await import(inside)) as { readonly default: { readonly enabled: boolean } };
    t.equal(context.enabled, false);
  });

  await t.test('so many logins begin from one address in a minute; who is logged in is not kept away (threat 51)', async (t) => {
    const agent = fresh();
    const login = await client.begin();
    await login.finish((await logIn(agent, login.url, person)).url);
    const answers = [];
    for (let i = 0; i < MOST - 1; i += 1) answers.push(await fresh().get((await client.begin()).url));
    const told = ({ url, status }: PageAnswer) => url.searchParams.get('error') ?? status;
    t.same(answers.map(told), [200, 200, 'temporarily_unavailable']);
    const other = await client.begin();
    t.ok((await other.finish((await agent.get(other.url)).url)).access_token);
  });

  await t.test('a browser is told by a page that there is nothing; a program by a problem', async (t) => {
    for (const path of ['/idporten', '/idporten/foo', '/idporten/eid/callback', '/idporten/eid/foo']) {
      const page = await fresh().get(path);
      t.match([page.status, page.text], [404, /<h1[^>]*>Siden finnes ikke/], path);
      t.match(page.headers.get('content-security-policy'), /frame-ancestors 'none'/);
      const { status, json } = await gateway.get(path);
      t.match([status, json], [404, { type: '/problems/not-found' }], path);
    }
  });

  await t.test('what went wrong can be read in another language, of the same address and with all that was sent', async (t) => {
    const agent = fresh();
    const links = (html: string) =>
      Object.fromEntries([...html.matchAll(/<a [^>]*href="([^"]+)" hrefLang="(\w+)"/gi)].map(([, to, lang]) => [lang, to]));
    for (const [path, title] of [
      ['/idporten/authorize?client_id=nobody&response_type=code&state=%22%3E%3Cb%3E&lang=nb', 'Tenesta er ikkje kjend her'],
      ['/idporten/foo?lang=nb', 'Sida finst ikkje'],
      ['/idporten/interaction/x?lang=nb', 'Innlogginga er ikkje i gang lenger'],
    ] as const) {
      const page = await agent.get(path);
      t.same(Object.keys(links(page.text)).sort(), ['en', 'nn'], path);
      t.notMatch(page.text, /<b>/);
      const to = `${links(page.text)['nn']}`.replaceAll('&amp;', '&');
      t.equal(to, path.replace('lang=nb', 'lang=nn'));
      t.match((await agent.get(to)).text, new RegExp(`<h1[^>]*>${title}`));
      await agent.get(path);
    }
    const refused = await agent.post('/idporten/interaction/x', {});
    t.match([refused.status, links(refused.text)], [400, {}], 'what was sent with a form is not sent again by a link');
    t.same(Object.keys(links(refused.text)), []);
  });
});
