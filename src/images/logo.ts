import { Fault } from '#domain';
import type { LogoType, SafeImage } from './clean-logo.js';
import type { LogoOutcome, LogoTask } from './logo-worker.js';

/** Waiting for pictures of others counts too. */
const DEADLINE_MS = 30_000;
/** After so long without a picture the thread ends, and gives back what jsdom takes. */
const IDLE_MS = 60_000;
const MAX_HEAP_MIB = 256;

/**
 * Makes an uploaded logo safe to serve from our own origin. The content decides what it is; a declared type that differs is a fault. The work is done
 * in a thread of its own with a deadline and a bound on its memory: nobody else waits for it.
 * @returns the bytes to keep and serve, or a Fault with a sentence that says what is wrong; never throws for bad input
 * @throws Error if jsdom or DOMPurify is not installed whole
 */
export async function makeLogoSafe(bytes: Buffer, declared: LogoType, deadlineMs: number = DEADLINE_MS): Promise<SafeImage | Fault> {
  pool ??= openPool().catch((error: unknown) => {
    pool = undefined;
    throw error;
  });
  const threads = await pool;
  const task: LogoTask = { bytes, declared };
  try {
    const outcome: LogoOutcome = await threads.run(task, { name: 'cleanInThread', signal: AbortSignal.timeout(deadlineMs) });
    return 'fault' in outcome ? new Fault(outcome.fault) : { type: declared, bytes: Buffer.from(outcome.bytes) };
  } catch (error) {
    if (ranAway(error)) return new Fault('The logo takes too much work to be made safe: make it simpler.');
    throw error;
  }
}

let pool: ReturnType<typeof openPool> | undefined;

async function openPool() {
  const { Piscina } = await import('piscina');
  return new Piscina<LogoTask, LogoOutcome>({
    filename: new URL('./logo-worker.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
}

/** The pool has ended the thread, for its time or its memory. */
function ranAway(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY');
}
