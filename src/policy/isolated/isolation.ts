import { present } from '#domain';
import type { OutsideLimits } from '#fetching';
import { ProblemError } from '#problem';
import type { Builtins } from '../builtins/builtin.js';
import { loadBuiltins } from '../builtins/load-builtins.js';
import type { Bundle } from '../bundle/bundle.js';
import { askedInline, INLINE_MEMORY_BYTES } from '../bundle/load-bundle.js';
import type { SignatureDemand, Signer } from '../bundle/signatures.js';
import { RegoObject, writeRego } from '../terms/index.js';
import { systemClock } from '../wasm/compiled-module.js';
import { InstancePool, written } from '../wasm/instance-pool.js';
import type { BundleFault, BundleStatus, Standing } from './bundle-status.js';
import { Conduct } from './conduct.js';
import { HELD_BACK, Lane } from './lane.js';
import type { SentInput } from './messages.js';
import type { InspectedBundle, InspectTask, LoaderSetting, OpenedBundle, OpenTask, Outcome } from './open-in-thread.js';
import { type Asker, type Question, type Resident, refuse } from './resident.js';

/** What all isolated bundles of a process share. */
export interface IsolationOptions {
  /** How long a question may take; 50 ms if not given. */
  readonly deadlineMs?: number;
  /** Most linear memory of an instance; 64 MiB if not given. */
  readonly maxMemoryBytes?: number;
  /** Most of JavaScript's own memory in a thread; 128 if not given. */
  readonly maxHeapMib?: number;
  /** Most questions of one bundle that wait; 1000 if not given. */
  readonly maxWaiting?: number;
  /** Whom bundles may ask by http.send and look-ups, and how long that may take beyond the deadline; absent: nobody. */
  readonly outside?: OutsideLimits;
  /** ms since 1970. */
  readonly clock?: () => number;
  /** Hears of each bundle for which a thread was ended, for the log. */
  readonly onEnded?: (bundle: { readonly name: string; readonly revision: string }, fault: BundleFault) => void;
}

/** How one bundle is loaded. */
export interface IsolatedOptions {
  /** How logs and status call it. */
  readonly name: string;
  /** Whose signature it must have; without it nobody's is asked for. */
  readonly signature?: SignatureDemand;
  /** The moment that signatures are held against, ms since 1970; the clock's if not given. */
  readonly now?: number;
  /** In place of that of all. */
  readonly deadlineMs?: number;
  /** It is only tried, and may be anything: nobody who is judged waits for its load or its questions. */
  readonly isTrial?: boolean;
}

/** A bundle that answers from a thread: `evaluate` always gives a promise. */
export interface IsolatedBundle extends Bundle {
  evaluate(entrypoint: string, input: unknown): Promise<unknown>;
  evaluateMany(entrypoint: string, inputs: readonly unknown[]): Promise<readonly unknown[]>;
  evaluateToJson(entrypoint: string, input: unknown): Promise<string | undefined>;
  /** What its maker wrote into the manifest. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Who signed it; absent if that was not asked for. */
  readonly signer?: Signer;
  /** How it has done in this process. */
  status(): BundleStatus;
  /** Gives back what the threads hold of it; a later question loads it there again. */
  release(): void;
}

/** Where bundles run that nobody vouches for. */
export interface Isolation {
  /**
   * Loads a bundle; unpacking, verifying and compiling happen in a thread of their own.
   * @throws ProblemError `bundle-invalid` as loadBundle and verifySignature, and for one that takes too much time or memory to load
   */
  load(tarball: Uint8Array, options: IsolatedOptions): Promise<IsolatedBundle>;
  /**
   * Loads a bundle that somebody vouches for, so that it answers in this thread, as loadBundle; it is unpacked and compiled in another.
   * @throws as load
   */
  loadInline(tarball: Uint8Array): Promise<Bundle & Pick<IsolatedBundle, 'metadata'>>;
  /**
   * Unpacks and verifies a bundle where those are loaded that are only tried, and runs nothing of it.
   * @param now ms since 1970
   * @throws as load; `evaluation-failed` from all three once it is closed
   */
  inspect(tarball: Uint8Array, signature: SignatureDemand, now: number): Promise<InspectedBundle>;
  /** Ends all threads; questions under way are refused. */
  close(): Promise<void>;
}

const LOAD_MS = 15_000;
const LOADER_IDLE_MS = 10_000;
/** What http.send takes at most where the operator says nothing else. */
const OUTSIDE_MS = 2500;
const LOADER_HEAP_MIB = 512;
/** Of bundles that are only tried; a tilbyder pushes one at a time, so that one that takes all its time leaves a thread to the others. */
const TRIAL_THREADS = 2;
/** Of how many bundles it is remembered how they have done, while none of them is loaded. */
const MOST_CONDUCTS = 2000;
const TICKS = 5;
const STOPS = 'the gateway stops';

/**
 * Opens the place where bundles run that nobody vouches for: threads with a deadline and bounds on memory. There is one thread each for proven, unproven and
 * suspect bundles, started when it is needed first; a bundle that asks hosts has one of its own.
 */
export function openIsolation(options: IsolationOptions = {}): Isolation {
  const { deadlineMs = 50, maxMemoryBytes = 64 * 2 ** 20, maxWaiting = 1000, clock = Date.now, outside } = options;
  const lanes = openLanes({ ...options, deadlineMs, maxMemoryBytes, clock });
  const [loader, trials] = [openLoader({ threads: 1, givesWay: false }), openLoader({ threads: TRIAL_THREADS, givesWay: true })];
  const conductOf = rememberedConducts();
  let count = 0;
  let isClosed = false;
  const ask = (resident: Resident, question: Question): void => {
    const { conduct, waiting } = resident;
    const now = clock();
    const until = conduct.heldBackUntil(now);
    if (isClosed || until !== undefined || waiting.length >= maxWaiting) {
      conduct.refused();
      if (isClosed) refuse(question, STOPS);
      else if (until !== undefined) refuse(question, HELD_BACK, Math.ceil((until - now) / 1000));
      else refuse(question, `more than ${maxWaiting} questions wait for the policy`);
      return;
    }
    waiting.push(question);
    lanes.place(resident);
  };
  const assertOpen = (): void => {
    if (isClosed) throw new ProblemError('evaluation-failed', { cause: new Error(STOPS) });
  };
  return {
    async inspect(tarball, signature, now) {
      assertOpen();
      return trials.inspect({ tarball, signature, now });
    },
    async loadInline(tarball) {
      assertOpen();
      const [opened, { ownBuiltins }] = await Promise.all([
        loader.open({ tarball, now: clock(), maxMemoryBytes: INLINE_MEMORY_BYTES }),
        loadBuiltins(),
      ]);
      return inlineBundle(opened, ownBuiltins);
    },
    async load(tarball, { name, signature, now = clock(), deadlineMs: own = deadlineMs, isTrial = false }) {
      assertOpen();
      const task = { tarball, now, maxMemoryBytes, ...present({ signature, outside }) };
      const opened = await (isTrial ? trials : loader).open(task);
      count += 1;
      const { revision, compiled, asksHosts, digest } = opened;
      const conduct = isTrial ? new Conduct('suspect') : conductOf(`${name} ${digest}`);
      const named = { number: count, name, revision, compiled, conduct, waiting: [] };
      const resident: Resident = asksHosts
        ? { ...named, deadlineMs: own + (outside?.deadlineMs ?? OUTSIDE_MS), lane: lanes.forHosts() }
        : { ...named, deadlineMs: own };
      return isolatedBundle(opened, resident, { ask, clock, release: () => lanes.drop(resident) });
    },
    async close() {
      isClosed = true;
      await Promise.all([loader.close(), trials.close(), lanes.close()]);
    },
  };
}

/** How bundles have done, by their key: one that was loaded before is no stranger, whoever has forgotten it meanwhile. */
function rememberedConducts(): (key: string) => Conduct {
  const conducts = new Map<string, Conduct>();
  return (key) => {
    const conduct = conducts.get(key) ?? new Conduct();
    // A Map keeps the order of insertion.
    conducts.delete(key);
    conducts.set(key, conduct);
    if (conducts.size > MOST_CONDUCTS) conducts.delete(conducts.keys().next().value as string);
    return conduct;
  };
}

type LaneSetting = IsolationOptions & Required<Pick<IsolationOptions, 'deadlineMs' | 'maxMemoryBytes' | 'clock'>>;

/** The threads, and which bundle belongs into which. */
function openLanes({ deadlineMs, maxMemoryBytes, maxHeapMib = 128, clock, outside, onEnded }: LaneSetting) {
  const laneOptions = {
    maxMemoryBytes,
    maxHeapMib,
    clock,
    tickMs: Math.max(1, deadlineMs / TICKS),
    place: (resident: Resident) => (resident.lane ?? lanes[resident.conduct.standing]).enter(resident),
    onEnded: ({ name, revision }: Resident, fault: BundleFault) => onEnded?.({ name, revision }, fault),
  };
  const lanes: Readonly<Record<Standing, Lane>> = {
    proven: new Lane(laneOptions),
    unproven: new Lane(laneOptions),
    suspect: new Lane({ ...laneOptions, givesWay: true }),
  };
  const all = new Set<Lane>(Object.values(lanes));
  return {
    place: laneOptions.place,
    forHosts(): Lane {
      const lane = new Lane({ ...laneOptions, outside, asksHosts: true });
      all.add(lane);
      return lane;
    },
    drop(resident: Resident): void {
      for (const lane of all) lane.drop(resident);
    },
    close: () => Promise.all(Array.from(all, (lane) => lane.close())),
  };
}

function isolatedBundle(
  { revision, entrypoints, metadata, signer }: OpenedBundle,
  resident: Resident,
  { ask, clock, release }: { ask: (resident: Resident, question: Question) => void; clock: () => number; release: () => void },
): IsolatedBundle {
  const idOf = (entrypoint: string): number => {
    const id = entrypoints.get(entrypoint);
    if (id === undefined) throw new TypeError(`the bundle has no entrypoint ${JSON.stringify(entrypoint)}`);
    return id;
  };
  const put = (entrypoint: string, input: unknown, isJson: boolean): Promise<unknown> => {
    const id = idOf(entrypoint);
    const sent = sentInput(input);
    return new Promise((answered, refused) =>
      ask(resident, { entrypoint, id, input: sent, isJson, asker: { answered, refused }, place: 0 }),
    );
  };
  const putMany = async (entrypoint: string, inputs: readonly unknown[]): Promise<readonly unknown[]> => {
    const id = idOf(entrypoint);
    const sent = inputs.map(sentInput);
    const heard: unknown[] = new Array(sent.length);
    let missing = sent.length;
    if (missing > 0) {
      await new Promise<void>((resolve) => {
        const hear = (answer: unknown, place: number): void => {
          heard[place] = answer;
          missing -= 1;
          if (missing === 0) resolve();
        };
        const asker: Asker = { answered: hear, refused: hear };
        for (const [place, input] of sent.entries()) ask(resident, { entrypoint, id, input, isJson: false, asker, place });
      });
    }
    return heard;
  };
  return {
    revision,
    entrypoints: [...entrypoints.keys()],
    metadata,
    ...present({ signer }),
    evaluate: (entrypoint, input) => put(entrypoint, input, false),
    evaluateMany: putMany,
    evaluateToJson: (entrypoint, input) => put(entrypoint, input, true) as Promise<string | undefined>,
    status: () => resident.conduct.status(resident, clock()),
    release,
  };
}

function inlineBundle(
  { revision, entrypoints, metadata, compiled: { module, document: data } }: OpenedBundle,
  builtins: Builtins,
): Bundle & Pick<IsolatedBundle, 'metadata'> {
  const pool = new InstancePool({ module, data, maxMemoryBytes: INLINE_MEMORY_BYTES, builtins, clock: systemClock });
  return { revision, metadata, ...askedInline(pool, entrypoints) };
}

/** Terms are objects of classes, which no message carries. */
function sentInput(input: unknown): SentInput {
  const question = written(input);
  return question instanceof RegoObject ? { rego: writeRego(question) } : question;
}

interface Loader {
  open(task: OpenTask): Promise<OpenedBundle>;
  inspect(task: InspectTask): Promise<InspectedBundle>;
  close(): Promise<void>;
}

type Pool = import('piscina').Piscina<InspectTask | OpenTask, Outcome<unknown>>;

/** Bundles are opened as they come, in threads that last as long as there is something to open. */
function openLoader({ threads, givesWay }: { readonly threads: number; readonly givesWay: boolean }): Loader {
  let pool: Promise<Pool> | undefined;
  let busy = 0;
  const waiting: (() => void)[] = [];
  const openPool = async (): Promise<Pool> => {
    const { Piscina } = await import('piscina');
    return new Piscina({
      filename: new URL('./open-in-thread.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: LOADER_IDLE_MS,
      workerData: { givesWay } satisfies LoaderSetting,
      resourceLimits: { maxOldGenerationSizeMb: LOADER_HEAP_MIB },
    });
  };
  const run = async <Result>(name: string, task: InspectTask | OpenTask): Promise<Result> => {
    pool ??= openPool();
    const opened = await pool;
    // Its time begins when it is its turn: who waits behind a slow one is not to blame.
    if (busy < threads) busy += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    let outcome: Outcome<unknown>;
    try {
      outcome = await opened.run(task, { name, signal: AbortSignal.timeout(LOAD_MS) });
    } catch (cause) {
      throw new ProblemError('bundle-invalid', { detail: 'the bundle takes too much time or memory to load', cause });
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
    if ('fault' in outcome) throw new ProblemError('bundle-invalid', { detail: outcome.fault });
    return outcome.result as Result;
  };
  return {
    open: (task) => run('openInThread', task),
    inspect: (task) => run('inspectInThread', task),
    async close() {
      await (await pool)?.destroy();
    },
  };
}
