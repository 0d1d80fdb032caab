import { DAY_MS, type Instant, present, toInstant } from '#domain';
import type { Webhook, WebhookDelivery } from '../nouns.js';
import type { Pushed } from './push.js';

const PAUSES_SECONDS = [1, 5, 15, 60, 300, 900];
const LONGEST_PAUSE_MS = 3_600_000;
/** After so long in vain nothing is tried any more until the vendor says where it is to be told anew. */
const GIVES_UP_MS = 7 * DAY_MS;
/** So often a token is sent that its receiver says is wrong. */
const MOST_REFUSALS = 5;

/** How a delivery begins. */
export function deliveryFrom({ systemId, vendor, begins }: Webhook): WebhookDelivery {
  return present({ systemId, vendor, place: begins, attempts: 0, passedOver: 0 });
}

/** How a delivery stands once the token of an event has been sent. */
export function deliveryAfter(before: WebhookDelivery, place: string, pushed: Pushed, at: Instant): WebhookDelivery {
  const { failingSince: _since, cause: _cause, ...rest } = before;
  const told = { ...rest, place, attempts: 0 };
  if (pushed.outcome === 'taken') return { ...told, taken: at };
  if (pushed.outcome === 'refused' && before.attempts + 1 >= MOST_REFUSALS) {
    return { ...told, passedOver: before.passedOver + 1, cause: pushed.cause };
  }
  const failingSince = before.failingSince ?? at;
  const isOver = Date.parse(at) - Date.parse(failingSince) >= GIVES_UP_MS;
  const pause = PAUSES_SECONDS[before.attempts];
  const due = toInstant(Date.parse(at) + (pause === undefined ? LONGEST_PAUSE_MS : pause * 1000));
  const failing = { ...before, attempts: before.attempts + 1, failingSince, cause: pushed.cause, due };
  return isOver ? stopped(failing, at) : failing;
}

function stopped({ due: _, ...failing }: WebhookDelivery & { readonly due: Instant }, at: Instant): WebhookDelivery {
  return { ...failing, stopped: at };
}

/** How a delivery stands once an event that concerns the system has been seen. What fails is not tried sooner for it. */
export function deliveryWith(before: WebhookDelivery, seen: string, at: Instant): WebhookDelivery {
  return present({ ...before, seen, due: before.stopped === undefined ? (before.due ?? at) : undefined });
}

/** How a delivery stands once all that is known has been told. */
export function deliveryAtRest({ due: _, ...rest }: WebhookDelivery, place: string | undefined): WebhookDelivery {
  return present({ ...rest, place: place ?? rest.place });
}
