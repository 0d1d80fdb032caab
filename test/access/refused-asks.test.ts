import t from 'tap';
import { type AccessCaller, giveGrants, searchOrganisations } from '#access';
import type { Orgnr, PersonNumber } from '#domain';
import { APP, counted, konsumenter, openWorld, operator, order, orgnrs, persons, type Taken, TILBYDER, tilbyder } from './world.js';

const [ADA, BO] = persons as [PersonNumber, PersonNumber];

/** What is named, read of the store and asked of the policy. */
function costOf({ named = 0, 'read together': read = 0, evaluations = 0, ...rest }: Taken): object {
  return { named, read, asked: Object.keys(rest).filter((what) => what.startsWith('asked ')), evaluations };
}

t.test('a refused ask reads nothing of the person’s and names nobody, whatever the person has (threat 48)', async (t) => {
  const world = await openWorld(t);
  await giveGrants(
    world,
    operator,
    konsumenter.slice(0, 100).map((konsument) => order({ person: ADA, konsument })),
  );
  const refused: Record<string, AccessCaller> = {
    'another tilbyder': { kind: 'machine', consumer: orgnrs[1] as Orgnr, clientId: 'other', scopes: ['ks:fiks'] },
    'a client without the scope': { kind: 'machine', consumer: TILBYDER, clientId: 'client', scopes: [] },
    'a citizen': { kind: 'person', clientId: 'app', scopes: ['ks:fiks'] },
  };
  const { parts, taken } = counted(world);
  for (const [name, caller] of Object.entries(refused)) {
    const costs = [];
    for (const person of [ADA, BO]) {
      t.match(await searchOrganisations(parts, { caller, appId: APP, person }), { allowed: false, organisations: [] }, name);
      costs.push(costOf(taken()));
    }
    const one = { named: 0, read: 0, asked: ['asked tilgang/access/may_ask'], evaluations: 1 };
    t.same(costs, [one, one], `${name}: one question, no person`);
  }
});

t.test('whoever may ask is judged once, the person each time', async (t) => {
  const world = await openWorld(t);
  const { parts, taken } = counted(world);
  const question = { caller: tilbyder, appId: APP, person: ADA };
  await searchOrganisations(parts, question);
  const search = 'asked tilgang/access/search';
  t.same(costOf(taken()), { named: 1, read: 1, asked: ['asked tilgang/access/may_ask', search], evaluations: 2 });
  await searchOrganisations(parts, question);
  t.same(costOf(taken()), { named: 1, read: 1, asked: [search], evaluations: 1 }, 'the yes to the caller is remembered');
});
