import { setTimeout as passed } from 'node:timers/promises';
import type { Installation } from '#access';
import type { LogState } from '#decisions';
import type { TokenVerifier } from '#tokens';

/** Whether each part is usable now; the reason if not. */
export interface Readiness {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, string>>;
}

/** Whoever probes waits no longer than a few seconds, and would take no answer for another one. */
const ANSWERS_WITHIN_MS = 2000;

/**
 * Ready only when the store reads, a policy is loaded and decisions are not refused for want of a log, and not when stopping. An issuer whose keys cannot be had is told and keeps nothing from
 * being ready: every gateway would be taken out of service at once, while older keys and other issuers serve, and a problem with a reason is a better
 * answer than a proxy's. Issuers are public; why they fail stands in the log alone.
 */
export async function readinessOf(
  { store, decisions }: Installation,
  verifier: Pick<TokenVerifier, 'failingIssuers'>,
  { isStopping, log }: { readonly isStopping: boolean; readonly log: LogState | undefined },
): Promise<Readiness> {
  // A full store still answers every question; only changes are refused.
  const storeState = await Promise.race([
    store.check().catch(() => 'unavailable'),
    passed(ANSWERS_WITHIN_MS, 'unavailable', { ref: false }),
  ]);
  const parts = { store: storeState, policy: decisions.pinned().revision, decisionLog: logState(log) };
  if (isStopping) return { ready: false, parts: { ...parts, service: 'stopping' } };
  return { ready: storeState !== 'unavailable' && log?.state !== 'refusing', parts: { ...parts, issuers: issuersState(verifier) } };
}

/** In words that anybody may read: why stands in the log alone. */
function logState(log: LogState | undefined): string {
  if (log === undefined) return 'off';
  const missed = log.missed === 0 ? '' : `; ${log.missed} decisions not written since the start`;
  const unmasked = log.unmasked === 0 ? '' : `; ${log.unmasked} without a body, since the mask failed`;
  const unsent = log.upload?.state === 'failing' ? '; the collector takes nothing' : '';
  return `${log.state}${missed}${unmasked}${unsent}`;
}

function issuersState(verifier: Pick<TokenVerifier, 'failingIssuers'>): string {
  const failing = verifier.failingIssuers().map(({ issuer, hasOlderKeys }) => (hasOlderKeys ? `${issuer} (older keys serve)` : issuer));
  return failing.length === 0 ? 'ok' : `keys cannot be fetched of ${failing.join(', ')}`;
}
