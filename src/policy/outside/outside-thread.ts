import { type MessagePort, workerData } from 'node:worker_threads';
import { addressesOf, fetchOutside, type OutsideLimits, OutsideRefusal, type OutsideRequest } from '#fetching';

/** What the thread is started with. */
export interface OutsideThreadOptions {
  readonly port: MessagePort;
  readonly limits: OutsideLimits;
}

/** A question to the thread; `signal` is set when its answer is in the port. */
export interface OutsideTask {
  readonly id: number;
  readonly signal: Int32Array;
  readonly what: { readonly request: OutsideRequest } | { readonly host: string };
}

/** Its answer. */
export interface OutsideOutcome {
  readonly id: number;
  readonly value?: unknown;
  readonly refusal?: string;
}

const { port, limits } = workerData as OutsideThreadOptions;

port.on('message', ({ id, signal, what }: OutsideTask) => {
  const made: Promise<unknown> = 'host' in what ? addressesOf(what.host, limits) : fetchOutside(what.request, limits);
  made.then(
    (value) => answer({ id, value }, signal),
    (cause: unknown) => answer({ id, refusal: cause instanceof OutsideRefusal ? cause.message : 'the request failed' }, signal),
  );
});

function answer(outcome: OutsideOutcome, signal: Int32Array): void {
  port.postMessage(outcome);
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}
