import { setTimeout as delay } from 'node:timers/promises';
import { ProblemError } from '#problem';
import type { Collection } from '#storage';
import { type JwkSet, type OpenKey, type OwnJwks, openSigningKey, type TokenSigner } from '#tokens';
import { issuerSecrets, keyRings } from './entities.js';
import { goneAt, type IssuerKey, type KeyRing, LONGEST_TOKEN_SECONDS, publishedAt, signableAt } from './ring.js';
import { type KeyParts, type TendingTerms, tendKeys } from './tend-keys.js';

const LOOKS_MS = 5000;
const TENDS_MS = 60_000;
/** A key of 4096 bits takes seconds, on a busy machine some more. */
const FIRST_KEY_MS = 30_000;
const ASKED_EVERY_MS = 100;

const EMPTY: JwkSet = { keys: [] };

/** What signs, and as of which ring and moments. */
interface Chosen {
  readonly ring: KeyRing;
  readonly untilMs: number;
  readonly signer: OpenKey;
}

/**
 * The issuer's keys in this process. Every signature is made after a look at the ring as it stands, at the moment that stands in the token: a process that stood
 * still while keys were rotated signs with none that has had its time.
 */
export class SigningRing implements OwnJwks, TokenSigner {
  readonly #parts: KeyParts;
  readonly #rings: Collection<KeyRing>;
  readonly #opened = new Map<string, OpenKey>();
  #chosen: Chosen | undefined;
  #published: { readonly ring: KeyRing | undefined; readonly fromMs: number; readonly untilMs: number; readonly document: JwkSet } = {
    ring: undefined,
    fromMs: -Infinity,
    untilMs: Infinity,
    document: EMPTY,
  };
  #tend: (() => Promise<void>) | undefined;
  #tending: Promise<void> | undefined;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(parts: KeyParts) {
    this.#parts = parts;
    this.#rings = parts.store.collection(keyRings);
  }

  /** Sees to the keys from now on; the first one is made in the background. @param onFault is told what is in the way */
  async begin(terms: TendingTerms, onFault: (fault: unknown) => void): Promise<void> {
    await this.look();
    const tend = (): Promise<void> => {
      this.#tending ??= tendKeys(this.#parts, terms)
        .then(() => this.look())
        .catch(onFault)
        .finally(() => {
          this.#tending = undefined;
        });
      return this.#tending;
    };
    this.#tend = tend;
    void tend();
    this.#timers.push(
      setInterval(() => void this.look().catch(() => {}), LOOKS_MS).unref(),
      setInterval(() => void tend(), TENDS_MS).unref(),
    );
  }

  /** Waits for what is being done, and does no more. */
  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#tend = undefined;
    await this.#tending;
  }

  async look(): Promise<void> {
    await this.#ring();
  }

  /** Waits until there is a key. @throws ProblemError `no-signing-key` if none is made in time */
  async ready(): Promise<void> {
    await this.#signerAt(this.#parts.clock());
  }

  jwks(): JwkSet {
    const { store, clock } = this.#parts;
    const ring = store.recall(this.#rings, 'maskinporten')?.value;
    const now = clock();
    const known = this.#published;
    if (known.ring === ring && now >= known.fromMs && now < known.untilMs) return known.document;
    if (ring === undefined) return EMPTY;
    const keys = publishedAt(ring, now);
    const untilMs = Math.min(...keys.map((key) => goneAt(key) ?? Infinity));
    this.#published = { ring, fromMs: now, untilMs, document: { keys: keys.map(({ jwk }) => jwk) } };
    return this.#published.document;
  }

  /** @throws ProblemError `no-signing-key`, `store-unavailable`; TypeError for a token that would outlive its key */
  async sign(claims: object, times: { readonly expiresInSeconds: number; readonly now: number }): Promise<string> {
    if (times.expiresInSeconds > LONGEST_TOKEN_SECONDS) throw new TypeError(`a token lives at most ${LONGEST_TOKEN_SECONDS} seconds`);
    return (await this.#signerAt(times.now)).sign(claims, times);
  }

  /** What signs at a moment, for whoever writes its tokens itself. @throws as sign */
  keyAt(now: number): Promise<OpenKey> {
    return this.#signerAt(now);
  }

  async #ring(): Promise<KeyRing | undefined> {
    const reading = this.#parts.store.read([]);
    const read = reading instanceof Promise ? await reading : reading;
    return (await read.registry(this.#rings, 'maskinporten'))?.value;
  }

  async #signerAt(now: number): Promise<OpenKey> {
    const limit = performance.now() + FIRST_KEY_MS;
    for (;;) {
      const found = await this.#chooseAt(now);
      if (found !== undefined) return found;
      const tend = this.#tend;
      if (tend === undefined || performance.now() > limit) {
        throw new ProblemError('no-signing-key', {
          detail: 'There is no key to sign with: one is made by the gateway once it is started.',
        });
      }
      await Promise.race([tend(), delay(FIRST_KEY_MS, undefined, { ref: false })]);
      // Another process may be at it.
      await delay(ASKED_EVERY_MS);
    }
  }

  async #chooseAt(now: number): Promise<OpenKey | undefined> {
    const ring = await this.#ring();
    if (ring === undefined) return undefined;
    const known = this.#chosen;
    if (known?.ring === ring && now < known.untilMs) return known.signer;
    for (const kid of this.#opened.keys()) if (!ring.keys.some(({ jwk }) => jwk.kid === kid)) this.#opened.delete(kid);
    for (const key of signableAt(ring, now)) {
      const signer = await this.#open(key);
      if (signer === undefined) continue;
      const untilMs = key.signsUntil === undefined ? Infinity : Date.parse(key.signsUntil);
      this.#chosen = { ring, untilMs, signer };
      return signer;
    }
    return undefined;
  }

  async #open({ jwk }: IssuerKey): Promise<OpenKey | undefined> {
    const { store, vault } = this.#parts;
    const known = this.#opened.get(jwk.kid);
    if (known !== undefined) return known;
    const stored = await store.collection(issuerSecrets).get(jwk.kid);
    if (stored === undefined) return undefined;
    const signer = openSigningKey(jwk, vault.unsealText(stored.value.sealed, jwk.kid));
    this.#opened.set(jwk.kid, signer);
    return signer;
  }
}
