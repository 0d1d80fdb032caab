import t from 'tap';
import { loadBundle } from '#policy';
import { isDeepEqual, oddities, optional, schema } from './odd-values.js';
import { type Dice, dice, type Json, native, readBundle } from './world.js';

const ADMIN = 'tilgang/admin/evaluate';

const TIME = '2026-11-21T12:00:00.000Z';
const OWN = '910000000';
const OTHER = '910000001';
const ROLES = ['organisasjonsadministrator', 'applikasjonsadministrator', 'tilgangsadministrator', 'tilgangsstyrer'] as const;
const instant = ({ pick }: Dice): string => `2026-11-21T${pick('11', '12', '13', '22', '23')}:00:00.000Z`;
const sometimes = ({ below }: Dice, n: number, json: () => Json): Json => (below(n) === 0 ? json() : {});

const ACTIONS = [
  ...['application.register', 'application.list', 'application.read', 'application.change', 'application.change', 'application.try'],
  ...['application.konsumenter', 'logo.set', 'logo.read', 'organisation.read', 'offer.list', 'activation.read', 'activation.activate'],
  ...['activation.deactivate', 'grant.list', 'grant.read', 'grant.give', 'grant.give', 'grant.give', 'grant.change', 'grant.withdraw'],
  ...['grant.import', 'grant.export', 'person.look_up', 'person.remove', 'administrator.list', 'administrator.appoint'],
  ...['administrator.appoint', 'administrator.change', 'administrator.remove', 'settings.read', 'settings.change', 'event.list'],
  ...['settings.change', 'settings.confirm', 'settings.confirm', 'settings.reject'],
  ...['organisation.list', 'organisation.register', 'organisation.close', 'organisation.merge', 'organisation.merge', 'application.import'],
];
/** These may be about no single organisation. */
const OVERALL = new Set(['organisation.list', 'organisation.register', 'grant.import', 'grant.export']);

const SLUGS = [
  ...['action_unknown', 'caller_unknown', 'scope_missing', 'security_level_too_low', 'person_needed', 'organisation_unknown'],
  ...['organisation_foreign', 'role_missing', 'organisation_not_konsument', 'organisation_not_tilbyder', 'application_unknown'],
  ...['application_foreign', 'application_outside', 'application_not_active', 'application_not_activated', 'application_retired'],
  ...['transition_not_allowed', 'roles_outside', 'longer_than_own', 'longer_than_allowed', 'self_grant', 'admin_role_unknown'],
  ...['last_administrator', 'operator_needed', 'organisation_closed', 'successor_unknown', 'successor_unfit', 'role_unknown'],
  ...['person_not_synthetic', 'nothing_pending', 'asker_gone', 'second_person_needed', 'not_one_of_two', 'second_person_missing'],
];

interface Answer {
  readonly allowed: boolean;
  readonly reasons: string[];
  readonly grants: string[][];
  readonly organisations: string[][];
  readonly shown: boolean[];
  readonly applications: string[] | null;
  readonly held: string | null;
  readonly settings: { readonly fourEyes: boolean } | null;
  readonly needsTwo: boolean;
  readonly strands: boolean;
}

t.test('native OPA and the module agree on who may administer; every denial has a reason', async (t) => {
  const inputs = [...administration(15, 1100)];
  const validate = await schema('admin-input');
  const bundle = await loadBundle(await readBundle());
  const expected = native('[[a | a := data.tilgang.admin.evaluate with input as q] | some q in input]', inputs);
  const seen = new Set<string>();
  let allowed = 0;
  for (const [i, input] of inputs.entries()) {
    if (!validate(input)) return t.fail('an input is not of the schema', { input, errors: validate.errors });
    const answer = (await bundle.evaluate(ADMIN, input)) as Answer;
    if (!isDeepEqual([answer], expected[i])) return t.same([answer], expected[i], `input ${i}`);
    if (answer.allowed !== (answer.reasons.length === 0)) return t.fail('a hole', { input, answer });
    for (const [list, judged] of [
      ['grants', answer.grants],
      ['organisations', answer.organisations],
      ['candidates', answer.shown],
    ] as const)
      if (answer.allowed && judged.length !== ((input[list] as unknown[]) ?? []).length) return t.fail('not aligned', { input });
    for (const slug of [answer.reasons, ...answer.grants, ...answer.organisations].flat()) seen.add(slug);
    allowed += answer.allowed ? 1 : 0;
  }
  t.ok(allowed > 100 && allowed < 900, `${allowed} allowed`);
  t.equal(seen.size, SLUGS.length, `every slug occurs; missing: ${SLUGS.filter((slug) => !seen.has(slug))}`);
});

t.test('an odd value in place of any field never widens what may be administered', async (t) => {
  const validate = await schema('admin-input');
  const bundle = await loadBundle(await readBundle());
  const compared: unknown[] = [];
  const answers: unknown[] = [];
  let tried = 0;
  for (const input of administration(12, 80)) {
    const before = (await bundle.evaluate(ADMIN, input)) as Answer;
    for (const odd of oddities(input)) {
      if (validate(odd)) continue;
      const after = (await bundle.evaluate(ADMIN, odd)) as Answer | undefined;
      tried += 1;
      if (tried % 11 === 0) {
        compared.push(odd);
        answers.push(optional(after));
      }
      if (after?.allowed && widened(before, after)) return t.fail('an odd value widens', { input, odd, before, after });
    }
  }
  t.ok(tried > 5000, `${tried} odd inputs`);
  const expected = native('[[a | a := data.tilgang.admin.evaluate with input as q] | some q in input]', compared);
  for (const [i, answer] of answers.entries()) {
    if (!isDeepEqual(answer, expected[i])) return t.same(answer, expected[i], JSON.stringify(compared[i]));
  }
});

t.test('of whom a grant is for, the rules read no more than whether that is the caller (docs/decisions/0024)', async (t) => {
  const bundle = await loadBundle(await readBundle());
  let judged = 0;
  for (const input of administration(14, 700)) {
    const grants = (input['grants'] ?? []) as readonly Json[];
    const others = grants.map((grant) => ({ ...grant, subject: grant['subject'] === 'me' ? 'me' : 'somebody else' }));
    const [answer, same] = await Promise.all([input, { ...input, grants: others }].map((one) => bundle.evaluate(ADMIN, one)));
    if (!isDeepEqual(answer, same)) return t.same(same, answer, JSON.stringify(input));
    judged += (answer as Answer).grants.length;
  }
  t.ok(judged > 50, `${judged} grants`);
});

t.test(
  'whenever somebody unlimited administered before a change somebody still does after it, or it is refused (fault 7, threat 56)',
  async (t) => {
    const bundle = await loadBundle(await readBundle());
    const d = dice(17);
    const { below, pick } = d;
    const hours = ['10', '11', '12', '13', '14', '15', '16'].map((hour) => `2026-11-21T${hour}:00:00.000Z`);
    const assignment = (): Json => ({
      roles: pick([ROLES[0]], [ROLES[0], ROLES[2]], [ROLES[0]], [ROLES[2]]),
      ...sometimes(d, 6, () => ({ applications: ['a'] })),
      ...sometimes(d, 6, () => ({ mayGive: ['use'] })),
      ...sometimes(d, 3, () => ({ from: pick(...hours) })),
      ...sometimes(d, 2, () => ({ until: pick(...hours) })),
      ...sometimes(d, 8, () => ({ withdrawn: { at: TIME, by: 'operator' } })),
    });
    const counts = (one: Json, at: string): boolean =>
      (one['roles'] as string[]).includes(ROLES[0]) &&
      !['applications', 'mayGive', 'withdrawn'].some((limit) => limit in one) &&
      ((one['from'] as string | undefined) ?? '') <= at &&
      at < ((one['until'] as string | undefined) ?? '~');
    const moments = [...hours.filter((at) => at >= TIME), '2027-01-01T00:00:00.000Z'];
    let refused = 0;
    for (let i = 0; i < 600; i += 1) {
      const standing = Array.from({ length: 1 + below(3) }, assignment);
      const remaining = below(3) === 0 ? standing.slice(1) : [assignment(), ...standing.slice(1)];
      const input = {
        caller: { kind: 'person', brukerId: 'me', acr: 'Level4' },
        action: { name: 'administrator.remove' },
        organisation: { orgnr: OWN, mayBeTilbyder: true, mayBeKonsument: true, closed: null },
        settings: null,
        assignments: [{ roles: [ROLES[0]] }],
        concernsApplication: false,
        held: { roles: [ROLES[0]] },
        standing,
        remaining,
        context: { time: TIME },
      };
      const isLost = moments.some((at) => standing.some((one) => counts(one, at)) && !remaining.some((one) => counts(one, at)));
      const { reasons } = (await bundle.evaluate(ADMIN, input)) as Answer;
      if (reasons.includes('last_administrator') !== isLost)
        return t.fail('another answer than time gives', { standing, remaining, reasons });
      refused += isLost ? 1 : 0;
    }
    t.ok(refused > 100 && refused < 500, `${refused} refused`);
  },
);

/** Allowed now and not before, a grant without its fault, or applications out of reach before. */
function widened(before: Answer, after: Answer): boolean {
  const { applications } = before;
  return (
    !before.allowed ||
    after.reasons.length > 0 ||
    after.grants.some((faults, i) => faults.length === 0 && before.grants[i]?.length !== 0) ||
    after.organisations.some((faults, i) => faults.length === 0 && before.organisations[i]?.length !== 0) ||
    after.shown.some((isShown, i) => isShown && before.shown[i] !== true) ||
    (before.needsTwo && !after.needsTwo) ||
    (after.held !== before.held && after.held !== 'standing' && after.held !== null) ||
    (applications !== null && (after.applications === null || after.applications.some((id) => !applications.includes(id))))
  );
}

/** A repeatable sequence of inputs for tilgang/admin/evaluate, valid by the schema. */
function* administration(seed: number, count: number): Generator<Json> {
  const d = dice(seed);
  const { below, pick } = d;
  const list = <T>(most: number, element: () => T): T[] => Array.from({ length: below(most + 1) }, element);
  const limits = (n: number): Json => ({
    ...sometimes(d, n, () => ({ applications: list(2, () => pick('a', 'b', 'c')) })),
    ...sometimes(d, n, () => ({ mayGive: pick(['use'], ['use', 'admin'], []) })),
    ...sometimes(d, n, () => ({ until: instant(d) })),
  });
  const assignment = (): Json => ({
    roles: pick<readonly string[]>([ROLES[0]], [ROLES[0]], [ROLES[1]], [ROLES[2]], [ROLES[1], ROLES[2]], []),
    ...limits(2),
    ...sometimes(d, 5, () => ({ from: instant(d) })),
    ...sometimes(d, 8, () => ({ withdrawn: { at: TIME, by: 'operator' } })),
  });
  const grant = (): Json => ({
    application: pick('a', 'a', 'b', 'c'),
    state: pick('active', 'active', 'active', 'draft', 'retired'),
    activated: below(6) > 0,
    subject: pick('me', 'other', 'third'),
    roles: pick(['use'], ['use', 'admin'], ['admin'], []),
    knownRoles: pick(['use', 'admin'], ['use', 'admin'], ['use']),
    ...sometimes(d, 2, () => ({ until: instant(d) })),
    ...sometimes(d, 2, () => ({ days: pick(0.25, 10, 400) })),
  });
  const closed = (): Json => ({ closed: pick<Json | null>(null, null, null, { at: TIME }, { at: TIME, into: OTHER }) });
  const organisation = (): Json => ({
    orgnr: pick(OWN, OTHER),
    mayBeTilbyder: below(2) === 0,
    mayBeKonsument: below(2) === 0,
    ...closed(),
    ...sometimes(d, 2, () => ({ assignments: list(2, assignment) })),
  });
  const candidate = (): Json | null =>
    below(5) === 0
      ? null
      : {
          state: pick('active', 'draft', 'retired'),
          tilbyder: pick(OWN, OTHER),
          ...sometimes(d, 2, () => ({ activated: below(2) === 0 })),
        };
  const oneOfStaff = (): Json => ({
    ...(below(3) === 0 ? assignment() : { roles: [ROLES[0]] }),
    subject: pick('me', 'other', 'third'),
    givenBy: pick('operator', 'me', 'other'),
    daysBefore: pick(0, 13, 14, 400),
  });
  for (let i = 0; i < count; i += 1) {
    const name = below(30) === 0 ? 'grant.steal' : pick(...ACTIONS);
    const person = (): Json => ({ kind: 'person', brukerId: 'me', acr: pick('idporten-loa-high', 'Level4', 'Level4', 'Level4', 'Level3') });
    const machine = (): Json => ({
      kind: 'machine',
      consumer: pick(OWN, OWN, OWN, OTHER),
      ...sometimes(d, 3, () => ({ supplier: OTHER })),
      scopes: pick(
        ['ks:fiks.tilbyder', 'ks:fiks.konsument'],
        ['ks:fiks.konsument', 'ks:fiks.tilbyder'],
        ['ks:fiks.konsument'],
        ['ks:fiks'],
      ),
      clientId: 'client',
    });
    yield {
      caller: /^(organisation\.(close|merge|register)|application\.import)$/.test(name)
        ? pick<Json>({ kind: 'operator' }, { kind: 'operator' }, { kind: 'operator' }, person())
        : pick(person, person, person, machine, machine, () => pick<Json>({ kind: 'anonymous' }, { kind: 'operator' }, person()))(),
      action: { name, ...(name === 'application.change' ? sometimes(d, 2, () => ({ to: pick('draft', 'active', 'retired') })) : {}) },
      ...(below(15) > 0 ? { organisation: { orgnr: OWN, mayBeTilbyder: below(5) > 0, mayBeKonsument: below(5) > 0, ...closed() } } : {}),
      ...(below(8) > 0
        ? {
            settings:
              below(4) === 0 ? null : { fourEyes: below(2) === 0, ...sometimes(d, 3, () => ({ longestGrantDays: pick(1, 30, 400) })) },
          }
        : {}),
      ...(below(12) > 0 ? { assignments: [...list(2, assignment), ...(below(3) === 0 ? [{ roles: [ROLES[0]] }] : [])] } : {}),
      ...(OVERALL.has(name) ? { concernsOrganisation: below(2) === 0 } : {}),
      ...sometimes(d, 3, () => ({ organisations: list(3, organisation) })),
      ...sometimes(d, 3, () => ({ candidates: list(3, candidate) })),
      ...(name === 'organisation.merge' && below(5) > 0
        ? { successor: { orgnr: pick(OTHER, OTHER, OWN), mayBeKonsument: below(5) > 0 } }
        : {}),
      ...(name === 'application.try' && below(5) > 0 ? { subject: { synthetic: below(4) > 0 } } : {}),
      concernsApplication: below(2) === 0,
      ...(below(8) > 0
        ? {
            application: {
              id: pick('a', 'b'),
              tilbyder: pick(OWN, OWN, OWN, OTHER),
              state: pick('active', 'active', 'draft', 'retired'),
              roles: ['use', 'admin'],
              activated: below(2) === 0,
            },
          }
        : {}),
      ...(name.startsWith('grant.') ? { grants: list(4, grant) } : {}),
      ...(/^administrator\.(appoint|change|remove)$/.test(name)
        ? {
            administrator: {
              subject: pick('me', 'other'),
              roles: pick<readonly string[]>([ROLES[2]], [...ROLES], ['king'], []),
              ...limits(3),
            },
            ...(below(2) === 0 ? { held: assignment() } : {}),
            standing: [...list(2, assignment), ...(below(2) === 0 ? [{ roles: [ROLES[0]] }] : [])],
            remaining: list(3, assignment),
          }
        : {}),
      ...(name.startsWith('settings.') ? { staff: list(3, oneOfStaff) } : {}),
      ...(name === 'settings.change' && below(5) > 0
        ? { asked: { fourEyes: below(2) === 0, ...sometimes(d, 2, () => ({ longestGrantDays: pick(1, 30, 400) })) } }
        : {}),
      ...(name === 'settings.confirm'
        ? { pending: below(8) === 0 ? null : { askedBy: pick('me', 'other', 'other'), until: instant(d) } }
        : {}),
      context: { time: TIME },
    };
  }
}
