// What vendors are told of their requests and system users: by a webhook, as Security Event Tokens (RFC 8417) that are pushed (RFC 8935), and as a feed. Both are made of the
// event log (occurrences.ts), and say no more than the vendor may know. Whom a vendor is told of is asked in policies/systembruker/admin.
// The door of #systembruker hands it on; the gateway begins it (Deliveries).
export { Deliveries, type TellingParts } from './deliveries.js';
export { type FeedPage, listTold } from './feed.js';
export type { Told } from './occurrences.js';
export { toldBody } from './security-event.js';
export { putWebhook, readWebhook, removeWebhook, type WebhookParts, type WebhookView } from './webhooks.js';
