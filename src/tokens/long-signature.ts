import { availableParallelism } from 'node:os';
import type { SigningTask } from './signature.js';

/** After so long without a token the threads end. */
const IDLE_MS = 60_000;

/**
 * A signature that takes milliseconds of a core, in threads that do nothing else: one core is left to the requests, and the thread pool to the store, which
 * flushes in it. Each thread has its next one at hand, so that none waits for the event loop.
 */
export async function longSignature(task: SigningTask): Promise<string> {
  pool ??= openPool().catch((error: unknown) => {
    pool = undefined;
    throw error;
  });
  return (await pool).run(task, { name: 'signature' });
}

let pool: ReturnType<typeof openPool> | undefined;

async function openPool() {
  const { Piscina } = await import('piscina');
  return new Piscina<SigningTask, string>({
    filename: new URL('./signature.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: Math.max(1, availableParallelism() - 1),
    concurrentTasksPerWorker: 2,
    idleTimeout: IDLE_MS,
  });
}
