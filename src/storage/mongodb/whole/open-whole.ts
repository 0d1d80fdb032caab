import { randomUUID } from 'node:crypto';
import { ProblemError } from '#problem';
import { refused } from '../../copy/refused.js';
import type { WholeSource, WholeTarget } from '../../copy/whole-store.js';
import { declaredEntities } from '../../declared-entities.js';
import type { Entity } from '../../port.js';
import { hasNote, isOurs, noteInStore, stateOf } from '../build.js';
import { connect, type Database, HOMES } from '../database.js';
import { faultOf, mongoPlace } from '../examine.js';
import { MongoSource } from './whole-source.js';
import { MongoTarget } from './whole-target.js';

/** Which store is read or written as a whole. */
export interface WholeMongoOptions {
  /** Connection string of the database. */
  readonly uri: string;
  /** All that this program keeps. */
  readonly entities: readonly Entity<never>[];
  /** Entities without history whose documents are of use in this place alone. */
  readonly leftOut?: readonly string[];
}

/** The store of a database as a whole, to be read; others may use it meanwhile. @throws ProblemError `store-unavailable` if there is none that is whole */
export function readWholeMongo({ uri, leftOut }: Omit<WholeMongoOptions, 'entities'>): Promise<WholeSource> {
  return opened(uri, async (database, name) => {
    if (!(await isOurs(database))) throw new ProblemError('store-unavailable', { detail: `there is no store in ${name}` });
    return new MongoSource(name, database, leftOut);
  });
}

/** The store of a database, to be written as a whole. @throws ProblemError `store-unavailable`; `copy-refused` if the database holds something else */
export function writeWholeMongo({ uri, entities }: Omit<WholeMongoOptions, 'leftOut'>): Promise<WholeTarget> {
  return opened(uri, async (database, name) => {
    const state = await stateOf(database);
    if (state === 'new' && !(await isEmpty(database))) throw refused(`${name} holds something else: name an empty database`);
    return new MongoTarget(uri, database, state, declaredEntities(entities));
  });
}

/** Whether two connection strings lead to one store, however they are written: what is noted there by the one is read by the other. */
export async function isSameMongoStore(one: string, other: string): Promise<boolean> {
  const as = async (database: Database): Promise<Database> => database;
  const here = await opened(one, as);
  try {
    const there = await opened(other, as);
    try {
      const note = randomUUID();
      return (await noteInStore(there, note)) && (await hasNote(here, note));
    } finally {
      await there.client.close();
    }
  } finally {
    await here.client.close();
  }
}

async function isEmpty({ homes, events }: Database): Promise<boolean> {
  const found = await Promise.all([...HOMES.map((home) => homes[home].findOne({})), events.findOne({})]);
  return found.every((one) => one === null);
}

async function opened<T>(uri: string, open: (database: Database, name: string) => Promise<T>): Promise<T> {
  let database: Database | undefined;
  try {
    database = await connect(uri);
    return await open(database, mongoPlace(uri));
  } catch (error) {
    await database?.client.close();
    throw faultOf(uri, error);
  }
}
