import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { ProblemError } from '#problem';
import type { Log } from '#telemetry';
import { addressProblem, Entrance, type StopTimes, stopTogether } from './entrance.js';
import { Gone } from './line.js';
import type { LimitOf, ParentDuties, Started } from './messages.js';
import { PlaceTable } from './places.js';
import { type Gift, MINUTE_MS, NO_GIFT } from './rate-limit.js';
import { WorkerProcess } from './worker-process.js';

/** What workers are started with. */
export interface WorkersParts {
  /** The file of a worker's program. */
  readonly program: string;
  readonly count: number;
  readonly config: StopTimes & { readonly host: string; readonly port: number };
  /** Reads the policy bundle's file. @throws ProblemError `bundle-invalid` */
  readBundle(): Promise<Uint8Array>;
  /** How often it is looked whether a worker hangs; ten times in vain, and it is killed. By default each second. */
  readonly beatMs?: number;
  /** How long a connection is kept that comes while no worker answers. By default ten seconds. */
  readonly waitMs?: number;
  /** The workers' lines go into it too. */
  readonly log: Log;
}

/** A gateway that is served by workers. */
export interface Running extends Started {
  /** Has all workers judge by the bundle that the file holds now, once each has loaded and checked it. @returns its revision @throws ProblemError `bundle-invalid` */
  reload(): Promise<string>;
  /** Turns the readiness of all red, answers what has arrived, ends them. */
  stop(): Promise<void>;
  /** Rejects, with the reason, when none answers any more and none can be started. */
  readonly lost: Promise<never>;
}

/** Who has answered for so long was not ended by its start. */
const STEADY_MS = 10_000;
const FIRST_WAIT_MS = 100;
const MOST_WAIT_MS = 10_000;
/** So often in succession a worker is tried while no other answers. */
const TRIES = 5;
const WAIT_MS = 10_000;
const BEAT_MS = 1000;

/** A worker and those before it that had its number. */
interface Post {
  readonly number: number;
  /** The one that answers. */
  ready: WorkerProcess | undefined;
  /** The one that is being started. */
  starting: WorkerProcess | undefined;
  /** How many have ended soon after their start, one after the other. */
  failures: number;
  again: NodeJS.Timeout | undefined;
}

/**
 * Listens, starts workers and resolves once all answer, or have been tried. The first starts alone: what is made at a first start is made once.
 * @throws ProblemError `config-invalid` if the address is taken; whatever keeps the first worker from starting
 */
export async function startWorkers(parts: WorkersParts): Promise<Running> {
  const { host, port } = parts.config;
  // Nothing is read from a connection before it is handed over.
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  const entrance = new Entrance(server);
  await once(server.listen(port, host), 'listening').catch((error: NodeJS.ErrnoException) => {
    throw addressProblem(error, parts.config);
  });
  const workers = new Workers(parts, (server.address() as AddressInfo).port);
  server.on('connection', (socket) => workers.hand(socket));
  try {
    const started = await workers.start();
    let stopped: Promise<void> | undefined;
    return {
      ...started,
      lost: workers.lost,
      reload: () => workers.reload(),
      stop() {
        stopped ??= workers.stop(entrance);
        return stopped;
      },
    };
  } catch (error) {
    entrance.close();
    workers.abandon();
    throw error;
  }
}

class Workers {
  readonly lost: Promise<never>;
  readonly #parts: WorkersParts;
  readonly #port: number;
  readonly #posts: readonly Post[];
  readonly #places = new PlaceTable();
  /** Connections that came while nobody answered, and when that has been long enough. */
  readonly #waiting = new Map<Socket, NodeJS.Timeout>();
  #next = 0;
  #bundle: Uint8Array = new Uint8Array();
  #reloaded: Promise<unknown> = Promise.resolve();
  #isStopping = false;
  #giveUp: (reason: unknown) => void = () => {};

  constructor(parts: WorkersParts, port: number) {
    this.#parts = parts;
    this.#port = port;
    this.#posts = Array.from({ length: parts.count }, (_, i) => ({
      number: i + 1,
      ready: undefined,
      starting: undefined,
      failures: 0,
      again: undefined,
    }));
    this.lost = new Promise((_resolve, reject) => {
      this.#giveUp = reject;
    });
    // Whoever waits for it hears it nonetheless.
    this.lost.catch(() => {});
  }

  async start(): Promise<Started> {
    this.#bundle = await this.#parts.readBundle();
    const [first, ...others] = this.#posts as [Post, ...Post[]];
    const started = await this.#begin(first, false);
    await Promise.all(others.map((post) => this.#begin(post, false).catch((reason) => this.#failed(post, reason))));
    return started;
  }

  /** Hands a connection to the next worker in turn. */
  hand(socket: Socket): void {
    for (let tries = 0; tries < this.#posts.length; tries += 1) {
      const post = this.#posts[this.#next] as Post;
      this.#next = (this.#next + 1) % this.#posts.length;
      if (post.ready !== undefined) {
        post.ready.hand(socket);
        return;
      }
    }
    socket.on('error', () => {});
    const late = setTimeout(() => socket.destroy(), this.#parts.waitMs ?? WAIT_MS);
    this.#waiting.set(socket, late);
    socket.once('close', () => {
      clearTimeout(late);
      this.#waiting.delete(socket);
    });
  }

  #noLongerWaiting(): readonly Socket[] {
    const sockets = [...this.#waiting.keys()];
    for (const late of this.#waiting.values()) clearTimeout(late);
    this.#waiting.clear();
    return sockets.filter(({ destroyed }) => !destroyed);
  }

  reload(): Promise<string> {
    const revision = this.#reloadAll();
    this.#reloaded = revision.catch(() => {});
    return revision;
  }

  async stop(entrance: Entrance): Promise<void> {
    this.#isStopping = true;
    for (const { again, starting } of this.#posts) {
      clearTimeout(again);
      starting?.kill();
    }
    await stopTogether(entrance, this.#ready(), this.#parts.config);
    for (const socket of this.#noLongerWaiting()) socket.destroy();
  }

  /** Ends without an answer to anybody. */
  abandon(): void {
    this.#isStopping = true;
    for (const { ready, starting } of this.#posts) (ready ?? starting)?.kill();
    for (const socket of this.#noLongerWaiting()) socket.destroy();
  }

  #ready(): readonly WorkerProcess[] {
    return this.#posts.flatMap(({ ready }) => ready ?? []);
  }

  async #reloadAll(): Promise<string> {
    const bundle = await this.#parts.readBundle();
    const ready = this.#ready();
    // Whoever ends meanwhile has not found it unfit.
    const isGone = (reason: unknown): undefined => {
      if (!(reason instanceof Gone)) throw reason;
    };
    const found = await Promise.all(ready.map(({ line }) => line.ask('prepare', bundle).catch(isGone)));
    const revision = found.find((one) => one !== undefined);
    if (revision === undefined) throw new ProblemError('internal-error', { detail: 'no worker was there to check the bundle: try again' });
    // One that begins meanwhile has the same already, however often it is read.
    if (Buffer.compare(bundle, this.#bundle) !== 0) this.#bundle = bundle;
    // Whoever has ended meanwhile is followed by one that begins with it.
    await Promise.allSettled(ready.map(({ line }) => line.ask('activate', undefined)));
    return revision;
  }

  /** Starts a worker, and takes it among those that answer. @throws what keeps it from starting */
  async #begin(post: Post, isSuccessor: boolean): Promise<Started> {
    const { program, count, config, log } = this.#parts;
    const places = new Map<number, () => void>();
    const worker: WorkerProcess = new WorkerProcess(
      program,
      post.number,
      this.#dutiesFor(() => worker, places),
      (lines) => log.pass(lines),
    );
    post.starting = worker;
    void worker.over.then((how) => {
      for (const giveBack of places.values()) giveBack();
      this.#ended(post, worker, how);
    });
    worker.watch(this.#parts.beatMs ?? BEAT_MS);
    let bundle = this.#bundle;
    try {
      const { number } = post;
      const started = await worker.start({ number, workers: count, isSuccessor, port: this.#port, config, bundle });
      for (await this.#reloaded; bundle !== this.#bundle; await this.#reloaded) {
        bundle = this.#bundle;
        await worker.line.ask('prepare', bundle);
        await worker.line.ask('activate', undefined);
      }
      if (worker.isOver) throw new Gone();
      post.ready = worker;
      log.event('info', 'worker ready', { worker: number, pid: worker.pid ?? 0 });
      setTimeout(() => {
        if (post.ready === worker) post.failures = 0;
      }, STEADY_MS).unref();
      for (const socket of this.#noLongerWaiting()) this.hand(socket);
      return started;
    } catch (error) {
      worker.kill();
      if (!(error instanceof Gone)) throw error;
      throw new ProblemError('internal-error', { detail: `a worker ended with ${await worker.over} before it answered` });
    } finally {
      post.starting = undefined;
    }
  }

  #ended(post: Post, worker: WorkerProcess, how: string): void {
    // One that has not answered yet is told by its start.
    if (post.ready !== worker) return;
    post.ready = undefined;
    for (const socket of worker.notHanded()) this.hand(socket);
    if (this.#isStopping) return;
    this.#parts.log.event('warn', 'worker ended', { worker: post.number, how });
    this.#replace(post, new ProblemError('internal-error', { detail: `no worker answers, and the last ended with ${how}` }));
  }

  #failed(post: Post, reason: unknown): void {
    if (this.#isStopping) return;
    this.#parts.log.event('warn', 'worker not started', { worker: post.number });
    this.#parts.log.fault(reason);
    this.#replace(post, reason);
  }

  /** Starts a successor: at once, or later each time if they end one after the other. */
  #replace(post: Post, reason: unknown): void {
    const waitMs = post.failures === 0 ? 0 : Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** (post.failures - 1));
    post.failures += 1;
    if (post.failures > TRIES && this.#ready().length === 0) {
      this.#giveUp(reason);
      return;
    }
    post.again = setTimeout(() => void this.#begin(post, true).catch((error) => this.#failed(post, error)), waitMs);
  }

  #dutiesFor(asking: () => WorkerProcess, places: Map<number, () => void>): ParentDuties {
    let count = 0;
    return {
      borrow: (of) =>
        this.#lentBy(
          this.#ready().filter((one) => one !== asking()),
          of,
        ),
      take: async ({ places: wanted, retryAfterSeconds }) => {
        const giveBack = await this.#places.take(wanted, retryAfterSeconds);
        count += 1;
        places.set(count, giveBack);
        return count;
      },
      giveBack(name) {
        places.get(name)?.();
        places.delete(name);
      },
    };
  }

  async #lentBy(others: readonly WorkerProcess[], of: LimitOf): Promise<Gift> {
    const gifts = await Promise.all(others.map(({ line }) => line.ask('lend', of).catch(() => NO_GIFT)));
    const count = gifts.reduce((sum, gift) => sum + gift.count, 0);
    return { count, againInMs: Math.min(MINUTE_MS, ...gifts.map(({ againInMs }) => againInMs)) };
  }
}
