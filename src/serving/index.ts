// How a gateway is served by one process or by several: the entrance and its closing, what callers may do in a minute or at once,
// and the parent that starts workers, hands them connections and replaces them.
// What is answered is not known here: a worker is handed in by worker.ts, which puts a gateway behind it.
// #http takes its limits from here and stops by it; the gateway, main and worker.ts start with it. It calls #problem, #policy and #telemetry.

export { type Announced, announce } from './announce.js';
export { type Bounds, ownBounds } from './bounds.js';
export { coresAllowed } from './cores.js';
export { addressProblem, Entrance, type Staff, type StopTimes, stopTogether } from './entrance.js';
export type { Order } from './messages.js';
export { type Running, startWorkers, type WorkersParts } from './parent.js';
export type { Place, Places } from './places.js';
export { type Attempt, type RateLimit, rateLimit, type SharedRateLimit } from './rate-limit.js';
export { MOST_WORKERS, workerCount } from './settings.js';
export { serveAsWorker, type WorkerGateway } from './worker.js';
export { GRACE_MS } from './worker-process.js';
