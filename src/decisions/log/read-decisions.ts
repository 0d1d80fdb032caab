import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DecisionEvent } from './decision-event.js';
import { fileOf, type Segment, segmentsIn } from './segments.js';

/** Which decisions are read. */
export interface DecisionRange {
  /** Where the log lies: `decisions` in the data folder. */
  readonly folder: string;
  /** Inclusive and exclusive, RFC 3339 in UTC as the log writes it. */
  readonly from?: string;
  readonly until?: string;
  /** Goes on with what is written from now on until it aborts; absent: ends with what is there. */
  readonly follow?: AbortSignal;
  /** Is told of a line that is no event: one that a write has left half, or somebody else has written. */
  readonly onUnreadable?: () => void;
}

const READ_BYTES = 128 * 1024;
/** A longer line is none of ours. */
const LONGEST_LINE = 32 * 1024 * 1024;
const LOOKS_MS = 200;

/**
 * The decisions of an installation on this machine as they were logged, those of all its processes together, in the order of time. Memory does not grow with the
 * log: one block of each segment that was written at the same time is held. Events that were not written stand as one with the path GAP_PATH.
 * While it is read the log may be written, change hands and be removed; what is removed before it is reached is left out.
 * @throws Error of the system (`EACCES`) if it is not for this user to read
 */
export async function* readDecisions({ folder, from, until, follow, onUnreadable }: DecisionRange): AsyncGenerator<DecisionEvent> {
  const ends = new Map<string, number>();
  const waiting = [...(await segmentsIn(folder))];
  const reading: Reading[] = [];
  const told = { from, onUnreadable, ends };
  try {
    for (;;) {
      // A segment holds nothing older than its beginning.
      while (waiting.length > 0 && (reading.length === 0 || (waiting[0] as Segment).openedMs <= earliestOf(reading))) {
        const next = await Reading.begin(folder, waiting.shift() as Segment, told);
        if (next !== undefined) reading.push(next);
      }
      const first = reading.reduce<Reading | undefined>(
        (least, one) => (least === undefined || one.time < least.time ? one : least),
        undefined,
      );
      if (first === undefined) break;
      if (until === undefined || first.event.timestamp < until) yield first.event;
      if (await first.next()) continue;
      reading.splice(reading.indexOf(first), 1);
      await first.close();
    }
  } finally {
    for (const one of reading) await one.close();
  }
  if (follow !== undefined) yield* followed(folder, follow, told);
}

function earliestOf(reading: readonly Reading[]): number {
  return Math.min(...reading.map(({ time }) => Date.parse(time)));
}

async function* followed(folder: string, over: AbortSignal, told: Told): AsyncGenerator<DecisionEvent> {
  while (!over.aborted) {
    for (const segment of await segmentsIn(folder)) {
      const reading = await Reading.begin(folder, segment, told, told.ends?.get(segment.name) ?? 0);
      if (reading === undefined) continue;
      try {
        do {
          if (over.aborted) return;
          yield reading.event;
        } while (await reading.next());
      } finally {
        await reading.close();
      }
    }
    await delay(LOOKS_MS, undefined, { signal: over }).catch(() => {});
  }
}

/** The events of one segment between two places in bytes. */
export async function* eventsBetween(folder: string, segment: Segment, from: number, until: number): AsyncGenerator<DecisionEvent> {
  const reading = await Reading.begin(folder, segment, {}, from);
  if (reading === undefined) return;
  try {
    do {
      if (reading.offset > until) return;
      yield reading.event;
    } while (await reading.next());
  } finally {
    await reading.close();
  }
}

interface Told {
  readonly from?: string | undefined;
  readonly onUnreadable?: (() => void) | undefined;
  /** Where the last whole line of each segment ended that was read to its end. */
  readonly ends?: Map<string, number>;
}

/** A segment that is being read, at one of its events. */
class Reading {
  readonly segment: Segment;
  event!: DecisionEvent;
  readonly #lines: Lines;
  readonly #told: Told;

  private constructor(segment: Segment, lines: Lines, told: Told) {
    this.segment = segment;
    this.#lines = lines;
    this.#told = told;
  }

  /** At its first event that is not before `from`; `undefined` if there is none, or if it is gone. */
  static async begin(folder: string, segment: Segment, told: Told, offset?: number): Promise<Reading | undefined> {
    const file = await openSegment(folder, segment);
    if (file === undefined) return undefined;
    const start = offset ?? (told.from === undefined ? 0 : await placeBefore(file, told.from));
    const reading = new Reading(segment, new Lines(file, start), told);
    if (await reading.next()) return reading;
    await reading.close();
    return undefined;
  }

  get time(): string {
    return this.event.timestamp;
  }

  /** Where the event ends. */
  get offset(): number {
    return this.#lines.offset;
  }

  async next(): Promise<boolean> {
    for (;;) {
      const line = await this.#lines.next();
      if (line === undefined) {
        this.#told.ends?.set(this.segment.name, this.offset);
        return false;
      }
      const event = eventIn(line);
      if (event === undefined) this.#told.onUnreadable?.();
      else if (this.#told.from === undefined || event.timestamp >= this.#told.from) {
        this.event = event;
        return true;
      }
    }
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}

/** The file of a segment, which may change hands meanwhile. */
async function openSegment(folder: string, segment: Segment): Promise<FileHandle | undefined> {
  const opened = (one: Segment): Promise<FileHandle | undefined> =>
    open(join(folder, fileOf(one))).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  const file = await opened(segment);
  if (file !== undefined) return file;
  const now = (await segmentsIn(folder)).find(({ name }) => name === segment.name);
  return now === undefined ? undefined : opened(now);
}

function eventIn(line: string): DecisionEvent | undefined {
  try {
    const event = JSON.parse(line) as unknown;
    return isEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

const MOMENT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}Z$/;

/** Whether it has the form in which it is shown: anybody who may write here could have written a line. */
function isEvent(value: unknown): value is DecisionEvent {
  if (!isObject(value)) return false;
  const {
    timestamp,
    path,
    decision_id,
    labels,
    bundles = {},
    requested_by = '',
    custom = {},
    error = {},
    erased = [],
    masked = [],
  } = value;
  const texts = [path, decision_id, requested_by];
  return (
    typeof timestamp === 'string' &&
    MOMENT.test(timestamp) &&
    texts.every((text) => typeof text === 'string') &&
    [labels, bundles, custom, error].every(isObject) &&
    Object.values(bundles as object).every(isObject) &&
    [erased, masked].every((list) => Array.isArray(list) && list.every((one) => typeof one === 'string'))
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The whole lines of a file from a place on. */
class Lines {
  /** Where the line that was read last ends. */
  offset: number;
  readonly #file: FileHandle;
  #block = Buffer.alloc(0);
  #at = 0;
  #readTo: number;

  constructor(file: FileHandle, offset: number) {
    this.#file = file;
    this.offset = offset;
    this.#readTo = offset;
  }

  /** The next line, empty in place of one that is too long; `undefined` if there is no whole one. */
  async next(): Promise<string | undefined> {
    let isTooLong = false;
    for (let looked = this.#at; ; ) {
      const end = this.#block.indexOf(0x0a, looked);
      if (end >= 0) {
        const line = isTooLong ? '' : this.#block.toString('utf8', this.#at, end);
        this.offset += end + 1 - this.#at;
        this.#at = end + 1;
        return line;
      }
      let rest = this.#block.subarray(this.#at);
      if (rest.length > LONGEST_LINE || isTooLong) {
        isTooLong = true;
        this.offset += rest.length;
        rest = rest.subarray(rest.length);
      }
      // As much again as is there: a long line is not copied for each block of it.
      const more = Buffer.allocUnsafe(Math.max(READ_BYTES, rest.length));
      const { bytesRead } = await this.#file.read(more, 0, more.length, this.#readTo);
      if (bytesRead === 0) return undefined;
      this.#readTo += bytesRead;
      looked = rest.length;
      this.#block = Buffer.concat([rest, more.subarray(0, bytesRead)]);
      this.#at = 0;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** A place in a segment before which no event is of that moment or later: found by halving, since they stand in the order of time. */
async function placeBefore(file: FileHandle, from: string): Promise<number> {
  let [low, high] = [0, (await file.stat()).size];
  while (high - low > READ_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const lines = new Lines(file, middle);
    // What stands in the middle is the end of a line.
    await lines.next();
    const line = lines.offset >= high ? undefined : await lines.next();
    const event = line === undefined ? undefined : eventIn(line);
    if (event === undefined || event.timestamp >= from) high = middle;
    else low = lines.offset;
  }
  return low;
}
