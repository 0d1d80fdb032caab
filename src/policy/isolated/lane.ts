import type { BundleFault } from './bundle-status.js';
import { type Answers, DONE, JUDGING, MAX_BATCH, phaseOf, questionOf, STARTING } from './messages.js';
import { type Question, type Resident, refuse, settle } from './resident.js';
import { ThreadHandle, type ThreadLimits } from './thread-handle.js';

/** What a lane is opened with. */
export interface LaneOptions extends ThreadLimits {
  /** How often the watch looks, in ms. */
  readonly tickMs: number;
  /** Whether its bundle asks hosts: a thread that waits for them has its time too, and a question that was begun is not put again, since it may have had an effect there. */
  readonly asksHosts?: boolean;
  /** ms since 1970. */
  readonly clock: () => number;
  /** Puts a bundle whose questions wait into the lane that it belongs to by now. */
  readonly place: (resident: Resident) => void;
  /** Hears of each bundle for which a thread was ended. */
  readonly onEnded: (resident: Resident, fault: BundleFault) => void;
}

/** A batch takes about so long in the thread: whoever comes after it waits no longer. */
const BATCH_MICROS = 2000;
/** Starting an instance reads the bundle's data. */
const START_MS = 1000;
/** Until a thread is there and has taken its batch: nothing of a bundle runs meanwhile. */
const READY_MS = 10_000;
/** A thread that has not had its time, since the machine is busy with other things, gets so many times as much by the clock. */
const PATIENCE = 10;
/** A thread that ends so often before it judged anything is not started again for the same question. */
const MAX_FALSE_STARTS = 3;
/** After so long without a question the thread ends. */
const IDLE_MS = 60_000;

interface Batch {
  readonly resident: Resident;
  readonly questions: readonly Question[];
  /** How far the thread was when it was put: as long as it is there, nothing of the batch has run. */
  readonly putAt: number;
}

/**
 * One thread and the bundles that share it. They are asked in turn, a batch each, so that none waits for more than a batch of every other; a bundle whose
 * question does not end costs the others one deadline, and leaves the lane.
 */
export class Lane {
  readonly #options: LaneOptions;
  /** Those with questions, the next one first. */
  readonly #ring = new Set<Resident>();
  #thread: ThreadHandle | undefined;
  #batch: Batch | undefined;
  #isScheduled = false;
  #falseStarts = 0;
  #watch: NodeJS.Timeout | undefined;
  #seen = -1;
  /** Ticks of the watch at which the thread was still at the same step, or had nothing to do. */
  #ticks = 0;
  /** How long the thread had run when it was seen at this step for the second time. */
  #workedMs: number | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Takes a bundle in whose questions wait. They are put when this turn of the event loop is over: all that come in it are one message. */
  enter(resident: Resident): void {
    this.#ring.add(resident);
    if (this.#isScheduled || this.#batch !== undefined) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#putNext();
    });
  }

  /** Forgets a bundle that nobody asks any more. */
  drop({ number }: Resident): void {
    this.#thread?.drop(number);
  }

  /** Ends the thread. Questions that it is at or that wait are refused. */
  async close(): Promise<void> {
    clearInterval(this.#watch);
    const thread = this.#thread;
    this.#thread = undefined;
    for (const question of this.#batch?.questions ?? []) refuse(question, 'the gateway stops');
    for (const { waiting } of this.#ring) for (const question of waiting.splice(0)) refuse(question, 'the gateway stops');
    this.#ring.clear();
    this.#batch = undefined;
    await thread?.end();
  }

  #putNext(): void {
    if (this.#batch !== undefined) return;
    for (const resident of this.#ring) {
      this.#ring.delete(resident);
      const questions = resident.waiting.splice(0, batchSize(resident));
      if (questions.length === 0) continue;
      this.#thread ??= this.#start();
      this.#batch = { resident, questions, putAt: this.#thread.progress };
      this.#ticks = 0;
      this.#watch ??= setInterval(() => this.#look(), this.#options.tickMs).unref();
      this.#thread.ask(resident, questions);
      return;
    }
  }

  #start(): ThreadHandle {
    const thread: ThreadHandle = new ThreadHandle(
      this.#options,
      (answers) => this.#take(answers),
      () => {
        if (this.#thread === thread) this.#endBatch('memory', thread.progress);
      },
    );
    return thread;
  }

  #take({ answers, micros }: Answers): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    const { resident, questions } = batch;
    this.#batch = undefined;
    this.#falseStarts = 0;
    resident.conduct.answered(answers.filter((answer) => typeof answer !== 'object').length, questions.length, micros);
    if (resident.waiting.length > 0) this.#options.place(resident);
    // The thread goes on while its answers are given out.
    this.#putNext();
    const now = this.#options.clock();
    for (const [i, question] of questions.entries()) {
      const fault = settle(question, answers[i], now);
      if (fault !== undefined) resident.conduct.failed(fault);
    }
  }

  /**
   * Time counts in ticks of this process's own clock, and only while the thread really runs: when the machine stands still or is busy with other
   * things no policy is to blame.
   */
  #look(): void {
    const thread = this.#thread;
    const batch = this.#batch;
    if (thread === undefined) return;
    const { progress } = thread;
    if (batch !== undefined && progress !== this.#seen) {
      this.#seen = progress;
      this.#ticks = 0;
      return;
    }
    this.#ticks += 1;
    if (this.#ticks === 1) this.#workedMs = thread.workedMs;
    const passedMs = this.#ticks * this.#options.tickMs;
    if (batch === undefined) {
      if (passedMs >= IDLE_MS) this.#rest();
      return;
    }
    const allowedMs = allowedAt(progress, batch);
    // What has gone on since is not ended: the next look sees it.
    if (passedMs < allowedMs || !this.#hasHadItsTime(passedMs, allowedMs) || thread.progress !== progress) return;
    this.#endBatch('deadline', progress);
  }

  #hasHadItsTime(passedMs: number, allowedMs: number): boolean {
    const workedMs = this.#options.asksHosts === true ? undefined : this.#thread?.workedMs;
    if (workedMs === undefined || this.#workedMs === undefined) return true;
    return workedMs - this.#workedMs >= allowedMs / 2 || passedMs >= allowedMs * PATIENCE;
  }

  #rest(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    void this.#thread?.end();
    this.#thread = undefined;
  }

  /** The thread is lost: the question that it was at is refused, and the rest of the batch is put again, as far as that has no second effect. */
  #endBatch(kind: 'deadline' | 'memory', progress: number): void {
    this.#rest();
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch !== undefined) this.#blame(batch, progress, kind);
    this.#putNext();
  }

  #blame(batch: Batch, progress: number, kind: 'deadline' | 'memory'): void {
    const { resident, questions } = batch;
    const { waiting, conduct, deadlineMs } = resident;
    const at = isUnderWay(progress, batch) ? questionOf(progress) : undefined;
    const culprit = at === undefined ? undefined : questions[at];
    const begun = this.#options.asksHosts === true ? begunOf(progress, batch) : 0;
    for (const question of questions.slice(0, begun)) if (question !== culprit) refuse(question, 'its thread ended before its answer came');
    waiting.unshift(...questions.slice(begun).filter((question) => question !== culprit));
    if (culprit === undefined) {
      this.#falseStarts += 1;
      if (this.#falseStarts >= MAX_FALSE_STARTS) for (const question of waiting.splice(0)) refuse(question, 'the thread does not start');
    } else {
      const fault = { kind, entrypoint: culprit.entrypoint, at: this.#options.clock() };
      refuse(culprit, kind === 'deadline' ? `the policy did not end within ${deadlineMs} ms` : 'the policy took all memory of its thread');
      conduct.ended(fault);
      this.#options.onEnded(resident, fault);
      const until = conduct.heldBackUntil(fault.at);
      if (until !== undefined) for (const question of waiting.splice(0)) refuse(question, HELD_BACK, Math.ceil((until - fault.at) / 1000));
    }
    if (waiting.length > 0) this.#options.place(resident);
  }
}

function isUnderWay(progress: number, { putAt }: Batch): boolean {
  const phase = phaseOf(progress);
  return progress !== putAt && (phase === STARTING || phase === JUDGING);
}

/** How many of a batch have been begun, that which is under way among them. */
function begunOf(progress: number, batch: Batch): number {
  if (isUnderWay(progress, batch)) return questionOf(progress) + 1;
  return progress !== batch.putAt && phaseOf(progress) === DONE ? batch.questions.length : 0;
}

function allowedAt(progress: number, batch: Batch): number {
  if (!isUnderWay(progress, batch)) return READY_MS;
  return phaseOf(progress) === STARTING ? START_MS : batch.resident.deadlineMs;
}

/** Why a question of a bundle that is held back is refused. */
export const HELD_BACK = 'the policy ran away again and again, and is held back';

/** Those of one form that come first, as many as take the time of a batch. */
function batchSize({ conduct, waiting }: Resident): number {
  const size = conduct.standing === 'suspect' ? 1 : Math.floor(BATCH_MICROS / Math.max(conduct.expectedMicros, 1));
  const most = Math.min(waiting.length, MAX_BATCH, Math.max(1, size));
  const isJson = waiting[0]?.isJson;
  const other = waiting.slice(0, most).findIndex((question) => question.isJson !== isJson);
  return other < 0 ? most : Math.min(most, other);
}
