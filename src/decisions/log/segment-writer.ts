import { closeSync, fdatasync, fstatSync, ftruncateSync, mkdirSync, openSync, readdirSync, readSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileOf, isAlive, newSegment, type Segment, segmentsAmong } from './segments.js';

/** How the segments of one owner are written. */
export interface WriterOptions {
  readonly folder: string;
  readonly owner: string;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

interface OpenSegment {
  readonly segment: Segment;
  readonly fd: number;
  size: number;
}

const NEWLINE = 0x0a;
/** A last line that was not ended is no longer than this, or the segment is left as it is. */
const LONGEST_TAIL = 4 * 1024 * 1024;

/**
 * Appends to segments of its own. What `append` has returned from is the system's: no end of the process loses it. A segment that a process has left which
 * is gone is gone on with, so that commands and restarts do not leave a file each.
 */
export class SegmentWriter {
  readonly #options: WriterOptions;
  #open: OpenSegment | undefined;
  #lastOpenedMs = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** What is written to, and how far. */
  get current(): { readonly segment: Segment; readonly size: number } | undefined {
    return this.#open;
  }

  /** Appends whole lines, all or nothing. @throws Error of the system */
  append(bytes: Uint8Array, length: number): void {
    const { segmentBytes } = this.#options;
    if (this.#open !== undefined && this.#open.size > 0 && this.#open.size + length > segmentBytes) this.end();
    this.endIfOld();
    this.#open ??= this.#begin();
    const { fd, size } = this.#open;
    try {
      for (let written = 0; written < length; ) written += writeSync(fd, bytes, written, length - written, size + written);
    } catch (error) {
      // What has been written of it is no whole line.
      ftruncateSync(fd, size);
      throw error;
    }
    this.#open.size += length;
  }

  /** Ends the segment if it is older than it may be. */
  endIfOld(): void {
    const { segmentMs, clock } = this.#options;
    if (this.#open !== undefined && clock() - this.#open.segment.openedMs >= segmentMs) this.end();
  }

  /** Ends the segment; the next one is begun when there is something to write. */
  end(): void {
    if (this.#open === undefined) return;
    const { fd } = this.#open;
    this.#open = undefined;
    // To the disk, in the background: a power failure takes no more than what has not been flushed by itself.
    fdatasync(fd, () => closeSync(fd));
  }

  #begin(): OpenSegment {
    const { folder, owner, clock } = this.#options;
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const left = this.#takeOver();
    if (left !== undefined) return left;
    // Never two in one millisecond: their names are their order.
    this.#lastOpenedMs = Math.max(clock(), this.#lastOpenedMs + 1);
    const segment = newSegment(this.#lastOpenedMs, owner);
    return { segment, fd: openSync(join(folder, fileOf(segment)), 'wx+', 0o600), size: 0 };
  }

  /** The newest segment that nobody writes to any more and that is neither old nor half full. */
  #takeOver(): OpenSegment | undefined {
    const { folder, owner, segmentBytes, segmentMs, clock } = this.#options;
    for (const left of segmentsAmong(readdirSync(folder)).toReversed()) {
      if (clock() - left.openedMs >= segmentMs) return undefined;
      if (isAlive(left.owner)) continue;
      const segment = { ...left, owner };
      let fd: number | undefined;
      try {
        // Of two that want it one finds it gone.
        renameSync(join(folder, fileOf(left)), join(folder, fileOf(segment)));
        fd = openSync(join(folder, fileOf(segment)), 'r+');
        const size = endOfLines(fd);
        if (size !== undefined && size <= segmentBytes / 2) return { segment, fd, size };
      } catch {
        // Somebody else's, or not for us to read: there are others.
      }
      if (fd !== undefined) closeSync(fd);
    }
    return undefined;
  }
}

/** Where the last whole line ends; what a write that was broken off has left behind it is cut off. */
function endOfLines(fd: number): number | undefined {
  const { size } = fstatSync(fd);
  const tail = Buffer.alloc(Math.min(size, LONGEST_TAIL));
  readSync(fd, tail, 0, tail.length, size - tail.length);
  const end = tail.lastIndexOf(NEWLINE) + 1;
  if (end === 0 && tail.length < size) return undefined;
  const whole = size - tail.length + end;
  if (whole < size) ftruncateSync(fd, whole);
  return whole;
}
