// Takes about 3 s.
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { eventsIn } from '../../decisions/logged.js';
import { type Answer, parsed, runGateway } from '../../fixtures/gateway.js';
import { opaBundles } from './bundles.js';

const gateway = await runGateway(t, { accessBundles: opaBundles(t) });
const { appId, brukerIdent, clientId } = gateway.world.first;
const FHI = { client: clientId };
const question = (id: string, more: object = {}) => ({
  subject: { type: 'person', id },
  action: { name: 'use' },
  resource: { type: 'application', id: appId },
  ...more,
});
const post = (path: string, body: unknown, holder: Parameters<typeof gateway.send>[0] = FHI, headers = {}) =>
  gateway.send(holder, 'POST', path, body, headers);
const ask = async (path: string, input: unknown) => (await post(`/v1/data/${path}`, { input })).json;
const events = () => eventsIn(join(gateway.config.data, 'decisions'));
const agent = new Agent({ keepAlive: true });
t.teardown(() => agent.destroy());

/** Sends a path as it stands: `fetch` would tidy it up. */
async function askExactly(path: string, token: string): Promise<Pick<Answer, 'status' | 'json'>> {
  const { hostname, port } = new URL(gateway.origin);
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, json: parsed(text) }));
    })
      .on('error', reject)
      .end(JSON.stringify({ input: { ...question(brukerIdent), subject: 'alice' } }));
  });
}

t.test('tilgang/decision says what AuthZEN says, by POST, GET, batch and as the default, under the id of the decision log', async (t) => {
  const persons = gateway.world.persons.slice(0, 15).map(({ brukerIdent: id }) => id);
  const said = new Map<string, boolean>();
  for (const id of persons) said.set(id, (await post('/access/v1/evaluation', question(id))).json.decision);
  t.same([...new Set(said.values())].length, 2, 'some may, some may not');
  const ids = new Map<string, boolean>();
  for (const [id, decision] of said) {
    const { decision_id, ...rest } = await ask('tilgang/decision', question(id));
    t.same(rest, { result: { decision } });
    ids.set(decision_id, decision);
    t.same((await post('/', question(id))).json, { decision });
  }
  const inputs = Object.fromEntries(persons.map((id, i) => [`p${i}`, question(id)]));
  const batch = await post('/v1/batch/data/tilgang/decision', { inputs });
  t.equal(batch.status, 200);
  for (const [i, id] of persons.entries()) t.same(batch.json.responses[`p${i}`].result, { decision: said.get(id) });
  const byName = encodeURIComponent(JSON.stringify(question('nobody')));
  t.same((await gateway.send(FHI, 'GET', `/v1/data/tilgang/decision?input=${byName}`)).json.result, { decision: false });
  const logged = new Map((await events()).map((event) => [event.decision_id, event]));
  for (const [id, decision] of ids) {
    const { path, result } = logged.get(id) ?? {};
    t.equal(path, 'tilgang/access/search');
    t.equal((result as unknown[]).length > 0, decision, 'and the log has what was answered');
  }
});

t.test('a document of a bundle is answered as OPA would, undefined too, and is logged without person numbers (threat 37)', async (t) => {
  t.match(await ask('authz/allow', { subject: 'alice' }), { result: true, decision_id: String });
  t.match(await ask('authz/allow', { subject: 'bob' }), { result: false });
  const undefinedFor = await ask('authz/greeting', {});
  t.same(Object.keys(undefinedFor), ['decision_id']);
  const split = `${brukerIdent.slice(0, 6)}\n${brukerIdent.slice(6)}`;
  for (const subject of [brukerIdent, split, Number(`4${brukerIdent.slice(1)}`), { [brukerIdent]: [brukerIdent] }]) {
    t.same((await ask('authz/greeting', { subject })).result, { to: subject }, 'the caller is told what the rule says');
  }
  const greetings = (await events()).filter(({ path }) => path === 'authz/greeting');
  t.match(greetings[0], { decision_id: undefinedFor.decision_id, bundles: { ours: { revision: String } }, requested_by: String });
  t.notOk('result' in (greetings[0] as object), 'what is undefined is logged without a result');
  t.match(greetings[1], { input: { subject: '[masked]' }, result: { to: '[masked]' } });
  t.equal(greetings.length, 5);
  for (const event of greetings) t.notMatch(JSON.stringify(event).replaceAll(/[^0-9]/g, ''), brukerIdent.slice(1));
});

t.test('what is not there, what is another’s and what is no document look alike, whatever a path holds (threat 12)', async (t) => {
  const token = await gateway.tokenOf(FHI);
  const told = new Set<string>();
  for (const path of [
    'theirs/allow',
    'nowhere/allow',
    'tilgang/access/search',
    'tilgang/kinds/may_ask',
    'authz',
    'authz/allow/',
    'authz//allow',
    '/authz/allow',
    'authz/./allow',
    'authz/x/../allow',
    'authz/%2e%2e/authz/allow',
    'authz%2Fallow',
    'authz/%61llow',
    'authz/allow%00',
    'authz/allow%C0%80',
    'authz/allow%',
    'authz/allow;x',
    'authz/allow%23x',
    'Authz/allow',
    'authz/ALLOW',
    'a%22]%20..',
    'authz.allow',
    'tilgang/decision/decision',
    'tilgang%2fdecision',
    '__proto__',
    'constructor/name',
    '',
  ]) {
    const { status, json } = await askExactly(`/v1/data/${path}`, token);
    t.equal(status, 200, path);
    told.add(JSON.stringify({ ...json, decision_id: typeof json.decision_id }));
    const batch = await askExactly(`/v1/batch/data/${path}`, token);
    t.equal(batch.status, 400, 'a batch has inputs');
  }
  t.same([...told], ['{"decision_id":"string"}']);
  t.equal((await askExactly('/v1/data/authz/allow', token)).json.result, true, 'and letter by letter it is there');
  for (const path of ['/V1/data/authz/allow', '//v1/data/authz/allow', '/v1//data/authz/allow', '/v1/Data/authz/allow']) {
    t.equal((await askExactly(path, token)).status, 404, path);
  }
  t.notOk((await events()).some(({ path }) => /nowhere|theirs|%/.test(path ?? '')));
});

t.test('who may ask nothing of the kind is told so, whatever is asked for', async (t) => {
  for (const path of ['tilgang/decision', 'authz/allow', 'theirs/allow', 'nowhere']) {
    const body = { input: question(brukerIdent) };
    t.match(await post(`/v1/data/${path}`, body, null), { status: 401, json: { code: 'unauthorized' } }, path);
    t.match(await post(`/v1/data/${path}`, body, { client: 'uten-scope' }), { status: 403, json: { code: 'unauthorized' } }, path);
    t.match(await post(`/v1/data/${path}`, body, { person: 'oslo-leder' }), { status: 403, json: { code: 'unauthorized' } }, path);
    t.equal((await post(`/v1/batch/data/${path}`, { inputs: { a: body.input } }, { client: 'uten-scope' })).status, 403);
  }
  t.equal((await gateway.send({ client: 'uten-scope' }, 'GET', '/v1/status')).status, 403);
});

t.test('an input of any form has one meaning, for the rule and for the log (threat 13)', async (t) => {
  const greeted = async (body: string) => post('/v1/data/authz/greeting', body, FHI, { 'Content-Type': 'application/json' });
  for (const [sent, told] of [
    ['false', 'false'],
    ['0', '0'],
    ['""', '""'],
    ['null', 'null'],
    ['"a", "subject": "b"', '"b"'],
    ['{"__proto__": {"x": 1}, "constructor": 2}', '{"__proto__":{"x":1},"constructor":2}'],
    ['[1.5, -0, 9007199254740991]', '[1.5,0,9007199254740991]'],
  ] as const) {
    const { text } = await greeted(`{"input": {"subject": ${sent}}}`);
    t.match(text, `"result":{"to":${told}}`, sent);
    const last = (await events()).at(-1) as { input: { subject: unknown }; result: { to: unknown } };
    t.same(JSON.stringify(last.input.subject), told);
    t.same(JSON.stringify(last.result.to), told);
  }
  for (const input of ['false', '0', '""', 'null', '[]', '"alice"']) {
    const { status, json } = await post('/v1/data/authz/allow', `{"input": ${input}}`, FHI, { 'Content-Type': 'application/json' });
    t.match([status, json.result], [200, false], input);
    t.equal((await post('/v1/data/tilgang/decision', `{"input": ${input}}`, FHI, { 'Content-Type': 'application/json' })).status, 400);
  }
  t.match(await greeted('{"input": {"subject": "\\ud800"}}'), { status: Number });
  for (const body of ['\ufeff{"input":{}}', '{"input":', '{"input": NaN}', '[]', '7']) t.equal((await greeted(body)).status, 400, body);
  t.equal((await post('/v1/data/authz/allow', '{}', FHI, { 'Content-Type': 'text/plain' })).status, 400);
  for (const [input, fault] of [
    [JSON.stringify(question(brukerIdent)), /person number/],
    ['{', /JSON/],
    ['['.repeat(40) + ']'.repeat(40), /16 levels/],
  ] as const) {
    const { status, json } = await gateway.send(FHI, 'GET', `/v1/data/authz/allow?input=${encodeURIComponent(input)}`);
    t.match({ status, json }, { status: 400, json: { code: 'invalid_parameter', errors: [{ message: fault }] } });
  }
});

t.test('a large, deep or long request is refused within the limits (threat 14)', async (t) => {
  const inputs = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`i${i}`, {}]));
  const path = '/v1/batch/data/authz/allow';
  t.match(await post(path, { inputs }), { status: 400, json: { errors: [{ message: '/inputs must have at most 1000 fields' }] } });
  delete inputs['i0'];
  const most = await post(path, { inputs });
  t.equal(most.status, 200);
  t.equal(Object.keys(most.json.responses).length, 1000);
  t.equal((await post('/v1/data/authz/allow', { input: 'x'.repeat(70_000) })).status, 413);
  t.equal(
    (await post('/v1/data/authz/allow', `{"input": ${'['.repeat(100)}${']'.repeat(100)}}`, FHI, { 'Content-Type': 'application/json' }))
      .status,
    400,
  );
  t.equal((await post(path, { inputs: { a: 'x'.repeat(600_000) } })).status, 413);
});

t.test('what fails of one input of a batch is told in its place, and none is answered by another’s (threats 20 and 28)', async (t) => {
  const path = '/v1/batch/data/tilgang/decision';
  const role = (name: string) => question(brukerIdent, { action: { name } });
  const inputs = {
    yes: question(brukerIdent),
    bad: 7,
    worse: { subject: 'x' },
    'no|x': role('fly'),
    __proto__x: question(`${brukerIdent}|`),
    level: question(brukerIdent, { context: { acr: 'idporten-loa-substantial' } }),
    'yes again': question(brukerIdent),
  };
  const { status, json } = await post(path, { inputs });
  t.equal(status, 207);
  const told = Object.entries(json.responses as Record<string, Answer['json']>).map(([id, one]) => [
    id,
    one.http_status_code,
    one.result?.decision ?? one.code,
  ]);
  t.same(told, [
    ['yes', '200', true],
    ['bad', '500', 'invalid_parameter'],
    ['worse', '500', 'invalid_parameter'],
    ['no|x', '200', false],
    ['__proto__x', '200', false],
    ['level', '200', true],
    ['yes again', '200', true],
  ]);
  const failed = await post(path, { inputs: { bad: 7 } });
  t.match(failed, { status: 500, json: { responses: { bad: { code: 'invalid_parameter' } } } });
  const { subject, ...common_input } = question(brukerIdent);
  const common = await post(path, { common_input, inputs: { a: { subject }, b: { subject, action: { name: 'fly' } } } });
  t.match(common.json.responses, { a: { result: { decision: true } }, b: { result: { decision: false } } });
  t.same((await post(path, { inputs: {} })).json.responses, {});
});

t.test('flags are OPA’s: pretty, metrics and provenance; others are refused by name', async (t) => {
  const body = { input: { subject: 'alice' } };
  const { json, text } = await post('/v1/data/authz/allow?pretty&metrics=True&provenance=true', body);
  t.match(text, /^\{\n {2}"decision_id"/);
  t.match(json, {
    result: true,
    metrics: { timer_server_handler_ns: Number },
    provenance: { version: String, bundles: { ours: { revision: String } } },
  });
  t.notMatch((await post('/v1/data/theirs/allow?provenance', body)).text, /theirs|ours/);
  t.notMatch((await post('/v1/data/authz/allow?metrics=false&pretty=false', body)).text, /metrics|\n/);
  for (const flag of ['explain=full', 'instrument', 'strict-builtin-errors=true', 'pretty=maybe']) {
    const { status, json } = await post(`/v1/data/authz/allow?${flag}`, body);
    t.match(
      { status, json },
      { status: 400, json: { code: 'invalid_parameter', errors: [{ message: new RegExp(`^${flag.split('=')[0]} `) }] } },
    );
  }
});

t.test('what OPA does and this service does not is refused with the reason, and changes nothing', async (t) => {
  for (const [method, path, reason] of [
    ['GET', '/v1/query?q=data', /not run/],
    ['POST', '/v1/query', /not run/],
    ['POST', '/v1/compile/authz/allow', /in part/],
    ['GET', '/v1/policies', /bundles/],
    ['PUT', '/v1/policies/x', /bundles/],
    ['DELETE', '/v1/policies/x', /bundles/],
    ['GET', '/v1/config', /operator/],
    ['GET', '/v1/data', /one by one/],
    ['POST', '/v0/data/authz/allow', /one by one/],
  ] as const) {
    const { status, json } = await gateway.send(FHI, method, path);
    t.match({ status, json }, { status: 403, json: { code: 'invalid_operation', message: reason } }, `${method} ${path}`);
  }
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const { status, json, headers } = await gateway.send(FHI, method, '/v1/data/authz/allow');
    t.match({ status, json }, { status: 405, json: { code: 'invalid_operation', message: /bundles/ } });
    t.equal(headers.get('allow'), 'HEAD, GET, POST');
  }
  t.match(await gateway.get('/v1/else'), { status: 404, json: { code: 'resource_not_found' } });
});

t.test('status tells the bundles that the caller may ask, and health what OPA’s does', async (t) => {
  const { json } = await gateway.send(FHI, 'GET', '/v1/status');
  t.same(Object.keys(json.result.bundles), ['tilgang', 'ours']);
  t.match(json.result, { labels: { version: String }, bundles: { ours: { name: 'ours', active_revision: String } } });
  t.match(await gateway.get('/health?bundles=true&plugins'), { status: 200, text: '{}' });
});
