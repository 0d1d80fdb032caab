// Takes about 3 s.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Orgnr } from '#domain';
import { toInstant } from '#domain';
import type { SystemUser } from '#systembruker';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { NOON } from '../maskinporten/token-world.js';
import { ACCOUNTANT, AGENT_ID, actingWorld, CUSTOMER, OTHER, rightsOf, SERVICE_OWNER, STRANGER, USER_ID, VENDOR } from './acting-world.js';

const { world, put, call } = await actingWorld(t, { vendor: VENDOR, nodes: 2 });
const moment = { at: toInstant(NOON), by: 'operator' };
const AUTHORIZE = '/authorization/api/v1/authorize';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const EXPLAINED = ['ks:fiks', 'ks:fiks.begrunnelse'];

interface Question {
  readonly id?: string;
  readonly action?: string;
  readonly service?: string;
  readonly orgnr?: string;
}

const sent = ({ id = USER_ID, action = 'read', service = 'mva', orgnr = CUSTOMER }: Question = {}) => ({
  subject: { type: 'systemuser', id },
  action: { name: action },
  resource: { type: 'resource', id: service, properties: { orgnr } },
});
const xacml = ({ id = USER_ID, action = 'read', service = 'mva', orgnr = CUSTOMER }: Question = {}) => ({
  Request: {
    ReturnPolicyIdList: true,
    AccessSubject: [{ Attribute: [{ AttributeId: 'urn:altinn:systemuser:uuid', Value: id }] }],
    Action: [{ Attribute: [{ AttributeId: 'urn:oasis:names:tc:xacml:1.0:action:action-id', Value: action }] }],
    Resource: [
      {
        Attribute: [
          { AttributeId: 'urn:altinn:resource', Value: service },
          { AttributeId: 'urn:altinn:organization:identifier-no', Value: orgnr },
        ],
      },
    ],
  },
});

type Asker = { readonly as?: Orgnr; readonly scopes?: readonly string[]; readonly node?: number };

const reasonsOf = async (question?: Question, asker: Asker = {}): Promise<unknown> =>
  (await call('/access/v1/evaluation', { scopes: EXPLAINED, ...asker, body: sent(question) })).json.context?.reasons;
/** What both forms say: they must agree. */
const decide = async (question?: Question, asker: Asker = {}): Promise<boolean> => {
  const one = await call('/access/v1/evaluation', { ...asker, body: sent(question) });
  const other = await call(AUTHORIZE, { ...asker, body: xacml(question) });
  t.equal(one.status, 200, one.text);
  t.equal(other.status, 200, other.text);
  const decision: boolean = one.json.decision;
  t.equal(other.json.response[0].decision, decision ? 'Permit' : 'NotApplicable', JSON.stringify(question));
  return decision;
};

t.test('a system user may do what it has been given, for its owner, and nothing else; AuthZEN and XACML say the same', async (t) => {
  await put.resource('annet');
  t.equal(await decide(), true);
  t.equal(await decide({ action: 'write' }), true);
  for (const question of [
    { service: 'annet' },
    { service: 'ukjent' },
    { service: '' },
    { action: 'sign' },
    { action: '' },
    { orgnr: OTHER },
    { orgnr: 'nobody' },
    { id: UNKNOWN },
    { id: 'nobody' },
    { id: `${USER_ID} ` },
    { service: 'MVA' },
  ])
    t.equal(await decide(question), false, JSON.stringify(question));
  t.same(await reasonsOf(), ['granted']);
  t.same(await reasonsOf({ service: 'annet' }), ['right_missing']);
  t.same(await reasonsOf({ id: UNKNOWN }), ['system_user_unknown']);
  const { json } = await call('/access/v1/evaluation', { scopes: EXPLAINED, body: sent({ orgnr: OTHER }) });
  t.same(json.context, { reasons: ['organisation_foreign'], reason_user: { nb: 'Systembrukeren handler ikke for denne virksomheten.' } });
  t.same(
    (await call(AUTHORIZE, { scopes: EXPLAINED, body: xacml({ orgnr: OTHER }) })).json.response[0].status.statusMessage,
    'organisation_foreign',
  );
});

t.test('a right of one action is one to that action alone; a package is all of its services', async (t) => {
  await put.package('a', ['annet']);
  await put.systemUser({ has: { ...rightsOf([], ['a']), rights: [{ action: 'read', resources: ['mva' as never] }] } });
  t.equal(await decide(), true);
  t.equal(await decide({ action: 'write' }), false);
  t.equal(await decide({ service: 'annet', action: 'write' }), true);
  await put.package('a', ['annet'], { active: false });
  t.equal(await decide({ service: 'annet' }), false);
  await put.systemUser();
});

t.test('who may ask: the owner of the service, and an organisation of itself; to others it looks as if there were none', async (t) => {
  t.equal(await decide({}, { as: CUSTOMER }), true);
  for (const as of [STRANGER, VENDOR]) {
    t.equal(await decide({}, { as }), false);
    t.same(await reasonsOf({}, { as }), ['resource_unknown']);
    t.same(await reasonsOf({ service: 'ukjent' }, { as }), ['resource_unknown']);
  }
  t.equal(await decide({}, { scopes: ['altinn:authorization/authorize'] }), true, 'by the scope of Altinn’s');
  for (const [path, body] of [
    ['/access/v1/evaluation', sent()],
    ['/access/v1/evaluations', { evaluations: [sent({ orgnr: undefined as never })] }],
    [AUTHORIZE, xacml()],
    [AUTHORIZE, { Request: {} }],
  ] as const) {
    const { status, json } = await call(path, { scopes: ['ks:fiks.konsument'], body });
    t.same([status, json.type], [403, '/problems/scope-missing'], path);
  }
});

t.test('what is stopped, narrowed or deleted on one node is so for the next question on the other (threats 43, 44)', async (t) => {
  const both = async (question: Question = {}) => [await decide(question, { node: 0 }), await decide(question, { node: 1 })];
  t.same(await both(), [true, true]);
  for (const [why, more] of Object.entries({
    deactivated: { deactivated: moment },
    deleted: { removed: { ...moment, side: 'customer' } },
    narrowed: { has: rightsOf(['arsregnskap']) },
    'not approved yet': { status: 'New' },
  } satisfies Record<string, Partial<SystemUser>>)) {
    await put.systemUser(more);
    t.same(await both(), [false, false], why);
    await put.systemUser();
    t.same(await both(), [true, true]);
  }
  await put.system({ deleted: moment });
  t.same(await both(), [false, false], 'its system is deleted');
  await put.system();
  for (const more of [{ active: false }, { delegable: false }, { onlyFor: [OTHER] }]) {
    await put.resource('mva', more);
    t.same(await both(), [false, false], JSON.stringify(more));
  }
  await put.resource('mva');
  t.same(await both(), [true, true]);
});

t.test('whoever asks for its own organisation hears nothing of how another one’s system user stands (threat 48)', async (t) => {
  const heard = async () => [
    await reasonsOf({ orgnr: OTHER }, { as: OTHER }),
    await reasonsOf({ orgnr: OTHER, service: 'annet' }, { as: OTHER }),
    await reasonsOf({ orgnr: OTHER, action: 'sign' }, { as: OTHER }),
  ];
  const only = [['organisation_foreign'], ['organisation_foreign'], ['organisation_foreign']];
  t.same(await heard(), only);
  await put.systemUser({ deactivated: moment, has: rightsOf([]) });
  t.same(await heard(), only);
  await put.systemUser();
});

t.test('XACML: what is told back, and what each question looks through, is bounded (threats 14, 50)', async (t) => {
  const many = (resource: object): object => {
    const { AccessSubject: subjects, Action: actions } = xacml().Request;
    const [subject, action] = [subjects[0], actions[0]];
    return {
      Request: {
        AccessSubject: [{ ...subject, Id: 's' }],
        Action: [{ ...action, Id: 'a' }],
        Resource: [{ ...resource, Id: 'r' }],
        MultiRequests: { RequestReference: Array.from({ length: 1000 }, () => ({ ReferenceId: ['s', 'a', 'r'] })) },
      },
    };
  };
  const told = { AttributeId: 'urn:x', Value: 'x'.repeat(20_000), IncludeInResult: true };
  const large = await call(AUTHORIZE, { body: many({ Attribute: [told] }) });
  t.equal(large.status, 400);
  t.match(large.text, /IncludeInResult/);
  const long = await call(AUTHORIZE, {
    body: many({ Attribute: Array.from({ length: 101 }, () => ({ AttributeId: 'urn:x', Value: 'x' })) }),
  });
  t.equal(long.status, 400);
  t.match(long.text, /at most 100 attributes/);
  const fit = await call(AUTHORIZE, {
    body: many({ Attribute: [...(xacml().Request.Resource[0]?.Attribute ?? []), { ...told, Value: 'x'.repeat(500) }] }),
  });
  t.equal(fit.status, 200);
  t.equal(new Set(fit.json.response.map(({ decision }: { decision: string }) => decision)).size, 1);
});

t.test('an agent acts for the clients that it was given, while they give every package (§8.25)', async (t) => {
  await put.package('a', ['mva'], { assignable: false });
  await put.package('b', ['annet'], { assignable: false });
  await put.systemUser({ id: AGENT_ID, type: 'agent', party: ACCOUNTANT, has: rightsOf([], ['a', 'b']) });
  const of = (orgnr: Orgnr) => reasonsOf({ id: AGENT_ID, orgnr });
  t.same(await of(OTHER), ['organisation_foreign'], 'not added');
  await put.agentClient(OTHER);
  t.same(await of(OTHER), ['relation_missing'], 'no relation');
  await put.relation(OTHER, ['a']);
  t.same(await of(OTHER), ['relation_missing'], 'one package of two');
  await put.relation(OTHER, ['b'], { source: 'given', until: toInstant(NOON + 60_000) });
  t.same(await of(OTHER), ['granted'], 'both, by two relations');
  t.equal(await decide({ id: AGENT_ID, orgnr: OTHER }), true);
  t.equal(await decide({ id: AGENT_ID, orgnr: STRANGER }), false);
  t.same(await of(ACCOUNTANT), ['organisation_foreign']);
  await put.agentClient(ACCOUNTANT);
  t.same(await of(ACCOUNTANT), ['relation_missing'], 'for itself it needs packages that one gives oneself');
  const now = world.now;
  world.now += 60_000;
  t.same(await of(OTHER), ['relation_missing'], 'the relation has ended');
  world.now = now;
});

t.test('a list of questions is answered in its order, and a fault of one alters no other (threat 28)', async (t) => {
  const evaluations = [
    sent(),
    sent({ service: 'annet' }),
    { ...sent(), resource: { type: 'resource', id: 'mva' } },
    sent({ id: AGENT_ID, orgnr: OTHER }),
    sent(),
  ];
  const { json } = await call('/access/v1/evaluations', { body: { evaluations } });
  t.same(
    json.evaluations.map(({ decision }: { decision: boolean }) => decision),
    [true, false, false, true, true],
  );
  t.match(json.evaluations[2].context.error, { status: 400, message: /resource\/properties\/orgnr is missing/ });
  const many = Array.from({ length: 250 }, (_, i) => sent(i % 2 === 0 ? {} : { action: 'sign' }));
  const all = await call('/access/v1/evaluations', { body: { evaluations: many } });
  t.same(
    all.json.evaluations.map(({ decision }: { decision: boolean }) => decision),
    many.map((_, i) => i % 2 === 0),
  );
  const first = await call('/access/v1/evaluations', { body: { evaluations, options: { evaluations_semantic: 'deny_on_first_deny' } } });
  t.equal(first.json.evaluations.length, 2);
});

t.test('search and evaluation agree: what it may do, where, and who may do it for the organisation (threat 30)', async (t) => {
  const ids = ({ json }: { json: { results: readonly { id?: string; name?: string }[] } }) =>
    json.results.map(({ id, name }) => id ?? name);
  const find = (path: string, body: object, asker: Asker = {}) => call(`/access/v1/search/${path}`, { ...asker, body });
  const at = (orgnr: string, id?: string) => ({ type: 'resource', properties: { orgnr }, ...(id && { id }) });
  const subject = { type: 'systemuser', id: USER_ID };
  const read = { name: 'read' };
  t.same(ids(await find('resource', { subject, action: read, resource: at(CUSTOMER) })), ['arsregnskap', 'mva']);
  const page = await find('resource', { subject, action: read, resource: at(CUSTOMER), page: { limit: 1 } });
  t.same(ids(page), ['arsregnskap']);
  const rest = await find('resource', { subject, action: read, resource: at(CUSTOMER), page: { token: page.json.page.next_token } });
  t.same([ids(rest), rest.json.page.next_token], [['mva'], '']);
  t.same(ids(await find('resource', { subject, action: read, resource: at(CUSTOMER) }, { as: CUSTOMER })), ['arsregnskap', 'mva']);
  t.same(
    ids(await find('resource', { subject, action: read, resource: at(CUSTOMER) }, { as: STRANGER })),
    [],
    'who owns no service finds none',
  );
  t.same(ids(await find('resource', { subject: { ...subject, id: AGENT_ID }, action: read, resource: at(OTHER) })), ['annet', 'mva']);
  t.same(ids(await find('action', { subject, resource: at(CUSTOMER, 'mva') })), ['read', 'write']);
  t.same(ids(await find('action', { subject, resource: at(OTHER, 'mva') })), []);
  t.same(ids(await find('action', { subject, resource: at(CUSTOMER, 'mva') }, { as: STRANGER })), []);
  const who = (orgnr: string, service = 'mva', asker: Asker = {}, page = {}) =>
    find('subject', { subject: { type: 'systemuser' }, action: read, resource: at(orgnr, service), page }, asker);
  t.same(ids(await who(CUSTOMER)), [USER_ID]);
  t.same(ids(await who(CUSTOMER, 'annet')), []);
  t.same(ids(await who(OTHER)), [AGENT_ID]);
  t.same(ids(await who(OTHER, 'mva', { as: OTHER })), [AGENT_ID]);
  t.same(ids(await who(OTHER, 'mva', { as: STRANGER })), []);
  const second = '22222222-4b5a-4978-8a9b-0c1d2e3f4a5b';
  await put.systemUser({ id: second, externalRef: 'b', deactivated: moment });
  t.same(ids(await who(CUSTOMER)), [USER_ID], 'one that is deactivated is not found');
  await put.systemUser({ id: second, externalRef: 'b' });
  const found: unknown[] = [];
  for (let token: string | undefined; token !== ''; ) {
    const { json } = await who(CUSTOMER, 'mva', {}, token === undefined ? { limit: 1 } : { token });
    found.push(...ids({ json }));
    token = json.page.next_token;
    t.ok(found.length <= 2);
  }
  t.same(found.sort(), [second, USER_ID].sort(), 'each once, page by page');
  for (const [path, body] of [
    ['resource', { subject, action: read, resource: { type: 'resource' } }],
    ['action', { subject, resource: { type: 'resource', id: 'mva' } }],
    ['subject', { subject: { type: 'systemuser' }, action: read, resource: { type: 'resource', id: 'mva', properties: { orgnr: 7 } } }],
  ] as const) {
    const { status, json } = await find(path, body);
    t.same([status, json.errors[0].pointer], [400, '/resource/properties/orgnr'], path);
  }
});

t.test('XACML: names in any case, apps, many questions, and what is to be in the answer', async (t) => {
  const { faultsOf } = readAnswerDescription('src/http/systembruker/acting/xacml/openapi.yaml');
  const ask = async (body: unknown) => {
    const answer = await call(AUTHORIZE, { body });
    t.equal(faultsOf('authorize', answer), '', answer.text);
    return answer;
  };
  const status = (code: string) => ({ statusCode: { value: `urn:oasis:names:tc:xacml:1.0:status:${code}` } });
  const lower = JSON.parse(JSON.stringify(xacml()).replace(/"([A-Z])(\w*)":/g, (_, first, rest) => `"${first.toLowerCase()}${rest}":`));
  t.same((await ask(lower)).json, { response: [{ decision: 'Permit', status: status('ok') }] });
  const attribute = (AttributeId: string, Value: unknown, more: object = {}) => ({ AttributeId, Value, ...more });
  const { Request } = xacml();
  await put.resource('app_skd_melding');
  await put.systemUser({ has: rightsOf(['mva', 'app_skd_melding']) });
  const app = [
    attribute('urn:altinn:org', 'skd'),
    attribute('urn:altinn:app', 'melding'),
    attribute('urn:altinn:organizationnumber', CUSTOMER),
  ];
  t.equal((await ask({ Request: { ...Request, Resource: [{ Attribute: app }] } })).json.response[0].decision, 'Permit');
  const both = [...app, attribute('urn:altinn:resource', 'mva')];
  t.match((await ask({ Request: { ...Request, Resource: [{ Attribute: both }] } })).json.response[0], {
    decision: 'Indeterminate',
    status: status('syntax-error'),
  });
  const multi = {
    Request: {
      AccessSubject: [{ Id: 's1', Attribute: [attribute('urn:altinn:systemuser:uuid', USER_ID)] }],
      Action: ['read', 'sign'].map((name, i) => ({
        Id: `a${i}`,
        Attribute: [attribute('urn:oasis:names:tc:xacml:1.0:action:action-id', name, { IncludeInResult: true })],
      })),
      Resource: [{ Id: 'r1', Attribute: Request.Resource[0]?.Attribute }],
      MultiRequests: {
        RequestReference: [{ ReferenceId: ['s1', 'a1', 'r1'] }, { ReferenceId: ['s1', 'a0', 'r1'] }, { ReferenceId: ['s1', 'a0'] }],
      },
    },
  };
  const { json } = await ask(multi);
  t.match(json.response, [
    {
      decision: 'NotApplicable',
      category: [{ attribute: [{ attributeId: 'urn:oasis:names:tc:xacml:1.0:action:action-id', value: 'sign' }] }],
    },
    { decision: 'Permit', category: [{ attribute: [{ value: 'read' }] }] },
    { decision: 'Indeterminate', status: { statusCode: { value: /missing-attribute$/ }, statusMessage: 'urn:altinn:resource is missing' } },
  ]);
  for (const [pointer, body] of [
    ['/Request', {}],
    ['/Request', { Request: [] }],
    ['/Request', { Request: {}, request: {} }],
    ['/Request/Action', { Request: { ...Request, Action: [...Request.Action, ...Request.Action] } }],
    ['/Request/Action/0/Attribute/0/AttributeId', { Request: { ...Request, Action: [{ Attribute: [{ Value: 'read' }] }] } }],
    [
      '/Request/MultiRequests/RequestReference/0/ReferenceId',
      { Request: { ...multi.Request, MultiRequests: { RequestReference: [{ ReferenceId: ['s1', 'x'] }] } } },
    ],
    [
      '/Request/MultiRequests/RequestReference/0/ReferenceId',
      { Request: { ...multi.Request, MultiRequests: { RequestReference: [{ ReferenceId: ['a0', 'a1'] }] } } },
    ],
  ] as const) {
    const answer = await call(AUTHORIZE, { body });
    t.same([answer.status, answer.json.errors?.[0].pointer], [400, pointer], answer.text);
  }
  const person = { Request: { ...Request, AccessSubject: [{ Attribute: [attribute('urn:altinn:person:identifier-no', '01819011067')] }] } };
  t.match((await ask(person)).json.response[0], { decision: 'Indeterminate', status: { statusCode: { value: /missing-attribute$/ } } });
  await put.systemUser();
});

t.test('every decision is logged, and the last use is noted by day and service: of what was let happen, not of lists', async (t) => {
  const { lastUsesOf } = await import('#systembruker');
  await Promise.all(world.uses.map((uses) => uses.write()));
  t.match(await lastUsesOf(world.store, [USER_ID, AGENT_ID]), [
    { decision: { day: '2026-11-21' } },
    { decision: { day: '2026-11-21', by: 'mva' } },
  ]);
  world.now += 86_400_000;
  await call('/access/v1/search/action', { body: { ...sent(), action: undefined } });
  await decide({ action: 'sign' });
  await Promise.all(world.uses.map((uses) => uses.write()));
  t.match(await lastUsesOf(world.store, [USER_ID]), [{ decision: { day: '2026-11-21' } }]);
  await decide({ id: '01819011067', action: '01819011067', service: '01819011067', orgnr: '01819011067' });
  await decide();
  const folder = join(world.config.data, 'decisions');
  const events = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line));
  const decided = events.filter(({ path }) => path === 'systembruker/acting/evaluate');
  t.match(decided.at(-1), {
    requested_by: SERVICE_OWNER,
    input: { subject: { id: USER_ID }, resource: { id: 'mva' } },
    result: { decision: true, reasons: ['granted'] },
  });
  t.notMatch(JSON.stringify(events), /01819011067/);
  t.notMatch(world.lines.join('\n'), /01819011067/);
});
