import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { AccessParts, ImportFault, ImportReport } from '#access';
import { type Row, type RowFormat, readRows, rowWriter } from '#files';
import type { CommandPorts } from './ports.js';
import { progress } from './progress.js';

const FORMATS: readonly RowFormat[] = ['csv', 'jsonl'];
/** Large reads: a file of millions of lines is read in one go. */
const READ_BYTES = 256 * 1024;
/** Faulty lines that are printed; the rest is counted. */
const FAULTS_SHOWN = 1000;

/** `--format` of a command that reads a table. */
export function inputFormat(): Option {
  return new Option('--format <format>', 'if the ending does not tell').choices(FORMATS);
}

/** `--format` of a command that writes a table. */
export function outputFormat(): Option {
  return new Option('--format <format>', 'form of the lines').choices(FORMATS).default('csv');
}

/** What an import reads and whom it tells. */
export interface TableImport {
  readonly access: AccessParts;
  readonly rows: AsyncIterable<Row>;
  readonly dryRun: boolean;
  readonly onFault: (fault: ImportFault) => void;
  readonly onWritten: (report: ImportReport) => void;
}

/**
 * Opens the file and the store, tells how far it is and each faulty line on standard error, and prints the sum.
 * @param options `verb`: what is done to what is new; default `given`
 * @returns the exit code: 1 if a line was faulty
 */
export async function importTable(
  ports: CommandPorts,
  command: Command,
  file: string,
  options: { readonly format?: RowFormat; readonly dryRun?: true; readonly verb?: string },
  run: (table: TableImport) => Promise<ImportReport>,
  open: CommandPorts['openAccess'] = ports.openAccess,
): Promise<number> {
  const format = options.format ?? FORMATS.find((known) => file.toLowerCase().endsWith(`.${known}`));
  if (format === undefined) command.error('error: the ending is neither .csv nor .jsonl; say --format');
  const { size } = await stat(file);
  const dryRun = options.dryRun === true;
  const { access, close } = await open();
  const bar = progress(size, dryRun ? 'checked' : 'written');
  let shown = 0;
  let report: ImportReport;
  try {
    report = await run({
      access,
      rows: readRows(readFile(file, bar.readTo), format),
      dryRun,
      onFault: ({ line, field, detail }) => {
        shown += 1;
        if (shown <= FAULTS_SHOWN) bar.print(`line ${line}: ${field === undefined ? '' : `${field} `}${detail}`);
        else if (shown === FAULTS_SHOWN + 1) bar.print('… more faulty lines are counted only');
      },
      onWritten: ({ lines, given, changed, unchanged }) => bar.update(lines, given + changed + unchanged),
    });
  } finally {
    bar.stop();
    await close();
  }
  process.stdout.write(`${summary(report, dryRun, options.verb)}\n`);
  return report.faulty > 0 ? 1 : 0;
}

/** @param readTo is told how many bytes have been read */
async function* readFile(file: string, readTo: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(file, { highWaterMark: READ_BYTES });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    readTo(stream.bytesRead);
    yield chunk;
  }
}

function summary({ given, changed, unchanged, faulty, stopped }: ImportReport, dryRun: boolean, verb = 'given'): string {
  const would = dryRun ? 'would be ' : '';
  const end = stopped ? '; stopped at the faulty line' : '';
  return `${would}${verb} ${given}, ${would}changed ${changed}, unchanged ${unchanged}, faulty ${faulty}${end}`;
}

/** Writes rows to standard output, or to a new file that nobody else may read. */
export async function writeTable(
  { format, out: file }: { readonly format: RowFormat; readonly out?: string },
  columns: readonly string[],
  rows: AsyncIterable<object>,
): Promise<void> {
  const out = file === undefined ? process.stdout : createWriteStream(file, { mode: 0o600, flags: 'wx' });
  if (out !== process.stdout) await once(out, 'open');
  const write = rowWriter(format, columns);
  out.write(write.head);
  for await (const row of rows) if (!out.write(write.line({ ...row }))) await once(out, 'drain');
  if (out !== process.stdout) {
    out.end();
    await once(out, 'finish');
  }
}
