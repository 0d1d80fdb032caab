import { MongoError, MongoParseError, MongoServerError } from 'mongodb';
import { ProblemError } from '#problem';
import { isOurs } from './build.js';
import { connect, type Database, placeOf } from './database.js';
import { type IndexFault, indexFaults } from './indexes.js';

/** What a database is found to be; nothing is made. */
export interface FoundDatabase {
  /** Version and kind of the server. */
  readonly server: string;
  /** Whether it holds a store: opening one that is not there makes it. */
  readonly isStore: boolean;
  /** What is wrong with its indexes. */
  readonly faults: readonly IndexFault[];
}

/** The host names and the database of a connection string, without name and password. */
export function mongoPlace(uri: string): string {
  try {
    return placeOf(uri);
  } catch {
    return 'MongoDB, by a connection string that cannot be read';
  }
}

/** Looks at the database of a connection string. @throws ProblemError `store-unavailable` that says why it cannot be looked at */
export function examineMongo(uri: string): Promise<FoundDatabase> {
  return looked(uri, async (database) => {
    const isStore = await isOurs(database);
    return { server: await serverOf(database), isStore, faults: isStore ? await indexFaults(database) : [] };
  });
}

/** Whether the database of a connection string holds a store; nothing else is asked. @throws as examineMongo */
export function holdsMongoStore(uri: string): Promise<boolean> {
  return looked(uri, isOurs);
}

async function looked<T>(uri: string, look: (database: Database) => Promise<T>): Promise<T> {
  let database: Database | undefined;
  try {
    database = await connect(uri);
    return await look(database);
  } catch (error) {
    throw faultOf(uri, error);
  } finally {
    await database?.client.close();
  }
}

/** Why a database cannot be used, as the port has it. */
export function faultOf(uri: string, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  return new ProblemError('store-unavailable', { detail: `${mongoPlace(uri)}: ${reasonOf(error)}`, cause: error });
}

async function serverOf({ client }: Database): Promise<string> {
  const admin = client.db('admin');
  // The older name of the question is the one that every server knows.
  const [{ version }, { msg, setName }] = await Promise.all([admin.command({ buildInfo: 1 }), admin.command({ isMaster: 1 })]);
  const kind = msg === 'isdbgrid' ? 'sharded cluster' : setName === undefined ? 'single server' : `replica set ${setName}`;
  return `MongoDB ${version}, ${kind}`;
}

const AUTHENTICATION_FAILED = 18;
const UNAUTHORIZED = 13;

/** The driver's own words may hold what the connection string says. */
function reasonOf(error: unknown): string {
  if (error instanceof MongoParseError) return 'write it as mongodb://HOST:PORT/DATABASE';
  if (error instanceof MongoError && error.code === AUTHENTICATION_FAILED) return 'it refuses the name or the password';
  if (error instanceof MongoError && error.code === UNAUTHORIZED) return 'this user lacks the role readWrite on the database';
  if (error instanceof MongoServerError) return `the server refuses to be looked at (${error.codeName ?? `code ${error.code}`})`;
  return 'no server answers there that takes changes: check host names, port, TLS, replicaSet, and that this machine may reach it';
}
