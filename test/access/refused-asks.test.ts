import t from 'tap';
import { type AccessCaller, type AccessParts, giveGrants, searchOrganisations } from '#access';
import type { Orgnr, PersonNumber } from '#domain';
import { APP, konsumenter, openWorld, operator, order, orgnrs, persons, TILBYDER, tilbyder, type World } from './world.js';

const [ADA, BO] = persons as [PersonNumber, PersonNumber];

/** The parts, and a count of what is named, read of the store and asked of the policy through them. */
function counted({ store, judge, vault, clock }: World): { readonly parts: AccessParts; taken(): Record<string, number> } {
  let seen: Record<string, number> = {};
  const count = (what: string): void => {
    seen[what] = (seen[what] ?? 0) + 1;
  };
  const parts: AccessParts = {
    clock,
    vault: {
      ...vault,
      nameOf(person) {
        count('named');
        return vault.nameOf(person);
      },
    },
    judge: {
      revision: judge.revision,
      ask(rule, input, isWhole) {
        count(`asked ${rule.entrypoint}`);
        return judge.ask(rule, input, isWhole);
      },
    },
    store: {
      collection: (entity) => store.collection(entity),
      events: store.events,
      recall: (collection, key) => store.recall(collection, key),
      check: () => store.check(),
      close: () => store.close(),
      read(refs) {
        for (const _ of refs) count('read');
        return store.read(refs);
      },
    },
  };
  return {
    parts,
    taken() {
      const taken = seen;
      seen = {};
      return taken;
    },
  };
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
      costs.push(taken());
    }
    t.same(costs, [{ 'asked tilgang/access/may_ask': 1 }, { 'asked tilgang/access/may_ask': 1 }], `${name}: one question, no person`);
  }
});

t.test('whoever may ask is judged once, the person each time', async (t) => {
  const world = await openWorld(t);
  const { parts, taken } = counted(world);
  const question = { caller: tilbyder, appId: APP, person: ADA };
  await searchOrganisations(parts, question);
  t.same(taken(), { 'asked tilgang/access/may_ask': 1, named: 1, read: 1, 'asked tilgang/access/search': 1 });
  await searchOrganisations(parts, question);
  t.same(taken(), { named: 1, read: 1, 'asked tilgang/access/search': 1 }, 'the yes to the caller is remembered');
});
