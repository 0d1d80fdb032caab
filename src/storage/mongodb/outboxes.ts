import type { ObjectId } from 'mongodb';
import { type Database, HOMES } from './database.js';
import { removalOrders, writeEntries } from './entries.js';
import { type Entry, entriesOf, type Home, type KeptDocument } from './layout.js';
import type { Log } from './log.js';

/** How many events that others have left behind are moved at a time. */
const MOST_SWEPT = 200;

/** A document whose event is in the log. */
export interface Emptied {
  readonly home: Home;
  readonly id: string;
  readonly t: ObjectId;
  /** Entries that it has left over. */
  readonly left: readonly Entry[];
}

/** Moves events from beside their documents into the log, and empties outboxes whose event is there. */
export class Outboxes {
  readonly #database: Database;
  readonly #log: Log;
  /** Those that were full at the last look. */
  #seen: ReadonlySet<string> = new Set();
  /** Outboxes whose event is in the log, by the token of the document. */
  readonly #moved = new Map<string, Emptied>();
  /** The last ones that were emptied: who read them before must not move them again. */
  #emptied: ReadonlySet<string> = new Set();
  #emptying: Promise<void> | undefined;

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** Moves the events of these documents that are not known to be in the log. */
  async move(home: Home, documents: readonly KeptDocument[]): Promise<void> {
    const full = documents.filter(({ o, t }) => o !== undefined && !this.#isMoved(t.toHexString()));
    if (full.length === 0) return;
    // Whoever wrote them may have died before all of it was there.
    await writeEntries(this.#database.homes[home], full.flatMap(entriesOf));
    await this.#log.append(full, 0);
    this.empty(full.map(({ _id, t }) => ({ home, id: _id, t, left: [] })));
  }

  /**
   * Has the epoch raised for every state of the registry that this process knows: what was read before its event was in the log may be somebody's whose
   * change has failed, and nobody else may have heard of it.
   */
  async settle(): Promise<void> {
    const ids = await this.#log.unraised();
    if (ids.length === 0) return;
    const documents = await this.#database.homes.registry.find({ _id: { $in: [...ids] } }, { batchSize: ids.length + 1 }).toArray();
    await this.move('registry', documents);
    for (const document of documents) this.#log.noteRaised(document);
  }

  /** Moves what processes that died have left behind, if it was there the last time too. */
  async sweep(): Promise<void> {
    const seen = new Set<string>();
    for (const home of HOMES) {
      const full = await this.#database.homes[home].find({ 'o.a': { $exists: true } }, { sort: { 'o.a': 1 }, limit: MOST_SWEPT }).toArray();
      // By no clock, since those of other machines may differ: what was there when it was looked last has waited for so long.
      const left = full.filter(({ t }) => this.#seen.has(t.toHexString()));
      for (const { t } of full) seen.add(t.toHexString());
      await this.move(home, left);
    }
    this.#seen = seen;
  }

  /** In its own time: the events are in the log. Nobody waits for it; what stays full is found by who writes next, or swept. */
  empty(those: readonly Emptied[]): void {
    for (const one of those) this.#moved.set(one.t.toHexString(), one);
    this.#emptying ??= this.#emptyAll();
  }

  /** Waits for what is being emptied. */
  async close(): Promise<void> {
    while (this.#emptying !== undefined) await this.#emptying;
  }

  #isMoved(token: string): boolean {
    return this.#moved.has(token) || this.#emptied.has(token);
  }

  async #emptyAll(): Promise<void> {
    // One turn, so that #emptying is set.
    await Promise.resolve();
    while (this.#moved.size > 0) {
      const batch = [...this.#moved];
      const isDone = await Promise.all(HOMES.map((home) => this.#emptyIn(home, batch))).then(
        () => true,
        () => false,
      );
      this.#emptied = new Set(isDone ? batch.map(([token]) => token) : []);
      for (const [token] of batch) this.#moved.delete(token);
    }
    this.#emptying = undefined;
  }

  async #emptyIn(home: Home, batch: readonly (readonly [string, Emptied])[]): Promise<void> {
    const own = batch.flatMap(([, one]) => (one.home === home ? [one] : []));
    if (own.length === 0) return;
    // Whoever has changed the document since has put another event there.
    const updates = own.map(({ id, t }) => ({ updateOne: { filter: { _id: id, t }, update: { $unset: { o: true as const } } } }));
    const removals = removalOrders(own.flatMap(({ left }) => left));
    await this.#database.homes[home].bulkWrite([...updates, ...removals], { ordered: false });
  }
}
