// What callers and bundles send that they should not. Takes about 6 s.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import { holdsPersonNumber } from '#domain';
import { openInstallation } from '#installation';
import { eventsIn, textOf } from '../../decisions/logged.js';
import { type AnyHolder, demoConfig, runGateway, temporaryFolder } from '../../fixtures/gateway.js';
import { runOpa } from '../../fixtures/opa.js';

const folder = temporaryFolder(t);
const bundle = join(folder, 'parcels.tar.gz');
const judges = { subjects: ['sender', 'group'], resources: ['parcel'], decision: 'parcels/decision', candidates: 'parcels/candidates' };
writeFileSync(join(folder, '.manifest'), JSON.stringify({ metadata: { tilgang: { judges } } }));
writeFileSync(
  join(folder, 'parcels.rego'),
  `package parcels

# METADATA
# entrypoint: true
default decision := false
decision := {"decision": true, "context": {"told": input}} if input.action.name == "tell"
decision := "perhaps" if input.action.name == "wonder"
decision := true if input.action.name == "look"

# METADATA
# entrypoint: true
candidates := [{"type": type, "id": sprintf("n%d", [i])} | some i in numbers.range(1, input.context.count); some type in ["sender", "group"]] if {
	not input.context.long
} else := [{"type": "sender", "id": sprintf("%d%s", [i, input.context.long]), "more": 1} | some i in [1, 2]]
`,
);
const args = ['build', '-b', '-t', 'wasm', '-o', bundle, folder];
runOpa(args);
const gateway = await runGateway(t, { accessBundles: [bundle] });
const { world } = gateway;
const { appId, brukerIdent, clientId } = world.first;
const FHI = { client: clientId };
const PERSON = '01819011067';
const post = (path: string, body: unknown, holder: AnyHolder = FHI) =>
  gateway.send(holder, 'POST', `/access/v1/${path}`, body, { 'Content-Type': 'application/json' });
const sender = { type: 'sender', id: 'n5' };
const parcel = { type: 'parcel', id: 'p' };
const tell = { subject: sender, action: { name: 'tell' }, resource: parcel };
const faultOf = (work: Promise<unknown>): Promise<unknown> => work.catch((fault: unknown) => fault);
const logged = () => eventsIn(join(gateway.config.data, 'decisions'));

t.test('a person number stands in no log, wherever in a question or in an answer of a bundle it is (threat 37)', async (t) => {
  const spaced = `${PERSON.slice(0, 6)}\t${PERSON.slice(6)}`;
  const question = {
    ...tell,
    subject: { type: 'sender', id: PERSON },
    context: { number: [41_819_011_041], spaced, [PERSON]: 1, nested: [{ a: [PERSON] }] },
  };
  const { json, text } = await post('evaluation', question);
  t.same(json.context?.told, question, `the bundle is asked what was sent: ${text}`);
  await post('search/subject', { ...question, subject: { type: 'sender' }, context: { ...question.context, count: 1 } });
  await post('evaluation', { ...question, action: { name: 'wonder' } });
  const events = await logged();
  t.ok(events.some(({ path, result }) => path === 'parcels/decision' && result !== undefined));
  t.ok(events.some(({ path, error, input }) => path === 'parcels/decision' && error !== undefined && input !== undefined));
  for (const line of (await textOf(join(gateway.config.data, 'decisions'))).split('\n')) {
    const { decision_id: _, labels: __, custom: ___, metrics: ____, ...event } = JSON.parse(line || '{}');
    t.notOk(holdsPersonNumber(JSON.stringify(event)) && line.includes('parcels'), line);
    t.notOk(line.includes(PERSON) || line.includes('41819011041') || line.includes(spaced.replace('\t', '\\t')), line);
  }
  t.notOk(gateway.lines.some((line) => line.includes(PERSON)));
});

t.test('what is no organisation number is no one’s: it is neither looked for nor kept', async (t) => {
  for (const properties of [{ orgnr: PERSON }, { orgnr: 'x'.repeat(3000) }, { kommune: 'x'.repeat(3000) }, { kommune: '__proto__' }]) {
    const question = { subject: { type: 'person' }, action: { name: 'use' }, resource: { type: 'application', id: appId, properties } };
    for (const holder of [{ client: 'oslo' }, { person: 'oslo-leder' }]) {
      const { status, text } = await post('search/subject', question, holder);
      t.ok(status === 403 || status === 404, text);
    }
  }
  const { status } = await post(
    'search/subject',
    {
      subject: { type: 'person' },
      action: { name: 'use' },
      resource: { type: 'organisation', id: PERSON, properties: { application: appId } },
    },
    { client: 'oslo' },
  );
  t.ok(status === 403 || status === 404);
  const { text } = await gateway.send({ client: 'oslo' }, 'GET', '/konsument-bruker/api/v1/organisasjoner/958935420/hendelser');
  t.notMatch(text, PERSON);
  t.notOk((await textOf(join(gateway.config.data, 'decisions'))).includes(`"${PERSON}"`));
});

t.test(
  'what a double does not hold, and half a character, is refused, in one question and in the place of one of a list (threat 13)',
  async (t) => {
    const raw = (value: string) => JSON.stringify({ ...tell, context: { at: 'HERE' } }).replace('"HERE"', value);
    for (const value of ['9007199254740993', '-9007199254740993', '1e999', '[{"a":1e400}]', '"\\ud800"', '{"\\udfff":1}']) {
      const one = await post('evaluation', raw(value), FHI);
      t.equal(one.status, 400, value);
      const { json } = await post('evaluations', `{"evaluations":[${raw(value)},${raw('1')}]}`);
      t.match(json.evaluations, [{ decision: false, context: { error: { status: 400 } } }, { decision: true }], value);
      t.equal((await post('search/action', raw(value))).status, 400, value);
    }
    t.same((await post('evaluation', raw('9007199254740991'))).json.context.told.context, { at: 9007199254740991 });
    t.equal((await post('evaluation', { ...tell, subject: { type: 'sender', id: '\ud800' } })).status, 400);
  },
);

t.test(
  'of a key that is sent twice the last counts, for the rules and for the log; __proto__ is a name like others (threat 13)',
  async (t) => {
    const sent =
      '{"subject":{"type":"sender","id":"a","id":"b","more":1},"action":{"name":"look","name":"tell"},"resource":{"type":"parcel","id":"p","properties":{"__proto__":{"id":"x"}}},"__proto__":{"context":{"a":1}}}';
    const { json, headers } = await gateway.send(FHI, 'POST', '/access/v1/evaluation', sent, { 'Content-Type': 'application/json' });
    const seen =
      '{"subject":{"type":"sender","id":"b"},"action":{"name":"tell"},"resource":{"type":"parcel","id":"p","properties":{"__proto__":{"id":"x"}}}}';
    t.same(json.context.told, JSON.parse(seen));
    const id = headers.get('x-request-id');
    const event = (await logged()).find(({ custom, path }) => custom?.request_id === id && path === 'parcels/decision');
    t.equal(JSON.stringify(event?.input), seen);
  },
);

t.test(
  'what is sent is bounded: questions, levels, fields, and what stands beside a list as often as it is asked about (threat 14)',
  async (t) => {
    const evaluations = Array.from({ length: 10_000 }, () => ({}));
    t.equal((await post('evaluations', { ...tell, evaluations })).status, 400);
    t.equal((await post('evaluation', `{"context":${'['.repeat(30_000)}`)).status, 400);
    const context = { blob: 'x'.repeat(400_000) };
    const { status, json } = await post('evaluations', {
      ...tell,
      action: { name: 'look' },
      context,
      evaluations: evaluations.slice(0, 1000),
    });
    t.equal(status, 413, 'four hundred megabytes of questions');
    t.match(json.detail, /beside/);
    const long = Array.from({ length: 4 }, () => ({}));
    t.equal((await post('evaluations', { ...tell, action: { name: 'look' }, context, evaluations: long })).json.evaluations.length, 4);
  },
);

t.test('a search among a bundle’s kinds is whole: same ids of another kind, pages, long ids, and fields that no entity has', async (t) => {
  const question = { subject: { type: 'sender', id: 'ignored' }, action: { name: 'look' }, resource: parcel, context: { count: 300 } };
  for (const type of ['sender', 'group']) {
    const found: string[] = [];
    for (let token: string | undefined; token !== ''; ) {
      const page = { limit: 70, ...(token && { token }) };
      const { json, text } = await post('search/subject', { ...question, subject: { type }, page });
      if (json.results === undefined) throw new Error(text);
      found.push(...json.results.map(({ id }: { id: string }) => id));
      token = json.page.next_token;
    }
    t.equal(new Set(found).size, 300, type);
    t.equal(found.length, 300, type);
  }
  const long = { ...question, subject: { type: 'sender' }, context: { long: '\u0001\u20ac'.repeat(490) }, page: { limit: 1 } };
  const first = await post('search/subject', long);
  t.same(Object.keys(first.json.results[0]), ['type', 'id']);
  const second = await post('search/subject', { ...long, page: { limit: 1, token: first.json.page.next_token } });
  t.equal(second.status, 200, second.text);
  t.equal(second.json.results[0].id[0], '2');
  t.equal(
    (await post('search/subject', { ...long, context: { long: 'x'.repeat(1000) } })).status,
    503,
    'nobody could ask about such an id',
  );
  t.equal((await post('search/subject', { ...question, context: { count: 5001 } })).status, 503, 'more than may be meant');
});

t.test(
  'a page goes on as it was begun: another limit, a token of another search, or an old one, is refused (AuthZEN 1.0 §8.2)',
  async (t) => {
    const question = { subject: { type: 'sender' }, action: { name: 'look' }, resource: parcel, context: { count: 3 } };
    const { json } = await post('search/subject', { ...question, page: { limit: 1 } });
    const { next_token: token } = json.page;
    t.equal((await post('search/subject', { ...question, page: { limit: 1, token } })).status, 200);
    for (const [path, body] of [
      ['subject', { ...question, page: { limit: 2, token } }],
      [
        'resource',
        { subject: sender, action: { name: 'look' }, resource: { type: 'parcel' }, context: { count: 3 }, page: { limit: 1, token } },
      ],
      ['action', { subject: sender, resource: parcel, context: { count: 3 }, page: { limit: 1, token } }],
      ['action', { subject: { type: 'person', id: brukerIdent }, resource: { type: 'application', id: appId }, page: { limit: 1, token } }],
    ] as const) {
      t.equal((await post(`search/${path}`, body)).status, 400, `${path} ${JSON.stringify(body)}`);
    }
    const roles = { subject: { type: 'person', id: brukerIdent }, resource: { type: 'application', id: appId } };
    const all = (await post('search/action', roles)).json.results;
    const paged = await post('search/action', { ...roles, page: { limit: 1 } });
    t.same(paged.json.results, all.slice(0, 1));
    t.equal(paged.json.page.next_token === '', all.length <= 1);
  },
);

t.test('a bundle that cannot be taken leaves the one that judges, and what judges people is judged by no bundle', async (t) => {
  const good = join(folder, 'kept.tar.gz');
  copyFileSync(bundle, good);
  writeFileSync(bundle, 'no bundle');
  t.match(await faultOf(gateway.reload()), { slug: 'bundle-invalid' });
  t.equal((await post('evaluation', { ...tell, action: { name: 'look' } })).json.decision, true);
  copyFileSync(good, bundle);
  await gateway.reload();
  t.equal((await post('evaluation', { ...tell, action: { name: 'look' } })).json.decision, true);
  t.match(await faultOf(runGateway(t, { accessBundles: [bundle, good] })), {
    slug: 'bundle-invalid',
    detail: /parcels.*kept.*sender.*parcel/,
  });
});

/** The same bundle with another text of the same length in one of its files. */
const altered = (bytes: Buffer, from: string, to: string): Buffer =>
  gzipSync(Buffer.from(gunzipSync(bytes).toString('latin1').replace(from, to), 'latin1'));

t.test('where a source gives other standard rules, the bundles that judge kinds are those that are there then', async (t) => {
  const { installation, preparePolicy, close } = await openInstallation(
    demoConfig(temporaryFolder(t), { accessBundles: [bundle] }),
    Date.now,
  );
  t.teardown(close);
  const subjects = () => installation.kinds?.().map((kinds) => kinds.subjects);
  const judge = () => installation.decisions.pinned().revision;
  const before = judge();
  const kept = readFileSync(bundle);
  writeFileSync(bundle, altered(kept, '"sender","group"', '"pigeon","group"'));
  const rules = altered(readFileSync('bundles/tilgang.tar.gz'), before, 'b'.repeat(16));
  const prepared = await preparePolicy(rules);
  t.same([subjects(), judge()], [[['sender', 'group']], before], 'nothing of it before all of it is ready');
  prepared.activate();
  t.same([subjects(), judge()], [[['pigeon', 'group']], 'b'.repeat(16)]);
  writeFileSync(bundle, 'no bundle');
  t.match(await faultOf(preparePolicy(rules)), { slug: 'bundle-invalid' });
  t.same(subjects(), [['pigeon', 'group']], 'a file that cannot be taken leaves both');
  writeFileSync(bundle, kept);
});

t.test('whoever is refused too often waits, by every interface alike, and nobody else does (threats 41 and 51)', async (t) => {
  const LIMIT = 5;
  const limited = await runGateway(t, { refusalsPerMinute: LIMIT });
  const use = { subject: { type: 'person', id: brukerIdent }, action: { name: 'use' }, resource: { type: 'application', id: appId } };
  const ask = (holder: AnyHolder, path: string, body: unknown) => limited.send(holder, 'POST', path, body);
  const stray = { client: 'uten-scope' };
  const statuses: number[] = [];
  for (const path of ['/access/v1/evaluation', '/access/v1/evaluations', '/access/v1/search/action']) {
    for (let i = 0; i < 3; i += 1) statuses.push((await ask(stray, path, use)).status);
  }
  t.same(statuses, [...Array(LIMIT).fill(403), ...Array(9 - LIMIT).fill(429)]);
  for (const [path, body] of [
    ['/access/v1/evaluation', use],
    ['/v1/data/tilgang/decision', { input: use }],
  ] as const) {
    const { status, headers } = await ask(stray, path, body);
    t.equal(status, 429, path);
    t.ok(Number(headers.get('retry-after')) > 0, path);
    t.equal((await ask(FHI, path, body)).status, 200, 'another caller is answered');
  }
});
