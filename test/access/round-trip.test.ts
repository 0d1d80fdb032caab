import t from 'tap';
import { exportGrants, type GrantOrder, giveGrants, importGrants } from '#access';
import { isFault, parsePeriodEnd, parsePeriodStart } from '#domain';
import { type RowFormat, readRows, rowWriter } from '#files';
import { APP, konsumenter, openWorld, operator, persons, type Random, seeded, type World } from './world.js';

const COLUMNS = ['app', 'brukerIdent', 'kommune', 'orgnr', 'roles', 'from', 'until', 'reason'];
/** What CSV, spreadsheets and JSON stumble over. */
const PIECES = ['=', '+', '-', '@', "'", '"', ',', ';', '\t', '\n', '\r\n', ' ', 'æ', 'Å', '＝', '\u2028', '💡', 'a', '1', '\\', '|', '{'];

const pick = <T>(from: readonly T[], random: Random): T => from[Math.floor(random() * from.length)] as T;

function moment(random: Random, parse: typeof parsePeriodStart) {
  const day = String(1 + Math.floor(random() * 28)).padStart(2, '0');
  const year = 2000 + Math.floor(random() * 90);
  const parsed = parse(random() < 0.5 ? `${year}-02-${day}` : `${year}-07-${day}T0${Math.floor(random() * 10)}:30:00.5+02:00`);
  if (isFault(parsed)) throw new TypeError(parsed.detail);
  return parsed;
}

/** A hundred grants that differ in all that a grant may say. */
function someGrants(random: Random): GrantOrder[] {
  return Array.from({ length: 100 }, (): GrantOrder => {
    const reason = Array.from({ length: Math.floor(random() * 12) }, () => pick(PIECES, random))
      .join('')
      .trim();
    const from = random() < 0.5 ? undefined : moment(random, parsePeriodStart);
    const until = random() < 0.5 ? undefined : moment(random, parsePeriodEnd);
    return {
      appId: APP,
      person: pick(persons, random),
      konsument: pick(konsumenter, random),
      roles: pick([['use'], ['admin'], ['admin', 'use']], random),
      ...(from === undefined ? {} : { from }),
      ...(until === undefined || (from !== undefined && until <= from) ? {} : { until }),
      ...(reason === '' ? {} : { reason }),
    };
  });
}

async function exported(world: World): Promise<object[]> {
  const grants: object[] = [];
  for await (const grant of await exportGrants(world, operator, { orgnr: 'all' })) grants.push(grant);
  return grants;
}

/** The file that export writes. */
function fileOf(grants: readonly object[], format: RowFormat): Buffer {
  const writer = rowWriter(format, COLUMNS);
  return Buffer.from(writer.head + grants.map((grant) => writer.line({ ...grant })).join(''));
}

async function* inPieces(file: Buffer, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < file.length; at += bytes) yield file.subarray(at, at + bytes);
}

for (const format of ['csv', 'jsonl'] as const)
  t.test(`whatever grants there are, importing their export as ${format} gives them and nothing else`, async (t) => {
    for (const seed of [1, 2, 3, 4]) {
      const random = seeded(seed);
      const world = await openWorld(t);
      await giveGrants(world, operator, someGrants(random));
      const before = await exported(world);
      const file = fileOf(before, format);
      const rows = () => readRows(inPieces(file, 1 + Math.floor(random() * 200)), format);
      const same = { lines: before.length, given: 0, changed: 0, unchanged: before.length, faulty: 0, refused: 0, stopped: false };
      t.same(await importGrants(world, operator, rows()), same, `seed ${seed}: where they are already`);

      const empty = await openWorld(t);
      t.match(await importGrants(empty, operator, rows()), { given: before.length, faulty: 0 }, `seed ${seed}: where there is none`);
      const keyOf = (grant: object): string => JSON.stringify(grant);
      t.same((await exported(empty)).map(keyOf).sort(), before.map(keyOf).sort());
    }
  });
