import { checkPrecondition, type Precondition, repeated } from '#access';
import { decodedAddress, holdsPersonNumber, present, toInstant } from '#domain';
import { addressesOf, OutsideRefusal, resolveByDns, within } from '#fetching';
import type { Stored } from '#storage';
import type { Asking } from '../administer/caller.js';
import { fieldFault, SystembrukerFault } from '../faults.js';
import type { SystemId, Webhook, WebhookDelivery } from '../nouns.js';
import { collectionsOf, type Receivers, type SystembrukerParts } from '../parts.js';
import { leaveForSystem } from '../register/named.js';
import { deliveryFrom } from './pauses.js';
import { eventsOfSystem } from './read-events.js';

/** What webhooks are judged by beside the rules. */
export type WebhookParts = SystembrukerParts & { readonly receivers: Receivers };

/** Where a system's vendor is told, and how that goes. */
export interface WebhookView {
  readonly webhook: Stored<Webhook>;
  readonly delivery: WebhookDelivery | undefined;
}

const LOOKS_UP_MS = 3000;
const LONGEST_URL = 1000;

/**
 * Says where a system's vendor is told what becomes of its requests and system users, from now on; said again, what failed is tried at once, and what was given up goes on.
 * @throws ProblemError as leaveFor says; SystembrukerFault for a URL that nothing is sent to
 */
export async function putWebhook(
  parts: WebhookParts,
  request: Asking,
  systemId: SystemId,
  url: string,
  precondition: Precondition = 'any',
): Promise<WebhookView> {
  const { webhooks, webhookDeliveries } = collectionsOf(parts.store);
  const { before: system, ...leave } = await leaveForSystem(parts, request, systemId, 'webhook.put');
  await assertReachable(parts.receivers, url);
  const { events } = await eventsOfSystem(parts.store, systemId, { limit: 1, newestFirst: true });
  const { webhook, isNew } = await repeated(async () => {
    const before = await webhooks.get(systemId);
    checkPrecondition(precondition, before?.revision ?? 0);
    const begins = before === undefined ? events[0]?.cursor : before.value.begins;
    const created = before?.value.created ?? leave.at;
    const value: Webhook = present({ systemId, vendor: system.value.vendor, url, begins, created, updated: leave.at });
    const facts = leave.facts('webhook.put');
    return { webhook: await webhooks.put(value, { expect: before?.revision ?? 'absent', facts }), isNew: before === undefined };
  });
  // After it: a delivery without a webhook is taken for what is left of one. If it is never written, the next event does it (Deliveries).
  const delivery = await repeated(async () => {
    const before = await webhookDeliveries.get(systemId);
    // What is left of one that was removed has another place.
    const begun = isNew || before === undefined ? deliveryFrom(webhook.value) : before.value;
    const { stopped: _stopped, failingSince: _since, cause: _cause, ...rest } = begun;
    const value: WebhookDelivery = { ...rest, attempts: 0, due: toInstant(parts.clock()) };
    return webhookDeliveries.put(value, { expect: before?.revision ?? 'absent', facts: leave.facts('webhook.put') });
  });
  return { webhook, delivery: delivery.value };
}

/** Where a system's vendor is told. @throws ProblemError as leaveFor says; SystembrukerFault `AUTH-00011` if nowhere */
export async function readWebhook(parts: SystembrukerParts, request: Asking, systemId: SystemId): Promise<WebhookView> {
  const { webhooks, webhookDeliveries } = collectionsOf(parts.store);
  await leaveForSystem(parts, request, systemId, 'webhook.read');
  const [webhook, delivery] = await Promise.all([webhooks.get(systemId), webhookDeliveries.get(systemId)]);
  if (webhook === undefined) throw none();
  return { webhook, delivery: delivery?.value };
}

/** Tells a system's vendor no more. @throws ProblemError as leaveFor says; SystembrukerFault `AUTH-00011` if it is told nowhere */
export async function removeWebhook(
  parts: SystembrukerParts,
  request: Asking,
  systemId: SystemId,
  precondition: Precondition = 'any',
): Promise<void> {
  const { webhooks, webhookDeliveries } = collectionsOf(parts.store);
  const { facts: factsOf } = await leaveForSystem(parts, request, systemId, 'webhook.remove');
  const facts = factsOf('webhook.remove');
  await repeated(async () => {
    const before = await webhooks.get(systemId);
    if (before === undefined) throw none();
    checkPrecondition(precondition, before.revision);
    await webhooks.remove(systemId, { expect: before.revision, facts });
  });
  await webhookDeliveries.remove(systemId, { expect: 'any', facts });
}

function none(): SystembrukerFault {
  return new SystembrukerFault('AUTH-00011', { detail: 'The system has no webhook: put one.' });
}

/** Holds that something may be sent there. What changes later is looked at again each time that something is sent. @throws SystembrukerFault */
async function assertReachable({ networks, isTrial, resolve = resolveByDns }: Receivers, url: string): Promise<void> {
  const parsed = url.length <= LONGEST_URL && /^https?:\/\/[!-~]+$/.test(url) && URL.canParse(url) ? new URL(url) : undefined;
  if (
    parsed === undefined ||
    ![url, `${url}/`].includes(parsed.href) ||
    parsed.username !== '' ||
    parsed.password !== '' ||
    url.includes('#')
  ) {
    throw unfit(
      `must be an absolute URL as a URL parser writes it, of at most ${LONGEST_URL} characters, without user name, password and fragment`,
    );
  }
  if (holdsPersonNumber(decodedAddress(url))) throw unfit('holds what looks like a person number');
  const isOwnMachine = isTrial && OWN_MACHINE.has(parsed.hostname);
  if (parsed.protocol !== 'https:' && !isOwnMachine) throw unfit('must be https');
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  try {
    await within(LOOKS_UP_MS, () => addressesOf(host, { hosts: 'any', networks }, resolve));
  } catch (error) {
    // A name that has no address yet may have one by the time that something is sent.
    if (error instanceof OutsideRefusal && error.isPrivate) throw unfit('leads into a private network');
  }
}

const OWN_MACHINE = new Set(['localhost', '127.0.0.1', '[::1]']);

function unfit(detail: string): SystembrukerFault {
  return new SystembrukerFault([fieldFault('AUTH.VLD-00005', '/url', detail)]);
}
