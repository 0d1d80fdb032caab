// The thread that bundles run in: it starts instances and answers batches, and tells in shared memory what it is at, so that whoever
// watches knows whose question does not end.
import { readlinkSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { present } from '#domain';
import { ProblemError } from '#problem';
import type { Builtins } from '../builtins/builtin.js';
import { JsonText } from '../json-text.js';
import { readRego } from '../terms/index.js';
import { systemClock } from '../wasm/compiled-module.js';
import { InstancePool } from '../wasm/instance-pool.js';
import {
  type Answer,
  type Answers,
  type CompiledBundle,
  DONE,
  type Failure,
  JUDGING,
  type Order,
  PROGRESS,
  progressAt,
  type SentInput,
  STARTING,
  THREAD_ID,
  type ThreadSetting,
} from './messages.js';

/** A list of organisations is a few kilobytes; what comes back is parsed where others wait. */
const MAX_ANSWER_LENGTH = 256 * 1024;

const { maxMemoryBytes, progress, outside } = workerData as ThreadSetting;
let builtins: Builtins | undefined;
const places = new Int32Array(progress);
let steps = 0;
const compiled = new Map<number, CompiledBundle>();
const started = new Map<number, InstancePool>();

places[THREAD_ID] = systemId();

/** Orders that come while built-ins are loaded. */
const waiting: Order[] = [];

parentPort?.on('message', (order: Order) => {
  if (waiting.length > 0 || isToWait(order)) {
    if (waiting.push(order) === 1) void obeyLater();
  } else obey(order);
});

function isToWait(order: Order): boolean {
  return order.kind === 'load' && order.compiled.needsBuiltins && builtins === undefined;
}

async function obeyLater(): Promise<void> {
  const { builtinsWith } = await import('../outside/open-outside.js');
  builtins = builtinsWith(outside);
  for (const order of waiting.splice(0)) obey(order);
}

function obey(order: Order): void {
  if (order.kind === 'ask') parentPort?.postMessage(answerAll(order));
  else if (order.kind === 'load') compiled.set(order.bundle, order.compiled);
  else {
    compiled.delete(order.bundle);
    started.delete(order.bundle);
  }
}

function answerAll({ bundle, entrypoints, inputs, areJson }: Order & { readonly kind: 'ask' }): Answers {
  const begun = performance.now();
  const answers = entrypoints.map((entrypoint, i): Answer => {
    try {
      const pool = started.get(bundle) ?? start(bundle, i);
      step(JUDGING, i);
      const question = received(inputs[i]);
      const answer = areJson ? pool.evaluateToJson(entrypoint, question) : pool.answerText(entrypoint, question);
      if (answer === undefined || answer.length <= MAX_ANSWER_LENGTH) return answer;
      return { message: `the answer is longer than ${MAX_ANSWER_LENGTH} characters` };
    } catch (error) {
      return failureOf(error);
    }
  });
  step(DONE, 0);
  return { answers, micros: (performance.now() - begun) * 1000 };
}

/** Of this thread, on Linux. */
function systemId(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

function received(input: SentInput): unknown {
  if (typeof input === 'string') return new JsonText(input);
  return typeof input === 'object' && 'rego' in input ? readRego(input.rego) : input;
}

function start(bundle: number, question: number): InstancePool {
  step(STARTING, question);
  const { module, document } = compiled.get(bundle) as CompiledBundle;
  const pool = new InstancePool({ module, data: document, maxMemoryBytes, builtins: builtins ?? {}, clock: systemClock });
  started.set(bundle, pool);
  return pool;
}

function step(phase: number, question: number): void {
  steps += 1;
  Atomics.store(places, PROGRESS, progressAt(steps, phase, question));
}

function failureOf(error: unknown): Failure {
  const cause = error instanceof ProblemError && error.cause !== undefined ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return { message, ...present({ abort: whereAborted(message) }) };
}

/** What OPA's own modules say, without a file's name: the text is the module's, which its author can make say anything about whoever was asked about. */
function whereAborted(message: string): string | undefined {
  const [, place, what] =
    /^the policy aborted: .*?:(\d{1,5}:\d{1,3}): (var assignment conflict|object insert conflict)$/.exec(message) ?? [];
  return place === undefined ? undefined : `line ${place.replace(':', ', column ')}: ${what}`;
}
