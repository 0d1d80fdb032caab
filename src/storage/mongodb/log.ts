import { type Database, indexOfFirst, isDuplicate } from './database.js';
import { EPOCH_ID, type KeptDocument, type KeptEvent } from './layout.js';

/** An event that lies beside its document. */
export type UnmovedEvent = Omit<KeptEvent, '_id'>;

/** The event in the outbox of a document, if there is one. */
export function unmovedOf({ _id, r, h, o }: KeptDocument): UnmovedEvent | undefined {
  return o === undefined ? undefined : { d: _id, r, h, j: o.j, p: o.p };
}

/** The last place of the log; 0 if it is empty. Of numbers alone: nothing else that lies there is taken for a place. */
export async function lastPlace({ events }: Pick<Database, 'events'>): Promise<number> {
  const last = await events.findOne({ _id: { $gt: 0 } }, { sort: { _id: -1 }, projection: { _id: 1 } });
  return last?._id ?? 0;
}

/** Who hears of what enters the log. */
export interface LogEars {
  /** Before the epoch is raised: a document of the registry as its event made it. @param epoch one that was seen before it was read or written */
  onRegistry(document: KeptDocument, epoch: number): void;
  /** This process has raised the registry epoch to this. */
  onRaised(epoch: number): void;
  /** Events are there. */
  onAppend(): void;
}

/** The end of the log. Each step may be repeated, by this process or another. */
export class Log {
  readonly #database: Database;
  readonly #ears: LogEars;
  /** The last place that is known to be taken. */
  #last: number | undefined;
  #reached = 0;
  /** Documents of the registry, with the latest revision that this process knows and for which the epoch may not have been raised yet. */
  readonly #unraised = new Map<string, number>();
  #busy: Promise<unknown> = Promise.resolve();

  constructor(database: Database, ears: LogEars) {
    this.#database = database;
    this.#ears = ears;
  }

  /** A place at least as late as that of every event for which append has resolved; 0 if there is none. */
  get reached(): number {
    return this.#reached;
  }

  /**
   * Puts the events beside these documents at the end, those that are not there yet, and raises the registry epoch if one is of the registry.
   * @param epoch one that was seen before the documents were read or written
   */
  append(documents: readonly KeptDocument[], epoch: number): Promise<void> {
    const appended = this.#busy.then(() => this.#appendAndRaise(documents, epoch));
    this.#busy = appended.catch(() => {});
    return appended;
  }

  /** The `_id` of the documents of the registry that were read, or written, in a state for which the epoch may not have been raised, once no append is under way. */
  async unraised(): Promise<readonly string[]> {
    if (this.#unraised.size > 0) await this.#busy;
    return [...this.#unraised.keys()];
  }

  /** A document of the registry with its event beside it. */
  noteUnraised({ _id, r }: Pick<KeptDocument, '_id' | 'r'>): void {
    this.#unraised.set(_id, Math.max(r, this.#unraised.get(_id) ?? 0));
  }

  /** For this state the epoch has been raised. */
  noteRaised({ _id, r }: Pick<KeptDocument, '_id' | 'r'>): void {
    if ((this.#unraised.get(_id) ?? r) <= r) this.#unraised.delete(_id);
  }

  /** The server may have less than it had: the end is looked for anew. */
  forgetEnd(): void {
    this.#last = undefined;
  }

  async #appendAndRaise(documents: readonly KeptDocument[], epoch: number): Promise<void> {
    const events = documents.flatMap((document) => unmovedOf(document) ?? []);
    if (events.length === 0) return;
    const registry = documents.filter(({ o }) => o?.g === true);
    for (const document of registry) {
      this.noteUnraised(document);
      this.#ears.onRegistry(document, epoch);
    }
    // What changed is written already, so whoever has read the new epoch reads it.
    const outcomes = await Promise.allSettled([this.#insert(events), registry.length > 0 && this.#raise()]);
    // Only when neither is under way any more: whoever appends next is not met by it.
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    for (const document of registry) this.noteRaised(document);
    this.#ears.onAppend();
  }

  async #raise(): Promise<void> {
    const raised = await this.#database.epochs.findOneAndUpdate(
      { _id: EPOCH_ID },
      { $inc: { n: 1 } },
      { upsert: true, returnDocument: 'after' },
    );
    if (raised?.n !== undefined) this.#ears.onRaised(raised.n);
  }

  async #insert(events: readonly UnmovedEvent[]): Promise<void> {
    for (let rest = events; rest.length > 0; ) {
      const base = this.#last ?? (await lastPlace(this.#database));
      // No place is left out: in an ordered insertion each follows one that is there.
      const kept = rest.map((event, i): KeptEvent => ({ _id: base + 1 + i, ...event }));
      this.#last = undefined;
      try {
        await this.#database.events.insertMany(kept, { ordered: true });
        this.#last = base + kept.length;
        this.#reached = Math.max(this.#reached, this.#last);
        return;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        // The place is taken, or somebody has moved the event.
        this.#reached = Math.max(this.#reached, base + indexOfFirst(error));
        rest = await this.#missing(rest.slice(indexOfFirst(error)));
      }
    }
  }

  async #missing(events: readonly UnmovedEvent[]): Promise<readonly UnmovedEvent[]> {
    const pairs = events.map(({ d, r }) => ({ d, r }));
    const found = await this.#database.events.find({ $or: pairs }, { projection: { d: 1, r: 1 }, batchSize: pairs.length + 1 }).toArray();
    this.#reached = Math.max(this.#reached, ...found.map(({ _id }) => _id));
    const there = new Set(found.map(({ d, r }) => `${r} ${d}`));
    return events.filter(({ d, r }) => !there.has(`${r} ${d}`));
  }
}
