import { createLocalJWKSet, type JWK } from 'jose';
import { within } from '#fetching';
import { ProblemError } from '#problem';
import { fetchJson } from './bounded-fetch.js';
import { discoverJwksUri } from './issuer-metadata.js';
import type { CheckedIssuer } from './trusted-issuer.js';

const MAX_KEYS = 100;
const FETCH_TIMEOUT_MS = 5_000;
const REFRESH_AFTER_MS = 10 * 60_000;
const UNKNOWN_KID_EVERY_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 10_000;

/** What the issuer publishes under one kid. */
export interface IssuerKey {
  /** Chooses by the token's `alg` and never by anything else in its header; throws if the key does not fit. */
  readonly select: ReturnType<typeof createLocalJWKSet>;
  /** False once a later fetch no longer had it: what was signed with it is no longer believed. */
  live: boolean;
  /** Its JWKs as text, to tell whether the issuer put another key under the same kid. */
  readonly text: string;
}

/** What IssuerKeys needs from outside. */
export interface IssuerKeysOptions {
  readonly issuer: CheckedIssuer;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly fetch: typeof globalThis.fetch;
  /** Hears of each failed fetch, also of those in the background that no caller notices. */
  readonly onFetchFailed: (issuer: string, cause: unknown) => void;
}

/**
 * The keys of one issuer. At most one fetch is under way, and everybody waits for that one. A failed fetch leaves the last keys
 * in use, however old: an issuer that is down must not take the gateway down. The next try comes after 1, 2, 4, 8, then 10 s.
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #keys: ReadonlyMap<string, IssuerKey> | undefined;
  #pending: Promise<void> | undefined;
  #lastFailure: unknown;
  #isFailing = false;
  readonly #refresh = new Pause();
  #retryMs = FIRST_RETRY_MS;
  readonly #unknownKid = new Pause();

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /**
   * The key with that kid, or undefined if the issuer has none. A kid that is not known leads to a fetch once a minute at most.
   * @throws ProblemError `issuer-unavailable` if no key was ever fetched.
   */
  async find(kid: string): Promise<IssuerKey | undefined> {
    const first = this.#keys === undefined;
    if (first) await this.#load();
    const known = this.#keys?.get(kid);
    if (known !== undefined) {
      this.refreshWhenOld();
      return known;
    }
    // Keys that this very call has waited for are as new as they get.
    if (first) return undefined;
    const now = this.#options.clock();
    if (this.#pending === undefined && !this.#unknownKid.isOver(now)) return undefined;
    if (this.#pending === undefined) this.#unknownKid.begin(now, UNKNOWN_KID_EVERY_MS);
    await this.#fetch();
    return this.#keys?.get(kid);
  }

  /** Whether the last fetch failed: then the keys before it serve, if there are any. */
  get state(): 'ok' | 'stale' | 'none' {
    if (!this.#isFailing) return 'ok';
    return this.#keys === undefined ? 'none' : 'stale';
  }

  /** Starts a fetch in the background if the keys are older than ten minutes; one comparison if they are not. */
  refreshWhenOld(): void {
    if (this.#refresh.isOver(this.#options.clock())) void this.#fetch();
  }

  async #load(): Promise<void> {
    if (this.#pending !== undefined || this.#refresh.isOver(this.#options.clock())) await this.#fetch();
    if (this.#keys !== undefined) return;
    throw new ProblemError('issuer-unavailable', {
      detail: `The keys of ${this.#options.issuer.issuer} could not be fetched.`,
      cause: this.#lastFailure,
    });
  }

  /** Never rejects. */
  #fetch(): Promise<void> {
    this.#pending ??= this.#fetchOnce().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #fetchOnce(): Promise<void> {
    const { issuer, clock, fetch, onFetchFailed } = this.#options;
    try {
      // One deadline for discovery and keys together, since callers may be waiting.
      const document = await within(FETCH_TIMEOUT_MS, async (signal) =>
        fetchJson(issuer.jwksUri ?? (await discoverJwksUri(issuer.issuer, fetch, signal)), fetch, signal),
      );
      this.#replace(publishedKeys(document));
      this.#isFailing = false;
      this.#retryMs = FIRST_RETRY_MS;
      this.#refresh.begin(clock(), REFRESH_AFTER_MS);
    } catch (cause) {
      this.#lastFailure = cause;
      this.#isFailing = true;
      this.#refresh.begin(clock(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
      onFetchFailed(issuer.issuer, cause);
    }
  }

  #replace(published: ReadonlyMap<string, JWK[]>): void {
    const next = new Map<string, IssuerKey>();
    for (const [kid, keys] of published) {
      const text = JSON.stringify(keys);
      const same = this.#keys?.get(kid);
      next.set(kid, same?.text === text ? same : { select: createLocalJWKSet({ keys }), live: true, text });
    }
    for (const [kid, key] of this.#keys ?? []) key.live = next.get(kid) === key;
    this.#keys = next;
  }
}

/** A time to wait. It is over too when the clock has been set back to before it began: else it would last as much longer. */
export class Pause {
  #sinceMs = Number.NEGATIVE_INFINITY;
  #untilMs = Number.NEGATIVE_INFINITY;

  begin(now: number, ms: number): void {
    this.#sinceMs = now;
    this.#untilMs = now + ms;
  }

  isOver(now: number): boolean {
    return now >= this.#untilMs || now < this.#sinceMs;
  }
}

/** The first hundred public keys with a kid, by kid. Symmetric keys, certificates and private members are not taken. */
function publishedKeys(document: unknown): ReadonlyMap<string, JWK[]> {
  const { keys } = (document ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('the key document has no list of keys');
  const byKid = new Map<string, JWK[]>();
  for (const entry of keys.slice(0, MAX_KEYS)) {
    const { kty, kid, use, key_ops, alg, n, e, crv, x, y } = (entry ?? {}) as JWK;
    if ((kty !== 'RSA' && kty !== 'EC') || typeof kid !== 'string') continue;
    const jwk = Object.fromEntries(
      Object.entries({ kty, kid, use, key_ops, alg, n, e, crv, x, y }).filter(([, value]) => value !== undefined),
    );
    byKid.set(kid, [...(byKid.get(kid) ?? []), jwk as JWK]);
  }
  return byKid;
}
