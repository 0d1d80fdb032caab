import { statfs } from 'node:fs/promises';
import { ProblemError } from '#problem';
import type { Table, Tables } from './tables.js';

/** Linux's and LMDB's numbers for: no space on the device, quota exceeded, map full. */
const FULL_CODES = new Set([28, 122, -30792]);
/** A write that was cut short, which a full file system does first. */
const EIO = 5;
/** Less than this on the file system is none: a transaction may need as much. */
const LEAST_FREE_BYTES = 16 * 2 ** 20;
/** How long changes are refused without a try once there was no room. */
const PAUSE_MS = 1000;
/** Pages that a transaction may need for itself, and for each of its changes. */
const PAGES_PER_TRANSACTION = 64;
const PAGES_PER_CHANGE = 4;

/** Statistics of a tree as lmdb gives them, which does not declare them. */
interface TreeStats {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}
interface Stats extends TreeStats {
  readonly pageSize: number;
  readonly lastPageNumber: number;
  readonly free: TreeStats;
}

/** Whether there is room for changes: on the file system, and below the bound that is set for the file. */
export class Room {
  readonly #tables: Tables;
  readonly #path: string;
  readonly #maxBytes: number;
  #isFull = false;
  #triedAt = 0;

  /** @param maxBytes how large the file may grow; the last transaction may go beyond */
  constructor(tables: Tables, path: string, maxBytes: number) {
    this.#tables = tables;
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** Whether the last try found none. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** A change was written. */
  found(): void {
    this.#isFull = false;
  }

  /** Spares a try shortly after one that failed: each costs the disk, and a fault in lmdb's own words on stderr. @throws ProblemError `store-full` */
  refuseIfFull(): void {
    if (this.#isFull && performance.now() - this.#triedAt < PAUSE_MS) throw new ProblemError('store-full');
  }

  /** Within a transaction, before its changes: lmdb would enlarge its map by itself. @throws ProblemError `store-full` */
  refuseGrowth(changes: number): void {
    const { pageSize, lastPageNumber, free, ...root } = this.#tables.root.getStats() as Stats;
    if (lastPageNumber * pageSize < this.#maxBytes) return;
    this.#forgetTheDead();
    const { root: _, ...tables } = this.#tables;
    const used =
      pagesOf(root) + pagesOf(free) + Object.values(tables).reduce((sum, table: Table) => sum + pagesOf(table.getStats() as Stats), 0);
    // What was freed before is used again.
    if (lastPageNumber - used >= PAGES_PER_TRANSACTION + changes * PAGES_PER_CHANGE) return;
    throw new ProblemError('store-full', { cause: new Error('the data file is as large as storeMapBytes allows') });
  }

  /** Why a transaction failed; takes note if there was no room. */
  async reasonOf(error: unknown): Promise<unknown> {
    // Why a commit failed lmdb tells by a promise of its own, which nobody else looks after.
    const { commitError } = error as { readonly commitError?: Promise<never> };
    const reason = commitError === undefined ? error : await commitError.catch((cause: unknown) => cause);
    if (!(await this.#isForWant(reason))) return reason;
    if (!this.#isFull || performance.now() - this.#triedAt >= PAUSE_MS) this.#triedAt = performance.now();
    this.#isFull = true;
    this.#forgetTheDead();
    return reason instanceof ProblemError ? reason : new ProblemError('store-full', { cause: reason });
  }

  /** A process that was killed while it read holds the pages that were freed since; lmdb itself looks for such ones every ten minutes. */
  #forgetTheDead(): void {
    this.#tables.root.readerCheck();
  }

  async #isForWant(reason: unknown): Promise<boolean> {
    if (reason instanceof ProblemError) return reason.slug === 'store-full';
    const { code } = reason as { readonly code?: unknown };
    if (typeof code !== 'number') return false;
    if (FULL_CODES.has(code)) return true;
    if (code !== EIO) return false;
    const { bavail, bsize } = await statfs(this.#path).catch(() => ({ bavail: Infinity, bsize: 1 }));
    return bavail * bsize < LEAST_FREE_BYTES;
  }

  /** What whoever wanted the change is told. */
  problemOf(cause: unknown): ProblemError {
    if (cause instanceof ProblemError) return cause;
    return new ProblemError('store-unavailable', { detail: 'the change may or may not have been written', cause });
  }
}

function pagesOf({ treeBranchPageCount, treeLeafPageCount, overflowPages }: TreeStats): number {
  return treeBranchPageCount + treeLeafPageCount + overflowPages;
}
