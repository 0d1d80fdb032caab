import { type Collection, type Db, MongoBulkWriteError, MongoClient, MongoError, MongoServerError } from 'mongodb';
import { present } from '#domain';
import { ProblemError } from '#problem';
import type { Home, KeptDocument, KeptEvent, Mark } from './layout.js';

/** The collections of a database. */
export interface Database {
  readonly client: MongoClient;
  readonly homes: { readonly [At in Home]: Collection<KeptDocument> };
  /**
   * The same for what each decision asks. They have no write concern: the driver (7.9) takes it out of the options of a `find` by `delete`, and the object is a slow
   * one from then on, which is a fifth of what a `find` costs.
   */
  readonly readers: Database['homes'];
  /** `documents` too: the registry epoch. */
  readonly epochs: Collection<Mark>;
  /** `registry` too: format and declarations. */
  readonly marks: Collection<Mark>;
  readonly events: Collection<KeptEvent>;
}

/** The homes, in the order of their names. */
export const HOMES: readonly Home[] = ['documents', 'registry'];

/**
 * Without an answer for so long a server counts as away, unless the connection string says otherwise: a primary is waited for through an election, and a
 * server that accepts and says nothing not for longer than callers wait. Where one is away it is looked for so often.
 */
const TIMEOUTS = {
  serverSelectionTimeoutMS: 5000,
  connectTimeoutMS: 3000,
  waitQueueTimeoutMS: 3000,
  socketTimeoutMS: 3000,
  heartbeatFrequencyMS: 5000,
} as const;

/** Those of which the connection string says nothing: the driver takes its own word last. */
function timeoutsBeside(uri: string, timeouts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const named = new Set([...new URLSearchParams(uri.split('?')[1]).keys()].map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(timeouts).filter(([name]) => !named.has(name.toLowerCase())));
}

/** Where a connection string leads, without name and password. @throws MongoParseError */
export function placeOf(uri: string): string {
  const { hosts, srvHost, dbName } = new MongoClient(uri).options;
  return `MongoDB at ${srvHost ?? hosts.join(',')}, database ${dbName}`;
}

/**
 * Connects. @param uri of the database, which its path names
 * @param isPatient for what may take hours on the server, such as an index over all there is
 * @throws MongoError; ProblemError `store-unavailable` for one member of a replica set
 */
export async function connect(uri: string, isPatient = false): Promise<Database> {
  const client = new MongoClient(uri, {
    appName: 'tilgang',
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority', journal: true },
    retryWrites: true,
    retryReads: true,
    ...timeoutsBeside(uri, TIMEOUTS),
    // Whatever the connection string says.
    ...present({ socketTimeoutMS: isPatient ? 0 : undefined }),
  });
  try {
    await client.connect();
    await refuseMember(client);
  } catch (error) {
    await client.close();
    throw error;
  }
  const database = client.db();
  const homesIn = (db: Db): Database['homes'] => ({ documents: db.collection('documents'), registry: db.collection('registry') });
  return {
    client,
    homes: homesIn(database),
    readers: homesIn(client.db(undefined, { writeConcern: undefined } as object)),
    epochs: database.collection<Mark>('documents'),
    marks: database.collection<Mark>('registry'),
    events: database.collection<KeptEvent>('events'),
  };
}

/**
 * A member that is spoken to directly is asked to answer whether it is the primary or not, whatever the read preference (the driver's rule): after an election it would
 * go on answering, by grants that are withdrawn.
 */
async function refuseMember(client: MongoClient): Promise<void> {
  if (client.options.directConnection !== true) return;
  const { setName } = await client.db('admin').command({ isMaster: 1 });
  if (setName === undefined) return;
  throw new ProblemError('store-unavailable', {
    detail: `the server is a member of the replica set ${setName}: leave directConnection out of the connection string, so that the primary is asked whichever member that is`,
  });
}

const DUPLICATE_KEY = 11000;
const NAMESPACE_NOT_FOUND = 26;
/** The server's numbers for: no space on its disk, and (MongoDB's own hosting) over the quota. */
const NO_ROOM: ReadonlySet<unknown> = new Set([14031, 8000]);

/** Whether writes were refused for nothing else than a value that is there already. */
export function isDuplicate(error: unknown): error is MongoServerError {
  if (!(error instanceof MongoBulkWriteError)) return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
  // What was written beside them may be lost again if a majority does not have it.
  if (error.result?.getWriteConcernError() !== undefined) return false;
  return errorsOf(error).length > 0 && errorsOf(error).every(({ code }) => code === DUPLICATE_KEY);
}

/** Whether there is no such collection. */
export function isMissing(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND;
}

/** Which of the writes that were ordered together was the first to be refused. */
export function indexOfFirst(error: MongoServerError): number {
  return error instanceof MongoBulkWriteError ? Math.min(...errorsOf(error).map(({ index }) => index)) : 0;
}

function errorsOf({ writeErrors }: MongoBulkWriteError) {
  return Array.isArray(writeErrors) ? writeErrors : [writeErrors];
}

/** What a caller is told of a read that failed. */
export function readFault(error: unknown): Error {
  if (error instanceof ProblemError || error instanceof TypeError) return error;
  return new ProblemError('store-unavailable', { detail: 'the store cannot be read', cause: error });
}

/** What a caller is told of a change that failed. */
export function writeFault(error: unknown): Error {
  if (error instanceof ProblemError) return error;
  if (error instanceof MongoError && NO_ROOM.has(error.code)) return new ProblemError('store-full', { cause: error });
  return new ProblemError('store-unavailable', { detail: 'the change may or may not have been written', cause: error });
}
