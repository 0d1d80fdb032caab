import { type MessagePort, Worker } from 'node:worker_threads';
import type { Verification } from '../port.js';
import type { Verify } from './whole-store.js';
import { Written } from './written.js';

/** What the thread is told: up to where the store is written; `undefined`: all is. */
type Order = number | undefined;
/** What it tells: how many events are checked, or what came of it. */
type Answer = { readonly checked: number } | { readonly found: Verification };

/** New strings are many and die young: the fewer rounds of the collector the better. */
const YOUNG_MIB = 64;

/** Verifies in a thread of its own, so that it goes on while the store is written. @param program calls answerVerify @param workerData what it is given */
export function verifyInThread(program: URL, workerData: unknown): Verify {
  return async (written, onProgress) => {
    const thread = new Worker(program, { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB } });
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
        thread.on('exit', () => reject(new Error('the thread that verifies has ended')));
      });
      const [verification] = await Promise.all([found, tell(thread, written)]);
      return verification;
    } finally {
      await thread.terminate();
    }
  };
}

async function tell(thread: Worker, written: AsyncIterable<number>): Promise<void> {
  for await (const place of written) thread.postMessage(place satisfies Order);
  thread.postMessage(undefined satisfies Order);
}

/** The other end: verifies by what comes through the port, and answers there. What it throws ends the thread, and is thrown by who has started it. */
export async function answerVerify(port: MessagePort, verify: Verify): Promise<void> {
  const written = new Written();
  port.on('message', (place: Order) => (place === undefined ? written.end() : written.upTo(place)));
  const found = await verify(written, (checked) => port.postMessage({ checked } satisfies Answer));
  port.postMessage({ found } satisfies Answer);
  port.close();
}
