import { ProblemError } from '#problem';
import type { Tables } from './tables.js';

/** Runs reads on fresh snapshots and turns their faults into the port's. */
export class Snapshots {
  readonly #tables: Tables;
  #isClosed = false;
  #isFresh = false;
  readonly #age = (): void => {
    this.#isFresh = false;
  };

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** From now on every read is refused. */
  close(): void {
    this.#isClosed = true;
  }

  /** @throws ProblemError `store-unavailable` */
  refuseIfClosed(): void {
    if (this.#isClosed) throw new ProblemError('store-unavailable', { detail: 'the store is closed' });
  }

  /**
   * Makes the next read see every change that was acknowledged up to now: lmdb keeps one snapshot for the whole turn, which would hide what another
   * process has committed. Reads of the same run of code share it: nobody's acknowledgement can have come in between.
   */
  renew(): void {
    if (this.#isFresh) return;
    this.#tables.root.resetReadTxn();
    this.#isFresh = true;
    queueMicrotask(this.#age);
  }

  /** The outcome of a read on a fresh snapshot. A fault rejects, never throws. */
  read<R>(action: () => R): Promise<R> {
    try {
      this.refuseIfClosed();
      this.renew();
      return Promise.resolve(action());
    } catch (error) {
      return Promise.reject(readFault(error));
    }
  }
}

/** What a caller is told of a read that failed. */
export function readFault(error: unknown): Error {
  if (error instanceof ProblemError || error instanceof TypeError) return error;
  return new ProblemError('store-unavailable', { detail: 'the store cannot be read', cause: error });
}
