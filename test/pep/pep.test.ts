// Takes about 3 s.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Koa from 'koa';
import t from 'tap';
import { createPep, maskinportenToken, NoAnswer, type Question, type TokenClient } from '../../packages/pep/index.js';
import { runGateway } from '../fixtures/gateway.js';

const gateway = await runGateway(t);
const { origin, world } = gateway;
const { appId, brukerIdent } = world.first;
const client: TokenClient = {
  issuer: `${origin}/maskinporten/`,
  clientId: 'fhi',
  key: readFileSync(join(gateway.config.data, 'demo-client.pem'), 'utf8'),
  resource: origin,
};
const token = maskinportenToken(client);
const pep = createPep({ tilgang: origin, token });
const question = { person: brukerIdent, application: appId } as const;
const orgnrs = world.persons[0]?.expected.find((one) => one.appId === appId)?.orgnr ?? [];

/** Serves on a free port until the test ends; answers its address. */
async function served(t: { teardown(end: () => unknown): void }, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

t.test('it says what the gateway decides, by a token that it fetches with the client’s key', async (t) => {
  for (const { orgnr } of world.organisations.slice(0, 12)) {
    t.equal(await pep.allows({ ...question, organisation: { orgnr } }), orgnrs.includes(orgnr), orgnr);
  }
  t.equal(await pep.allows(question), true);
  t.equal(await pep.allows({ ...question, role: 'unknown' }), false);
  t.equal(await pep.allows({ ...question, organisation: { kommune: '9999' } }), false);
  const [first, second] = await Promise.all([token(), token()]);
  t.equal(first, second, 'one token for all');
  t.not(await token(true), first, 'and a new one if it is refused');
});

t.test('an organisation that a path left empty is not any organisation', async (t) => {
  for (const kommune of ['', undefined as unknown as string]) {
    await t.rejects(pep.allows({ ...question, organisation: { kommune } }), TypeError);
  }
});

t.test('Koa and Express let through whom the gateway allows, and nobody else', async (t) => {
  const questionOf = (path: string): Question => {
    const person = { '/yes': brukerIdent, '/no': brukerIdent, '/nobody': undefined }[path];
    return { application: appId, person, role: path === '/no' ? 'unknown' : 'use' };
  };
  const koa = new Koa().on('error', () => {});
  koa.use(pep.koa((ctx: Koa.Context) => questionOf(ctx.path)));
  koa.use((ctx) => {
    ctx.body = 'the page';
  });
  const express = pep.express((req) => questionOf(req.url ?? ''));
  for (const [name, listener] of [
    ['koa', koa.callback()],
    ['express', (req, res) => void express(req, res, (error) => res.writeHead(error === undefined ? 200 : 503).end('the page'))],
  ] as const satisfies readonly (readonly [string, RequestListener])[]) {
    const address = await served(t, listener as RequestListener);
    for (const [path, status] of [
      ['/yes', 200],
      ['/no', 403],
      ['/nobody', 401],
    ] as const) {
      const response = await fetch(address + path);
      t.same([response.status, (await response.text()) === 'the page'], [status, status === 200], `${name} ${path}`);
    }
  }
});

t.test('what is no plain yes shuts the door, and says nothing of the person', async (t) => {
  let answer: [status: number, body: string, headers?: Record<string, string>] = [200, ''];
  let asked = 0;
  const tilgang = await served(t, (_, res) => {
    asked += 1;
    const [status, body, headers = {}] = answer;
    if (status > 0) res.writeHead(status, headers).end(body);
  });
  const other = createPep({ tilgang, token: async () => 'token', timeoutMs: 300 });
  for (const one of [
    [200, ''],
    [200, 'true'],
    [200, '{"decision":"true"}'],
    [200, '{"decision":1}'],
    [200, '{"allow":true}'],
    [201, '{"decision":true}'],
    [307, '{"decision":true}', { Location: `${origin}/access/v1/evaluation` }],
    [401, '{"decision":true}'],
    [403, '{"decision":true}'],
    [500, '{"decision":true}'],
    [0, ''],
  ] as const) {
    answer = [...one] as typeof answer;
    const error = await other.allows(question).catch((thrown: unknown) => thrown);
    t.ok(error instanceof NoAnswer && error.status === 503, JSON.stringify(one));
    t.notMatch(String(error), brukerIdent);
    let passed: unknown = 'not called';
    await other.express(() => question)({} as never, {} as never, (error) => {
      passed = error;
    });
    t.ok(passed instanceof NoAnswer, 'Express is told of it');
  }
  answer = [401, ''];
  asked = 0;
  await t.rejects(other.allows(question), NoAnswer);
  t.equal(asked, 2, 'a token that is refused is fetched anew once, and no more');
  answer = [200, '{"decision":true}'];
  t.equal(await other.allows(question), true, 'and it recovers');
});

t.test('without a token nothing is asked, and a failure is not remembered', async (t) => {
  let isAway = true;
  const tokenEndpoint = await served(t, (_, res) => {
    const body = isAway ? '{"error":"invalid_grant"}' : '{"access_token":"x","expires_in":100}';
    res.writeHead(isAway ? 400 : 200).end(body);
  });
  const source = maskinportenToken({ ...client, tokenEndpoint });
  await t.rejects(source(), { message: 'no token from the token endpoint: 400, invalid_grant' });
  isAway = false;
  t.equal(await source(), 'x');
  await t.rejects(maskinportenToken({ ...client, key: 'no key' })(), { name: 'TypeError', message: /PEM/ });
  await t.rejects(maskinportenToken({ ...client, clientId: 'nobody' })(), NoAnswer);
});
