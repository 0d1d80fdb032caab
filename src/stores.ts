// Where stores are: in a data folder or in a database. How one is opened, looked at without being opened, and read and written as a whole. The only file that
// names the adapters of the store; installation.ts puts the rest to it.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { claims, entities, personSecrets, processes, storeKinds, storeSchemas } from '#access/entities';
import type { ExaminedStore } from '#cli';
import type { Config } from '#config';
import { filling } from '#demo/entities';
import { present } from '#domain';
import { keyedRequests } from '#http/entities';
import { entities as idportenEntities } from '#idporten/entities';
import { entities as maskinportenEntities } from '#maskinporten/entities';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import type { WholeSource, WholeTarget } from '#storage/copy';
import { beginByFile, openLmdbStore, readWholeLmdb, writeWholeLmdb } from '#storage/lmdb';
import { entities as systembrukerEntities } from '#systembruker/entities';

/** Milliseconds since the epoch. */
export type Clock = () => number;

const storeFolder = ({ data }: Pick<Config, 'data'>): string => join(data, 'store');

/** The file of a store in a data folder. */
export const storeFile = (place: Pick<Config, 'data'>): string => join(storeFolder(place), 'data.mdb');

/** All that an installation keeps, whichever room declares it. */
export const kept = [
  ...entities,
  storeKinds,
  storeSchemas,
  personSecrets,
  processes,
  claims,
  filling,
  keyedRequests,
  ...maskinportenEntities,
  ...idportenEntities,
  ...systembrukerEntities,
];

/** Where a store is: in a data folder, or in the database of a connection string. */
export type StorePlace = Pick<Config, 'data' | 'mongodbUri' | 'storeMapBytes'>;

/** Of what opening a store makes and builds there. */
interface Building {
  /** Nothing is. */
  readonly asFound?: boolean;
  /** MongoDB: is called before. */
  readonly beforeBuild?: (store: Store) => Promise<void>;
}

/** On MongoDB if that is configured; its driver is loaded only then. */
export async function openStore(config: Config, clock: Clock, { asFound = false, beforeBuild }: Building = {}): Promise<Store> {
  const { mongodbUri: uri, mongodbReadConcern: readConcern, storeMapBytes: mapSizeBytes } = config;
  if (uri !== undefined) {
    const { openMongoStore } = await import('#storage/mongodb');
    // The secrets of persons are there: nothing is written to a database that could not be used.
    const isUsed = config.namingSecretFile === undefined || config.sealingSecretFile === undefined;
    if (!asFound && isUsed) await madeFolder(config.data, config);
    return openMongoStore(present({ uri, entities: kept, clock, asFound, readConcern, beforeBuild }));
  }
  return openLmdbStore({ path: await madeStoreFolder(config), entities: kept, mapSizeBytes, clock, asFound });
}

function madeStoreFolder({ data }: Pick<Config, 'data'>): Promise<string> {
  return madeFolder(storeFolder({ data }), { data });
}

/** A folder that is the data folder or in it, made if it is missing. @throws ProblemError `store-unavailable` that names the data folder */
async function madeFolder(path: string, { data }: Pick<Config, 'data'>): Promise<string> {
  await makeFolder(path).catch((cause: NodeJS.ErrnoException) => {
    const detail = `the data folder ${data} cannot be made or used (${cause.code}): give it to this user, or name another (TILGANG_DATA)`;
    throw new ProblemError('store-unavailable', { detail });
  });
  return path;
}

/** Who is at work on a store is no part of it. */
const LEFT_OUT = [processes.name, claims.name];

/** Whether two connection strings lead to one store. @throws ProblemError `store-unavailable` */
export async function isSameDatabase(one: string, other: string): Promise<boolean> {
  return (await import('#storage/mongodb')).isSameMongoStore(one, other);
}

/** The store of a place as a whole, to be read. @throws ProblemError `store-unavailable` if there is none that is whole */
export async function readWhole({ data, mongodbUri: uri, storeMapBytes: mapSizeBytes }: StorePlace): Promise<WholeSource> {
  if (uri !== undefined) return (await import('#storage/mongodb')).readWholeMongo({ uri, leftOut: LEFT_OUT });
  return readWholeLmdb({ path: storeFolder({ data }), name: data, mapSizeBytes, leftOut: LEFT_OUT });
}

/** The store of a place, to be written as a whole; made if there is none. @throws ProblemError `store-unavailable`, `copy-refused` */
export async function writeWhole({ data, mongodbUri: uri, storeMapBytes: mapSizeBytes }: StorePlace): Promise<WholeTarget> {
  if (uri !== undefined) return (await import('#storage/mongodb')).writeWholeMongo({ uri, entities: kept });
  return writeWholeLmdb({ path: await madeStoreFolder({ data }), name: data, mapSizeBytes, entities: kept });
}

/** Begins to copy a store into a place by its file, where both are files. @returns whether it did */
export async function beginWholeByFile(
  source: WholeSource,
  { data, mongodbUri, storeMapBytes: mapSizeBytes }: StorePlace,
): Promise<boolean> {
  return mongodbUri === undefined && beginByFile(source, { path: await madeStoreFolder({ data }), mapSizeBytes });
}

/**
 * Makes a folder that only its owner may use, and those above it that are not there.
 * One by one: Node's own `recursive` never ends where a place takes no folders, such as below /proc.
 */
async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<void> =>
    mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  await make().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  });
}

/** Whether there is a store: opening one that is not there makes it. @throws ProblemError `store-unavailable` if that cannot be seen */
export async function hasStore(config: Config): Promise<boolean> {
  if (config.mongodbUri !== undefined) return (await import('#storage/mongodb')).holdsMongoStore(config.mongodbUri);
  return stat(storeFile(config)).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ENOENT' || code === 'ENOTDIR') return false;
      throw new ProblemError('store-unavailable', { detail: `the data folder ${config.data} cannot be read` });
    },
  );
}

/** Holds that there is a store. @throws ProblemError `config-invalid` */
export async function assertStore(config: Config): Promise<void> {
  if (await hasStore(config)) return;
  const { where, what, by, pointer } = await namedStore(config);
  const detail = `there is no store in ${where}: name ${what} of the gateway (${by}), or make one (tilgang serve, tilgang orgs import)`;
  throw new ProblemError('config-invalid', { detail, at: [{ pointer, detail }] });
}

/** What is found where the store is configured to be; nothing is made. @throws ProblemError `store-unavailable` if it cannot be looked at */
export async function examinedStore(config: Config): Promise<ExaminedStore> {
  const { mongodbUri: uri } = config;
  if (uri === undefined) return { place: storeFolder(config), isThere: await hasStore(config), faults: [] };
  const { examineMongo, mongoPlace } = await import('#storage/mongodb');
  const { server, isStore, faults } = await examineMongo(uri);
  const told = faults.map(({ kind, found, remedy }) => ({ isFault: kind !== 'foreign', found, remedy }));
  return { place: `${mongoPlace(uri)} (${server})`, isThere: isStore, faults: told };
}

/** Where a command looks for the store, as its messages say it: without a password; and what names another. */
export async function namedStore({ data, mongodbUri: uri }: Config): Promise<NamedStore> {
  if (uri === undefined) return { where: data, what: 'the data folder', by: 'TILGANG_DATA', pointer: '/data' };
  const { mongoPlace } = await import('#storage/mongodb');
  return { where: mongoPlace(uri), what: 'the database', by: 'TILGANG_MONGODB_URI', pointer: '/mongodbUri' };
}

/** A store as messages name it. */
export interface NamedStore {
  readonly where: string;
  readonly what: string;
  readonly by: string;
  readonly pointer: string;
}
