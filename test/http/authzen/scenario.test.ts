// The certification scenario of the OpenID AuthZEN Authorization API 1.0, by its own numbers, over its fixture: policies/examples/authzen-scenario.
// Takes about 3 s.
import { join } from 'node:path';
import t from 'tap';
import { runGateway, temporaryFolder } from '../../fixtures/gateway.js';
import { runOpa } from '../../fixtures/opa.js';

const bundle = join(temporaryFolder(t), 'scenario.tar.gz');
const args = ['build', '-b', '-t', 'wasm', '--ignore', '*_test.rego', '-o', bundle, 'policies/examples/authzen-scenario'];
runOpa(args);
const gateway = await runGateway(t, { accessBundles: [bundle] });

const post = (path: string, body: unknown, headers = {}) => gateway.send({ client: 'fhi' }, 'POST', `/access/v1/${path}`, body, headers);
const user = (id: string, properties?: object) => ({ type: 'user', id, ...(properties && { properties }) });
const record = (id: string, properties?: object) => ({ type: 'record', id, ...(properties && { properties }) });
const action = (name: string, properties?: object) => ({ name, ...(properties && { properties }) });
const archived = record('record-2', { status: 'archived' });
const context = { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' };

t.test('Basic: a decision by identifiers and by properties (2.2)', async (t) => {
  for (const [number, decision, question] of [
    ['2.2.1', true, { subject: user('alice'), action: action('read'), resource: record('record-1') }],
    ['rule 2', true, { subject: user('alice'), action: action('write'), resource: record('record-1') }],
    ['rule 3', true, { subject: user('bob'), action: action('read'), resource: record('record-1') }],
    ['2.2.2', false, { subject: user('bob'), action: action('write'), resource: record('record-1') }],
    ['2.2.3', true, { subject: user('alice'), action: action('read'), resource: record('record-1'), context }],
    ['2.2.4', false, { subject: user('alice'), action: action('write'), resource: archived }],
    ['2.2.5', true, { subject: user('bob', { role: 'admin' }), action: action('write'), resource: archived }],
    ['2.2.6', true, { subject: user('alice'), action: action('delete', { soft: true }), resource: record('record-1') }],
    ['2.2.7', false, { subject: user('alice'), action: action('delete', { soft: false }), resource: record('record-1') }],
    [
      '2.2.8',
      true,
      {
        subject: user('alice', { department: 'Sales', role: 'manager' }),
        action: action('read', { method: 'GET' }),
        resource: record('record-1', { status: 'active', owner: 'bob' }),
      },
    ],
    [
      '2.2.9',
      true,
      { subject: user('alice'), action: action('read'), resource: record('record-1'), foo: 'bar', futureField: { nested: true } },
    ],
  ] as const) {
    for (const path of ['evaluation', 'evaluations']) {
      const { status, json, headers } = await post(path, question);
      t.equal(status, 200, number);
      t.match(headers.get('content-type'), /^application\/json/);
      t.same(json, { decision }, `${number} by ${path}`);
    }
  }
});

t.test('Basic: what is not as it must be is 400 (2.4), a request id comes back (2.5)', async (t) => {
  const good = { subject: user('alice'), action: action('read'), resource: record('record-1') };
  const { subject: _s, ...noSubject } = good;
  const { action: _a, ...noAction } = good;
  const { resource: _r, ...noResource } = good;
  for (const body of [
    noSubject,
    noAction,
    noResource,
    { ...good, subject: { id: 'alice' } },
    { ...good, subject: { type: 'user' } },
    { ...good, action: {} },
    { ...good, resource: { id: 'record-1' } },
    { ...good, resource: { type: 'record' } },
    { ...good, subject: 'alice' },
    { ...good, action: { name: 123 } },
    '{ "subject": ',
    '',
  ]) {
    t.equal((await post('evaluation', body, { 'Content-Type': 'application/json' })).status, 400, JSON.stringify(body));
  }
  t.equal((await post('evaluation', good, { 'Content-Type': 'text/plain' })).status, 400);
  const id = 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716';
  t.equal((await post('evaluation', good, { 'X-Request-ID': id })).headers.get('x-request-id'), id);
  const again = await Promise.all(Array.from({ length: 5 }, () => post('evaluation', good)));
  t.ok(
    again.every(({ json }) => json.decision === true),
    '2.6',
  );
});

t.test('Batch: defaults are taken whole, answers come in order, a fault stays in its place (3)', async (t) => {
  const decisions = async (body: object): Promise<unknown> => {
    const { status, json } = await post('evaluations', body);
    t.equal(status, 200);
    t.notOk('decision' in json, '3.3.4');
    return json.evaluations.map(({ decision }: { decision: boolean }) => decision);
  };
  const alice = { subject: user('alice') };
  t.same(
    await decisions({
      ...alice,
      action: action('read'),
      evaluations: [{ resource: record('record-1') }, { resource: record('record-2') }],
    }),
    [true, true],
    '3.2.1',
  );
  t.same(
    await decisions({
      subject: user('bob'),
      resource: record('record-1'),
      evaluations: [{ action: action('read') }, { action: action('write') }],
    }),
    [true, false],
    '3.2.2',
  );
  const active = record('record-1', { status: 'active' });
  t.same(
    await decisions({ ...alice, action: action('write'), evaluations: [{ resource: active }, { resource: archived }] }),
    [true, false],
    '3.2.3',
  );
  const subjects = [alice, { subject: user('bob', { role: 'admin' }) }];
  t.same(await decisions({ action: action('write'), resource: archived, evaluations: subjects }), [false, true], '3.2.4');
  const whole = [
    { subject: user('alice'), action: action('read'), resource: record('record-1') },
    { subject: user('bob'), action: action('write'), resource: record('record-1') },
  ];
  t.same(await decisions({ evaluations: whole }), [true, false], '3.2.5');
  const inherited = [
    { resource: record('record-1') },
    { resource: record('record-2'), context: { time: context.time, source: 'batch-override' } },
  ];
  t.same(
    await decisions({ ...alice, action: action('read'), context: { time: context.time }, evaluations: inherited }),
    [true, true],
    '3.2.6',
  );
  t.same(
    await decisions({ ...alice, action: action('write'), resource: active, evaluations: [{}, { resource: archived }] }),
    [true, false],
    '3.2.7',
  );
  const options = { evaluations_semantic: 'execute_all' };
  t.same(
    await decisions({ ...alice, action: action('read'), options, evaluations: [{ resource: record('record-1') }, {}] }),
    [true, false],
    '3.4.1',
  );
  t.same((await post('evaluations', { ...whole[0], evaluations: [] })).json, { decision: true }, '3.4.3');
});

t.test('Search: each that is found evaluates to a yes, and an id that is sought is ignored (4)', async (t) => {
  const found = async (path: string, body: object): Promise<readonly string[]> => {
    const { status, json } = await post(`search/${path}`, body);
    t.equal(status, 200);
    t.type(json.page.next_token, 'string');
    return json.results.map(({ id, name }: { id?: string; name?: string }) => id ?? name);
  };
  const readers = { subject: { type: 'user' }, action: action('read'), resource: record('record-1') };
  t.same(await found('subject', readers), ['alice', 'bob'], 'S1');
  t.same(await found('subject', { ...readers, context }), ['alice', 'bob'], '4.2.2');
  t.same(await found('subject', { ...readers, subject: user('alice') }), ['alice', 'bob'], '4.2.3');
  t.same(await found('subject', { subject: { type: 'user' }, action: action('write'), resource: archived }), ['bob'], 'S4');
  const read = { subject: user('alice'), action: action('read'), resource: { type: 'record' } };
  t.same(await found('resource', read), ['record-1', 'record-2'], 'S2');
  t.same(await found('resource', { ...read, context, resource: record('record-1') }), ['record-1', 'record-2'], '4.3.2, 4.3.3');
  t.same(await found('resource', { ...read, subject: user('bob', { role: 'admin' }), action: action('write') }), ['record-2'], 'S5');
  t.same(await found('action', { subject: user('alice'), resource: record('record-1') }), ['read', 'write'], 'S3');
  t.same(await found('action', { subject: user('alice'), resource: record('record-1'), context }), ['read', 'write'], '4.4.2');
  t.same(await found('action', { subject: user('bob', { role: 'admin' }), resource: archived }), ['read', 'write'], 'S6');
  const first = await post('search/subject', { ...readers, page: { limit: 1 } });
  t.same(first.json.results, [{ type: 'user', id: 'alice', properties: {} }], '4.5.1');
  const second = await post('search/subject', { ...readers, page: { token: first.json.page.next_token } });
  t.same(second.json, { results: [{ type: 'user', id: 'bob', properties: { role: 'admin' } }], page: { next_token: '' } }, '4.5.2');
  for (const [path, body] of [
    ['action', { subject: user('nonexistent-user'), resource: record('record-1') }],
    ['action', { subject: { type: 'spaceship', id: 'x' }, resource: record('record-1') }],
    ['subject', { ...readers, subject: { type: 'spaceship' } }],
    ['subject', { ...readers, resource: record('nothing') }],
    ['resource', { ...read, resource: { type: 'spaceship' } }],
    ['resource', { ...read, subject: user('nonexistent-user') }],
  ] as const) {
    t.same(await found(path, body), [], `4.6 ${path}`);
  }
  const { action: _, ...noAction } = readers;
  for (const [path, body] of [
    ['subject', noAction],
    ['resource', { action: action('read'), resource: { type: 'record' } }],
    ['action', { subject: user('alice') }],
    ['subject', { ...readers, resource: { type: 'record' } }],
    ['resource', { ...read, subject: { type: 'user' } }],
    ['action', { subject: { type: 'user' }, resource: record('record-1') }],
  ] as const) {
    t.equal((await post(`search/${path}`, body)).status, 400, `4.7 ${path}`);
  }
});

t.test('a bundle’s own kinds are asked about by whoever may ask, and what is asked is logged without person numbers', async (t) => {
  const question = { subject: user('01819011067'), action: action('read'), resource: record('record-1') };
  t.same((await post('evaluation', question)).json, { decision: false });
  t.equal((await gateway.send({ client: 'uten-scope' }, 'POST', '/access/v1/evaluation', question)).status, 403);
  t.equal(
    (await gateway.send({ person: 'oslo-leder' }, 'POST', '/access/v1/search/subject', { ...question, subject: { type: 'user' } })).status,
    403,
  );
  t.notOk(gateway.lines.some((line) => line.includes('01819011067')));
});
