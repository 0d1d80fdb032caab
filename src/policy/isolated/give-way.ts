import { setPriority } from 'node:os';

/** A tenth of what a thread of the usual priority gets beside it, and never before it. */
const NICENESS = 10;

/** Lets other threads go before this one from now on. Only Linux has that for a single thread; elsewhere nothing changes. */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(NICENESS);
  } catch {
    // Whoever may not do that is as before.
  }
}
