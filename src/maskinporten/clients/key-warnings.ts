import { DAY_MS, type Instant, toInstant } from '#domain';
import type { ClientKey, WarnedDays } from '../nouns.js';

const AHEAD: readonly WarnedDays[] = [60, 30, 7];

type Ending = Pick<ClientKey, 'until' | 'warned'>;

/** When it is to be told next that a key ends, and as how many days ahead; `undefined` once all has been told. */
export function nextWarning({ until, warned }: Ending): { readonly at: Instant; readonly days: WarnedDays } | undefined {
  const days = AHEAD.find((one) => warned === undefined || one < warned);
  return days === undefined ? undefined : { at: toInstant(Date.parse(until) - days * DAY_MS), days };
}

/** The key as it is once its organisation has been told all that is due at a moment; the same one if nothing is. Of several only the nearest is told. */
export function warnedAt(key: ClientKey, at: Instant): ClientKey {
  const next = nextWarning(key);
  return next === undefined || next.at > at ? key : warnedAt({ ...key, warned: next.days }, at);
}
