import t from 'tap';
import { type AccessCaller, type GrantOrder, giveGrants, grantDocuments, searchOrganisations, setActivation } from '#access';
import { toInstant } from '#domain';
import { type Bundle, JsonText } from '#policy';
import { ProblemError } from '#problem';
import {
  ADA,
  APP,
  konsumenter,
  NOON,
  openWorld,
  operator,
  order,
  persons,
  SANDVIK,
  seeded,
  TILBYDER,
  tilbyder,
  withdraw,
} from './world.js';

const EVALUATE = 'tilgang/access/evaluate';
const SEARCH = 'tilgang/access/search';
const question = { caller: tilbyder, appId: APP, person: ADA };

t.test('search agrees with evaluate for every person and organisation of random worlds (threat 30)', async (t) => {
  const world = await openWorld(t);
  const random = seeded(30);
  const below = (n: number): number => Math.floor(random() * n);
  const inactive = new Set(konsumenter.slice(0, 12).filter(() => random() < 0.3));
  for (const konsument of inactive) await setActivation(world, operator, { orgnr: konsument, appId: APP }, { active: false }, 'any');
  const around = (): ReturnType<typeof toInstant> => toInstant(NOON + (below(5) - 2) * 1000);
  let granted = 0;
  for (const person of persons.slice(0, 60)) {
    const orders: GrantOrder[] = konsumenter
      .slice(0, 12)
      .filter(() => random() < 0.5)
      .map((konsument) => ({
        ...order({ person, konsument, roles: [['use'], ['admin'], ['admin', 'use']][below(3)] ?? [] }),
        ...(below(3) === 0 ? { from: around() } : {}),
        ...(below(3) === 0 ? { until: around() } : {}),
      }));
    await giveGrants(world, operator, orders);
    for (const { konsument } of orders) if (below(6) === 0) await withdraw(world, { person, konsument });
    const action = ['use', 'admin', 'other'][below(3)] ?? '';
    const answer = await searchOrganisations(world, { caller: tilbyder, appId: APP, person, action });
    const brukerId = world.vault.nameOf(person);
    const document = await world.store.collection(grantDocuments).get(`${APP}/${brukerId}`);
    for (const id of konsumenter.slice(0, 12)) {
      const verdict = (await world.bundle.evaluate(EVALUATE, {
        application: { state: 'active', roles: ['admin', 'use'] },
        action: { name: action },
        resource: { type: 'organisation', id },
        grants: (document?.value.grants ?? []).map((grant) => ({
          ...grant,
          activated: !inactive.has(grant.konsument),
          mayBeKonsument: true,
        })),
        context: { time: toInstant(world.now) },
      })) as { allowed: boolean };
      if (answer.organisations.some(({ orgnr }) => orgnr === id) !== verdict.allowed)
        t.fail('search and evaluate disagree', { id, action });
      if (verdict.allowed) granted += 1;
    }
  }
  t.ok(inactive.size > 0 && inactive.size < 12);
  t.ok(granted > 30 && granted < 600, `${granted} granted`);
});

t.test('a caller that may not ask gets its reasons and no organisation', async (t) => {
  const world = await openWorld(t);
  await giveGrants(world, operator, [order()]);
  const refused = { allowed: false, organisations: [] };
  const { scopes, ...rest } = tilbyder;
  t.match(await searchOrganisations(world, { ...question, caller: { ...rest, scopes: [] } as typeof tilbyder }), {
    ...refused,
    reasons: ['scope_missing'],
  });
  t.match(await searchOrganisations(world, { ...question, caller: { kind: 'machine', consumer: SANDVIK, clientId: 'c', scopes } }), {
    ...refused,
    reasons: ['caller_foreign'],
  });
  t.match(await searchOrganisations(world, { ...question, appId: undefined }), { ...refused, reasons: ['application_unknown'] });
});

t.test('the answer names the revisions it is judged by and from', async (t) => {
  const world = await openWorld(t);
  t.match(await searchOrganisations(world, question), { documentRevision: 0, policyRevision: world.bundle.revision });
  await giveGrants(world, operator, [order()]);
  t.match(await searchOrganisations(world, question), { documentRevision: 1, allowed: true, organisations: [{ orgnr: SANDVIK }] });
});

t.test('a bundle that gives anything but a whole answer is evaluation-failed, never an empty list', async (t) => {
  const world = await openWorld(t);
  await giveGrants(world, operator, [order()]);
  const may = { allowed: true, reasons: [] };
  const fake = (mayAsk: Bundle['evaluate'], search: Bundle['evaluate']): Bundle => ({
    revision: 'fake',
    entrypoints: [],
    evaluateMany: () => [],
    evaluateToJson: () => undefined,
    evaluate: (entrypoint, input) => (entrypoint === SEARCH ? search : mayAsk)(entrypoint, input),
  });
  const verdicts: Record<string, unknown> = {
    undefined: undefined,
    null: null,
    'a truth value': true,
    'a list': [],
    'an empty object': {},
    'allowed as text': { ...may, allowed: 'true' },
    'no reasons': { ...may, reasons: undefined },
    'a reason as number': { allowed: false, reasons: [1] },
    'refused without a reason': { allowed: false, reasons: [] },
    'allowed, yet with a reason': { allowed: true, reasons: ['scope_missing'] },
  };
  const lists: Record<string, unknown> = {
    undefined: undefined,
    null: null,
    'a truth value': true,
    'an object': { organisations: [] },
    'an organisation as number': [910000000],
    'an organisation not among the grants': [konsumenter[1]],
    'one among the grants and one not': [SANDVIK, TILBYDER],
  };
  const failing = async (): Promise<never> => {
    throw new ProblemError('evaluation-failed');
  };
  const bundles = [
    ...Object.entries(verdicts).map(
      ([name, value]) =>
        [
          `may_ask: ${name}`,
          fake(
            async () => value,
            () => [],
          ),
        ] as const,
    ),
    ...Object.entries(lists).map(
      ([name, value]) =>
        [
          `search: ${name}`,
          fake(
            () => may,
            async () => value,
          ),
        ] as const,
    ),
    ['may_ask fails', fake(failing, () => [])] as const,
    ['search fails', fake(() => may, failing)] as const,
  ];
  for (const [name, bundle] of bundles) {
    world.bundle = bundle;
    await t.rejects(searchOrganisations(world, question), { name: 'ProblemError', slug: 'evaluation-failed' }, name);
  }
  world.bundle = fake(
    () => may,
    () => [],
  );
  t.same((await searchOrganisations(world, question)).organisations, [], 'a whole answer may well be empty');
});

t.test('a refused caller has the person neither read nor judged, whatever the person has', async (t) => {
  const world = await openWorld(t);
  await giveGrants(world, operator, [order()]);
  const asked: string[] = [];
  const { bundle } = world;
  world.bundle = {
    ...bundle,
    evaluate(entrypoint, input) {
      asked.push(`${entrypoint} ${Object.keys(input instanceof JsonText ? JSON.parse(input.text) : (input as object))}`);
      return bundle.evaluate(entrypoint, input);
    },
  };
  const foreign: AccessCaller = { kind: 'machine', consumer: SANDVIK, clientId: 'c', scopes: tilbyder.scopes };
  t.notOk((await searchOrganisations(world, { ...question, caller: foreign })).allowed);
  t.same(asked, ['tilgang/access/may_ask caller,application']);
  t.ok((await searchOrganisations(world, question)).allowed);
  t.same(asked.slice(1), ['tilgang/access/may_ask caller,application', `${SEARCH} subject,application,action,grants,context`]);
});
