import Koa from 'koa';
import t, { type Test } from 'tap';
import { type Api, openServer } from '#http';
import { ProblemError } from '#problem';
import { createLog } from '#telemetry';
import { rawExchange } from '../fixtures/raw-exchange.js';

type Answering = Extract<Api['handler'], (...args: never[]) => unknown>;

/** A server with these APIs: what it answers, as `status body`. */
async function serving(t: Test, apis: readonly Api[]) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('info', { write: (line: string) => lines.push(JSON.parse(line)) });
  const server = await openServer({ host: '127.0.0.1', port: 0, bodyTimeoutMs: 1000 }, () => ({ log, apis }));
  t.teardown(() => server.stop({ stopDelayMs: 0, stopTimeoutMs: 1000 }));
  const origin = `http://127.0.0.1:${server.port}`;
  const ask = async (path: string, method = 'GET') => {
    const response = await fetch(origin + path, { method });
    return { said: `${response.status} ${await response.text()}`, headers: response.headers };
  };
  return { ask, lines, origin };
}

const saying =
  (name: string): Answering =>
  (ctx) => {
    ctx.body = `${name} ${ctx.path}`;
  };
const knowing =
  (path: string): Answering =>
  (ctx, next) => {
    if (ctx.path !== path) return next();
    ctx.body = path;
  };

t.test('a path goes to the longest mount that it lies under, and to no other', async (t) => {
  const { ask } = await serving(t, [
    { mounts: [''], handler: saying('portal') },
    { mounts: ['/a', '/deep/er'], handler: saying('a') },
    { mounts: ['/a/b'], handler: knowing('/a/b/known') },
  ]);
  t.equal((await ask('/a/x')).said, '200 a /a/x');
  t.equal((await ask('/a')).said, '200 a /a');
  t.equal((await ask('/deep/er/x')).said, '200 a /deep/er/x');
  t.equal((await ask('/deep/x')).said, '200 portal /deep/x');
  t.equal((await ask('/ab')).said, '200 portal /ab', 'a mount ends where a segment does');
  t.equal((await ask('/A/x')).said, '200 portal /A/x', 'in another letter case it is another path');
  t.equal((await ask('/a/b/known')).said, '200 /a/b/known');
  t.match((await ask('/a/b/unknown')).said, /^404 .*"\/problems\/not-found"/, 'what it does not know is nobody else’s');
});

t.test('APIs share a mount: they are asked in their order', async (t) => {
  const mounts = ['/.well-known'];
  const { ask } = await serving(t, [
    { mounts, handler: knowing('/.well-known/first') },
    { mounts: ['/own', ...mounts], handler: knowing('/.well-known/second') },
  ]);
  t.equal((await ask('/.well-known/first')).said, '200 /.well-known/first');
  t.equal((await ask('/.well-known/second')).said, '200 /.well-known/second');
  t.match((await ask('/.well-known/third')).said, /^404 /);
});

t.test(
  'a Koa application can be mounted: it sees its paths without the mount, and its faults are answered and logged as ours',
  async (t) => {
    const app = new Koa();
    app.use(async (ctx, next) => {
      ctx.set('X-Own', 'yes');
      await next();
    });
    app.use((ctx) => {
      if (ctx.path === '/fails') throw new Error('secret');
      ctx.body = ctx.path;
    });
    const { ask, lines } = await serving(t, [{ mounts: ['/provider'], handler: app }]);
    const { said, headers } = await ask('/provider/auth');
    t.equal(said, '200 /auth');
    t.equal(headers.get('x-own'), 'yes');
    t.match(lines.at(-1), { event: 'request', status: 200, requestId: headers.get('x-request-id') });
    const failed = await ask('/provider/fails');
    t.match(failed.said, /^500 .*internal-error/);
    t.notMatch(failed.said, /secret/);
    t.match(lines.at(-1), { status: 500, problem: 'internal-error', requestId: failed.headers.get('x-request-id') });
  },
);

t.test('each answer has an id, also when a handler streams or fails after it has begun', async (t) => {
  const { ask, lines } = await serving(t, [
    {
      mounts: ['/late'],
      handler: async (ctx) => {
        ctx.respond = false;
        ctx.res.writeHead(200, { 'Content-Length': 2 });
        ctx.res.end('ok');
        throw new Error('too late');
      },
    },
  ]);
  t.equal((await ask('/late')).said, '200 ok', 'what was answered stays answered');
  t.match(lines, [{ event: 'fault' }, { status: 200, problem: 'internal-error' }]);
});

t.test('a request target that is no URL, or has no path, is the sender’s fault', async (t) => {
  const { lines, origin } = await serving(t, [{ mounts: [''], handler: saying('portal') }]);
  for (const target of ['http://[', 'http://xn--/a', 'http://']) {
    const answer = await rawExchange(origin, [`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`]);
    t.match(answer, { status: 400, json: { type: '/problems/malformed-http' } }, target);
  }
  t.match(lines, [{ status: 400 }, { status: 400 }, { status: 400 }], 'it is a line each, and no fault');
});

t.test('a refusal that waits for nothing keeps the connection for the next request', async (t) => {
  const refusing: Answering = (ctx) => {
    if (ctx.path !== '/next') throw new ProblemError('method-not-allowed', { allowed: ['POST'] });
    ctx.body = 'the next';
  };
  const { origin } = await serving(t, [{ mounts: [''], handler: refusing }]);
  const head = 'HTTP/1.1\r\nHost: a\r\n';
  const { status, headers, text } = await rawExchange(origin, [`GET / ${head}\r\nGET /next ${head}Connection: close\r\n\r\n`]);
  t.match({ status, headers }, { status: 405, headers: { connection: 'keep-alive', 'keep-alive': 'timeout=75' } });
  t.match(text, /the next$/);
});
