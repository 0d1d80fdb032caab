import { type Database, indexOfFirst, isDuplicate } from './database.js';
import { EPOCH_ID, type KeptDocument, type KeptEvent } from './layout.js';

/** An event that lies beside its document. */
export type UnmovedEvent = Omit<KeptEvent, '_id'> & { readonly isRegistry: boolean };

/** The event in the outbox of a document, if there is one. */
export function unmovedOf({ _id, r, h, o }: KeptDocument): UnmovedEvent | undefined {
  return o === undefined ? undefined : { d: _id, r, h, j: o.j, p: o.p, isRegistry: o.g };
}

/** The end of the log. Each step may be repeated, by this process or another. */
export class Log {
  readonly #database: Database;
  readonly #onAppend: () => void;
  /** The last place that is known to be taken. */
  #last: number | undefined;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(database: Database, onAppend: () => void) {
    this.#database = database;
    this.#onAppend = onAppend;
  }

  /** Puts the events at the end, those that are not there yet, and raises the registry epoch if one is of the registry. */
  append(events: readonly UnmovedEvent[]): Promise<void> {
    const appended = this.#busy.then(() => this.#appendAndRaise(events));
    this.#busy = appended.catch(() => {});
    return appended;
  }

  async #appendAndRaise(events: readonly UnmovedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const isRegistry = events.some((event) => event.isRegistry);
    // What changed is written already, so whoever has read the new epoch reads it.
    const raise = isRegistry && this.#database.epochs.updateOne({ _id: EPOCH_ID }, { $inc: { n: 1 } }, { upsert: true });
    await Promise.all([this.#insert(events), raise]);
    this.#onAppend();
  }

  async #insert(events: readonly UnmovedEvent[]): Promise<void> {
    for (let rest = events; rest.length > 0; ) {
      const base = this.#last ?? (await this.#readLast());
      // No place is left out: in an ordered insertion each follows one that is there.
      const kept = rest.map(({ isRegistry: _, ...event }, i): KeptEvent => ({ _id: base + 1 + i, ...event }));
      this.#last = undefined;
      try {
        await this.#database.events.insertMany(kept, { ordered: true });
        this.#last = base + kept.length;
        return;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        // The place is taken, or somebody has moved the event.
        rest = await this.#missing(rest.slice(indexOfFirst(error)));
      }
    }
  }

  async #readLast(): Promise<number> {
    const last = await this.#database.events.findOne({}, { sort: { _id: -1 }, projection: { _id: 1 } });
    return last?._id ?? 0;
  }

  async #missing(events: readonly UnmovedEvent[]): Promise<readonly UnmovedEvent[]> {
    const pairs = events.map(({ d, r }) => ({ d, r }));
    const found = await this.#database.events.find({ $or: pairs }, { projection: { d: 1, r: 1 }, batchSize: pairs.length + 1 }).toArray();
    const there = new Set(found.map(({ d, r }) => `${r} ${d}`));
    return events.filter(({ d, r }) => !there.has(`${r} ${d}`));
  }
}
