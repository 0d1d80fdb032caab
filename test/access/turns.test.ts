// Takes about 10 s.
import t from 'tap';
import {
  exportGrants,
  giveGrants,
  type ImportRow,
  importForOrganisation,
  listEvents,
  listGrants,
  lookUpPersonAt,
  operatorRequest,
} from '#access';
import { syntheticPersonNumber } from '#demo';
import { type Instant, toInstant } from '#domain';
import { type Held, watchLoop } from '../fixtures/loop-watch.js';
import { ADA, APP, konsumenter, machineOf, openWorld, operator, order, persons, SANDVIK, seeded } from './world.js';

const CHANGES = 400;
const world = await openWorld(t);
await giveGrants(
  world,
  operator,
  konsumenter.map((konsument) => order({ konsument })),
);
const early = toInstant(world.now);
for (let i = 0; i < CHANGES; i += 1) {
  world.now += 1000;
  await giveGrants(world, operator, [order({ roles: i % 2 === 0 ? ['use', 'admin'] : ['use'] })]);
}
await giveGrants(
  world,
  operator,
  persons.slice(1, 200).flatMap((person) => konsumenter.slice(0, 40).map((konsument) => order({ person, konsument }))),
);
const brukerId = world.vault.nameOf(ADA);
const own = machineOf(SANDVIK);

/** The best of three tries: the machine may hold the process too. */
async function longestTurn(work: () => Promise<unknown>): Promise<Held> {
  const tries = [await watchLoop(work), await watchLoop(work), await watchLoop(work)];
  return tries.reduce((best, one) => (one.longestCpuMs < best.longestCpuMs ? one : best));
}

const asked: Readonly<Record<string, () => Promise<unknown>>> = {
  'the events of a grant with a long history, of which none fits': () =>
    listEvents(world, own, SANDVIK, { brukerId, action: 'nothing' }, { limit: 100 }),
  'a page of 500 of them': () => listEvents(world, own, SANDVIK, { brukerId }, { limit: 500 }),
  'what the person had before all of that': () => lookUpPersonAt(world, own, { orgnr: SANDVIK, brukerId }, early as Instant),
  'a list of documents that hold very many grants': () => listGrants(world, own, { orgnr: SANDVIK, appId: APP }, { limit: 500 }),
  'an export of them': async () => {
    for await (const _ of await exportGrants(world, operatorRequest(), { orgnr: SANDVIK }));
  },
};
for (const [what, work] of Object.entries(asked))
  t.test(`${what}: asked for, it lets others have their turn (fault 2)`, async (t) => {
    const { longestCpuMs, totalCpuMs } = await longestTurn(work);
    const told = `${longestCpuMs.toFixed(1)} ms of ${totalCpuMs.toFixed(1)} of the processor`;
    t.comment(told);
    t.ok(longestCpuMs < Math.max(30, totalCpuMs / 4), told);
  });

t.test('an import writes few of its lines in one turn (fault 2)', async (t) => {
  const LINES = 2500;
  let tries = 0;
  const { longestCpuMs, totalCpuMs } = await longestTurn(() => {
    tries += 1;
    const random = seeded(tries);
    const people = Array.from({ length: LINES }, () => syntheticPersonNumber(random));
    async function* rows(): AsyncGenerator<ImportRow> {
      for (const [i, brukerIdent] of people.entries()) {
        // An import that takes a minute or longer, as on a slow server, has to see it pass: a database takes what expires away by its own clock.
        world.now = Date.now();
        yield { line: i + 1, fields: { app: APP, brukerIdent } };
      }
    }
    world.now = Date.now();
    const options = { mode: 'add', dryRun: false, allOrNothing: false, idempotencyKey: `try ${tries}` } as const;
    return importForOrganisation(world, own, SANDVIK, rows, options);
  });
  const lines = (longestCpuMs / totalCpuMs) * LINES;
  t.comment(`${longestCpuMs.toFixed(1)} ms of ${totalCpuMs.toFixed(1)}: as much as ${lines.toFixed(0)} lines cost`);
  t.ok(lines < 80, `${longestCpuMs.toFixed(1)} ms of ${totalCpuMs.toFixed(1)}: as much as ${lines.toFixed(0)} lines cost`);
});
