import type { IncomingMessage, ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';
import type { JwkSet, OpenKey, OwnJwks, TokenSigner } from '#tokens';
import { afterRoutes } from './answers.js';
import { inContext } from './context.js';
import { type ProviderParts, providerSettings } from './provider-settings.js';
import { rememberLogins } from './remembered-login.js';
import { writeTogether } from './request-writes.js';
import { RingKey } from './ring-keys.js';
import { makeOwnTokens } from './tokens.js';

/** The issuer's keys: what it publishes, and what signs at a moment. */
export interface ProviderKeys extends OwnJwks, TokenSigner {
  keyAt(now: number): Promise<OpenKey>;
}

/** What a provider is opened with. */
export interface OpeningParts extends Omit<ProviderParts, 'signer'> {
  readonly keys: ProviderKeys;
  /** What failed; told once. */
  readonly onFault: (fault: unknown) => void;
}

/** The provider as it is now. */
export interface OpenProvider {
  readonly provider: Provider;
  /** Answers a request. */
  readonly answer: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
}

/** The OpenID provider of an issuer. All that it knows lies in the store: it is made anew whenever another key signs or is published. */
export class ProviderOfNow {
  readonly #parts: OpeningParts;
  #made: { readonly jwks: JwkSet; readonly kid: string; readonly open: OpenProvider } | undefined;

  constructor(parts: OpeningParts) {
    this.#parts = parts;
  }

  /** @throws ProblemError `no-signing-key`, `store-unavailable` */
  async open(): Promise<OpenProvider> {
    const { keys, clock } = this.#parts;
    const signing = await keys.keyAt(clock());
    const jwks = keys.jwks();
    const made = this.#made;
    if (made !== undefined && made.jwks === jwks && made.kid === signing.jwk.kid) return made.open;
    const open = openProvider(this.#parts, signing, jwks);
    this.#made = { jwks, kid: signing.jwk.kid, open };
    return open;
  }
}

function openProvider(parts: OpeningParts, signing: OpenKey, jwks: JwkSet): OpenProvider {
  const making = { ...parts, signer: parts.keys };
  const others = jwks.keys.filter(({ kid }) => kid !== signing.jwk.kid).map((jwk) => new RingKey(jwk));
  const provider = new Provider(parts.issuer, {
    ...providerSettings(making, signing.jwk.alg),
    // What signs comes first; the others are for tokens that come back (`id_token_hint`).
    jwks: { keys: [new RingKey(signing.jwk, signing), ...others] },
  });
  // Where a request comes from is not what it says: see the request that it is handed.
  provider.proxy = true;
  rememberLogins(provider);
  makeOwnTokens(provider, making);
  afterRoutes(provider, making);
  writeTogether(provider, making, parts.page);
  provider.on('server_error', (_ctx, error) => parts.onFault(error));
  (provider as unknown as NodeJS.EventEmitter).on('error', parts.onFault);
  const answer = provider.callback() as OpenProvider['answer'];
  return { provider, answer: (req, res) => inContext(() => answer(req, res)) };
}
