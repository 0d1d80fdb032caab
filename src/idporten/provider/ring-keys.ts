import { createPublicKey, type KeyObject } from 'node:crypto';
import { ExternalSigningKey } from 'oidc-provider';
import type { OpenKey, PublicJwk } from '#tokens';

/** A key of the issuer as the provider knows it: the private half never comes to it. One that only verifies what it signed once has no signer. */
export class RingKey extends ExternalSigningKey {
  readonly #jwk: PublicJwk;
  readonly #signer: OpenKey | undefined;
  #public: KeyObject | undefined;

  constructor(jwk: PublicJwk, signer?: OpenKey) {
    super();
    this.#jwk = jwk;
    this.#signer = signer;
  }

  override get kid(): string {
    return this.#jwk.kid;
  }

  override get alg(): string {
    return this.#jwk.alg;
  }

  override keyObject(): KeyObject {
    this.#public ??= createPublicKey({ key: { ...this.#jwk }, format: 'jwk' });
    return this.#public;
  }

  override async sign(data: Uint8Array): Promise<Buffer> {
    if (this.#signer === undefined) throw new TypeError('this key signs no more');
    return Buffer.from(await this.#signer.signText(Buffer.from(data).toString('latin1')), 'base64url');
  }
}
