import { type MessagePort, Worker } from 'node:worker_threads';
import type { Verification } from '../port.js';
import type { Verify, WholeTarget } from './whole-store.js';
import { Written } from './written.js';

/** What the thread is told: up to where the store is written; that all is; that nobody needs to know any more. */
type Order = number | 'all' | 'over';
/** What it tells: how many events are checked, or what came of it. */
type Answer = { readonly checked: number } | { readonly found: Verification };

/** New strings are many and die young: the fewer rounds of the collector the better. */
const YOUNG_MIB = 64;

/** Verifies in a thread of its own, so that it goes on while the store is written. @param program calls answerVerify @param workerData what it is given */
export function verifyInThread(program: URL, workerData: unknown): Verify {
  return async (written, onProgress) => {
    const thread = new Worker(program, { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB } });
    const ended = new Promise<void>((resolve) => {
      thread.on('exit', () => resolve());
    });
    try {
      const found = new Promise<Verification>((resolve, reject) => {
        thread.on('message', (answer: Answer) => {
          if ('found' in answer) return resolve(answer.found);
          try {
            onProgress(answer.checked);
          } catch (error) {
            reject(error);
          }
        });
        thread.on('error', reject);
        void ended.then(() => reject(new Error('the thread that verifies has ended')));
      });
      const [verification] = await Promise.all([found, tell(thread, written)]);
      return verification;
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

/** The other end: verifies by what comes through the port, closes, and answers there. What it throws ends the thread, and is thrown by who has started it. */
export async function answerVerify(port: MessagePort, open: () => Promise<Pick<WholeTarget, 'verify' | 'close'>>): Promise<void> {
  const written = new Written();
  port.on('message', (order: Order) => {
    if (order === 'over') written.breakOff();
    else if (order === 'all') written.end();
    else written.upTo(order);
  });
  const target = await open();
  const found = await target
    .verify(written, (checked) => {
      written.throwIfBrokenOff();
      port.postMessage({ checked } satisfies Answer);
    })
    .finally(() => target.close());
  port.postMessage({ found } satisfies Answer);
  port.close();
}
