import { revisionOfSources } from '#policy';
import type { Log } from '#telemetry';

/** What is said of a gateway once it listens. */
export interface Announced {
  readonly origin: string;
  readonly mode: string;
  readonly policyRevision: string;
  /** The processes that answer, if they are several. */
  readonly workers?: number;
}

/** Logs that a gateway listens; in a checkout also what its bundle was not built from. */
export function announce(log: Log, told: Announced, policyBundle: string): void {
  log.event('info', 'listening', { ...told });
  const sources = revisionOfSources(policyBundle);
  if (sources === undefined || sources === told.policyRevision) return;
  log.event('warn', 'policies differ from the bundle', {
    sources,
    remedy: 'the answers are those of the bundle, not of policies/: make policies',
  });
}
