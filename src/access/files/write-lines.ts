import { setImmediate } from 'node:timers/promises';
import { isFault } from '#domain';
import type { GiveOutcome } from '../grants/give-grants.js';
import type { ImportFault, ImportReport, ImportRow } from './import-report.js';

/**
 * Lines of an organisation's file that are written together, by a process that others ask at the same time: each of judging, preparing and
 * writing them is a turn of the event loop. Progress is remembered at their ends.
 */
export const BATCH_LINES = 128;
/** Lines of the operator's file, whose process has nothing else to do: enough to share a flush, and the documents of persons with many grants. */
export const OPERATOR_BATCH_LINES = 2048;

/** Lines that are read in one turn of the event loop. */
const TURN_LINES = 32;

/** Reads a line: what is to be done for it, or the first of its faults. */
export type LineReader<Order> = (row: ImportRow) => Order | ImportFault;

/** A line that can be read. */
export interface ImportLine<Order> {
  readonly line: number;
  /** How many lines are read with it. */
  readonly lines: number;
  readonly order: Order;
}

/** What became of the lines of a batch. */
export interface GivenLines {
  /** A fault for each that may not be; only the first if the import ends there. */
  readonly refused: readonly ImportFault[];
  readonly outcomes: readonly GiveOutcome[];
}

/** What the lines of a file are read by, given by, and told to. */
export interface LineWriting<Order> {
  /** Gets to know what a line names, before that is read; a promise only if something of it is new. */
  readonly places?: { learn(fields: Readonly<Record<string, unknown>>): Promise<void> | undefined };
  readonly batchLines: number;
  readonly read: LineReader<Order>;
  /** Judges the lines of a batch, and gives what may be given: all of that, or only what stands before the first refused line. */
  readonly give: (lines: readonly ImportLine<Order>[]) => Promise<GivenLines>;
  /** The lines at the beginning that are done already: only counted, and told to `onDone`. */
  readonly done?: number;
  readonly onDone?: (line: ImportLine<Order>) => void;
  /** End at the first faulty line; the lines before it are written. */
  readonly stopAtFault?: boolean;
  readonly onFault?: (fault: ImportFault) => void;
  /** Called when a batch is durable: what it reports as written survives the process. */
  readonly onWritten?: (report: ImportReport) => Promise<void> | void;
}

/** Lines that are written together, and those among them that cannot be read. */
interface Batch<Order> {
  readonly sound: ImportLine<Order>[];
  readonly faults: ImportFault[];
}

/** Reads and writes rows in batches, one being written while the next is read. @throws whatever `give` or the rows throw; what was reported stays */
export async function writeLines<Order extends object>(
  rows: AsyncIterable<ImportRow> | Iterable<ImportRow>,
  writing: LineWriting<Order>,
): Promise<ImportReport> {
  const { places, batchLines, read, done = 0, stopAtFault = false } = writing;
  const { count, write } = batchWriter(writing);
  let batch: Batch<Order> = { sound: [], faults: [] };
  let pending: Promise<void> = Promise.resolve();
  let lines = 0;
  try {
    for await (const row of rows) {
      lines += 1;
      const news = isFault(row.fields) ? undefined : places?.learn(row.fields);
      if (news !== undefined) await news;
      const order = read(row);
      const isFaulty = 'detail' in order;
      // One that was told in an earlier attempt is told again: the report is about the whole file.
      if (isFaulty) batch.faults.push(order);
      else if (lines <= done) writing.onDone?.({ line: row.line, lines, order });
      else batch.sound.push({ line: row.line, lines, order });
      if (lines % TURN_LINES === 0) await setImmediate(); // Requests that wait get their turn.
      const endsHere = stopAtFault && isFaulty;
      if (endsHere || lines % batchLines === 0) {
        // One batch is flushed while the next is read.
        await pending;
        if (count.stopped) break;
        pending = write(batch, lines);
        pending.catch(() => {}); // Awaited below; until then it must not count as unhandled.
        batch = { sound: [], faults: [] };
        if (endsHere) break;
      }
    }
  } finally {
    // Also when the rows break off: what was being written is done, and remembered as done, before anybody is told.
    await pending;
  }
  if (!count.stopped) await write(batch, lines);
  return count;
}

function batchWriter<Order extends object>({ give, stopAtFault = false, onFault, onWritten }: LineWriting<Order>) {
  const count = { lines: 0, given: 0, changed: 0, unchanged: 0, faulty: 0, refused: 0, stopped: false };
  const write = async ({ sound, faults }: Batch<Order>, lines: number): Promise<void> => {
    const { refused, outcomes } = await give(sound);
    const all = [...faults, ...refused].sort((a, b) => a.line - b.line);
    // Of two faulty lines the earlier one ends it.
    const told = stopAtFault ? all.slice(0, 1) : all;
    for (const fault of told) {
      count.faulty += 1;
      onFault?.(fault);
    }
    count.refused += refused.filter((fault) => told.includes(fault)).length;
    for (const outcome of outcomes) count[outcome] += 1;
    const [last] = told;
    count.stopped = stopAtFault && last !== undefined;
    count.lines = count.stopped ? (sound.find(({ line }) => line === last?.line)?.lines ?? lines) : lines;
    await onWritten?.({ ...count });
  };
  return { count, write };
}
