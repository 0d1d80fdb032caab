import { setTimeout as delay } from 'node:timers/promises';
import { ProblemError } from '#problem';
import { declaredEntities } from '../declared-entities.js';
import { EpochReading } from '../epoch-reading.js';
import type { Collection, Entity, Reading, Ref, Refs, Store, Stored } from '../port.js';
import { notReached, type Position, positionText, readPosition } from '../position.js';
import { REMEMBERED_CHARS } from '../registry-memory.js';
import { checkFormat, checkReads, ensureDeclared } from './build.js';
import { type Access, MongoCollection } from './collection.js';
import { connect, type Database, readFault, writeFault } from './database.js';
import { createEventLog } from './event-log.js';
import { mongoPlace } from './examine.js';
import { expiredSweeper } from './expired.js';
import { ensureIndexes } from './indexes.js';
import { entityOf } from './layout.js';
import { leftEntriesSweeper } from './left-entries.js';
import { Log } from './log.js';
import { Outboxes } from './outboxes.js';
import { Pulse } from './pulse.js';
import { Reads } from './reads.js';
import type { Sweeper } from './sweeper.js';
import { Writer } from './writer.js';

/** How a store is opened. */
export interface MongoOptions {
  /** Connection string of the database; its path names the database. */
  readonly uri: string;
  /** All that is kept: missing indexes are built before the first request. */
  readonly entities: readonly Entity<never>[];
  /** Opens the store that is there and makes nothing, neither indexes nor what entities declare; nothing of others is swept either. */
  readonly asFound?: boolean;
  /** Is called before anything is built, and may refuse: versions that keep other indexes do not work beside each other. */
  readonly beforeBuild?: (store: Store) => Promise<void>;
  /** What documents expire by: milliseconds since the epoch. Default Date.now. */
  readonly clock?: () => number;
  /** How often what has expired is looked for where nothing is written, in milliseconds. Default one minute. */
  readonly sweepMs?: number;
  /** How long the event of a change waits for the node that made it before others take care of it, in milliseconds. Default five seconds. */
  readonly patienceMs?: number;
  /** After how long without any answer of the server the driver's client begins anew, in milliseconds. Default RENEW_MS. */
  readonly renewMs?: number;
  /** How Store.read reads documents that are no registry, and the epoch. Default majority. */
  readonly readConcern?: 'majority' | 'linearizable';
  /** How much of each registry entity is remembered, in characters of its text. Default REMEMBERED_CHARS. */
  readonly rememberedChars?: number;
}

/** Opens or makes a store. @throws ProblemError `store-unavailable` if the server does not answer or the database has another format */
export async function openMongoStore({ uri, entities, asFound = false, beforeBuild, ...options }: MongoOptions): Promise<Store> {
  const declared = declaredEntities(entities);
  let database: Database | undefined;
  let store: MongoStore | undefined;
  try {
    database = await connect(uri);
    if (!asFound) {
      await checkFormat(database);
      if (beforeBuild !== undefined) {
        store = new MongoStore(database, declared, { ...options, asFound });
        await beforeBuild(store);
      }
      await ensureIndexes(database, uri);
      await ensureDeclared(database, declared.values());
    }
    return store ?? new MongoStore(database, declared, { ...options, asFound });
  } catch (error) {
    await (store ?? database?.client)?.close();
    if (error instanceof ProblemError) throw error;
    throw new ProblemError('store-unavailable', { detail: `${mongoPlace(uri)} cannot be opened`, cause: error });
  }
}

/** How often the events of changes are looked for whose node has died, and what has expired. */
const PATIENCE_MS = 5000;
const SWEEP_MS = 60_000;

/** How long Store.reach waits, and how often it looks again. */
const REACH_MS = 2000;
const REACH_AGAIN_MS = 50;

class MongoStore implements Store {
  readonly events: Store['events'];
  readonly #access: Access;
  readonly #log: Log;
  readonly #outboxes: Outboxes;
  readonly #expired: Sweeper;
  readonly #leftEntries: Sweeper;
  readonly #sweepers: readonly NodeJS.Timeout[];
  readonly #pulse: Pulse;
  readonly #declared: ReadonlyMap<string, Entity<unknown>>;
  readonly #collections = new Map<string, MongoCollection<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(
    database: Database,
    declared: ReadonlyMap<string, Entity<unknown>>,
    options: Omit<MongoOptions, 'uri' | 'entities' | 'beforeBuild'>,
  ) {
    const { clock = Date.now, renewMs, rememberedChars = REMEMBERED_CHARS, readConcern = 'majority' } = options;
    const listeners = new Set<() => void>();
    const pulse = new Pulse(database, renewMs);
    const reads = new Reads(database, readConcern === 'linearizable', {
      onAnswer: () => pulse.heard(),
      onPutBack: () => {
        log.forgetEnd();
        for (const collection of this.#collections.values()) collection.forget();
      },
    });
    const log: Log = new Log(database, {
      onRegistry: (document, epoch) => {
        this.#collections.get(entityOf(document._id))?.learn(document, epoch);
        reads.changed();
      },
      onRaised: (epoch) => reads.raised(epoch),
      onAppend: () => {
        for (const listener of listeners) listener();
      },
    });
    this.#log = log;
    const outboxes = new Outboxes(database, log);
    const writer = new Writer({ database, reads, log, outboxes, clock });
    this.#declared = declared;
    this.#outboxes = outboxes;
    this.#pulse = pulse;
    this.#expired = expiredSweeper(database, clock);
    this.#leftEntries = leftEntriesSweeper(database);
    this.#sweepers = options.asFound === true ? [] : this.#swept(options);
    this.#access = { database, reads, log, writer, clock, rememberedChars, sweepExpired: () => this.#expired.sweep() };
    this.events = createEventLog({ database, reads, outboxes, listeners, declared });
  }

  /** Looks after what others have left behind. */
  #swept({ patienceMs = PATIENCE_MS, sweepMs = SWEEP_MS }: Pick<MongoOptions, 'patienceMs' | 'sweepMs'>): readonly NodeJS.Timeout[] {
    // Whatever is in the way, it is tried again.
    const events = setInterval(() => this.#outboxes.sweep().catch(() => {}), patienceMs);
    const passing = setInterval(() => {
      this.#expired.sweep();
      this.#leftEntries.sweep();
    }, sweepMs);
    return [events.unref(), passing.unref()];
  }

  collection<T>(entity: Entity<T>): Collection<T> {
    const { name } = entity;
    if (this.#declared.get(name) !== (entity as unknown)) throw new TypeError(`${name} was not declared when the store was opened`);
    let collection = this.#collections.get(name);
    if (collection === undefined) {
      collection = new MongoCollection(this.#access, entity as unknown as Entity<unknown>);
      this.#collections.set(name, collection);
    }
    return collection as unknown as Collection<T>;
  }

  /** The documents and the registry epoch in one `find`; what is in another collection and not known yet in one beside it. */
  read<const R extends Refs>(refs: R): Promise<Reading<R>> {
    const { reads } = this.#access;
    return reads.read(async () => {
      const own = (refs as readonly Ref<unknown>[]).map(({ collection, key }) => {
        if (!(collection instanceof MongoCollection && collection.isOf(this.#access))) {
          throw new TypeError('the collection of a ref is of another store');
        }
        return { collection: collection as MongoCollection<unknown>, key, id: collection.idOf(key) };
      });
      const began = reads.moment;
      const unknown = own.filter(({ collection, key }) => collection.home === 'registry' && !collection.isKnown(key));
      const [{ documents: found, epoch }, beside] = await Promise.all([
        reads.documentsAndEpoch(own.filter(({ collection }) => collection.home === 'documents').map(({ id }) => id)),
        reads.documents(
          'registry',
          unknown.map(({ id }) => id),
        ),
      ]);
      const isBeside = new Set(unknown);
      const documents = own.map((ref) => {
        const { collection, key, id } = ref;
        if (collection.home === 'documents') return collection.answer(key, found.get(id), began);
        return isBeside.has(ref) ? collection.answer(key, beside.get(id), began) : collection.registryAt(key, epoch);
      });
      const isAll = documents.every((document) => !(document instanceof Promise));
      return new EpochReading<R>((isAll ? documents : await Promise.all(documents)) as unknown as Reading<R>['documents'], epoch, READING);
    });
  }

  recall<T>(collection: Collection<T>, key: string): Stored<T> | undefined {
    return ours(collection).recall(key);
  }

  async position(): Promise<string> {
    this.#access.reads.refuseIfClosed();
    try {
      await this.#outboxes.settle();
    } catch (error) {
      throw writeFault(error);
    }
    return positionText({ place: this.#log.reached, epoch: this.#access.reads.moment.epoch });
  }

  reach(position: string): Promise<void> {
    return this.#access.reads.read(async () => {
      const wanted = readPosition(position);
      const until = performance.now() + REACH_MS;
      // A primary that was deposed, or one that does not know yet how far the majority is, has not got the event: all before it come with it.
      while (!(await this.#has(wanted))) {
        if (performance.now() > until) throw notReached();
        await delay(REACH_AGAIN_MS);
      }
    });
  }

  async #has({ place, epoch }: Position): Promise<boolean> {
    const { database, reads } = this.#access;
    const [event, now] = await Promise.all([
      place === 0 ? true : database.events.findOne({ _id: place }, { projection: { _id: 1 } }),
      epoch === 0 ? 0 : reads.documentsAndEpoch([]).then((read) => read.epoch),
    ]);
    return event !== null && now >= epoch;
  }

  async check(): Promise<'ok' | 'full'> {
    const { database, reads, writer } = this.#access;
    await reads.read(() => checkReads(database));
    if (!writer.isFull) return 'ok';
    // Perhaps somebody has made room: nobody else may try for long.
    return writer.tryRoom().then(
      () => 'ok',
      () => 'full',
    );
  }

  close(): Promise<void> {
    this.#access.reads.close();
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    for (const timer of this.#sweepers) clearInterval(timer);
    await this.#access.writer.drained();
    await Promise.all([this.#outboxes.close(), this.#expired.close(), this.#leftEntries.close(), this.#pulse.close()]);
    await this.#access.database.client.close();
  }
}

function ours<T>(collection: Collection<T>): MongoCollection<T> {
  if (collection instanceof MongoCollection) return collection as MongoCollection<T>;
  throw new TypeError('the collection is of another store');
}

/** What a reading asks of this adapter. */
const READING = { own: ours, readFault };
