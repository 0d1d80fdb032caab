import { setImmediate } from 'node:timers/promises';
import { isFault } from '#domain';
import type { GiveOutcome } from '../grants/give-grants.js';
import type { NamedOrder } from '../grants/grant-order.js';
import type { ImportFault, ImportReport, ImportRow } from './import-report.js';
import type { NamedPlaces } from './named-places.js';
import type { LineReader } from './read-line.js';

/**
 * Lines that are written together: enough to share a flush, few enough that nobody waits long for the event loop or the store, and that single
 * changes afterwards do not pay for what large transactions leave behind in LMDB.
 */
export const BATCH_LINES = 2048;

/** A line that can be read. */
export interface ImportLine {
  readonly line: number;
  /** How many lines are read with it. */
  readonly lines: number;
  readonly order: NamedOrder;
}

/** What became of the lines of a batch. */
export interface GivenLines {
  /** A fault for each that may not be; only the first if the import ends there. */
  readonly refused: readonly ImportFault[];
  readonly outcomes: readonly GiveOutcome[];
}

/** What the lines of a file are read by, given by, and told to. */
export interface LineWriting {
  readonly places: NamedPlaces;
  readonly read: LineReader;
  /** Judges the lines of a batch, and gives what may be given: all of that, or only what stands before the first refused line. */
  readonly give: (lines: readonly ImportLine[]) => Promise<GivenLines>;
  /** The lines at the beginning that are done already: only counted, and told to `onDone`. */
  readonly done?: number;
  readonly onDone?: (line: ImportLine) => void;
  /** End at the first faulty line; the lines before it are written. */
  readonly stopAtFault?: boolean;
  readonly onFault?: (fault: ImportFault) => void;
  /** Called when a batch is durable: what it reports as written survives the process. */
  readonly onWritten?: (report: ImportReport) => Promise<void> | void;
}

/** Reads and writes rows in batches, one being written while the next is read. @throws whatever `give` or the rows throw; what was reported stays */
export async function writeLines(rows: AsyncIterable<ImportRow> | Iterable<ImportRow>, writing: LineWriting): Promise<ImportReport> {
  const { places, read, done = 0, stopAtFault = false } = writing;
  const { count, blame, write } = batchWriter(writing);
  let batch: ImportLine[] = [];
  let pending: Promise<void> = Promise.resolve();
  let lines = 0;
  try {
    for await (const row of rows) {
      lines += 1;
      const news = isFault(row.fields) ? undefined : places.learn(row.fields);
      if (news !== undefined) await news;
      const order = read(row);
      if (!('detail' in order)) {
        const line = { line: row.line, lines, order };
        if (lines <= done) writing.onDone?.(line);
        else batch.push(line);
      } else if (stopAtFault) {
        // Of two faulty lines the earlier one ends it: those before this one are judged first.
        await pending;
        if (!count.stopped) await write(batch, lines);
        if (!count.stopped) blame(order);
        count.stopped = true;
        // One that was told in an earlier attempt is told again: the report is about the whole file.
      } else blame(order);
      if (!count.stopped && lines % BATCH_LINES === 0) {
        await setImmediate(); // Requests that wait get their turn.
        // One batch is flushed while the next is read.
        await pending;
        pending = count.stopped ? pending : write(batch, lines);
        pending.catch(() => {}); // Awaited above or below; until then it must not count as unhandled.
        batch = [];
      }
      if (count.stopped) break;
    }
  } finally {
    // Also when the rows break off: what was being written is done, and remembered as done, before anybody is told.
    await pending;
  }
  if (!count.stopped) await write(batch, lines);
  return count;
}

function batchWriter({ give, stopAtFault, onFault, onWritten }: LineWriting) {
  const count = { lines: 0, given: 0, changed: 0, unchanged: 0, faulty: 0, refused: 0, stopped: false };
  const blame = (fault: ImportFault): void => {
    count.faulty += 1;
    onFault?.(fault);
  };
  const write = async (batch: readonly ImportLine[], lines: number): Promise<void> => {
    const { refused, outcomes } = await give(batch);
    for (const fault of refused) blame(fault);
    count.refused += refused.length;
    for (const outcome of outcomes) count[outcome] += 1;
    const [first] = refused;
    count.stopped = stopAtFault === true && first !== undefined;
    count.lines = count.stopped ? (batch.find(({ line }) => line === first?.line)?.lines ?? lines) : lines;
    await onWritten?.({ ...count });
  };
  return { count, blame, write };
}
