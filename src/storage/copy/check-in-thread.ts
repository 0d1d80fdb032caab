import { setFlagsFromString } from 'node:v8';
import { type MessagePort, Worker } from 'node:worker_threads';
import type { CheckedLog, CheckLog, WholeTarget } from './whole-store.js';
import { Written } from './written.js';

/** What the thread is told: up to where the store is written; that all is; that nobody needs to know any more. */
type Order = number | 'all' | 'over';
/** What it tells: how many events are checked, or what came of it. */
type Answer = { readonly checked: number } | { readonly found: CheckedLog };

/** New strings are many and die young: the fewer rounds of the collector the better. V8 begins with one MiB, and would get there too late. */
const YOUNG_MIB = 64;
const FIRST_YOUNG = '--min-semi-space-size=16';

/** What the thread's program is given. */
export interface CheckOrder<P> {
  readonly place: P;
  readonly after: number;
}

/** Checks the log in a thread of its own, so that it goes on while the store is written. @param program calls answerCheck @param place of the store */
export function checkInThread(program: URL, place: unknown): CheckLog {
  return async (written, onProgress, after) => {
    setFlagsFromString(FIRST_YOUNG);
    const workerData: CheckOrder<unknown> = { place, after };
    const thread = new Worker(program, { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB } });
    const ended = new Promise<void>((resolve) => {
      thread.on('exit', () => resolve());
    });
    try {
      const found = new Promise<CheckedLog>((resolve, reject) => {
        thread.on('message', (answer: Answer) => {
          if ('found' in answer) return resolve(answer.found);
          try {
            onProgress(answer.checked);
          } catch (error) {
            reject(error);
          }
        });
        thread.on('error', reject);
        void ended.then(() => reject(new Error('the thread that checks the log has ended')));
      });
      const [checked] = await Promise.all([found, tell(thread, written)]);
      return checked;
    } finally {
      thread.postMessage('over' satisfies Order);
      // Never terminated: lmdb ends the process when that meets one of its calls.
      await ended;
    }
  };
}

async function tell(thread: Worker, written: AsyncIterable<number>): Promise<void> {
  for await (const place of written) thread.postMessage(place satisfies Order);
  thread.postMessage('all' satisfies Order);
}

/** The other end: checks by what comes through the port, closes, and answers there. What it throws ends the thread, and is thrown by who has started it. */
export async function answerCheck<P>(
  port: MessagePort,
  { place, after }: CheckOrder<P>,
  open: (place: P) => Promise<Pick<WholeTarget, 'checkLog' | 'close'>>,
): Promise<void> {
  const written = new Written();
  port.on('message', (order: Order) => {
    if (order === 'over') written.breakOff();
    else if (order === 'all') written.end();
    else written.upTo(order);
  });
  const target = await open(place);
  const onProgress = (checked: number): void => {
    written.throwIfBrokenOff();
    port.postMessage({ checked } satisfies Answer);
  };
  const found = await target.checkLog(written, onProgress, after).finally(() => target.close());
  port.postMessage({ found } satisfies Answer);
  port.close();
}
