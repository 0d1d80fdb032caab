import { type Collection, type CreateIndexesOptions, type IndexDescriptionInfo, type IndexSpecification, MongoServerError } from 'mongodb';
import { ProblemError } from '#problem';
import { connect, type Database, HOMES } from './database.js';

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

/**
 * Makes the indexes that are missing; none is ever dropped. @param uri of the database
 * @throws ProblemError `store-unavailable` if one was made otherwise: what is unique would not be, or other texts would count as the same
 */
export async function ensureIndexes(database: Database, uri: string): Promise<void> {
  const faults = await indexFaults(database);
  const differing = faults.find(({ kind }) => kind === 'differing');
  if (differing !== undefined) throw new ProblemError('store-unavailable', { detail: `${differing.found} ${differing.remedy}` });
  if (!faults.some(({ kind }) => kind === 'missing')) return;
  const patient = await connect(uri, true);
  try {
    for (const { collection, wanted } of listed(patient)) {
      for (const { keys, options } of wanted) await collection.createIndex(keys as IndexSpecification, options);
    }
  } finally {
    await patient.client.close();
  }
}

const NAMESPACE_NOT_FOUND = 26;

async function indexesOf(collection: Pick<Collection, 'indexes'>) {
  try {
    return await collection.indexes();
  } catch (error) {
    // A collection is made with the first that is written.
    if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
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
    const there = new Map((await indexesOf(collection)).map((index) => [JSON.stringify(index.key), index]));
    if (there.get(ID_KEYS)?.collation !== undefined) faults.push(collated(name));
    there.delete(ID_KEYS);
    for (const { keys, options } of wanted) {
      const found = there.get(JSON.stringify(keys));
      there.delete(JSON.stringify(keys));
      if (found === undefined) faults.push(missing(name, keys));
      else if (isOtherwise(found, options)) faults.push(differing(name, found.name));
    }
    for (const found of there.values()) faults.push(foreign(name, found.name));
  }
  return faults;
}

/** The index that every collection has. */
const ID_KEYS = '{"_id":1}';

/** A collation takes texts that differ for the same; of what a filter leaves out nothing is unique. */
function isOtherwise(found: IndexDescriptionInfo, options: Wanted['options']): boolean {
  if (found.collation !== undefined || found.partialFilterExpression !== undefined) return true;
  return (['unique', 'sparse', 'expireAfterSeconds'] as const).some((option) => (found[option] || false) !== (options[option] || false));
}

function collated(collection: string): IndexFault {
  const found = `The collection ${collection} was made with a collation, by which keys that differ may count as the same.`;
  return {
    kind: 'differing',
    found,
    remedy: 'Copy the store into a new database (`tilgang store copy`), and let a gateway make the collections.',
  };
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
    remedy: `Stop the gateways and drop it (db.${collection}.dropIndex('${name}')); the next start of one makes it anew.`,
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
