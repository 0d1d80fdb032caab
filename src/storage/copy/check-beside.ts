import { type ChildProcess, fork } from 'node:child_process';
import { present } from '#domain';
import { ProblemError, type ProblemSlug } from '#problem';
import type { CheckedLog, CheckLog, WholeTarget } from './whole-store.js';
import { Written } from './written.js';

/** What is to be checked. */
interface CheckOrder<P> {
  /** Where the store is. */
  readonly place: P;
  readonly after: number;
}

/** What the process is told: first the order, then up to where the store is written, at last that all is. */
type Told<P> = CheckOrder<P> | number | 'all';
/** What it tells: how many events are checked, or what came of it. */
type Answer = { readonly checked: number } | { readonly found: CheckedLog } | { readonly failed: Failure };

/** An error, as one process tells another of it. */
interface Failure {
  readonly slug?: ProblemSlug;
  readonly message: string;
  readonly cause?: unknown;
}

/** New strings are many and die young: the fewer rounds of the collector the better. V8 begins with one MiB, and would get there too late. */
const YOUNG = ['--min-semi-space-size=16', '--max-semi-space-size=32'];

/**
 * Checks the log in a process of its own, so that it goes on while the store is written. Not in a thread: where one process opens a store of LMDB twice, the
 * second opening takes the process's locks away, and another process takes its readers for dead ones.
 * @param program calls answerCheck
 * @param place of the store
 */
export function checkBeside(program: URL, place: unknown): CheckLog {
  return async (written, onProgress, after) => {
    const child = fork(program, {
      execArgv: [...process.execArgv, ...YOUNG],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ended = new Promise<void>((resolve) => {
      child.on('exit', () => resolve());
    });
    try {
      const found = new Promise<CheckedLog>((resolve, reject) => {
        child.on('message', (answer: Answer) => {
          if ('found' in answer) return resolve(answer.found);
          if ('failed' in answer) return reject(errorOf(answer.failed));
          try {
            onProgress(answer.checked);
          } catch (error) {
            reject(error);
          }
        });
        child.on('error', reject);
        void ended.then(() => reject(new Error('the process that checks the log has ended')));
      });
      const [checked] = await Promise.all([found, tell(child, { place, after }, written)]);
      return checked;
    } finally {
      // It only reads.
      if (child.kill('SIGKILL')) await ended;
    }
  };
}

async function tell(child: ChildProcess, order: CheckOrder<unknown>, written: AsyncIterable<number>): Promise<void> {
  const send = (told: Told<unknown>): boolean => child.connected && child.send(told);
  send(order);
  for await (const place of written) send(place);
  send('all');
}

/** The other end: checks what it is told of, closes, and answers. It ends when who has started it does. */
export async function answerCheck<P>(open: (place: P) => Promise<Pick<WholeTarget, 'checkLog' | 'close'>>): Promise<void> {
  // What is typed to end a command goes to all its processes: who has started this one says when it is over.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  process.once('disconnect', () => process.exit());
  const written = new Written();
  const asked = new Promise<CheckOrder<P>>((resolve) => {
    process.on('message', (told: Told<P>) => {
      if (told === 'all') written.end();
      else if (typeof told === 'number') written.upTo(told);
      else resolve(told);
    });
  });
  const { place, after } = await asked;
  const answer = (said: Answer, then = (): void => {}): boolean | undefined => process.send?.(said, undefined, undefined, then);
  const checked = async (): Promise<CheckedLog> => {
    const target = await open(place);
    return target.checkLog(written, (events) => answer({ checked: events }), after).finally(() => target.close());
  };
  const said: Answer = await checked().then(
    (found) => ({ found }),
    (error: Error) => ({ failed: failureOf(error) }),
  );
  answer(said, () => process.exit());
}

function failureOf(error: Error): Failure {
  return present({ slug: error instanceof ProblemError ? error.slug : undefined, message: error.message, cause: error.cause });
}

function errorOf({ slug, message, cause }: Failure): Error {
  return slug === undefined ? new Error(message, { cause }) : new ProblemError(slug, { detail: message, cause });
}
