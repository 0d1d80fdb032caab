import { present } from '#domain';
import { ProblemError } from '#problem';
import { NOT_WHOLE } from '../copy/refused.js';
import type { Writing } from '../copy/whole-store.js';
import { partiesOf } from '../limits.js';
import type { Entity } from '../port.js';
import { type Database, isDuplicate } from './database.js';
import { writeEntries } from './entries.js';
import { derivedOf, documentId, EPOCH_ID, entriesOf, type Home, homeOf, keyOf, type Mark, pastPrefix, readEvent } from './layout.js';

const FORMAT_ID = 'format';
const FORMAT = 'tilgang-mongodb-2';
/** In place of the format while the store is written as a whole. */
const UNFINISHED: Readonly<Record<Writing, string>> = { copying: `${FORMAT} unfinished`, restoring: `${FORMAT} restoring` };
const PAGE = 500;

/** What is kept of an entity, for whichever versions of the program have declared it. */
interface Declaration extends Mark {
  readonly home: Home;
  /** Names of indexes, and what else is derived. */
  readonly made: readonly string[];
}
interface Format extends Mark {
  readonly format: string;
  /** When it was last tried whether there is room for changes. */
  readonly tried?: Date;
  /** See noteInStore. */
  readonly note?: string;
}

/** Marks a new database; one of another format is left as it is. @throws ProblemError `store-unavailable` */
export async function checkFormat(database: Database): Promise<void> {
  const { marks, epochs } = database;
  await marks.updateOne({ _id: FORMAT_ID }, { $setOnInsert: { format: FORMAT } as Partial<Format> }, { upsert: true });
  if (!(await isOurs(database))) throw unknownFormat();
  await epochs.updateOne({ _id: EPOCH_ID }, { $setOnInsert: { n: 0 } }, { upsert: true });
}

/** Whether a database holds a store of this format; nothing is written. @throws ProblemError `store-unavailable` if it holds one of another */
export async function isOurs({ marks }: Database): Promise<boolean> {
  const found = (await marks.findOne({ _id: FORMAT_ID })) as Format | null;
  if (writingOf(found) !== undefined) throw new ProblemError('store-unavailable', { detail: NOT_WHOLE });
  if (found !== null && found.format !== FORMAT) throw unknownFormat();
  return found !== null;
}

/** What the database is to who writes a store into it as a whole. @throws ProblemError `store-unavailable` if it holds one of another format */
export async function stateOf({ marks }: Database): Promise<'new' | Writing | 'whole'> {
  const found = (await marks.findOne({ _id: FORMAT_ID })) as Format | null;
  if (found === null) return 'new';
  const writing = writingOf(found);
  if (writing === undefined && found.format !== FORMAT) throw unknownFormat();
  return writing ?? 'whole';
}

function writingOf(found: Format | null): Writing | undefined {
  return found?.format === UNFINISHED.copying ? 'copying' : found?.format === UNFINISHED.restoring ? 'restoring' : undefined;
}

/** Says whether the store is whole, so that it can be opened. */
export async function markAs({ marks }: Database, state: Writing | 'whole'): Promise<void> {
  await marks.updateOne(
    { _id: FORMAT_ID },
    { $set: { format: state === 'whole' ? FORMAT : UNFINISHED[state] } as Partial<Format> },
    { upsert: true },
  );
}

function unknownFormat(): ProblemError {
  return new ProblemError('store-unavailable', { detail: 'the database has an unknown format' });
}

/** Reads what is known to be there. @throws ProblemError `store-unavailable` if it is not */
export async function checkReads({ marks }: Database): Promise<void> {
  if ((await marks.findOne({ _id: FORMAT_ID })) === null)
    throw new ProblemError('store-unavailable', { detail: 'the store does not answer' });
}

/** Where the documents are of the entities that any version has declared, by name. */
export async function declaredHomes({ marks }: Database): Promise<ReadonlyMap<string, Home>> {
  const found = (await marks.find({ _id: { $gte: markOf(''), $lt: pastPrefix(markOf('')) } }).toArray()) as Declaration[];
  return new Map(found.map(({ _id, home }) => [_id.slice(markOf('').length), home]));
}

/** Keeps where the documents of an entity are that only other versions declare; the first of those builds what it needs. */
export async function keepHome({ marks }: Database, name: string, home: Home): Promise<void> {
  await marks.updateOne({ _id: markOf(name) }, { $setOnInsert: { home, made: [] } as Partial<Declaration> }, { upsert: true });
}

/** Writes something small, which says nothing. @throws MongoError */
export async function tryWriting({ marks }: Database): Promise<void> {
  await marks.updateOne({ _id: FORMAT_ID }, { $set: { tried: new Date() } as object });
}

/** Notes something in the store, which says nothing to others. @returns whether there is a store */
export async function noteInStore({ marks }: Database, note: string): Promise<boolean> {
  const { matchedCount } = await marks.updateOne({ _id: FORMAT_ID }, { $set: { note } as object });
  return matchedCount === 1;
}

/** Whether that was noted last; it is struck out again. */
export async function hasNote({ marks }: Database, note: string): Promise<boolean> {
  const { matchedCount } = await marks.updateOne({ _id: FORMAT_ID, note } as object, { $unset: { note: true } } as object);
  return matchedCount === 1;
}

/** Builds what the entities declare and the database does not have yet; what the database has and they do not declare stays, and is not believed any more. */
export async function ensureDeclared(database: Database, entities: Iterable<Entity<unknown>>): Promise<void> {
  const all = [...entities];
  const found = (await database.marks.find({ _id: { $in: all.map(({ name }) => markOf(name)) } }).toArray()) as Declaration[];
  const kept = new Map(found.map((declaration) => [declaration._id, declaration]));
  for (const entity of all) await ensureOne(database, entity, kept.get(markOf(entity.name)));
}

async function ensureOne(database: Database, entity: Entity<unknown>, kept: Declaration | undefined): Promise<void> {
  const home = homeOf(entity);
  if (kept !== undefined && kept.home !== home) {
    const detail = `documents of ${entity.name} are in ${kept.home} and belong to ${home} now: copy the store into a new database`;
    throw new ProblemError('store-unavailable', { detail });
  }
  const wanted = madeFor(entity);
  const unkept = kept?.made.filter((name) => !wanted.includes(name)) ?? [];
  // From now on it is not right: the next version that keeps it makes it anew.
  if (unkept.length > 0) await database.marks.updateOne({ _id: markOf(entity.name) }, { $pullAll: { made: unkept } } as object);
  if (kept !== undefined && wanted.every((name) => kept.made.includes(name))) return;
  // A new entity may have been written by a version that kept no declaration of it: looked at in any case.
  await deriveAgain(database, entity, home);
  if (entity.concerns !== undefined && kept?.made.includes('concerns') !== true) await listConcerned(database, entity);
  const update = { $setOnInsert: { home }, $addToSet: { made: { $each: wanted } } };
  await database.marks.updateOne({ _id: markOf(entity.name) }, update as object, { upsert: true });
}

function madeFor({ indexes, concerns, expiresAt }: Entity<unknown>): readonly string[] {
  const names = Object.entries(indexes).map(([name, { unique }]) => `${unique === true ? 'unique' : 'index'} ${name}`);
  return [...names, ...(concerns === undefined ? [] : ['concerns']), ...(expiresAt === undefined ? [] : ['expires'])];
}

async function deriveAgain({ homes }: Database, entity: Entity<unknown>, home: Home): Promise<void> {
  const end = pastPrefix(documentId(entity.name, ''));
  for (let from = documentId(entity.name, ''); ; ) {
    const page = await homes[home].find({ _id: { $gt: from, $lt: end } }, { sort: { _id: 1 }, limit: PAGE, batchSize: PAGE + 1 }).toArray();
    for (const { _id, t, r, h, j } of page) {
      if (j === undefined) continue;
      const { i, u, x } = derivedOf(entity, keyOf(_id), JSON.parse(j));
      const set = Object.entries({ i, u, x }).filter(([, value]) => value !== undefined);
      try {
        await homes[home].updateOne({ _id, t }, { $set: Object.fromEntries(set) });
        await writeEntries(homes[home], entriesOf({ _id, t, r, h, i, ...present({ x }) }));
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        throw new ProblemError('store-unavailable', { detail: `documents of ${entity.name} break a unique index that is declared now` });
      }
    }
    const last = page.at(-1);
    if (last === undefined) return;
    from = last._id;
  }
}

/** Lists the events that were written before the entity told whom they concern. */
async function listConcerned({ events }: Database, entity: Entity<unknown>): Promise<void> {
  const range = { $gt: documentId(entity.name, ''), $lt: pastPrefix(documentId(entity.name, '')) };
  for await (const kept of events.find({ d: range }, { sort: { d: 1, r: 1 } })) {
    const { before, after } = readEvent('', kept);
    await events.updateOne({ _id: kept._id }, { $set: { p: [...partiesOf(entity, before, after)] } });
  }
}

function markOf(entity: string): string {
  return `entity ${entity}`;
}
