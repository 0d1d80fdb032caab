// Takes about 5 s.
import t from 'tap';
import { exportGrants, giveGrants, type ImportFault, type ImportReport, type ImportRow, importGrants } from '#access';
import { Fault } from '#domain';
import { ADA, APP, konsumenter, openWorld, operator, order, persons, SANDVIK, type World } from './world.js';

type Fields = Record<string, unknown>;
const row = (line: number, change: Fields = {}): ImportRow => ({
  line,
  fields: { app: APP, brukerIdent: ADA, orgnr: SANDVIK, ...change },
});
const exported = async (world: World): Promise<number> => {
  let count = 0;
  for await (const _ of await exportGrants(world, operator, { orgnr: 'all' })) count += 1;
  return count;
};

t.test('seven thousand rows cross the batches whole, and running them again changes nothing', async (t) => {
  const world = await openWorld(t);
  // More than three batches, and in each of them something for each person.
  const count = 7000;
  const rows = Array.from({ length: count }, (_, i) =>
    row(i + 1, { brukerIdent: persons[i % 70], orgnr: konsumenter[Math.floor(i / 70)] }),
  );
  const written: ImportReport[] = [];
  const all = { lines: count, changed: 0, faulty: 0, refused: 0, stopped: false };
  t.same(await importGrants(world, operator, rows, { onWritten: (report) => void written.push(report) }), {
    ...all,
    given: count,
    unchanged: 0,
  });
  t.ok(written.length >= 3, `${written.length} batches`);
  t.same(
    written.map(({ given, lines }) => given === lines),
    written.map(() => true),
    'what is told as written is what was read up to there',
  );
  t.equal(await exported(world), count);
  const before = (await world.eventsOf(ADA)).length;
  t.same(await importGrants(world, operator, rows), { ...all, given: 0, unchanged: count });
  t.equal((await world.eventsOf(ADA)).length, before);
});

t.test('a row that is there twice in one file counts once, and of two that differ the later one stays', async (t) => {
  const world = await openWorld(t);
  const report = await importGrants(world, operator, [row(1), row(2), row(3, { roles: 'admin use' })]);
  t.match(report, { lines: 3, given: 1, unchanged: 1, changed: 1, faulty: 0 });
  const grants = [];
  for await (const grant of await exportGrants(world, operator, { orgnr: 'all' })) grants.push(grant);
  t.same(grants, [{ app: APP, brukerIdent: ADA, kommune: '1001', orgnr: SANDVIK, roles: ['admin', 'use'] }]);
});

t.test('every faulty field is named by its line, without its value, and the other rows are written', async (t) => {
  const world = await openWorld(t);
  const secret = '01819000048';
  const faulty: [string | undefined, Fields | Fault][] = [
    ['app', { app: secret }],
    ['app', { app: '7c0d6c1e-0000-4000-8000-0181900004aa' }],
    ['app', { app: undefined }],
    ['brukerIdent', { brukerIdent: secret }],
    ['brukerIdent', { brukerIdent: 1819000048 }],
    ['brukerIdent', { brukerIdent: '' }],
    ['orgnr', { orgnr: '181900004' }],
    ['orgnr', { orgnr: '974760673' }],
    ['kommune', { kommune: '01819' }],
    ['kommune', { kommune: '9999', orgnr: undefined }],
    ['kommune', { orgnr: undefined }],
    ['orgnr', { kommune: '1002' }],
    ['roles', { roles: `X${secret}` }],
    ['roles', { roles: 'unheard' }],
    ['roles', { roles: [5] }],
    ['roles', { roles: 5 }],
    ['from', { from: secret }],
    ['until', { until: '2026-02-30' }],
    ['until', { from: '2026-05-02', until: '2026-05-01' }],
    ['colour', { colour: secret }],
    ['a field', { [secret]: 'x' }],
    [undefined, new Fault('cannot be read')],
  ];
  const rows = faulty.map(([, fields], i): ImportRow => (fields instanceof Fault ? { line: i + 1, fields } : row(i + 1, fields)));
  const told: ImportFault[] = [];
  const report = await importGrants(world, operator, [...rows, row(99)], { onFault: (fault) => told.push(fault) });
  t.same(
    told.map(({ line, field }) => [line, field]),
    faulty.map(([field], i) => [i + 1, field]),
  );
  t.notMatch(JSON.stringify(told), /1819|9747|unheard|9999|02-30|2026/);
  t.match(report, { lines: faulty.length + 1, given: 1, faulty: faulty.length, refused: 1, stopped: false });
  t.equal(await exported(world), 1);
});

t.test('asked to stop at a fault, it ends at the first faulty line, and the lines before it are written', async (t) => {
  const world = await openWorld(t);
  const rows = [row(1), row(2, { orgnr: konsumenter[1] }), row(3, { app: 'x' }), row(4, { orgnr: konsumenter[2] })];
  t.match(await importGrants(world, operator, rows, { stopAtFault: true }), { lines: 3, given: 2, faulty: 1, stopped: true });
  const told: number[] = [];
  const refused = [
    row(1, { orgnr: konsumenter[3] }),
    row(2, { roles: 'unheard' }),
    row(3, { orgnr: konsumenter[4] }),
    row(4, { app: 'x' }),
  ];
  const options = { stopAtFault: true, onFault: ({ line }: ImportFault) => told.push(line) };
  t.match(await importGrants(world, operator, refused, options), { lines: 2, given: 1, faulty: 1, stopped: true });
  t.same(told, [2], 'also if it is the policy that refuses the line, found out later');
  t.equal(await exported(world), 3);
});

t.test('a dry run tells what would happen and writes nothing', async (t) => {
  const world = await openWorld(t);
  await giveGrants(world, operator, [order()]);
  const { next: _, ...before } = await world.store.events.after(undefined, 1000);
  const rows = [row(1), row(2, { orgnr: konsumenter[1] }), row(3, { orgnr: konsumenter[1], roles: 'admin' })];
  t.match(await importGrants(world, operator, rows, { dryRun: true }), { lines: 3, given: 1, changed: 1, unchanged: 1, faulty: 0 });
  const { next: __, ...after } = await world.store.events.after(undefined, 1000);
  t.same(after, before);
  t.equal(await exported(world), 1);
});
