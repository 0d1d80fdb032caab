import t from 'tap';
import {
  type AccessParts,
  type AdminRequest,
  changeGrant,
  giveGrant,
  giveGrants,
  listEvents,
  listHoldersAt,
  lookUpPerson,
  lookUpPersonAt,
  type PageOf,
  readGrant,
  registerApplication,
  removePerson,
  setActivation,
  withdrawGrant,
} from '#access';
import { type AppId, type PersonNumber, toInstant } from '#domain';
import {
  APP,
  counted,
  konsumenter,
  LUNDBY,
  machineOf,
  NOON,
  openWorld,
  operator,
  order,
  persons,
  SANDVIK,
  TILBYDER,
  type World,
} from './world.js';

const [ADA, BO, KNOWN, KNOWN_TOO] = persons as [PersonNumber, PersonNumber, PersonNumber, PersonNumber];
const OTHERS = konsumenter.filter((orgnr) => orgnr !== SANDVIK);
const sandvik = machineOf(SANDVIK);
const range = { limit: 50 };

const SECOND = '7c0d6c1e-0000-4000-8000-000000000002' as AppId;

/** Ada and Known have much elsewhere, of which a part is withdrawn; Bo and Known-too have nothing there. Sandvik has given to the two that it knows. */
async function openCrowd(test: Parameters<typeof openWorld>[0]): Promise<World> {
  const world = await openWorld(test);
  const described = { tilbyder: TILBYDER, description: { nb: '' }, url: 'https://b.example', state: 'active', roles: ['use'] } as const;
  await registerApplication(world, operator, { ...described, id: SECOND, name: { nb: 'B' } });
  await setActivation(world, operator, { orgnr: SANDVIK, appId: SECOND }, { active: true }, 'any');
  for (const person of [KNOWN, KNOWN_TOO]) await giveGrant(world, sandvik, { orgnr: SANDVIK, appId: APP }, person, { roles: ['use'] });
  for (const person of [ADA, KNOWN])
    await giveGrants(
      world,
      operator,
      OTHERS.flatMap((konsument) => [order({ person, konsument }), order({ person, konsument, appId: SECOND })]),
    );
  for (const person of [ADA, KNOWN]) {
    const brukerId = world.vault.nameOf(person);
    for (const orgnr of OTHERS.slice(0, 20)) {
      await lookUpPerson(world, machineOf(orgnr), { orgnr, brukerId });
      await withdrawGrant(world, machineOf(orgnr), { orgnr, appId: APP, brukerId }, 'any', undefined);
    }
  }
  world.now += 3_600_000;
  return world;
}

type Question = (parts: AccessParts, person: PersonNumber) => Promise<unknown>;
const brukerOf = ({ vault }: AccessParts, person: PersonNumber) => ({ orgnr: SANDVIK, brukerId: vault.nameOf(person) });
const eventsOf =
  (more: { readonly appId?: AppId } = {}): Question =>
  (parts, person) =>
    listEvents(parts, sandvik, SANDVIK, { brukerId: parts.vault.nameOf(person), ...more }, range);
const told = (asked: Promise<unknown>) => asked.catch((error: { slug?: string }) => error.slug);

/** What is asked about a person; the answer to somebody unknown is no fault, or the same fault. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  'the person, all of it': (parts, person) => lookUpPerson(parts, sandvik, brukerOf(parts, person)),
  'the person at a past moment': (parts, person) =>
    lookUpPersonAt(parts, sandvik, { orgnr: SANDVIK, brukerId: parts.vault.nameOf(person) }, toInstant(NOON + 60_000)),
  'the grant in one application': (parts, person) => told(readGrant(parts, sandvik, { ...brukerOf(parts, person), appId: APP })),
  'the grant in another application': (parts, person) => told(readGrant(parts, sandvik, { ...brukerOf(parts, person), appId: SECOND })),
  'the events of the person': eventsOf(),
  'the events of the person in one application': eventsOf({ appId: APP }),
  'the events of the person in another application': eventsOf({ appId: SECOND }),
};

t.test('what others have given to a person is neither read nor judged by any question of a konsument (threat 48)', async (t) => {
  const world = await openCrowd(t);
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    const { parts, taken } = counted(world);
    const costs = [];
    const answers = [];
    for (const person of [ADA, BO, KNOWN, KNOWN_TOO]) {
      answers.push(await ask(parts, person));
      costs.push(taken());
    }
    const [ada, bo, known, knownToo] = costs;
    t.same(ada, bo, `${name}: of somebody unknown here`);
    t.same(known, knownToo, `${name}: of somebody known here`);
    t.same(shapeOf(answers[0]), shapeOf(answers[1]), `${name}: and the answers are alike`);
    t.notOk(JSON.stringify(answers).includes(LUNDBY), `${name}: nothing of others is answered`);
  }
});

t.test('nothing to change looks alike too: withdrawing, changing and removing what is not there (threat 48)', async (t) => {
  const world = await openCrowd(t);
  const attempts: Readonly<Record<string, Question>> = {
    withdrawing: (parts, person) => withdrawGrant(parts, sandvik, { ...brukerOf(parts, person), appId: APP }, 'any', undefined),
    changing: (parts, person) =>
      told(changeGrant(parts, sandvik, { ...brukerOf(parts, person), appId: APP }, 'any', () => ({ roles: ['admin'] }))),
    removing: (parts, person) => removePerson(parts, sandvik, brukerOf(parts, person), 'any', undefined),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    const { parts, taken } = counted(world);
    const costs = [];
    for (const person of [ADA, BO]) {
      const answer = await attempt(parts, person);
      costs.push([answer, taken()]);
    }
    t.same(costs[0], costs[1], name);
  }
});

t.test('a list at a past moment reads of each person what is the konsument’s own', async (t) => {
  const world = await openCrowd(t);
  const { parts, taken } = counted(world);
  const holders = async (request: AdminRequest, orgnr: typeof SANDVIK): Promise<PageOf<{ readonly person: PersonNumber }>> =>
    listHoldersAt(parts, request, { orgnr, appId: APP }, toInstant(NOON + 60_000), range);
  t.same((await holders(sandvik, SANDVIK)).items.map(({ person }) => person).sort(), [KNOWN, KNOWN_TOO].sort());
  const cost = taken();
  t.equal(cost['events that concern'], 2, 'one change of each of the two');
  t.equal(cost['asked tilgang/held/roles'], 1, 'one question for the page');
});

/** An answer without who is in it. */
function shapeOf(answer: unknown): string {
  return JSON.stringify(answer)
    .replaceAll(/[A-Za-z0-9_-]{43}/g, 'brukerId')
    .replaceAll(/\d{11,16}/g, 'number');
}
