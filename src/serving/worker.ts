import type { Socket } from 'node:net';
import type { Bounds } from './bounds.js';
import type { Staff } from './entrance.js';
import { Line, type LineEnd } from './line.js';
import type { LimitOf, Order, ParentDuties, Started, WorkerDuties } from './messages.js';
import { MINUTE_MS, NO_GIFT, rateLimit, type SharedRateLimit } from './rate-limit.js';

/** A gateway that answers what its parent's entrance lets in. */
export interface WorkerGateway extends Started, Staff {
  /** A connection that has been accepted. */
  take(socket: Socket): void;
  /** Loads and checks a bundle; `activate` lets it judge. @throws ProblemError `bundle-invalid` */
  preparePolicy(bundle: Uint8Array): Promise<{ readonly revision: string; activate(): void }>;
}

/**
 * Serves as a worker of the process that has started this one: starts when it is told to, takes the connections that it is handed, and ends with its
 * parent. Signals are the parent's: a terminal sends them to all.
 */
export function serveAsWorker(start: (order: Order, bounds: Bounds) => Promise<WorkerGateway>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  let gateway: WorkerGateway | undefined;
  let prepared: { activate(): void } | undefined;
  const limits = new Map<string, SharedRateLimit>();
  const duties = {
    async start(order: Order): Promise<Started> {
      gateway = await start(order, sharedBounds(line, order, limits));
      const { origin, policyRevision } = gateway;
      return { origin, policyRevision };
    },
    take(_nothing: undefined, socket?: Socket) {
      if (socket !== undefined) gateway?.take(socket);
    },
    async prepare(bundle: Uint8Array) {
      const policy = await gateway?.preparePolicy(bundle);
      prepared = policy;
      return policy?.revision ?? '';
    },
    activate: () => prepared?.activate(),
    lend: ({ limit, caller }: LimitOf) => limits.get(limit)?.lend(caller) ?? NO_GIFT,
    beat: () => {},
    beginStop: () => gateway?.beginStop(),
    holdBack: () => gateway?.holdBack(),
    finish: async (withinMs: number) => gateway?.finish(withinMs),
    leave: () => process.exit(0),
  } satisfies WorkerDuties;
  const line = new Line<ParentDuties>(process as unknown as LineEnd, duties);
  process.once('disconnect', () => process.exit(1));
}

/** Each worker has its part of a limit, and asks the others when that is not enough; places are the parent's. */
function sharedBounds(line: Line<ParentDuties>, { number, workers, isSuccessor }: Order, limits: Map<string, SharedRateLimit>): Bounds {
  const ownFromMs = isSuccessor ? performance.now() + MINUTE_MS : 0;
  return {
    rate(limit, perMinute) {
      const part = Math.floor(perMinute / workers) + (number <= perMinute % workers ? 1 : 0);
      const shared = rateLimit(perMinute, {
        own: () => (ownFromMs > 0 && performance.now() < ownFromMs ? 0 : part),
        borrow: (caller) => line.ask('borrow', { limit, caller }),
      });
      limits.set(limit, shared);
      return shared;
    },
    places: {
      async take(places, retryAfterSeconds) {
        const name = await line.ask('take', { places, retryAfterSeconds });
        return () => {
          // If the parent is gone, so is the place.
          line.ask('giveBack', name).catch(() => {});
        };
      },
    },
  };
}
