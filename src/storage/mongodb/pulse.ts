import type { MongoClient } from 'mongodb';
import { within } from '#fetching';
import type { Database } from './database.js';
import { EPOCH_ID } from './layout.js';

/** After how long without any answer the client begins anew. */
export const RENEW_MS = 20_000;
/** How often the server is asked in that time where nobody else has heard of it. */
const ASKED = 4;

/**
 * Has the driver's client begin anew when it has heard nothing for long. Where connections are taken and broken off at once the driver (7.9) can wait for ever for
 * one of them, and looks for its server no more (0048). Where the server really is away a new beginning costs one connection.
 */
export class Pulse {
  readonly #database: Pick<Database, 'client' | 'epochs'>;
  readonly #renewMs: number;
  readonly #timer: NodeJS.Timeout;
  #heardMs = performance.now();
  #asking: Promise<void> | undefined;
  #renewing: Promise<void> | undefined;

  constructor(database: Pick<Database, 'client' | 'epochs'>, renewMs = RENEW_MS) {
    this.#database = database;
    this.#renewMs = renewMs;
    this.#timer = setInterval(() => this.#beat(renewMs / ASKED), renewMs / ASKED).unref();
  }

  /** The server has answered. */
  heard(): void {
    this.#heardMs = performance.now();
  }

  /** Asks no more, and waits for a beginning that is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
  }

  #beat(askMs: number): void {
    const silentMs = performance.now() - this.#heardMs;
    if (silentMs >= this.#renewMs) this.#renewing ??= this.#renew();
    else if (silentMs >= askMs) this.#asking ??= this.#ask();
  }

  async #ask(): Promise<void> {
    try {
      await this.#database.epochs.findOne({ _id: EPOCH_ID }, { projection: { _id: 1 } });
      this.heard();
    } catch {
      // Silence is what is looked for.
    } finally {
      this.#asking = undefined;
    }
  }

  /** Collections outlive it: they ask whatever the client is connected to. It ends, whatever the driver does: else nobody would look for the server again. */
  async #renew(): Promise<void> {
    const { client } = this.#database;
    const closing = client.close();
    try {
      // It says good-bye to the server, and may wait for the same connection as everybody does.
      await within(this.#renewMs / ASKED, () => closing).catch(() => breakOff(client));
      await within(this.#renewMs, async () => {
        await closing;
        await client.connect();
      });
    } catch {
      // The driver goes on looking, and the next silence is another beginning.
    } finally {
      // Whoever asked the one before waits for ever, perhaps.
      this.#asking = undefined;
      this.heard();
      this.#renewing = undefined;
    }
  }
}

/** Tells everybody who waits for a connection that none will come. The driver has no name of its own for it. */
function breakOff(client: MongoClient): void {
  (client as MongoClient & { readonly topology?: { close(): void } }).topology?.close();
}
