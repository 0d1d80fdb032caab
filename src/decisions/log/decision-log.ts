import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers';
import { present, toInstant } from '#domain';
import type { Bundle } from '#policy';
import { ProblemError } from '#problem';
import type { DecisionSettings } from '../settings.js';
import { Alone } from './alone.js';
import type { DecisionEvent } from './decision-event.js';
import { EventLines, type MadeDecision } from './event-line.js';
import { LeftBehind } from './left-behind.js';
import { maskOf } from './mask.js';
import { type Kept, keepHouse } from './retention.js';
import { SegmentWriter } from './segment-writer.js';
import { endOwner, newOwner, type Segment } from './segments.js';
import { Upload, type UploadState } from './upload.js';

/** How a process's decision log is opened. */
export interface DecisionLogOptions {
  /** Made when the first decision is written. */
  readonly folder: string;
  readonly settings: DecisionSettings;
  /** Of the program. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Is told when decisions can no longer be written, or sent, and when they can again. */
  readonly tell: (event: string, facts: Readonly<Record<string, string | number>>) => void;
  /** What sends to the collector; by default the platform's. */
  readonly fetch?: typeof globalThis.fetch;
}

/** How the log stands. */
export interface LogState {
  /** `dropping`, `refusing`: decisions cannot be written now. */
  readonly state: 'ok' | 'dropping' | 'refusing';
  /** Why not. */
  readonly cause?: string;
  /** Decisions of this process that were not written, and those whose body was left out since the mask failed. */
  readonly missed: number;
  readonly unmasked: number;
  /** Absent: it is not sent. */
  readonly upload?: UploadState;
}

/** What a group of decisions comes to once it has been written, or could not be. */
type Outcome = ProblemError | undefined;

const BUFFER_BYTES = 256 * 1024;
const SWEEP_MS = 10_000;

/**
 * The decision log of one process. The decisions of one turn of the event loop are written together, at its end, or at once where they come one in a turn; whoever
 * has asked is answered after that: what is acknowledged is the system's, and survives the end of the process.
 */
export class DecisionLog {
  readonly #options: DecisionLogOptions;
  readonly #owner = newOwner();
  readonly #writer: SegmentWriter;
  readonly #lines: EventLines;
  readonly #left: LeftBehind;
  readonly #upload: Upload | undefined;
  readonly #isRefusing: boolean;
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #used = 0;
  #buffered = 0;
  /** Decisions of the group. */
  #grouped = 0;
  readonly #alone = new Alone();
  #group: { readonly written: Promise<Outcome>; readonly resolve: (outcome: Outcome) => void } | undefined;
  #fault: Outcome;
  #gap: { missing: number; readonly sinceMs: number; readonly cause: string } | undefined;
  #isOverBound = false;
  #missed = 0;
  #unmasked = 0;
  #written: Segment | undefined;
  #sweeping: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DecisionLogOptions) {
    const { folder, settings, version, clock, tell, fetch = globalThis.fetch } = options;
    const { decisionLogSegmentBytes: segmentBytes, decisionLogSegmentMinutes: minutes } = settings;
    this.#options = options;
    this.#isRefusing = settings.decisionLogWhenFull === 'refuse';
    this.#writer = new SegmentWriter({ folder, owner: this.#owner, segmentBytes, segmentMs: minutes * 60_000, clock });
    this.#lines = new EventLines({ id: randomUUID(), version });
    this.#left = new LeftBehind(folder);
    const { decisionLogUrl: url } = settings;
    if (url !== undefined)
      this.#upload = new Upload({ folder, owner: this.#owner, settings, url, tell, fetch, current: () => this.#writer.current });
  }

  /** Holds that what is decided now can be logged, where it must be. @throws ProblemError `decision-log-unavailable` */
  assertOpen(): void {
    if (!this.#isRefusing || (this.#gap === undefined && !this.#isOverBound)) return;
    if (this.#isOverBound || !this.#closeGap()) throw unavailable(this.#gap?.cause ?? OVER_BOUND);
  }

  /**
   * Logs a decision. @param bundle the one that judged, which may say what is masked
   * @returns resolves once it is written: to the problem to answer with, where it must be and could not be; `undefined`: there is nothing to wait for
   */
  record(bundle: Bundle, made: MadeDecision): Promise<Outcome> | undefined {
    const line = this.#masked(bundle, this.#lines.lineOf(made));
    if (line === undefined) return undefined;
    if (this.#group === undefined && this.#alone.isLikely) return this.#recordAtOnce(line);
    this.#group ??= this.#beginGroup();
    this.#grouped += 1;
    this.#take(line);
    return this.#group.written;
  }

  /** Begins to see to what lies in the folder, also of processes that have ended: sends it, and removes what is old. */
  async serve(): Promise<void> {
    await this.sweep();
    this.#timer = setInterval(() => void this.sweep(), SWEEP_MS).unref();
    this.#upload?.begin();
  }

  /** Looks after the folder now. What is in the way shows where the log is written. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.then(() => this.#sweep()).catch(() => {});
    return this.#sweeping;
  }

  /** How it stands now. */
  state(): LogState {
    const cause = this.#isOverBound ? OVER_BOUND : this.#gap?.cause;
    const counts = { missed: this.#missed, unmasked: this.#unmasked };
    const state: LogState['state'] = cause === undefined ? 'ok' : this.#isRefusing ? 'refusing' : 'dropping';
    return present({ state, cause, ...counts, upload: this.#upload?.state() });
  }

  /** Decisions of processes that have ended of which nobody has taken note; each is given once. */
  left(): AsyncIterable<DecisionEvent> {
    return this.#left.events();
  }

  /** Marks a moment. @returns to be called once note is taken of all that was decided, or given by `left`, before it */
  mark(): () => Promise<void> {
    return this.#left.mark(this.#writer.current);
  }

  /** Writes what waits, and leaves the rest to the next process. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    this.#closeGap();
    await this.#upload?.end();
    await this.#sweeping;
    this.#writer.end();
    endOwner(this.#owner);
  }

  #masked(bundle: Bundle, line: string): string | undefined {
    const mask = maskOf(bundle);
    if (mask === undefined) return line;
    const { line: after, failed } = mask(line);
    if (failed) {
      if (this.#unmasked === 0) this.#options.tell('decision log mask failed', { revision: bundle.revision });
      this.#unmasked += 1;
    }
    return after;
  }

  #recordAtOnce(line: string): Promise<Outcome> | undefined {
    this.#alone.thought();
    this.#take(line);
    this.#write();
    const fault = this.#fault;
    this.#fault = undefined;
    return fault === undefined ? undefined : Promise.resolve(fault);
  }

  #take(line: string): void {
    if (this.#isOverBound) this.#miss(1, OVER_BOUND);
    else this.#put(line);
  }

  #beginGroup(): { readonly written: Promise<Outcome>; readonly resolve: (outcome: Outcome) => void } {
    let resolve: (outcome: Outcome) => void = () => {};
    const written = new Promise<Outcome>((done) => {
      resolve = done;
    });
    // After all that has arrived in this turn.
    setImmediate(() => this.#flush());
    return { written, resolve };
  }

  #put(line: string): void {
    const most = line.length * 3 + 1;
    if (this.#used + most > this.#buffer.length) {
      this.#write();
      if (most > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(most);
    }
    this.#used += this.#buffer.write(line, this.#used);
    this.#buffer[this.#used] = 0x0a;
    this.#used += 1;
    this.#buffered += 1;
  }

  #flush(): void {
    this.#write();
    const group = this.#group;
    const fault = this.#fault;
    this.#group = undefined;
    this.#fault = undefined;
    if (group !== undefined) this.#alone.came(this.#grouped);
    this.#grouped = 0;
    if (this.#buffer.length > BUFFER_BYTES) this.#buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    group?.resolve(fault);
  }

  #write(): void {
    const used = this.#used;
    const count = this.#buffered;
    if (count === 0) return;
    this.#used = 0;
    this.#buffered = 0;
    try {
      if (this.#closeGap()) this.#append(this.#buffer, used);
      else this.#miss(count, this.#gap?.cause ?? '');
    } catch (error) {
      this.#miss(count, causeOf(error));
    }
  }

  #append(bytes: Uint8Array, length: number): void {
    this.#writer.append(bytes, length);
    const { current } = this.#writer;
    if (current === undefined || current.segment === this.#written) return;
    // A new one: those before may be too many by now.
    this.#left.begun(current, length);
    this.#written = current.segment;
    if (this.#timer !== undefined) void this.sweep();
  }

  #miss(count: number, cause: string): void {
    if (this.#gap === undefined) {
      this.#options.tell('decision log not written', { cause });
      this.#gap = { missing: 0, sinceMs: this.#options.clock(), cause };
    }
    this.#gap.missing += count;
    this.#missed += count;
    if (this.#isRefusing) this.#fault = unavailable(cause);
  }

  /** Says in the log itself what is missing there. @returns whether it is said, or nothing is missing */
  #closeGap(): boolean {
    const gap = this.#gap;
    if (gap === undefined) return true;
    if (this.#isOverBound) return false;
    const { missing, sinceMs, cause } = gap;
    const id = randomBytes(12).toString('base64url');
    const line = this.#lines.gapLine(id, toInstant(this.#options.clock()), { missing, from: toInstant(sinceMs), cause });
    const bytes = Buffer.from(`${line}\n`);
    try {
      this.#append(bytes, bytes.length);
    } catch {
      return false;
    }
    this.#gap = undefined;
    this.#options.tell('decision log written again', { missing });
    return true;
  }

  async #sweep(): Promise<void> {
    const { folder, settings, clock } = this.#options;
    this.#writer.endIfOld();
    const kept: Kept = await keepHouse({ folder, owner: this.#owner, settings, nowMs: clock(), current: this.#writer.current?.segment });
    if (this.#written !== undefined && kept.isCurrentGone && this.#writer.current?.segment === this.#written) {
      this.#writer.end();
      this.#options.tell('decision log not written', { cause: 'its file was taken away by somebody else' });
    }
    for (const segment of kept.takenOver) this.#left.takenOver(segment);
    const wasOver = this.#isOverBound;
    this.#isOverBound = kept.isOverBound;
    if (!wasOver && kept.isOverBound) this.#options.tell('decision log full', { cause: OVER_BOUND, bytes: kept.bytes });
    if (!kept.isOverBound) this.#closeGap();
  }
}

const OVER_BOUND = 'as much as is kept (decisionLogBytes) is still to be sent';

function causeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).name;
}

function unavailable(cause: string): ProblemError {
  return new ProblemError('decision-log-unavailable', { cause: new Error(cause) });
}
