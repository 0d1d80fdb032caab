import t from 'tap';
import { type GrantOrder, giveGrants, grantDocuments, operatorRequest, searchOrganisations, setActivation, withdrawGrant } from '#access';
import { toInstant } from '#domain';
import type { Bundle } from '#policy';
import { ProblemError } from '#problem';
import { ADA, APP, by, konsumenter, NOON, openWorld, order, persons, SANDVIK, seeded, TILBYDER, tilbyder } from './world.js';

const EVALUATE = 'tilgang/access/evaluate';
const question = { caller: tilbyder, appId: APP, person: ADA };

t.test('search agrees with evaluate for every person and organisation of random worlds (threat 30)', async (t) => {
  const world = await openWorld(t);
  const random = seeded(30);
  const below = (n: number): number => Math.floor(random() * n);
  const inactive = new Set(konsumenter.slice(0, 12).filter(() => random() < 0.3));
  for (const orgnr of inactive) await setActivation(world, operatorRequest(), { appId: APP, orgnr }, { active: false }, 'any');
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
    await giveGrants(world, orders, by);
    for (const { konsument } of orders) if (below(6) === 0) await withdrawGrant(world, { appId: APP, person, konsument }, by);
    const action = ['use', 'admin', 'other'][below(3)] ?? '';
    const answer = await searchOrganisations(world, { caller: tilbyder, appId: APP, person, action });
    const brukerId = world.vault.nameOf(person);
    const document = await world.store.collection(grantDocuments).get(`${APP}/${brukerId}`);
    for (const id of konsumenter.slice(0, 12)) {
      const verdict = (await world.bundle.evaluate(EVALUATE, {
        caller: tilbyder,
        application: { id: APP, tilbyder: TILBYDER, state: 'active', roles: ['admin', 'use'] },
        subject: { type: 'person', id: brukerId },
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
  await giveGrants(world, [order()], by);
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
  await giveGrants(world, [order()], by);
  t.match(await searchOrganisations(world, question), { documentRevision: 1, allowed: true, organisations: [{ orgnr: SANDVIK }] });
});

t.test('a bundle that gives anything but a whole answer is evaluation-failed, never an empty list', async (t) => {
  const world = await openWorld(t);
  await giveGrants(world, [order()], by);
  const whole = { allowed: true, reasons: [], organisations: [] };
  const broken: Record<string, unknown> = {
    undefined: undefined,
    null: null,
    'a truth value': true,
    'a list': [],
    'an empty object': {},
    'allowed as text': { ...whole, allowed: 'true' },
    'no organisations': { ...whole, organisations: undefined },
    'organisations as object': { ...whole, organisations: {} },
    'an organisation as number': { ...whole, organisations: [910000000] },
    'no reasons': { ...whole, reasons: undefined },
    'a reason as number': { ...whole, reasons: [1] },
    'refused, yet with organisations': { allowed: false, reasons: [], organisations: [SANDVIK] },
    'an organisation not among the grants': { ...whole, organisations: [konsumenter[1]] },
    'one among the grants and one not': { ...whole, organisations: [SANDVIK, TILBYDER] },
  };
  const fake = (evaluate: Bundle['evaluate']): Bundle => ({ revision: 'fake', entrypoints: [], evaluate });
  for (const [name, value] of Object.entries(broken)) {
    world.bundle = fake(async () => value);
    await t.rejects(searchOrganisations(world, question), { name: 'ProblemError', slug: 'evaluation-failed' }, name);
  }
  world.bundle = fake(async () => {
    throw new ProblemError('evaluation-failed');
  });
  await t.rejects(searchOrganisations(world, question), { name: 'ProblemError', slug: 'evaluation-failed' }, 'a bundle that fails');
  world.bundle = fake(async () => whole);
  t.same((await searchOrganisations(world, question)).organisations, [], 'a whole answer may well be empty');
});
