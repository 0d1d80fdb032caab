import { type DestinationStream, destination, pino } from 'pino';
import { maskPersonNumbers, present } from '#domain';
import { ProblemError } from '#problem';
import type { ValuesOf } from '#settings';
import { type RequestRecord, requestLine } from './request-line.js';
import type { telemetrySettings } from './settings.js';

/** The least level that is logged. */
export type LogLevel = ValuesOf<(typeof telemetrySettings)['settings']>['logLevel'];

const GATHERED_BYTES = 8192;
/** Its parent is woken by each piece. No more than this fits one write of the library. */
const GATHERED_OF_WORKER = 16_000;

/** The process's log: one JSON object per line, with `time` in RFC 3339 UTC. */
export interface Log {
  /** One answered request. */
  request(record: RequestRecord): void;
  /** Something of the service itself, such as starting and stopping. */
  event(level: 'info' | 'warn', event: string, facts?: Readonly<Record<string, string | number | boolean>>): void;
  /** A fault with its cause: logged once, at the boundary. */
  fault(fault: unknown, requestId?: string): void;
  /** Whole lines of another process's log, written at once. */
  pass(lines: string): void;
  /** Hands everything to the operating system; call it before exit. */
  flush(): void;
}

/**
 * Opens the log.
 * @param sink where lines go; standard output if absent, gathered for up to half a second so that a request pays no system call
 * @param worker which of several processes it is, said in each line
 */
export function createLog(level: LogLevel, sink?: DestinationStream, worker?: number): Log {
  const out =
    sink ?? destination({ fd: 1, minLength: worker === undefined ? GATHERED_BYTES : GATHERED_OF_WORKER, sync: true, periodicFlush: 500 });
  const logger = pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    out,
  );
  const logsRequests = logger.isLevelEnabled('info');
  const flush = (): void => {
    if ('flushSync' in out && typeof out.flushSync === 'function') out.flushSync();
  };
  return {
    request(record) {
      if (logsRequests) out.write(requestLine(record, Date.now(), worker));
    },
    event: (eventLevel, event, facts) => (facts === undefined ? logger[eventLevel](event) : logger[eventLevel](facts, event)),
    fault(fault, requestId) {
      const problem = fault instanceof ProblemError ? fault : new ProblemError('internal-error', { cause: fault });
      logger[problem.entry.level](
        present({
          requestId,
          problem: problem.slug,
          reason: problem.reason,
          detail: problem.detail === undefined ? undefined : logged(problem.detail),
          causes: problem.cause === undefined ? undefined : causesOf(problem.cause),
        }),
        'fault',
      );
    },
    pass(lines) {
      out.write(lines);
      flush();
    },
    flush,
  };
}

const MOST_CHARACTERS = 16_384;

/** The text as it may be logged: masked, and no longer than is masked within a moment. What is cut off takes the digits before it along. */
function logged(text: string): string {
  return maskPersonNumbers(text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS).replace(/\P{L}{1,64}$/u, '')}…`);
}

/** The chain of causes as masked texts; a library's error text may quote what it was given. */
function causesOf(cause: unknown): string[] {
  const causes: string[] = [];
  for (let at = cause; at !== undefined && causes.length < 8; at = at instanceof Error ? at.cause : undefined) {
    causes.push(logged(at instanceof Error ? (at.stack ?? at.message) : String(at)));
  }
  return causes;
}
