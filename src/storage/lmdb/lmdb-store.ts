import { mkdirSync } from 'node:fs';
import { toInstant } from '#domain';
import { ProblemError } from '#problem';
import { declaredEntities } from '../declared-entities.js';
import { EpochReading } from '../epoch-reading.js';
import type { Collection, Entity, Reading, Refs, Store, Stored } from '../port.js';
import { notReached, positionText, readPosition } from '../position.js';
import { REMEMBERED_CHARS } from '../registry-memory.js';
import { ensureDeclared } from './build.js';
import { type Access, LmdbCollection } from './collection.js';
import { ForeignDeclarations } from './declarations.js';
import { createEventLog } from './event-log.js';
import { assertFitFolder } from './fit-folder.js';
import { Notes } from './notes.js';
import { RegistryEpoch } from './registry-epoch.js';
import { Room } from './room.js';
import { readFault, Snapshots } from './snapshots.js';
import { checkReads, lastSequence, openTables, type Tables } from './tables.js';
import type { Transaction } from './transaction.js';
import { Writer } from './writer.js';

/** How a store is opened. */
export interface LmdbOptions {
  /** The data folder; made with mode 0700 if it is missing. */
  readonly path: string;
  /** All that is kept: missing indexes are built before the first request. */
  readonly entities: readonly Entity<never>[];
  /** Opens the store that is there and builds nothing in it; it is only looked at. */
  readonly asFound?: boolean;
  /** How large the data file may grow, in bytes; only the last transaction may go beyond. Default 64 GiB. */
  readonly mapSizeBytes?: number;
  /** What documents expire by: milliseconds since the epoch. Default Date.now. */
  readonly clock?: () => number;
  /** How often what has expired is looked for where nothing is written, in milliseconds. Default one minute. */
  readonly sweepMs?: number;
  /** How much of each registry entity is remembered, in characters of its text. Default REMEMBERED_CHARS. */
  readonly rememberedChars?: number;
}

/** Opens or makes a store. @throws ProblemError `store-unavailable` if the folder cannot be used or has another format */
export async function openLmdbStore(options: LmdbOptions): Promise<Store> {
  const { path, entities, asFound = false, mapSizeBytes = 64 * 2 ** 30, clock = Date.now } = options;
  const { sweepMs = 60_000, rememberedChars = REMEMBERED_CHARS } = options;
  const declared = declaredEntities(entities);
  let tables: Tables;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    assertFitFolder(path);
    tables = openTables(path, mapSizeBytes);
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError('store-unavailable', { detail: 'the data folder cannot be opened', cause });
  }
  try {
    if (!asFound) tables.root.transactionSync(() => ensureDeclared(tables, declared.values()));
    return new LmdbStore(tables, declared, clock, new Room(tables, path, mapSizeBytes), { asFound, sweepMs, rememberedChars });
  } catch (error) {
    await tables.root.close();
    throw error;
  }
}

/** How many documents of an entity are removed by one look for what has expired. */
const SWEPT_TOGETHER = 256;

class LmdbStore implements Store {
  readonly events: Store['events'];
  readonly #tables: Tables;
  readonly #room: Room;
  readonly #sweeper: NodeJS.Timeout;
  readonly #access: Access;
  readonly #declared: ReadonlyMap<string, Entity<unknown>>;
  readonly #collections = new Map<string, LmdbCollection<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(
    tables: Tables,
    declared: ReadonlyMap<string, Entity<unknown>>,
    clock: () => number,
    room: Room,
    { asFound, sweepMs, rememberedChars }: Required<Pick<LmdbOptions, 'asFound' | 'sweepMs' | 'rememberedChars'>>,
  ) {
    const listeners = new Set<() => void>();
    const now = (): string => toInstant(clock());
    const notes = new Notes(tables, new ForeignDeclarations(tables));
    const writer = new Writer(tables, notes, room, now, () => {
      for (const listener of listeners) listener();
    });
    const snapshots = new Snapshots(tables);
    this.#tables = tables;
    this.#room = room;
    this.#declared = declared;
    this.#access = { tables, snapshots, notes, epoch: new RegistryEpoch(tables), writer, now, rememberedChars };
    this.events = createEventLog(this.#access, listeners, declared);
    // Who opens it as it is found leaves it so.
    const passing = asFound ? [] : [...declared.values()].filter(({ expiresAt }) => expiresAt !== undefined);
    this.#sweeper = setInterval(() => this.#sweep(passing), sweepMs).unref();
  }

  collection<T>(entity: Entity<T>): Collection<T> {
    const { name } = entity;
    if (this.#declared.get(name) !== (entity as unknown)) throw new TypeError(`${name} was not declared when the store was opened`);
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      collection = new LmdbCollection(this.#access, entity as unknown as Entity<unknown>);
      this.#collections.set(name, collection);
    }
    return collection as unknown as Collection<T>;
  }

  read<const R extends Refs>(refs: R): Reading<R> | Promise<Reading<R>> {
    const access = this.#access;
    try {
      access.snapshots.refuseIfClosed();
      access.snapshots.renew();
      const epoch = access.epoch.now();
      const documents = refs.map(({ collection, key }) => {
        if (collection instanceof LmdbCollection && collection.isOf(access)) return collection.at(key, epoch);
        throw new TypeError('the collection of a ref is of another store');
      });
      return new EpochReading<R>(documents as unknown as Reading<R>['documents'], epoch, READING);
    } catch (error) {
      return Promise.reject(readFault(error));
    }
  }

  recall<T>(collection: Collection<T>, key: string): Stored<T> | undefined {
    return ours(collection).recall(key);
  }

  position(): string {
    const { snapshots, tables } = this.#access;
    snapshots.refuseIfClosed();
    snapshots.renew();
    return positionText({ place: lastSequence(tables), epoch: 0 });
  }

  reach(position: string): Promise<void> {
    return this.#access.snapshots.read(() => {
      if (lastSequence(this.#tables) < readPosition(position).place) throw notReached();
    });
  }

  async check(): Promise<'ok' | 'full'> {
    await this.#access.snapshots.read(() => checkReads(this.#tables));
    if (!this.#room.isFull) return 'ok';
    // Perhaps somebody has made room: nobody else may try for long.
    const tried = this.#access.writer.submit([(transaction) => transaction.probe()]);
    return tried.then(
      () => 'ok',
      () => 'full',
    );
  }

  /** What has expired and nobody's change has taken along: a small piece each time. */
  #sweep(entities: readonly Entity<unknown>[]): void {
    const works = entities.map(
      (entity) =>
        (transaction: Transaction): undefined =>
          transaction.sweep(entity, SWEPT_TOGETHER),
    );
    // Whatever is in the way, it is tried again, and nothing depends on it.
    this.#access.writer.submit(works).catch(() => {});
  }

  close(): Promise<void> {
    this.#access.snapshots.close();
    clearInterval(this.#sweeper);
    this.#closing ??= this.#access.writer.drained().then(() => this.#tables.root.close());
    return this.#closing;
  }
}

function ours<T>(collection: Collection<T>): LmdbCollection<T> {
  if (collection instanceof LmdbCollection) return collection as LmdbCollection<T>;
  throw new TypeError('the collection is of another store');
}

/** What a reading asks of this adapter. */
const READING = { own: ours, readFault };
