import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Staff } from './entrance.js';
import { Line } from './line.js';
import type { Order, ParentDuties, Started, WorkerDuties } from './messages.js';
import { wholeLines } from './whole-lines.js';

/** What a process that answers gets to end beyond the time that its requests get. */
export const GRACE_MS = 5000;
/** So many beats that it leaves unanswered, one after the other, and it answers nothing any more. */
const MOST_MISSED = 10;
/** The same before it is ready: it may build what takes long. */
const MOST_MISSED_AT_START = 60;

/** One process that answers, as its parent sees it. */
export class WorkerProcess implements Staff {
  readonly number: number;
  readonly line: Line<WorkerDuties>;
  /** How it has ended, such as `SIGKILL` or `code 1`. */
  readonly over: Promise<string>;
  readonly #child: ChildProcess;
  #isOver = false;
  #isReady = false;
  /** Connections that it has not said to have taken. */
  readonly #handing = new Set<Socket>();

  constructor(program: string, number: number, duties: ParentDuties, writeLines: (lines: string) => void) {
    this.number = number;
    // Its number is for whoever lists processes.
    const child = fork(program, [String(number)], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    this.#child = child;
    child.stdout?.on('data', wholeLines(writeLines));
    this.over = new Promise((resolve) => {
      child.once('error', ({ message }) => resolve(message));
      // All that it has logged has been read then.
      child.once('close', (code, signal) => resolve(signal ?? `code ${code}`));
    });
    void this.over.then(() => {
      this.#isOver = true;
    });
    this.line = new Line(child, duties);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async start(order: Order): Promise<Started> {
    const started = await this.line.ask('start', order);
    this.#isReady = true;
    return started;
  }

  /** Kills it once it hangs: by itself it would keep the connections that it has been handed for ever, and whoever asks it something. */
  watch(beatMs: number): void {
    let missed = 0;
    // Beats are counted and not time: a parent that has stood still itself reads first what has been answered meanwhile.
    const beats = setInterval(() => {
      missed += 1;
      if (missed > (this.#isReady ? MOST_MISSED : MOST_MISSED_AT_START)) this.kill();
      void this.line.ask('beat', undefined).then(
        () => {
          missed = 0;
        },
        () => {},
      );
    }, beatMs);
    void this.over.then(() => clearInterval(beats));
  }

  hand(socket: Socket): void {
    this.#handing.add(socket);
    this.line.ask('take', undefined, socket).then(
      () => {
        this.#handing.delete(socket);
        // Here alone: no end is sent.
        socket.destroy();
      },
      () => {},
    );
  }

  /** Connections of which it has read nothing, now that it has ended. */
  notHanded(): readonly Socket[] {
    return [...this.#handing].filter(({ destroyed }) => !destroyed);
  }

  beginStop(): Promise<void> {
    return this.#ifThere(this.line.ask('beginStop', undefined));
  }

  holdBack(): Promise<void> {
    return this.#ifThere(this.line.ask('holdBack', undefined));
  }

  async finish(withinMs: number): Promise<void> {
    const late = setTimeout(() => this.kill(), Math.max(0, withinMs) + GRACE_MS);
    await this.#ifThere(this.line.ask('finish', withinMs));
    // Not by cutting the line: of a child that is cut off Node.js never tells that it has closed.
    await this.#ifThere(this.line.ask('leave', undefined));
    await this.over;
    clearTimeout(late);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Whoever has ended need not stop. */
  #ifThere(done: Promise<unknown>): Promise<void> {
    return done.then(
      () => {},
      () => {},
    );
  }
}
