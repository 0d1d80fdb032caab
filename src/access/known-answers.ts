import { isDeepStrictEqual } from 'node:util';
import type { Judge } from '#decisions';
import { ProblemError } from '#problem';

const TIME = '2026-11-21T12:00:00.000Z';
const HERE = '910000000';
const OTHER = '910000001';

const grant = (konsument: string, more: object = {}) => ({
  konsument,
  roles: ['use'],
  activated: true,
  mayBeKonsument: true,
  ...more,
});
const access = (grants: readonly object[]): object => ({
  subject: { type: 'person', id: 'me' },
  application: { id: '00000000-0000-4000-8000-000000000000', state: 'active', roles: ['use'] },
  action: { name: 'use' },
  resource: { type: 'organisation', id: HERE },
  grants,
  context: { time: TIME, securityLevel: 'high' },
});
const act = (caller: object, name: string): object => ({
  caller,
  action: { name },
  concernsOrganisation: true,
  concernsApplication: false,
  organisation: { orgnr: HERE, mayBeTilbyder: true, mayBeKonsument: true, closed: null },
  settings: null,
  assignments: 'brukerId' in caller ? [{ roles: ['organisasjonsadministrator'] }] : [],
  grants: [],
  context: { time: TIME },
});
const CALLER = { kind: 'machine', consumer: HERE, clientId: 'client', scopes: ['ks:fiks'] };
const asker = (consumer: string): object => ({
  caller: { ...CALLER, consumer },
  application: { tilbyder: HERE },
});
const keeping = (organisation: string, name: string): object => ({
  caller: { kind: 'machine', consumer: HERE, clientId: 'client', scopes: ['idporten:scopes.write'] },
  action: { name },
  organisation: { orgnr: organisation, closed: false, termsSigned: true },
  context: { time: TIME },
});
const asksFor = (vendor: string): object => ({
  caller: { kind: 'machine', consumer: HERE, clientId: 'client', scopes: ['altinn:authentication/systemuser.request.write'] },
  action: { name: 'request.create' },
  organisation: { orgnr: HERE, closed: false },
  object: { exists: true, vendor },
  context: { time: TIME },
});
const gives = (role: string): object => ({
  purpose: 'give',
  type: 'standard',
  person: { kind: 'person', acr: 'idporten-loa-high', assignments: [{ roles: [role] }] },
  items: [
    {
      kind: 'right',
      resources: [{ id: 'service', exists: true, active: true, type: 'AltinnApp', actions: ['read'], delegable: true, forParty: true }],
    },
  ],
  context: { time: TIME },
});
const client = (since: string): object => ({
  provider: HERE,
  packages: ['a'],
  assignable: [],
  candidates: [{ client: OTHER, since, relations: [{ packages: ['a'], since: { a: TIME } }] }],
  context: { time: TIME },
});
const USER = {
  id: 'u',
  type: 'standard',
  systemId: 's',
  vendor: HERE,
  party: OTHER,
  status: 'Accepted',
  removed: false,
  deactivated: false,
};
const SYSTEM = { id: 's', vendor: HERE, deleted: false };
const actsAs = (deactivated: boolean): object => ({
  asked: { client: 'client', consumer: HERE, owner: OTHER, externalRef: OTHER },
  system: { ...SYSTEM, clientIds: ['client'] },
  systemUser: { ...USER, externalRef: OTHER, deactivated },
  organisations: { [HERE]: { closed: false }, [OTHER]: { closed: false } },
});
const does = (name: string): object => ({
  systemUser: { ...USER, has: { rights: [{ action: 'read', resources: ['service'] }], packages: [] } },
  system: SYSTEM,
  owner: { closed: false },
  vendor: { closed: false },
  organisation: { orgnr: OTHER, closed: false },
  packages: {},
  resource: { id: 'service', active: true, delegable: true, actions: ['read', 'write'] },
  action: { name },
  context: { time: TIME },
});
const asksAbout = (owner: string): object => ({ caller: CALLER, resource: { owner }, organisation: OTHER });
const registering = (granted: boolean): object => ({
  organisation: HERE,
  integrationType: 'maskinporten',
  simple: false,
  scopes: [
    {
      name: 'a:b',
      scope: { owner: OTHER, active: true, visibility: 'PUBLIC', accessibleForAll: false, allowedIntegrationTypes: [] },
      access: granted ? { state: 'APPROVED' } : null,
    },
  ],
  context: { time: TIME },
});
const SCOPE = {
  owner: HERE,
  active: true,
  accessibleForAll: false,
  allowedIntegrationTypes: [],
  requiresUserConsent: false,
  requiresUserAuthentication: false,
  requiresPseudonymousTokens: false,
  tokenType: 'SELF_CONTAINED',
  atMaxAge: 0,
  authorizationMaxLifetime: 0,
};
const LOGIN_CLIENT = {
  orgnr: HERE,
  active: true,
  integrationType: 'api_klient',
  grantTypes: ['authorization_code'],
  scopes: ['a:b'],
  accessTokenLifetime: 120,
  refreshTokenLifetime: 600,
  authorizationLifetime: 7200,
};
const logsIn = (state: string, requiresUserConsent = false): object => ({
  client: LOGIN_CLIENT,
  request: { use: 'login', scopes: ['a:b'], resource: [], prompt: [] },
  login: { fresh: true },
  scopes: { 'a:b': { ...SCOPE, requiresUserConsent } },
  organisations: { [HERE]: { closed: false } },
  accesses: { [HERE]: { 'a:b': { state } } },
  delegations: {},
  context: { time: TIME },
});
const MAY_INTROSPECT = 'idporten:token.introspection';
const introspects = (round: number, blocked = false): object => ({
  client: { ...LOGIN_CLIENT, scopes: [MAY_INTROSPECT] },
  request: {},
  token: { scopes: ['a:b'], audience: [], pseudonymous: false, round },
  person: { blocked },
  authorization: { round: 1, scopes: { 'a:b': { consented: true, until: '2026-11-21T13:00:00.000Z', secondsLeft: 3600 } } },
  scopes: { 'a:b': SCOPE, [MAY_INTROSPECT]: SCOPE },
  organisations: { [HERE]: { closed: false } },
  accesses: { [HERE]: { [MAY_INTROSPECT]: { state: 'APPROVED' } } },
  delegations: {},
  context: { time: TIME },
});
const looksUp = (scope: string): object => ({
  caller: { kind: 'machine', consumer: HERE, clientId: 'client', scopes: [scope] },
  action: { name: 'authorization.look-up' },
  organisation: { orgnr: HERE, closed: false },
  context: { time: TIME },
});
const token = (state: string, closed = false): object => ({
  client: {
    orgnr: HERE,
    active: true,
    integrationType: 'maskinporten',
    grantTypes: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    scopes: ['a:b'],
    accessTokenLifetime: 120,
  },
  request: { scopes: ['a:b'], resource: [] },
  scopes: {
    'a:b': {
      active: true,
      accessibleForAll: false,
      allowedIntegrationTypes: [],
      requiresUserConsent: false,
      requiresUserAuthentication: false,
      atMaxAge: 0,
    },
  },
  accesses: { [HERE]: { 'a:b': { state } } },
  delegations: {},
  organisations: { [HERE]: { closed } },
  context: { time: TIME },
});
const ISSUED = { faults: [], grant: { consumer: HERE, supplier: null, delegationSource: null, lifetime: 120, audience: [] } };
/** Of one that acts as a system user. */
const issues = (deactivated: boolean): object => ({ ...token('APPROVED'), ...actsAs(deactivated) });
/** Of one who asks the registers of persons. */
const asksOf = (action: string, scope: string): object => ({
  caller: { kind: 'machine', consumer: HERE, clientId: 'client', scopes: [scope] },
  action: { name: action },
  subject: 'me',
  subjects: ['me'],
  context: { time: TIME },
});
const loggedIn = (blocked: boolean): object => ({ person: { id: 'me', known: true, blocked, highSince: true } });
const person = { kind: 'person', brukerId: 'me', acr: 'idporten-loa-high' };
const TERMS = 'tilgang/many/terms';
/** Alike but for their konsumenter. */
const ALIKE = [grant(HERE), grant(OTHER), grant('810000002')];
const GRANTS = [grant(HERE), grant(OTHER, { until: TIME }), grant('910000002', { withdrawn: { at: TIME, by: 'operator' } })];

/** A question of a world that is known, and what its answer holds; a list, a text or a boolean is the whole answer. */
interface KnownAnswer {
  readonly entrypoint: string;
  readonly input: object;
  readonly answer: object | string | boolean;
  /** A rule that a bundle may leave out; it is asked only if that is there. */
  readonly needs?: string;
}

/** At least one yes and one no of each rule that decides. */
const KNOWN: readonly KnownAnswer[] = [
  { entrypoint: 'tilgang/access/may_ask', input: asker(HERE), answer: { allowed: true } },
  { entrypoint: 'tilgang/access/may_ask', input: asker(OTHER), answer: { allowed: false, reasons: ['caller_foreign'] } },
  { entrypoint: 'tilgang/access/search', input: access(GRANTS), answer: [HERE] },
  { entrypoint: 'tilgang/access/evaluate', input: access(GRANTS), answer: { allowed: true } },
  { entrypoint: 'tilgang/access/evaluate', input: access(GRANTS.slice(1)), answer: { allowed: false } },
  { entrypoint: 'tilgang/many/covers', input: access(GRANTS), answer: [true, false, false] },
  {
    entrypoint: TERMS,
    input: access(GRANTS.map(({ konsument: _, ...terms }) => terms)),
    answer: [true, false, false],
    needs: TERMS,
  },
  // Whoever looks at the konsument would be answered otherwise for a list than for one person.
  { entrypoint: 'tilgang/many/covers', input: access(ALIKE), answer: [true, true, true], needs: TERMS },
  { entrypoint: 'tilgang/access/search', input: access(ALIKE), answer: ALIKE.map(({ konsument }) => konsument), needs: TERMS },
  { entrypoint: 'tilgang/held/over', input: access(GRANTS), answer: [false, true, true] },
  {
    entrypoint: 'tilgang/held/roles',
    input: access(GRANTS.slice(0, 2)),
    answer: [
      { roles: ['use'], hindrances: [] },
      { roles: [], hindrances: ['grant_expired'] },
    ],
  },
  { entrypoint: 'tilgang/admin/evaluate', input: act({ kind: 'operator' }, 'organisation.register'), answer: { allowed: true } },
  { entrypoint: 'tilgang/admin/evaluate', input: act(person, 'administrator.list'), answer: { allowed: true } },
  { entrypoint: 'tilgang/admin/evaluate', input: act(person, 'organisation.register'), answer: { allowed: false } },
  { entrypoint: 'tilgang/admin/evaluate', input: act({ kind: 'anonymous' }, 'administrator.list'), answer: { allowed: false } },
  {
    entrypoint: 'tilgang/kinds/may_ask',
    input: { ...asker(HERE), application: undefined, kinds: { callers: [HERE] } },
    answer: { allowed: true },
  },
  {
    entrypoint: 'tilgang/kinds/may_ask',
    input: { ...asker(OTHER), application: undefined, kinds: { callers: [HERE] } },
    answer: { allowed: false, reasons: ['caller_foreign'] },
  },
  { entrypoint: 'maskinporten/admin/evaluate', input: keeping(HERE, 'scope.list'), answer: { allowed: true, reasons: [] } },
  {
    entrypoint: 'maskinporten/admin/evaluate',
    input: keeping(OTHER, 'scope.list'),
    answer: { allowed: false, reasons: ['organisation_foreign'] },
  },
  { entrypoint: 'systembruker/admin/evaluate', input: asksFor(HERE), answer: { allowed: true, reasons: [] } },
  { entrypoint: 'systembruker/admin/evaluate', input: asksFor(OTHER), answer: { allowed: false, reasons: ['object_foreign'] } },
  { entrypoint: 'systembruker/delegation/faults', input: gives('tilgangsstyrer'), answer: [[]] },
  {
    entrypoint: 'systembruker/delegation/faults',
    input: gives('klientadministrator'),
    answer: [[{ reason: 'role_missing', resource: 'service' }]],
  },
  { entrypoint: 'systembruker/agents/clients', input: client(TIME), answer: [{ given: ['a'], missing: [], reasons: [], acts: true }] },
  {
    entrypoint: 'systembruker/agents/clients',
    input: client('2020-01-01T00:00:00.000Z'),
    answer: [{ given: ['a'], missing: [], reasons: [], acts: false }],
  },
  { entrypoint: 'systembruker/token/evaluate', input: actsAs(false), answer: { allowed: true, reasons: [] } },
  { entrypoint: 'systembruker/token/evaluate', input: actsAs(true), answer: { allowed: false, reasons: ['system_user_deactivated'] } },
  { entrypoint: 'systembruker/token/issue', input: issues(false), answer: { ...ISSUED, systemUser: { allowed: true, reasons: [] } } },
  {
    entrypoint: 'systembruker/token/issue',
    input: issues(true),
    answer: { ...ISSUED, systemUser: { allowed: false, reasons: ['system_user_deactivated'] } },
  },
  { entrypoint: 'systembruker/acting/evaluate', input: does('read'), answer: { decision: true, reasons: ['granted'] } },
  { entrypoint: 'systembruker/acting/evaluate', input: does('write'), answer: { decision: false, reasons: ['right_missing'] } },
  {
    entrypoint: 'systembruker/history/told',
    input: {
      reader: 'customer',
      acts: [
        { action: 'request.create', actor: OTHER },
        { action: 'request.approve', actor: 'me' },
      ],
    },
    answer: [
      { side: 'vendor', who: false },
      { side: 'customer', who: true },
    ],
  },
  { entrypoint: 'systembruker/asking/may_ask', input: asksAbout(HERE), answer: { allowed: true, reasons: [] } },
  { entrypoint: 'systembruker/asking/may_ask', input: asksAbout(OTHER), answer: { allowed: false, reasons: ['resource_unknown'] } },
  { entrypoint: 'maskinporten/clients/evaluate', input: registering(true), answer: { allowed: true, faults: [] } },
  {
    entrypoint: 'maskinporten/clients/evaluate',
    input: registering(false),
    answer: { allowed: false, faults: [{ index: 0, reason: 'scope_not_granted' }] },
  },
  {
    entrypoint: 'maskinporten/token/evaluate',
    input: token('APPROVED'),
    answer: ISSUED,
  },
  { entrypoint: 'maskinporten/token/evaluate', input: token('DENIED'), answer: { faults: [{ name: 'MP-250', at: 0 }], grant: null } },
  { entrypoint: 'maskinporten/token/evaluate', input: token('APPROVED', true), answer: { faults: [{ name: 'MP-100' }], grant: null } },
  {
    entrypoint: 'idporten/login/evaluate',
    input: logsIn('APPROVED'),
    answer: { faults: [], granted: [{ scope: 'a:b', basis: 'login', lasts: 7200 }], ask: [], refused: [] },
  },
  {
    entrypoint: 'idporten/login/evaluate',
    input: logsIn('APPROVED', true),
    answer: { faults: [], granted: [], ask: [{ scope: 'a:b', lasts: 7200 }], refused: [] },
  },
  {
    entrypoint: 'idporten/login/evaluate',
    input: logsIn('DENIED'),
    answer: { granted: [], ask: [], refused: [{ scope: 'a:b', reason: 'scope_not_granted' }] },
  },
  { entrypoint: 'idporten/introspection/evaluate', input: introspects(1), answer: { active: true, person: true, reasons: [] } },
  {
    entrypoint: 'idporten/introspection/evaluate',
    input: introspects(2),
    answer: { active: false, person: false, reasons: ['authorization_ended'] },
  },
  {
    entrypoint: 'idporten/introspection/evaluate',
    input: introspects(1, true),
    answer: { active: false, person: false, reasons: ['person_blocked'] },
  },
  {
    entrypoint: 'idporten/authorizations/evaluate',
    input: looksUp('idporten:authorizations'),
    answer: { allowed: true, reasons: [] },
  },
  {
    entrypoint: 'idporten/authorizations/evaluate',
    input: looksUp('ks:fiks'),
    answer: { allowed: false, reasons: ['scope_missing'] },
  },
  {
    entrypoint: 'idporten/krr/may_ask',
    input: asksOf('person.list', 'krr:global/digitalpost.read'),
    answer: { allowed: true, reasons: [], fields: ['mailbox'] },
  },
  {
    entrypoint: 'idporten/krr/may_ask',
    input: asksOf('person.list', 'ks:fiks'),
    answer: { allowed: false, reasons: ['scope_missing'], fields: [] },
  },
  {
    entrypoint: 'idporten/contacts/view',
    input: {
      persons: [
        { status: 'AKTIV', reserved: false, channels: [[TIME]] },
        { status: 'AKTIV', reserved: false, channels: [['2025-05-21T11:59:59.999Z']] },
        { status: 'SLETTET', reserved: false, channels: [[TIME]] },
        null,
      ],
      includesUnregistered: true,
      context: { time: TIME },
    },
    answer: ['notifiable', 'unnotifiable', 'deleted', 'unregistered'],
  },
  {
    entrypoint: 'idporten/authlevel/may_ask',
    input: asksOf('level.read', 'global/idporten.authlevel.read'),
    answer: { allowed: true, reasons: [], since: '2025-05-21T12:00:00.000Z' },
  },
  {
    entrypoint: 'idporten/authlevel/may_ask',
    input: asksOf('level.read', 'ks:fiks'),
    answer: { allowed: false, reasons: ['scope_missing'] },
  },
  { entrypoint: 'idporten/logins/evaluate', input: loggedIn(false), answer: 'yes' },
  { entrypoint: 'idporten/logins/evaluate', input: loggedIn(true), answer: 'no' },
  {
    entrypoint: 'tilgang/history/visible',
    input: { reader: { orgnr: HERE, applications: null }, parts: [{ owner: HERE }, { owner: OTHER }] },
    answer: [true, false],
  },
  {
    entrypoint: 'tilgang/explained/with_answers',
    input: { caller: { ...CALLER, scopes: ['ks:fiks', 'ks:fiks.begrunnelse'] } },
    answer: true,
  },
  { entrypoint: 'tilgang/explained/with_answers', input: { caller: CALLER }, answer: false },
  {
    entrypoint: 'tilgang/explained/told',
    input: {
      reader: { kind: 'konsument', orgnr: HERE },
      decisions: [HERE, OTHER].map((konsument) => ({ konsument, named: true, standard: ['grant_expired'], own: [] })),
    },
    answer: [
      { shown: true, reasons: ['grant_expired'], grant: true },
      { shown: false, reasons: [], grant: false },
    ],
  },
];

/**
 * Holds that a bundle gives the answers that are known beforehand: one that says no to everything, or yes, is not loaded.
 * @throws ProblemError `bundle-invalid` that names the rules
 */
export async function assertKnownAnswers(judge: Judge): Promise<void> {
  const wrong = new Map<string, unknown>();
  for (const { entrypoint, input, answer, needs } of KNOWN) {
    if (needs !== undefined && !judge.bundle.entrypoints.includes(needs)) continue;
    await assertKnown(judge, entrypoint, input, answer).catch((cause: unknown) => wrong.set(entrypoint, cause));
  }
  if (wrong.size === 0) return;
  throw new ProblemError('bundle-invalid', {
    cause: wrong.values().next().value,
    detail: `the bundle ${judge.revision} gives other answers than are known to be right: ${[...wrong.keys()].join(', ')}`,
  });
}

async function assertKnown(judge: Judge, entrypoint: string, input: object, answer: object | string | boolean): Promise<void> {
  const holds = (found: unknown): found is unknown =>
    Array.isArray(answer) || typeof answer !== 'object'
      ? isDeepStrictEqual(found, answer)
      : Object.entries(answer).every(([name, value]) => isDeepStrictEqual((found as Record<string, unknown> | null)?.[name], value));
  await judge.ask({ entrypoint, isAnswer: holds }, input);
}
