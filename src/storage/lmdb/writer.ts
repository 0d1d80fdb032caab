import { ProblemError } from '#problem';
import { canonicalJson, textHash } from '../event-chain.js';
import type { ChangeFacts, ChangeOptions, Entity } from '../port.js';
import {
  checkKeySize,
  concernsPrefix,
  documentKey,
  entriesOf,
  historyPrefix,
  keyBytes,
  NO_HASH,
  partiesOf,
  readKept,
  sequenceText,
  valuePrefix,
  writeKept,
} from './layout.js';
import { keysBetween, pastPrefix, type Tables } from './tables.js';

/** A change that waits for its transaction. All that can be computed or refused without the store has been. */
export interface Change {
  readonly entity: Entity<unknown>;
  readonly key: string;
  /** Canonical JSON; absent means remove. */
  readonly json: string | undefined;
  /** As it was handed in; absent means remove. */
  readonly value: unknown;
  readonly entries: ReadonlySet<string>;
  /** Values that must be nobody else's, as [index, value]. */
  readonly unique: readonly (readonly [string, string])[];
  readonly options: ChangeOptions;
}

/** What became of a change: the new revision, nothing to remove, or why it was refused. */
export type Outcome = number | undefined | Error;

interface Waiting {
  readonly change: Change;
  /** Whose outcome it is, and at which place. */
  readonly order: Order;
  readonly at: number;
}

/** Changes that were handed in together. */
interface Order {
  readonly outcomes: Outcome[];
  left: number;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Bounds how long one transaction keeps the write lock from other processes and the event loop from requests: some 0.1 s. Larger ones write fewer
 * pages for each change, but LMDB then carries their freed pages through every commit that follows: measured 18 ms for a single put after
 * transactions of 8192, 3 ms after these.
 */
const MAX_BATCH = 2048;

/** Groups changes: all that arrive while a transaction is being flushed share the next one. */
export class Writer {
  readonly #tables: Tables;
  readonly #onCommit: () => void;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(tables: Tables, onCommit: () => void) {
    this.#tables = tables;
    this.#onCommit = onCommit;
  }

  /** The outcome of each, in their order; when all are flushed. Rejects if the store fails. */
  write(changes: readonly Change[]): Promise<readonly Outcome[]> {
    return new Promise((resolve, reject) => {
      if (changes.length === 0) return resolve([]);
      const order: Order = { outcomes: new Array(changes.length), left: changes.length, resolve, reject };
      for (const [at, change] of changes.entries()) this.#queue.push({ change, order, at });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // One turn, so that the changes of the same turn come along.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MAX_BATCH);
      try {
        const outcomes = await this.#commit(batch);
        for (const [i, { order, at }] of batch.entries()) {
          order.outcomes[at] = outcomes[i];
          order.left -= 1;
          if (order.left === 0) order.resolve(order.outcomes);
        }
        this.#onCommit();
      } catch (cause) {
        const problem = new ProblemError('store-unavailable', { detail: 'the change could not be written', cause });
        for (const { order } of batch) order.reject(problem);
      }
    }
    this.#running = undefined;
  }

  /** A child transaction, since only that is undone when something unforeseen throws between two puts. */
  #commit(batch: readonly Waiting[]): Promise<Outcome[]> {
    const { root, events } = this.#tables;
    return root.childTransaction(() => {
      const [last] = [...events.getKeys({ reverse: true, limit: 1 })];
      let sequence = last === undefined ? 0 : Number(last.toString());
      return batch.map(({ change }) => {
        const outcome = this.#apply(change, sequence + 1);
        if (typeof outcome === 'number' && change.entity.keepsNoHistory !== true) sequence += 1;
        return outcome;
      });
    });
  }

  #apply(change: Change, sequence: number): Outcome {
    const { documents, graves, indexes, events, history, concerns } = this.#tables;
    const {
      entity,
      key,
      json,
      options: { expect, facts },
    } = change;
    const place = keyBytes(documentKey(entity.name, key));
    const text = documents.get(place);
    const before = text === undefined ? undefined : readKept(text);
    const grave = before === undefined && entity.keepsNoHistory !== true ? graves.get(place) : undefined;
    const last = before ?? (grave === undefined ? undefined : readKept(grave));

    if (expect === 'absent' ? before !== undefined : expect !== 'any' && before?.revision !== expect) return new ProblemError('conflict');
    if (json === undefined && before === undefined) return undefined;
    for (const [index, value] of change.unique) {
      const prefix = valuePrefix(entity.name, index, value);
      const own = Buffer.from(prefix + key);
      if (keysBetween(indexes, Buffer.from(prefix), pastPrefix(prefix), 2).some((other) => !own.equals(other))) {
        return new ProblemError('conflict', { detail: `another one has the same ${index}` });
      }
    }
    // Parsed once, and only if somebody asks.
    const isRead = entity.concerns !== undefined || Object.keys(entity.indexes).length > 0;
    const old = before === undefined || !isRead ? undefined : (JSON.parse(before.json) as unknown);
    const oldEntries = old === undefined ? new Set<string>() : entriesOf(entity, key, old);
    const revision = (last?.revision ?? 0) + 1;
    const reindex = (): void => {
      for (const entry of oldEntries) if (!change.entries.has(entry)) indexes.removeSync(Buffer.from(entry));
      for (const entry of change.entries) if (!oldEntries.has(entry)) indexes.putSync(Buffer.from(entry), '1');
    };
    if (entity.keepsNoHistory === true) {
      if (json === undefined) documents.removeSync(place);
      else documents.putSync(place, writeKept({ revision, hash: NO_HASH, json }));
      reindex();
      return revision;
    }
    const parties = partiesOrRefusal(change, old);
    if (parties instanceof Error) return parties;

    const cursor = sequenceText(sequence);
    // Canonical JSON by hand: the members stand sorted, and the states are canonical texts already.
    const event =
      `{"action":${JSON.stringify(facts.action)},"actor":${JSON.stringify(facts.actor)}` +
      (json === undefined ? '' : `,"after":${json}`) +
      `,"at":"${facts.at}"` +
      (before === undefined ? '' : `,"before":${before.json}`) +
      `,"cursor":"${cursor}","entity":"${entity.name}","fromRevision":${revision - 1},"key":${JSON.stringify(key)}` +
      optional('onBehalfOf', facts.onBehalfOf) +
      `,"previousHash":"${last?.hash ?? ''}"` +
      optional('reason', facts.reason) +
      `${optional('requestId', facts.requestId)},"revision":${revision}}`;
    const hash = textHash(event);

    if (json === undefined) {
      documents.removeSync(place);
      graves.putSync(place, writeKept({ revision, hash, json: '' }));
    } else {
      documents.putSync(place, writeKept({ revision, hash, json }));
      if (grave !== undefined) graves.removeSync(place);
    }
    reindex();
    events.putSync(Buffer.from(cursor), hash + event);
    history.putSync(Buffer.from(historyPrefix(entity.name, key) + cursor), '1');
    for (const party of parties) concerns.putSync(Buffer.from(concernsPrefix(party) + cursor), '1');
    return revision;
  }
}

function partiesOrRefusal({ entity, value }: Change, before: unknown): ReadonlySet<string> | Error {
  if (entity.concerns === undefined) return NOBODY;
  try {
    return partiesOf(entity, before, value);
  } catch (cause) {
    if (cause instanceof ProblemError || cause instanceof TypeError) return cause;
    return new TypeError(`whom a change of ${entity.name} concerns cannot be told`, { cause });
  }
}

const NOBODY: ReadonlySet<string> = new Set();

function optional(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

/** @throws TypeError or ProblemError `invalid-request` for what can never be written */
export function prepareChange<T>(entity: Entity<T>, key: string, value: T | undefined, options: ChangeOptions): Change {
  const { expect } = options;
  if (expect !== 'absent' && expect !== 'any' && !(Number.isSafeInteger(expect) && expect > 0)) {
    throw new TypeError('expect is not absent, any or a revision');
  }
  const entries = value === undefined ? NO_ENTRIES : entriesOf(entity, key, value);
  for (const entry of entries) checkKeySize(entry);
  checkKeySize(historyPrefix(entity.name, key) + sequenceText(0));
  const unique =
    value === undefined
      ? []
      : Object.entries(entity.indexes).flatMap(([name, index]) =>
          index.unique === true ? index.values(value).map((text) => [name, text] as const) : [],
        );
  const json = value === undefined ? undefined : canonicalJson(value);
  return {
    entity: entity as unknown as Entity<unknown>,
    key,
    json,
    value,
    entries,
    unique,
    options: { expect, facts: keptFacts(options.facts) },
  };
}

const NO_ENTRIES: ReadonlySet<string> = new Set();
const checkedFacts = new WeakMap<ChangeFacts, ChangeFacts>();

/** A copy that is known to be JSON; one for all changes that share the facts. */
function keptFacts(facts: ChangeFacts): ChangeFacts {
  let kept = checkedFacts.get(facts);
  if (kept === undefined) {
    canonicalJson(facts);
    kept = { ...facts };
    checkedFacts.set(facts, kept);
  }
  return kept;
}
