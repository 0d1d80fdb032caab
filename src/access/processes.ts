import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Instant, toInstant } from '#domain';
import type { PersonVault } from '#persons';
import { ProblemError } from '#problem';
import type { ChangeFacts, Entity, Store } from '#storage';
import { keysInForce, recordedSecrets } from './person-secrets.js';

/** A process that works on the store. */
export interface RunningProcess {
  /** Of this run. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Of the program, and of the data that it knows. */
  readonly version: string;
  readonly schema: number;
  /** What it keeps beside documents, a name each: see declarationsOf. */
  readonly keeps: readonly string[];
  /** The sealing keys that it can open by, and the one that it seals by; none before it has read its secrets. */
  readonly keys: readonly string[];
  readonly seals: string;
  /** It is renewed long before. */
  readonly expiresAt: Instant;
}

/** Key: id of the run. */
export const processes: Entity<RunningProcess> = {
  name: 'process',
  key: ({ id }) => id,
  indexes: {},
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

/** Who is at work on the store, as far as it is known; of one that was killed it shows for three minutes. */
export async function runningProcesses(store: Store): Promise<readonly RunningProcess[]> {
  const { items } = await store.collection(processes).query({ limit: 10_000 });
  return items.map(({ value }) => value);
}

const LIVES_MS = 180_000;
const RENEWED_MS = 60_000;
const LOOKS_MS = 5000;
/** It counts for a minute more, since the clocks of machines may differ. */
const SEALS_MS = LIVES_MS - 60_000;
/** Whoever stops does not wait longer for a store that does not answer. */
const LEAVES_MS = 1000;

/** Which process it is. */
export type ProcessName = Pick<RunningProcess, 'version' | 'schema' | 'keeps'>;

/** What a version of the program keeps beside documents: indexes, whom events concern, what expires. */
export function declarationsOf(entities: readonly Entity<never>[]): readonly string[] {
  return entities
    .flatMap(({ name, indexes, concerns, expiresAt }) => [
      ...Object.keys(indexes).map((index) => `${name} ${index}`),
      ...(concerns === undefined ? [] : [`${name} concerns`]),
      ...(expiresAt === undefined ? [] : [`${name} expires`]),
    ])
    .sort();
}

/**
 * Holds that the processes at work keep the same as this one, where a store cannot make good what others do not keep.
 * @throws ProblemError `store-unavailable` that names one that does not
 */
export async function assertAlike(store: Store, { keeps }: Pick<ProcessName, 'keeps'>): Promise<void> {
  const other = (await runningProcesses(store)).find((process) => process.keeps.join() !== keeps.join());
  if (other === undefined) return;
  throw new ProblemError('store-unavailable', {
    detail: `${other.host} process ${other.pid} (Tilgang ${other.version}) is at work on the database and keeps other indexes than this version: on MongoDB the two do not work beside each other. Stop the processes of that version first; one that was killed counts for three minutes.`,
  });
}

/**
 * Lets the other processes of a store know that this one is at work on it and by which keys, and follows what a rotation of the sealing secret asks for: it looks
 * every five seconds.
 */
export class Presence {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #name: ProcessName & Pick<RunningProcess, 'id' | 'host' | 'pid'>;
  #vault: PersonVault | undefined;
  #told: { readonly keys: string; readonly ms: number } | undefined;
  #hindrance: ProblemError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(store: Store, clock: () => number, name: ProcessName) {
    this.#store = store;
    this.#clock = clock;
    this.#name = { ...name, id: randomUUID(), host: hostname(), pid: process.pid };
  }

  /** Tells that this process is at work, without keys yet. A full store has no room for it: nothing can be changed there either. */
  tell(): Promise<void> {
    return this.#tell().catch((error: unknown) => {
      if (!(error instanceof ProblemError) || error.slug !== 'store-full') throw error;
    });
  }

  /** Tells of the vault, and from now on follows. */
  async begin(vault: PersonVault): Promise<void> {
    this.#vault = vault;
    await this.tell();
    vault.keys.guard(() => this.#assertSeen());
    let isLooking = false;
    this.#timer = setInterval(() => {
      if (isLooking) return;
      isLooking = true;
      // Whatever is in the way, it looks again.
      void this.look()
        .catch(() => {})
        .then(() => {
          isLooking = false;
        });
    }, LOOKS_MS).unref();
  }

  /** Does what a rotation asks for now, and tells. @throws ProblemError `store-unavailable` */
  look(): Promise<void> {
    this.#looking = this.#looking
      .catch(() => {})
      .then(() => this.#look())
      .then(
        () => {
          this.#hindrance = undefined;
        },
        (error: unknown) => {
          if (error instanceof ProblemError) this.#hindrance = error;
          throw error;
        },
      );
    return this.#looking;
  }

  /** Whoever rotates does not wait for a process that has not told of itself for long: what that sealed would be under a key that is given up. */
  #assertSeen(): void {
    const told = this.#told;
    if (told === undefined || performance.now() - told.ms < SEALS_MS) return;
    void this.look().catch(() => {});
    throw (
      this.#hindrance ?? new ProblemError('store-unavailable', { detail: 'this process stood still: first it looks which key seals now' })
    );
  }

  /** Tells that this process is gone. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#told === undefined) return;
    const gone = this.#looking
      .catch(() => {})
      .then(() => this.#store.collection(processes).remove(this.#name.id, { expect: 'any', facts: this.#facts() }));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVES_MS);
    });
    await Promise.race([gone.catch(() => {}), late]);
    clearTimeout(timer);
  }

  async #look(): Promise<void> {
    const keys = this.#vault?.keys;
    const recorded = await recordedSecrets(this.#store);
    if (keys === undefined || recorded === undefined) return;
    const { seals, all } = keysInForce(recorded.value);
    if (all.some((id) => !keys.known().includes(id))) keys.reload();
    if (keys.current !== seals && keys.known().includes(seals)) keys.use(seals);
    const told = this.#told;
    const isOld = told === undefined || performance.now() - told.ms > RENEWED_MS;
    if (isOld || told.keys !== toldOf(keys)) await this.#tell();
  }

  async #tell(): Promise<void> {
    const keys = this.#vault?.keys;
    const told = { keys: keys === undefined ? '' : toldOf(keys), ms: performance.now() };
    const value = { ...this.#name, keys: keys?.known() ?? [], seals: keys?.current ?? '', expiresAt: toInstant(this.#clock() + LIVES_MS) };
    await this.#store.collection(processes).put(value, { expect: 'any', facts: this.#facts() });
    this.#told = told;
  }

  #facts(): ChangeFacts {
    return { action: 'process.tell', at: toInstant(this.#clock()), actor: 'operator' };
  }
}

function toldOf(keys: PersonVault['keys']): string {
  return `${keys.current} ${keys.known().join(' ')}`;
}
