import { ProblemError } from '#problem';
import { type Database, readFault } from './database.js';
import { EPOCH_ID, type Home, type KeptDocument } from './layout.js';

/** Of a document what is answered. */
const ANSWERED: Readonly<Record<Home, Readonly<Record<string, 1>>>> = {
  documents: { j: 1, r: 1, x: 1, n: 1 },
  registry: { j: 1, r: 1, x: 1, 'o.g': 1 },
};

/** What was known when a reading or a writing began. */
export interface Moment {
  /** The latest registry epoch that was seen. */
  readonly epoch: number;
  /** How many changes of the registry of its own this process knew of. */
  readonly changes: number;
}

/** At no epoch: what is learned so is believed by nobody. */
const NEVER = -1;

/** How long a primary may try to find out whether it still is one. */
const LINEARIZABLE_MS = 3000;

/** Who hears of what the server answers. */
export interface ReadEars {
  /** It has answered: not where nothing was asked, as by who reads no documents at all. */
  onAnswer(): void;
  /** Its registry epoch is an earlier one than it was: it has lost what it had, or was put back, and what is known of the registry may be from a time that never was. */
  onPutBack(): void;
}

/** What is about to be asked for together. */
interface Gathering {
  readonly ids: Set<string>;
  readonly found: Promise<ReadonlyMap<string, KeptDocument>>;
}

const NOTHING: Promise<ReadonlyMap<string, KeptDocument>> = Promise.resolve(new Map());

/** Whoever asks for much waits for nobody else, and nobody for them. */
const MOST_GATHERED = 200;

/** Reads of documents by `_id`, each on the primary and of what a majority has. Turns their faults into the port's. */
export class Reads {
  readonly #database: Database;
  readonly #isLinearizable: boolean;
  #isClosed = false;
  #moment: Moment = { epoch: 0, changes: 0 };
  /** From one to the other the epoch was raised by this process alone. */
  #raised = { from: 0, to: 0 };
  readonly #ears: ReadEars;
  readonly #gathering: { [At in Home]?: Gathering } = {};

  /** @param isLinearizable whether documentsAndEpoch asks the primary to make sure that it is one */
  constructor(database: Database, isLinearizable: boolean, ears: ReadEars) {
    this.#database = database;
    this.#ears = ears;
    this.#isLinearizable = isLinearizable;
  }

  /** From now on every read is refused. */
  close(): void {
    this.#isClosed = true;
  }

  /** What is known now. */
  get moment(): Moment {
    return this.#moment;
  }

  /**
   * The epoch as of which something may be believed that was read or written in between.
   * @param moment when that began
   */
  believed({ epoch, changes }: Moment): number {
    // It may be older than a change of our own, which the epochs that we raise alone would hide.
    return changes === this.#moment.changes ? epoch : NEVER;
  }

  /** The least epoch since which nothing of the registry has changed up to this one, but what this process has changed itself and knows. */
  sameSince(epoch: number): number {
    const { from, to } = this.#raised;
    return from <= epoch && epoch <= to ? from : epoch;
  }

  /** This process has changed a document of the registry, and will raise the epoch. */
  changed(): void {
    this.#moment = { epoch: this.#moment.epoch, changes: this.#moment.changes + 1 };
  }

  /** This process has raised the epoch. */
  raised(epoch: number): void {
    this.#raised = { from: this.#raised.to === epoch - 1 ? this.#raised.from : epoch - 1, to: epoch };
    this.#see(epoch);
  }

  #see(epoch: number): void {
    if (epoch > this.#moment.epoch) this.#moment = { epoch, changes: this.#moment.changes };
  }

  #putBack(epoch: number): void {
    this.#moment = { epoch, changes: this.#moment.changes + 1 };
    this.#raised = { from: 0, to: 0 };
    this.#ears.onPutBack();
  }

  /** @throws ProblemError `store-unavailable` */
  refuseIfClosed(): void {
    if (this.#isClosed) throw new ProblemError('store-unavailable', { detail: 'the store is closed' });
  }

  /** The outcome of a read. */
  async read<R>(action: () => Promise<R>): Promise<R> {
    try {
      this.refuseIfClosed();
      return await action();
    } catch (error) {
      throw readFault(error);
    }
  }

  /** Documents of one home by `_id`, in one round trip; what is asked for in one run of code shares it. More may be answered than was asked for. */
  documents(home: Home, ids: readonly string[]): Promise<ReadonlyMap<string, KeptDocument>> {
    if (ids.length === 0) return NOTHING;
    let gathering = this.#gathering[home];
    if (gathering === undefined || gathering.ids.size + ids.length > MOST_GATHERED) {
      const begun = new Set<string>();
      const found = Promise.resolve().then(() => {
        if (this.#gathering[home]?.ids === begun) delete this.#gathering[home];
        return this.#find(home, [...begun]);
      });
      gathering = { ids: begun, found };
      this.#gathering[home] = gathering;
    }
    for (const id of ids) gathering.ids.add(id);
    return gathering.found;
  }

  async #find(home: Home, ids: readonly string[]): Promise<ReadonlyMap<string, KeptDocument>> {
    const found = await this.#database.readers[home]
      .find({ _id: { $in: ids as string[] } }, { projection: ANSWERED[home], batchSize: ids.length + 1 })
      .toArray();
    this.#ears.onAnswer();
    return new Map(found.map((document) => [document._id, document]));
  }

  /** One by one, at once: only for a single document is the server's word good. */
  async #each(ids: readonly string[]): Promise<ReadonlyMap<string, KeptDocument>> {
    const { documents } = this.#database.readers;
    const options = { projection: ANSWERED.documents, readConcern: 'linearizable', maxTimeMS: LINEARIZABLE_MS } as const;
    const found = await Promise.all([...new Set(ids)].map((_id) => documents.findOne({ _id }, options)));
    this.#ears.onAnswer();
    return new Map(found.flatMap((document) => (document === null ? [] : [[document._id, document]])));
  }

  /** The same with the registry epoch, in the same round trip. */
  async documentsAndEpoch(
    ids: readonly string[],
  ): Promise<{ readonly documents: ReadonlyMap<string, KeptDocument>; readonly epoch: number }> {
    const all = [EPOCH_ID, ...ids];
    const { epoch: known } = this.#moment;
    const documents = this.#isLinearizable ? await this.#each(all) : await this.documents('documents', all);
    const epoch = (documents.get(EPOCH_ID) as { readonly n?: number } | undefined)?.n ?? 0;
    if (epoch < known) this.#putBack(epoch);
    this.#see(epoch);
    return { documents, epoch };
  }

  /** A document of the registry. */
  async registryDocument(id: string): Promise<KeptDocument | undefined> {
    return (await this.documents('registry', [id])).get(id);
  }
}
