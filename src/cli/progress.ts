import { SingleBar } from 'cli-progress';

/** Tells a person how far a long command is. */
export interface Progress {
  /** Bytes of the file that have been read. */
  readTo(bytes: number): void;
  /** Lines behind us, and how many of them are durable. */
  update(lines: number, written: number): void;
  /** A line for the person, above the bar. */
  print(text: string): void;
  stop(): void;
}

const REPORT_EVERY_MS = 1000;

/**
 * Tells on standard error how far it is: a bar with rate and time left on a terminal, a line a second elsewhere.
 * @param totalBytes the file's size
 * @param verb what has happened to a line that counts, such as `written`
 * @param what is counted
 */
export function progress(totalBytes: number, verb: string, what = 'lines'): Progress {
  const startedMs = Date.now();
  const out = process.stderr;
  let read = 0;
  const rate = (lines: number): string => `${Math.round((lines * 1000) / Math.max(1, Date.now() - startedMs))} ${what}/s`;
  if (!out.isTTY) {
    let reportedMs = startedMs;
    return {
      readTo: (bytes) => {
        read = bytes;
      },
      update(lines, written) {
        if (Date.now() - reportedMs < REPORT_EVERY_MS) return;
        reportedMs = Date.now();
        const left = read === 0 ? 0 : ((reportedMs - startedMs) * (totalBytes - read)) / read / 1000;
        out.write(`${verb} ${written} (${rate(lines)}, about ${Math.ceil(left)} s left)\n`);
      },
      print: (text) => void out.write(`${text}\n`),
      stop: () => {},
    };
  }
  const bar = new SingleBar({
    format: `{bar} {percentage} % | ${verb} {written} | {rate} | {eta_formatted} left`,
    stream: out,
    barsize: 30,
  });
  bar.start(Math.max(1, totalBytes), 0, { written: 0, rate: '' });
  return {
    readTo: (bytes) => {
      read = bytes;
    },
    update: (lines, written) => bar.update(read, { written, rate: rate(lines) }),
    print(text) {
      out.write(`\r\u001B[K${text}\n`);
      bar.render();
    },
    stop: () => bar.stop(),
  };
}

/** A line on a terminal that is written over; undefined ends it. */
export function counter(): (text: string | undefined) => void {
  const isShown = process.stderr.isTTY;
  return (text) => {
    if (isShown) process.stderr.write(`\r\u001B[K${text ?? ''}`);
  };
}
