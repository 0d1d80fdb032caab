// Takes about 3 s.
import type { OutgoingHttpHeaders } from 'node:http';
import t, { type Test } from 'tap';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { openForwarding, sendRaw } from '../../fixtures/forwarding.js';
import type { Answer } from '../../fixtures/gateway.js';

const { gateway, oslo, yes, no, ofYes, ofNo, proxy, bearer, questionOf } = await openForwarding(t);
const { world, origin } = gateway;
const { appId } = world.first;
const described = readAnswerDescription('src/http/authzen/openapi.yaml');

const PATH = '/access/v1/forward';
const QUESTION = questionOf();

/** What is sent once, or as several headers of one name. */
const several = (sent: string | readonly string[]): string | string[] => (typeof sent === 'string' ? sent : [...sent]);

/** The status, of an answer that is as it is described. */
async function asked(t: Test, headers: OutgoingHttpHeaders, path = PATH, method = 'GET'): Promise<Answer> {
  const answer = await sendRaw(
    { origin },
    path,
    { 'Tilgang-Authorization': proxy, 'Tilgang-Question': QUESTION, Authorization: ofYes, ...headers },
    method,
  );
  if (method !== 'HEAD') t.equal(described.faultsOf('forward', answer), '');
  t.equal(answer.headers.get('cache-control'), 'no-store');
  return answer;
}

t.test('a request is let through exactly if an evaluation says so', async (t) => {
  for (const { id, brukerIdent } of world.persons.slice(0, 15)) {
    const resource = { type: 'application', id: appId, properties: { kommune: '0301' } };
    const question = { subject: { type: 'person', id: brukerIdent }, action: { name: 'use' }, resource };
    const { json } = await gateway.send({ client: 'fhi' }, 'POST', '/access/v1/evaluation', question);
    const { status, text } = await asked(t, { Authorization: await bearer({ person: id }) });
    t.same([status, text], [json.decision ? 200 : 403, ''], id);
  }
  t.equal((await asked(t, {})).status, 200);
  t.equal((await asked(t, { Authorization: ofNo })).status, 403);
  t.equal((await asked(t, { 'Tilgang-Question': questionOf({ role: 'unknown' }) })).status, 403);
  t.equal((await asked(t, { 'Tilgang-Question': questionOf({ kommune: '9999' }) })).status, 403);
  t.equal((await asked(t, { 'Tilgang-Question': questionOf({ orgnr: oslo }) })).status, 200);
  const foreign = world.applications.find(({ tilbyder }) => tilbyder !== world.applications.find(({ id }) => id === appId)?.tilbyder);
  for (const application of [foreign?.id ?? '', '00000000-0000-4000-8000-000000000000']) {
    t.equal((await asked(t, { 'Tilgang-Question': questionOf({ application }) })).status, 403, 'foreign and unknown look alike');
  }
});

t.test('a person who has no good token is to log in', async (t) => {
  for (const [what, Authorization, type] of [
    ['none', '', 'token-missing'],
    ['another scheme', 'Basic eDp5', 'token-missing'],
    ['garbage', 'Bearer garbage', 'token-invalid'],
    ['expired', await bearer({ person: yes.id }, -60), 'token-expired'],
    ['a machine’s', proxy, 'token-invalid'],
    ['two, the good one first', [ofYes, ofNo], 'token-missing'],
    ['two, the good one last', [ofNo, ofYes], 'token-missing'],
    ['two in one', `${ofYes}, ${ofNo}`, 'token-invalid'],
  ] as const) {
    const { status, json, headers } = await asked(t, { Authorization: several(Authorization) });
    t.same([status, json.type], [401, `/problems/${type}`], what);
    t.match(headers.get('www-authenticate'), /^Bearer /, what);
  }
  const elsewhere = await asked(t, { 'Tilgang-Question': questionOf({ client: 'another-application' }) });
  t.same([elsewhere.status, elsewhere.json.type], [401, '/problems/token-invalid'], 'a token that another application was given');
});

t.test('a proxy that may not ask is told so by neither 401 nor 403: the person is not to blame', async (t) => {
  for (const [what, sent] of [
    ['none', ''],
    ['garbage', 'Bearer garbage'],
    ['expired', await bearer({ client: 'fhi' }, -60)],
    ['without the scope', await bearer({ client: 'uten-scope' })],
    ['the person’s own', ofYes],
    ['two', [proxy, proxy]],
  ] as const) {
    const { status, json, text } = await asked(t, { 'Tilgang-Authorization': several(sent) });
    t.same([status, json.type], [400, '/problems/proxy-not-accepted'], `${what}: ${text}`);
  }
  t.equal((await asked(t, { 'Tilgang-Authorization': await bearer({ client: 'fremmed' }) })).status, 403, 'what is foreign is a no');
});

t.test('a question that is none is an error, and nothing is guessed', async (t) => {
  for (const sent of [
    '',
    'application',
    `${QUESTION}&kommune=0301`,
    `${QUESTION}&role=use`,
    `${QUESTION}&roles=use`,
    `${QUESTION}&__proto__=x`,
    questionOf({ kommune: '' }),
    questionOf({ application: 'x' }),
    questionOf({ role: yes.brukerIdent }),
    questionOf({ client: '' }),
    questionOf().replace('role=use&', ''),
    questionOf().replace(/client=[^&]+&/, ''),
    `${QUESTION}&orgnr=${'1'.repeat(1000)}`,
    [QUESTION, QUESTION],
  ]) {
    const { status, json, text } = await asked(t, { 'Tilgang-Question': sent });
    t.same([status, json.errors?.[0].parameter], [400, 'Tilgang-Question'], `${String(sent).slice(0, 80)}: ${text}`);
    t.notMatch(text, yes.brukerIdent);
  }
});

t.test('nothing else of the request counts: path, query, method, other headers (threats 35, 46)', async (t) => {
  const uris = ['/health', '/login', '/static/x.css', `/x?kommune=5001&${QUESTION}`];
  for (const uri of uris) {
    const said = {
      'X-Original-URI': uri,
      'X-Original-Method': 'OPTIONS',
      'X-Forwarded-Uri': uri,
      'X-Forwarded-User': yes.brukerIdent,
      'X-Auth-Request-User': yes.brukerIdent,
      tilgang_question: questionOf({ role: 'x' }),
      tilgang_authorization: 'x',
      Tilgang_Question: 'x',
      'X-HTTP-Method-Override': 'GET',
    };
    t.equal((await asked(t, { ...said, Authorization: ofNo })).status, 403, uri);
    t.equal((await asked(t, said)).status, 200, uri);
    // As Envoy asks.
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      t.equal((await asked(t, { Authorization: ofNo }, PATH + uri, method)).status, 403, `${method} ${uri}`);
      t.equal((await asked(t, { 'Content-Length': '0' }, PATH + uri, method)).status, 200, `${method} ${uri}`);
    }
  }
  for (const path of ['/..', '/%2e%2e/evaluation', '//', '/a"b', '/;x', '/%00'])
    t.equal((await asked(t, {}, PATH + path)).status, 200, path);
  const { status, text } = await asked(t, {}, PATH, 'HEAD');
  t.same([status, text], [200, '']);
  t.equal((await sendRaw({ origin }, `${PATH}?kommune=0301`, { 'Tilgang-Authorization': proxy })).status, 400);
  t.equal((await sendRaw({ origin }, PATH, {}, 'POST')).status, 405);
  for (const path of ['/access/v1/forwards', '/access/v1/forward%2F', '/access/v1/Forward', '/access/v1//forward']) {
    t.equal((await sendRaw({ origin }, path, { 'Tilgang-Authorization': proxy })).status, 404, path);
  }
});

t.test('no person number and no token of a forwarded request is logged (threat 37)', async (t) => {
  const all = gateway.lines.join('\n');
  t.match(all, PATH);
  for (const secret of [yes.brukerIdent, no.brukerIdent, ofYes.slice(-40), proxy.slice(-40), 'X-Original-URI'])
    t.notOk(all.includes(secret));
});
