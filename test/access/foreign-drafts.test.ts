import t from 'tap';
import {
  type AccessParts,
  exportGrants,
  giveGrant,
  importForOrganisation,
  listEndingGrants,
  listEvents,
  listGrants,
  listHoldersAt,
  listOffers,
  listOwnOrganisations,
  lookUpPerson,
  lookUpPersonAt,
  type OfferFilter,
  registerApplication,
  searchOrganisations,
  setActivation,
} from '#access';
import { type AppId, type Application, toInstant } from '#domain';
import { ADA, APP, counted, machineOf, NOON, openWorld, operator, SANDVIK, type Taken, TILBYDER, tilbyder, type World } from './world.js';

const sandvik = machineOf(SANDVIK);
const range = { limit: 50 };
const idOf = (i: number): AppId => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000` as AppId;

function application(id: AppId, state: Application['state']): Application {
  return { id, tilbyder: TILBYDER, name: { nb: 'B' }, description: { nb: '' }, url: 'https://b.example', state, roles: ['use'] };
}

async function everyOf(found: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of found) count += 1;
  return count;
}

async function* linesOf(person: string) {
  yield { line: 2, fields: { app: APP, brukerIdent: person, roles: 'use' } };
}

const offersOf = (filter: OfferFilter) => (parts: AccessParts) => listOffers(parts, sandvik, SANDVIK, { filter }, range);
const adaOf = ({ vault }: AccessParts) => ({ orgnr: SANDVIK, brukerId: vault.nameOf(ADA) });
const place = { orgnr: SANDVIK, appId: APP };

const QUESTIONS: Readonly<Record<string, (parts: AccessParts) => Promise<unknown>>> = {
  'a person': (parts) => lookUpPerson(parts, sandvik, adaOf(parts)),
  'a person at a past moment': (parts) => lookUpPersonAt(parts, sandvik, adaOf(parts), toInstant(NOON + 60_000)),
  'the offers': offersOf('all'),
  'what is switched on': offersOf('activated'),
  'what could be': offersOf('offered'),
  'the grants': (parts) => listGrants(parts, sandvik, place, range),
  'the grants that end': (parts) => listEndingGrants(parts, sandvik, SANDVIK, toInstant(NOON + 9e9), range),
  'the grants of a past moment': (parts) => listHoldersAt(parts, sandvik, place, toInstant(NOON + 60_000), range),
  'the history': (parts) => listEvents(parts, sandvik, SANDVIK, {}, { limit: 3 }),
  'the history of a person': (parts) => listEvents(parts, sandvik, SANDVIK, { brukerId: parts.vault.nameOf(ADA) }, { limit: 3 }),
  'an import': (parts) =>
    importForOrganisation(parts, sandvik, SANDVIK, () => linesOf(ADA), { mode: 'replace', dryRun: true, allOrNothing: false }),
  'an export': async (parts) => everyOf(await exportGrants(parts, sandvik, { orgnr: SANDVIK })),
  'the own organisations': (parts) => listOwnOrganisations(parts, sandvik),
  'a decision': (parts) => searchOrganisations(parts, { caller: tilbyder, appId: APP, person: ADA }),
};

async function costsOf(world: World): Promise<Record<string, Taken>> {
  const costs: Record<string, Taken> = {};
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    const { parts, taken } = counted(world);
    await ask(parts);
    costs[name] = taken();
  }
  return costs;
}

t.test('three hundred drafts and retired applications of others cost a konsument nothing (fault 4, threat 51)', async (t) => {
  const costs = [];
  for (const count of [0, 300]) {
    const world = await openWorld(t);
    await giveGrant(world, sandvik, { orgnr: SANDVIK, appId: APP }, ADA, { roles: ['use'], until: toInstant(NOON + 8e9) });
    world.now += 3_600_000;
    const states = ['draft', 'retired'] as const;
    await Promise.all(
      Array.from({ length: count }, (_, i) => registerApplication(world, operator, application(idOf(i), states[i % 2] ?? 'draft'))),
    );
    costs.push(await costsOf(world));
  }
  const [without = {}, among = {}] = costs;
  for (const [name, cost] of Object.entries(without)) {
    t.ok((cost['reads'] ?? 0) > 0, `${name}: reads are counted`);
    t.same(among[name], cost, name);
  }
});

t.test('offers are what is active and what is on, each once, in the order of the App-IDs, on pages of any length', async (t) => {
  const world = await openWorld(t);
  await Promise.all(Array.from({ length: 20 }, (_, i) => registerApplication(world, operator, application(idOf(i), 'active'))));
  for (const i of [3, 4, 5, 6]) await setActivation(world, sandvik, { orgnr: SANDVIK, appId: idOf(i) }, { active: true }, 'any');
  await setActivation(world, sandvik, { orgnr: SANDVIK, appId: idOf(6) }, { active: false }, 'any');
  for (const i of [5, 6, 7]) await registerApplication(world, operator, application(idOf(i), 'retired'));
  await registerApplication(world, operator, application(idOf(30), 'draft'));
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => idOf(from + i));
  const expected: Record<OfferFilter, AppId[]> = {
    all: [...range(0, 6), ...range(8, 20), APP],
    activated: [...range(3, 6), APP],
    offered: [...range(0, 3), ...range(8, 20)],
  };
  for (const [filter, ids] of Object.entries(expected) as [OfferFilter, AppId[]][]) {
    for (const limit of [1, 2, 5, 18, 19, 50]) {
      const seen: AppId[] = [];
      let cursor: string | undefined;
      do {
        const page = await listOffers(world, sandvik, SANDVIK, { filter }, cursor === undefined ? { limit } : { limit, cursor });
        seen.push(...page.items.map(({ application: { id } }) => id));
        cursor = page.next;
      } while (cursor !== undefined);
      t.same(seen, ids, `${filter}, ${limit} at a time`);
    }
  }
  for (const cursor of ['', 'x', Buffer.from('not an id').toString('base64url')])
    await t.rejects(listOffers(world, sandvik, SANDVIK, { filter: 'all' }, { limit: 5, cursor }), {
      name: 'ProblemError',
      slug: 'invalid-request',
    });
});
