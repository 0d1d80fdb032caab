import type { ProblemError } from '#problem';
import { prepareChange, prepareChanges, putOutcomes } from '../change.js';
import { checkKey } from '../limits.js';
import type { ChangeFacts, ChangeOptions, Collection, Entity, Page, PutOrder, Query, Stored } from '../port.js';
import { type KeptState, RegistryMemory } from '../registry-memory.js';
import type { Database } from './database.js';
import { derivedOf, documentId, type Home, homeOf, type KeptDocument, keyOf } from './layout.js';
import type { Log } from './log.js';
import { countEntries, type Found, runQuery } from './query.js';
import type { Moment, Reads } from './reads.js';
import type { Change, Outcome, Writer } from './writer.js';

/** What the collections of a store share. */
export interface Access {
  readonly database: Database;
  readonly reads: Reads;
  readonly log: Log;
  readonly writer: Writer;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** How much of each registry entity is remembered, in characters of its text. */
  readonly rememberedChars: number;
  /** Takes away some of what has expired, in its own time. */
  readonly sweepExpired: () => void;
}

/** A collection on MongoDB, with what Store.read asks of it. */
export class MongoCollection<T> implements Collection<T> {
  readonly home: Home;
  readonly #access: Access;
  readonly #entity: Entity<T>;
  readonly #memory: RegistryMemory<T> | undefined;

  constructor(access: Access, entity: Entity<T>) {
    this.home = homeOf(entity as unknown as Entity<unknown>);
    this.#access = access;
    this.#entity = entity;
    this.#memory = entity.isRegistry === true ? new RegistryMemory<T>(access.rememberedChars) : undefined;
  }

  /** Whether refs to it may be read by the store of these parts. */
  isOf(access: Access): boolean {
    return this.#access === access;
  }

  /** The `_id` of a document. @throws as checkKey */
  idOf(key: string): string {
    return documentId(this.#entity.name, checkKey('the key', key));
  }

  /** Whether the document is in the memory, so that it need not be read along. */
  isKnown(key: string): boolean {
    return this.#memory?.recall(key) !== undefined;
  }

  /** The document of a registry entity as it was known last. @throws TypeError if the entity is none */
  recall(key: string): Stored<T> | undefined {
    if (this.#memory === undefined) throw new TypeError(`${this.#entity.name} is no registry`);
    return this.#memory.recall(key);
  }

  /** What a document that was read says. @param began when the reading began */
  answer(key: string, kept: Found | undefined, began: Moment): Stored<T> | undefined {
    if (this.#memory !== undefined) {
      if (kept?.o?.g === true) this.#access.log.noteUnraised(kept);
      return this.#memory.learn(key, stateOf(kept), this.#access.reads.believed(began));
    }
    if (kept?.j === undefined || (kept.x !== undefined && kept.x.getTime() <= this.#access.clock())) return undefined;
    return { value: JSON.parse(kept.j) as T, revision: kept.r };
  }

  /** A document of the registry as this process has made it, or found it made. @param epoch one that was seen before */
  learn(kept: KeptDocument, epoch: number): void {
    this.#memory?.learn(keyOf(kept._id), stateOf(kept), epoch);
  }

  /** Nothing of what is remembered is believed any more. */
  forget(): void {
    this.#memory?.forget();
  }

  /** The document of a registry entity as of an epoch: at once if it is known. @throws TypeError if the entity is none */
  registryAt(key: string, epoch: number): Stored<T> | undefined | Promise<Stored<T> | undefined> {
    if (this.#memory === undefined) throw new TypeError(`${this.#entity.name} is no registry`);
    const id = this.idOf(key);
    const { reads } = this.#access;
    const since = reads.sameSince(epoch);
    const known = this.#memory.at(key, since);
    if (known !== undefined || this.#memory.isAbsent(key, since)) return known;
    const began = reads.moment;
    return reads.read(async () => this.answer(key, await reads.registryDocument(id), began));
  }

  async get(key: string): Promise<Stored<T> | undefined> {
    return (await this.getMany([key]))[0];
  }

  getMany(keys: readonly string[]): Promise<readonly (Stored<T> | undefined)[]> {
    const { reads } = this.#access;
    return reads.read(async () => {
      const began = reads.moment;
      const ids = keys.map((key) => this.idOf(key));
      const found = await reads.documents(this.home, ids);
      return keys.map((key, i) => this.answer(key, found.get(ids[i] as string), began));
    });
  }

  query(query: Query): Promise<Page<T>> {
    const { reads, database, clock } = this.#access;
    return reads.read(async () => {
      const began = reads.moment;
      const { items, ...rest } = await runQuery(database, this.#entity as unknown as Entity<unknown>, query, new Date(clock()));
      return { items: items.flatMap((kept) => this.answer(keyOf(kept._id), kept, began) ?? []), ...rest };
    });
  }

  count(query: Omit<Query, 'cursor' | 'limit'>): Promise<number> {
    return this.#access.reads.read(() => countEntries(this.#access.database, this.#entity as unknown as Entity<unknown>, query));
  }

  async put(value: T, options: ChangeOptions): Promise<Stored<T>> {
    this.#access.reads.refuseIfClosed();
    const revision = await this.#written(prepareChange(this.#entity, this.#entity.key(value), value, options, derivedOf));
    return { value, revision: revision as number };
  }

  async putMany(orders: readonly PutOrder<T>[], facts: ChangeFacts): Promise<readonly (Stored<T> | ProblemError)[]> {
    this.#access.reads.refuseIfClosed();
    return putOutcomes(orders, await this.#write(prepareChanges(this.#entity, orders, facts, derivedOf)));
  }

  async remove(key: string, options: ChangeOptions): Promise<boolean> {
    this.#access.reads.refuseIfClosed();
    return (await this.#written(prepareChange(this.#entity, key, undefined, options, derivedOf<T>))) !== undefined;
  }

  async #written(change: Change): Promise<number | undefined> {
    const [outcome] = await this.#write([change]);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  async #write(changes: readonly Change[]): Promise<readonly Outcome[]> {
    const outcomes = await this.#access.writer.write(changes);
    if (this.#entity.expiresAt !== undefined) this.#access.sweepExpired();
    return outcomes;
  }
}

function stateOf(kept: Found | undefined): KeptState | undefined {
  return kept === undefined ? undefined : { revision: kept.r, json: kept.j };
}
