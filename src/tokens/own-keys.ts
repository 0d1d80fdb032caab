import { createLocalJWKSet, type JWK } from 'jose';
import { type IssuerKey, Pause } from './issuer-keys.js';
import type { OwnJwks } from './published-issuer.js';
import type { JwkSet } from './signing-key.js';

/** Whoever sends unknown key ids makes us look no oftener. */
const UNKNOWN_KID_EVERY_MS = 1000;

/** The keys of an issuer of our own: taken from where they are kept, never fetched. */
export class OwnKeys {
  readonly state = 'ok';
  readonly #own: OwnJwks;
  readonly #clock: () => number;
  readonly #unknownKid = new Pause();
  #taken: JwkSet | undefined;
  #keys: ReadonlyMap<string, IssuerKey> = new Map();

  constructor(own: OwnJwks, clock: () => number) {
    this.#own = own;
    this.#clock = clock;
  }

  /** The key with that kid, or undefined if there is none, also after a look: another process may have made it. */
  async find(kid: string): Promise<IssuerKey | undefined> {
    this.refreshWhenOld();
    const known = this.#keys.get(kid);
    const now = this.#clock();
    if (known !== undefined || !this.#unknownKid.isOver(now)) return known;
    this.#unknownKid.begin(now, UNKNOWN_KID_EVERY_MS);
    await this.#own.look();
    this.refreshWhenOld();
    return this.#keys.get(kid);
  }

  /** What is not published any more is no longer believed; one comparison while nothing has changed. */
  refreshWhenOld(): void {
    const published = this.#own.jwks();
    if (published === this.#taken) return;
    this.#taken = published;
    const next = new Map<string, IssuerKey>();
    for (const jwk of published.keys) {
      const known = this.#keys.get(jwk.kid);
      // A kid is a thumbprint: another key has another one.
      next.set(jwk.kid, known ?? { select: createLocalJWKSet({ keys: [jwk as unknown as JWK] }), live: true, text: jwk.kid });
    }
    for (const [kid, key] of this.#keys) key.live = next.get(kid) === key;
    this.#keys = next;
  }
}
