import { ProblemError } from '#problem';
import { type Database, readFault } from './database.js';
import { EPOCH_ID, type Home, type KeptDocument } from './layout.js';

/** Of a document what is answered. */
const ANSWERED = { j: 1, r: 1, x: 1, n: 1 } as const;

/** Reads of documents by `_id`, each on the primary and of what a majority has. Turns their faults into the port's. */
export class Reads {
  readonly #database: Database;
  #isClosed = false;
  #epoch = 0;
  #waiting: { readonly ids: Set<string>; readonly found: Promise<ReadonlyMap<string, KeptDocument>> } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** From now on every read is refused. */
  close(): void {
    this.#isClosed = true;
  }

  /** The latest registry epoch that was seen. */
  get epoch(): number {
    return this.#epoch;
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

  /** Documents of one home by `_id`, in one round trip. */
  async documents(home: Home, ids: readonly string[]): Promise<ReadonlyMap<string, KeptDocument>> {
    if (ids.length === 0) return new Map();
    const found = await this.#database.homes[home]
      .find({ _id: { $in: [...new Set(ids)] } }, { projection: ANSWERED, batchSize: ids.length + 1 })
      .toArray();
    return new Map(found.map((document) => [document._id, document]));
  }

  /** The same with the registry epoch, in the same round trip. */
  async documentsAndEpoch(
    ids: readonly string[],
  ): Promise<{ readonly documents: ReadonlyMap<string, KeptDocument>; readonly epoch: number }> {
    const documents = await this.documents('documents', [EPOCH_ID, ...ids]);
    const epoch = (documents.get(EPOCH_ID) as { readonly n?: number } | undefined)?.n ?? 0;
    this.#epoch = Math.max(this.#epoch, epoch);
    return { documents, epoch };
  }

  /** A document of the registry; all that are asked for in one run of code share a round trip. */
  async registryDocument(id: string): Promise<KeptDocument | undefined> {
    if (this.#waiting === undefined) {
      const ids = new Set<string>();
      const found = Promise.resolve().then(() => {
        this.#waiting = undefined;
        return this.documents('registry', [...ids]);
      });
      this.#waiting = { ids, found };
    }
    this.#waiting.ids.add(id);
    return (await this.#waiting.found).get(id);
  }
}
