// What this room keeps. A door of its own: whoever opens the store needs no server.
import type { Instant } from '#domain';
import type { Entity } from '#storage';

/** A request that was sent with an Idempotency-Key, and its answer once there is one. */
export interface KeyedRequest {
  /** Hash of caller, operation, path and key. */
  readonly key: string;
  /** Of the body. */
  readonly fingerprint: string;
  /** How long it is remembered; while there is no answer, how long it is thought to be at work. */
  readonly expiresAt: Instant;
  /** The answer, sealed, since it may hold a person number. */
  readonly answer?: string;
}

/** Key: hash of caller, operation, path and Idempotency-Key. */
export const keyedRequests: Entity<KeyedRequest> = {
  name: 'keyed-request',
  key: ({ key }) => key,
  indexes: {},
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

/** Where this room keeps something sealed. */
export const sealedAnswers = {
  entity: keyedRequests,
  mapped: (value: KeyedRequest, each: (sealed: string, boundTo: string) => string): KeyedRequest =>
    value.answer === undefined ? value : { ...value, answer: each(value.answer, value.key) },
};
