import type { ProblemError } from '#problem';
import { type Change, prepareChange, prepareChanges, putOutcomes } from '../change.js';
import { checkKey } from '../limits.js';
import type { ChangeFacts, ChangeOptions, Collection, Entity, Page, PutOrder, Query, Stored } from '../port.js';
import { RegistryMemory } from '../registry-memory.js';
import { type Derived, derivedOf, documentKey, readKept } from './layout.js';
import type { Notes } from './notes.js';
import { countKeys, runQuery } from './query.js';
import type { RegistryEpoch } from './registry-epoch.js';
import type { Snapshots } from './snapshots.js';
import type { Tables } from './tables.js';
import type { Writer } from './writer.js';

/** What the collections of a store share. */
export interface Access {
  readonly tables: Tables;
  readonly snapshots: Snapshots;
  readonly epoch: RegistryEpoch;
  readonly notes: Notes;
  readonly writer: Writer;
  /** How much of each registry entity is remembered, in characters of its text. */
  readonly rememberedChars: number;
  /** The moment as an instant's text. */
  readonly now: () => string;
}

/** A collection on LMDB. Beside what the port promises it reads at once, for Store.read. */
export class LmdbCollection<T> implements Collection<T> {
  readonly #access: Access;
  readonly #entity: Entity<T>;
  readonly #memory: RegistryMemory<T> | undefined;

  constructor(access: Access, entity: Entity<T>) {
    this.#access = access;
    this.#entity = entity;
    this.#memory = entity.isRegistry === true ? new RegistryMemory(access.rememberedChars) : undefined;
  }

  /** Whether refs to it may be read by the store of these parts. */
  isOf(access: Access): boolean {
    return this.#access === access;
  }

  /** The document in the current snapshot. @param epoch that of the snapshot, or of an older one */
  at(key: string, epoch: number): Stored<T> | undefined {
    if (this.#memory !== undefined) return this.#remembered(this.#memory, key, epoch);
    const text = this.#textOf(checkKey('the key', key));
    return text === undefined ? undefined : this.#answer(parsed<T>(text));
  }

  /** The document of a registry entity. @throws TypeError if the entity is none */
  registryAt(key: string, epoch: number): Stored<T> | undefined {
    if (this.#memory === undefined) throw new TypeError(`${this.#entity.name} is no registry`);
    return this.#remembered(this.#memory, key, epoch);
  }

  /** The document of a registry entity as it was known last. @throws TypeError if the entity is none */
  recall(key: string): Stored<T> | undefined {
    if (this.#memory === undefined) throw new TypeError(`${this.#entity.name} is no registry`);
    return this.#memory.recall(key);
  }

  get(key: string): Promise<Stored<T> | undefined> {
    return this.#access.snapshots.read(() => this.at(key, this.#epochNow()));
  }

  getMany(keys: readonly string[]): Promise<readonly (Stored<T> | undefined)[]> {
    return this.#access.snapshots.read(() => {
      const epoch = this.#epochNow();
      return keys.map((key) => this.at(key, epoch));
    });
  }

  query(query: Query): Promise<Page<T>> {
    return this.#found(query, () => {
      const epoch = this.#epochNow();
      return runQuery(this.#access.tables, this.#entity, query, (key) => this.at(key, epoch));
    });
  }

  count(query: Omit<Query, 'cursor' | 'limit'>): Promise<number> {
    return this.#found(query, () => countKeys(this.#access.tables, this.#entity, query));
  }

  async put(value: T, options: ChangeOptions): Promise<Stored<T>> {
    this.#access.snapshots.refuseIfClosed();
    const revision = await this.#written(prepareChange(this.#entity, this.#entity.key(value), value, options, derivedOf));
    return { value, revision: revision as number };
  }

  async putMany(orders: readonly PutOrder<T>[], facts: ChangeFacts): Promise<readonly (Stored<T> | ProblemError)[]> {
    this.#access.snapshots.refuseIfClosed();
    return putOutcomes(orders, await this.#access.writer.write(prepareChanges(this.#entity, orders, facts, derivedOf)));
  }

  async remove(key: string, options: ChangeOptions): Promise<boolean> {
    this.#access.snapshots.refuseIfClosed();
    return (await this.#written(prepareChange(this.#entity, key, undefined, options, derivedOf<T>))) !== undefined;
  }

  /** What an index finds, once that holds what processes of other versions have changed. */
  async #found<R>({ index }: Pick<Query, 'index'>, action: () => R): Promise<R> {
    const { snapshots, notes, writer } = this.#access;
    const isRight = await snapshots.read(() => index === undefined || !notes.isAny());
    if (!isRight) await notes.settleAll(writer, [this.#entity as unknown as Entity<unknown>]);
    return snapshots.read(action);
  }

  async #written(change: Change<Derived>): Promise<number | undefined> {
    const [outcome] = await this.#access.writer.write([change]);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  #remembered(memory: RegistryMemory<T>, key: string, epoch: number): Stored<T> | undefined {
    const known = memory.at(key, epoch);
    if (known !== undefined || memory.isAbsent(key, epoch)) return known;
    // What is remembered was looked at when it was learned.
    const text = this.#textOf(checkKey('the key', key));
    return memory.learn(key, text === undefined ? undefined : readKept(text), epoch);
  }

  /** Nobody else asks for it. */
  #epochNow(): number {
    return this.#memory === undefined ? 0 : this.#access.epoch.now();
  }

  #textOf(key: string): string | undefined {
    return this.#access.tables.documents.get(documentKey(this.#entity.name, key));
  }

  #answer(stored: Stored<T>): Stored<T> | undefined {
    const { expiresAt } = this.#entity;
    return expiresAt !== undefined && expiresAt(stored.value) <= this.#access.now() ? undefined : stored;
  }
}

function parsed<T>(text: string): Stored<T> {
  const { revision, json } = readKept(text);
  return { value: JSON.parse(json) as T, revision };
}
