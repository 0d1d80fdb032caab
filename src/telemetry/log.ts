import { type DestinationStream, destination, pino } from 'pino';
import { maskPersonNumbers, present } from '#domain';
import { ProblemError } from '#problem';
import type { ValuesOf } from '#settings';
import { type RequestRecord, requestLine } from './request-line.js';
import type { telemetrySettings } from './settings.js';

/** The least level that is logged. */
export type LogLevel = ValuesOf<(typeof telemetrySettings)['settings']>['logLevel'];

/** The process's log: one JSON object per line, with `time` in RFC 3339 UTC. */
export interface Log {
  /** One answered request. */
  request(record: RequestRecord): void;
  /** Something of the service itself, such as starting and stopping. */
  event(level: 'info' | 'warn', event: string, facts?: Readonly<Record<string, string | number | boolean>>): void;
  /** A fault with its cause: logged once, at the boundary. */
  fault(fault: unknown, requestId?: string): void;
  /** Hands everything to the operating system; call it before exit. */
  flush(): void;
}

/**
 * Opens the log.
 * @param sink where lines go; standard output if absent, gathered for up to half a second so that a request pays no system call
 */
export function createLog(level: LogLevel, sink?: DestinationStream): Log {
  const out = sink ?? destination({ fd: 1, minLength: 8192, sync: true, periodicFlush: 500 });
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    out,
  );
  const logsRequests = logger.isLevelEnabled('info');
  return {
    request(record) {
      if (logsRequests) out.write(requestLine(record, Date.now()));
    },
    event: (eventLevel, event, facts) => (facts === undefined ? logger[eventLevel](event) : logger[eventLevel](facts, event)),
    fault(fault, requestId) {
      const problem = fault instanceof ProblemError ? fault : new ProblemError('internal-error', { cause: fault });
      logger[problem.entry.level](
        present({
          requestId,
          problem: problem.slug,
          detail: problem.detail === undefined ? undefined : maskPersonNumbers(problem.detail),
          causes: problem.cause === undefined ? undefined : causesOf(problem.cause),
        }),
        'fault',
      );
    },
    flush() {
      if ('flushSync' in out && typeof out.flushSync === 'function') out.flushSync();
    },
  };
}

/** The chain of causes as masked texts; a library's error text may quote what it was given. */
function causesOf(cause: unknown): string[] {
  const causes: string[] = [];
  for (let at = cause; at !== undefined && causes.length < 8; at = at instanceof Error ? at.cause : undefined) {
    causes.push(maskPersonNumbers(at instanceof Error ? (at.stack ?? at.message) : String(at)));
  }
  return causes;
}
