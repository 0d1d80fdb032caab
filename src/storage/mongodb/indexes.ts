import type { CreateIndexesOptions, IndexSpecification } from 'mongodb';
import { type Database, HOMES } from './database.js';

interface Wanted {
  readonly keys: Readonly<Record<string, 1 | -1>>;
  readonly options: Pick<CreateIndexesOptions, 'unique' | 'sparse' | 'expireAfterSeconds'>;
}

/** The server removes so much later what no node has removed: its clock is not that of the nodes. */
const EXPIRED_SECONDS = 3600;

const DOCUMENTS: readonly Wanted[] = [
  { keys: { i: 1 }, options: { sparse: true } },
  { keys: { x: 1 }, options: { expireAfterSeconds: EXPIRED_SECONDS } },
  { keys: { 'o.a': 1 }, options: { sparse: true } },
];
const WANTED: Readonly<Record<'documents' | 'registry' | 'events', readonly Wanted[]>> = {
  documents: DOCUMENTS,
  registry: [...DOCUMENTS, { keys: { u: 1 }, options: { unique: true, sparse: true } }],
  events: [
    { keys: { d: 1, r: 1 }, options: { unique: true } },
    { keys: { p: 1, _id: 1 }, options: {} },
  ],
};

/** The server answers only once it has read the whole collection. */
const UNBOUNDED: object = { socketTimeoutMS: 0 };

/** Makes the indexes that are missing; none is ever dropped. */
export async function ensureIndexes(database: Database): Promise<void> {
  for (const { collection, wanted } of listed(database)) {
    for (const { keys, options } of wanted) await collection.createIndex(keys as IndexSpecification, { ...options, ...UNBOUNDED });
  }
}

/** What is wrong with an index, and how to mend it: a sentence each. */
export interface IndexFault {
  readonly kind: 'missing' | 'differing' | 'foreign';
  readonly found: string;
  readonly remedy: string;
}

/** What is to be said of the indexes: those that are missing, or made otherwise, or not ours. */
export async function indexFaults(database: Database): Promise<readonly IndexFault[]> {
  const faults: IndexFault[] = [];
  for (const { name, collection, wanted } of listed(database)) {
    const there = new Map((await collection.indexes()).map((index) => [JSON.stringify(index.key), index]));
    there.delete('{"_id":1}');
    for (const { keys, options } of wanted) {
      const found = there.get(JSON.stringify(keys));
      there.delete(JSON.stringify(keys));
      if (found === undefined) faults.push(missing(name, keys));
      else if (
        (['unique', 'sparse', 'expireAfterSeconds'] as const).some((option) => (found[option] || false) !== (options[option] || false))
      ) {
        faults.push(differing(name, found.name));
      }
    }
    for (const found of there.values()) faults.push(foreign(name, found.name));
  }
  return faults;
}

function missing(collection: string, keys: Wanted['keys']): IndexFault {
  const found = `The collection ${collection} lacks the index ${JSON.stringify(keys)}.`;
  return { kind: 'missing', found, remedy: 'Start a gateway: it makes the index before it answers.' };
}

function differing(collection: string, name = ''): IndexFault {
  const found = `The index ${name} of the collection ${collection} was made with other options.`;
  return {
    kind: 'differing',
    found,
    remedy: `Drop it (db.${collection}.dropIndex('${name}')); the next start of a gateway makes it anew.`,
  };
}

function foreign(collection: string, name = ''): IndexFault {
  const found = `The index ${name} of the collection ${collection} is none of ours.`;
  const remedy = `Drop it if nobody needs it (db.${collection}.dropIndex('${name}')): every change pays for it.`;
  return { kind: 'foreign', found, remedy };
}

function listed({ homes, events }: Database) {
  const collections = [...HOMES.map((name) => [name, homes[name]] as const), ['events', events] as const];
  return collections.map(([name, collection]) => ({ name, collection, wanted: WANTED[name] }));
}
