import { setTimeout as delay } from 'node:timers/promises';
import { type Instant, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Entity, Store, Stored } from '#storage';
import { underClaim } from './claims.js';
import { runningProcesses } from './processes.js';
import { repeated } from './repeated.js';

/** Of which version the data of a store are. */
export interface StoreSchema {
  readonly name: 'schema';
  readonly version: number;
  /** The least version that a program must know to work on them. */
  readonly worksFrom: number;
  /** The version that a narrowing migration has begun to make of them. */
  readonly narrowing?: number;
  /** The program that brought them there. */
  readonly writtenBy: string;
  readonly since: Instant;
}

/** One document. */
export const storeSchemas: Entity<StoreSchema> = {
  name: 'schema',
  key: ({ name }) => name,
  indexes: {},
};

/** How data of one version become those of the next. It may be broken off anywhere, and is then done again from its beginning. */
export interface Migration {
  /** The version of the data after it: one more than before. */
  readonly to: number;
  /**
   * `widens`: it adds, and programs of the version before work on the data while it runs and afterwards, as they still write what was before.
   * `narrows`: it takes away what they need; it runs only when none of them is at work, and until then this program works without it.
   */
  readonly kind: 'widens' | 'narrows';
  /** Each change with these facts. @param held aborts once another process may carry it out */
  run(store: Store, facts: ChangeFacts, held: AbortSignal): Promise<void>;
}

/** All there are, in their order. What is done to data by an index that is declared anew is no migration: opening does it. */
export const migrations: readonly Migration[] = [];

/** What a store is opened by. */
export interface Program {
  /** Such as `1.2.0`. */
  readonly version: string;
  readonly migrations: readonly Migration[];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** The version of the data that a program knows. */
export function schemaOf({ migrations }: Pick<Program, 'migrations'>): number {
  return 1 + migrations.length;
}

const WAITS_MS = 200;

/**
 * Brings the data of a store to the version that the program knows, as far as programs of older versions that are at work let it. Of several processes that start
 * together one does it, and the others wait for it.
 * @param isNew whether nothing has ever been kept there
 * @throws ProblemError `store-unavailable` if the data are of a version that this program cannot work on; whatever a migration throws
 */
export async function settleSchema(store: Store, program: Program, isNew: () => Promise<boolean>): Promise<void> {
  for (;;) {
    const stored = await readSchema(store);
    if (stored === undefined) {
      // What is older than the mark is of the first version.
      if (await record(store, program, (await isNew()) ? schemaOf(program) : 1)) continue;
      return;
    }
    assertWorks(stored.value, program);
    const migration = program.migrations[stored.value.version - 1];
    if (migration === undefined) return;
    const outcome = await underClaim(store, program.clock, 'schema', (held) => migrated(store, program, migration, held));
    if (outcome === 'waits') return;
    if (outcome === 'taken') await delay(WAITS_MS);
  }
}

/** What a store says of its data; undefined if nobody has said it. */
export function readSchema(store: Store): Promise<Stored<StoreSchema> | undefined> {
  return store.collection(storeSchemas).get('schema');
}

/** Holds that a program can work on the data, once it is known to be at work. @throws ProblemError as settleSchema */
export async function assertSchema(store: Store, program: Program): Promise<void> {
  const stored = await readSchema(store);
  if (stored !== undefined) assertWorks(stored.value, program);
}

function assertWorks({ version, worksFrom, writtenBy }: StoreSchema, program: Program): void {
  const known = schemaOf(program);
  if (worksFrom <= known) return;
  throw new ProblemError('store-unavailable', {
    detail: `The store is newer than this program: its data are of version ${version}, written by Tilgang ${writtenBy}, and Tilgang ${program.version} knows version ${known}. Start Tilgang ${writtenBy} or a newer one, or restore the backup from before the upgrade.`,
  });
}

/** @returns whether there was room for it: a full store is still of use, and nothing in it is changed */
async function record(store: Store, program: Program, version: number): Promise<boolean> {
  const value = { name: 'schema', version, worksFrom: version, writtenBy: program.version, since: toInstant(program.clock()) } as const;
  try {
    await store.collection(storeSchemas).put(value, { expect: 'absent', facts: factsOf(program) });
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'store-full') return false;
    // Another process was first.
    if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
  }
  return true;
}

/** @returns `waits` if programs of an older version are at work that it would break */
async function migrated(store: Store, program: Program, { to, kind, run }: Migration, held: AbortSignal): Promise<'done' | 'waits'> {
  const before = await readSchema(store);
  if (before?.value.version !== to - 1) return 'done';
  if (kind === 'narrows') {
    // First nobody of them begins any more, then it is looked whether somebody is there: one of the two is seen.
    await change(store, program, { worksFrom: to });
    if ((await runningProcesses(store)).some(({ schema }) => schema < to)) {
      // One that was killed before it had begun has left them shut out; once it has begun they cannot come back.
      const { narrowing, worksFrom } = before.value;
      if (narrowing === undefined) await change(store, program, { worksFrom: Math.min(worksFrom, to - 1) });
      return 'waits';
    }
    await change(store, program, { narrowing: to });
  }
  await run(store, factsOf(program), held);
  held.throwIfAborted();
  await change(store, program, { version: to, narrowing: undefined, writtenBy: program.version, since: toInstant(program.clock()) });
  return 'done';
}

function change(
  store: Store,
  program: Program,
  to: { readonly [Part in keyof StoreSchema]?: StoreSchema[Part] | undefined },
): Promise<unknown> {
  return repeated(async () => {
    const stored = (await readSchema(store)) as Stored<StoreSchema>;
    return store
      .collection(storeSchemas)
      .put({ ...stored.value, ...to } as StoreSchema, { expect: stored.revision, facts: factsOf(program) });
  });
}

function factsOf({ clock }: Program): ChangeFacts {
  return { action: 'schema.migrate', at: toInstant(clock()), actor: 'operator' };
}
