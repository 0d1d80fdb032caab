import { hash } from 'node:crypto';
import type { AccessToken, Client as KnownClient, KoaContextWithOIDC, Provider } from 'oidc-provider';
import { type PersonNumber, present } from '#domain';
import { isClientSecret, sourceIssuer } from '#maskinporten';
import { type TokenSigner, unverifiedClaim } from '#tokens';
import type { TokenTerms } from '../authorizations/index.js';
import { type PersonClaims, personClaims } from '../person-claims.js';
import { type ArtifactParts, stampedId } from './artifacts.js';
import { documentOf } from './clients.js';
import { rememberedLogin } from './remembered-login.js';
import { isFirstUse } from './store-adapter.js';

/** What is kept with an access token beside what the provider keeps. */
export interface TokenExtra {
  readonly terms: TokenTerms;
  readonly acr: string;
  readonly locale: string;
  readonly round?: number;
  readonly onBehalfOf?: string;
  readonly clientAmr: string;
  /** Hash of the token as it was handed out, if it is one that others read (RFC 9068); absent: it is asked about. */
  readonly digest?: string;
}

/** The terms of the tokens that a request makes, as they were judged for it; what was judged at the login, if nothing was. */
export const judgedTerms = new WeakMap<KoaContextWithOIDC, TokenTerms>();

/** What is kept with the access token that is being made. */
export function extraOf(ctx: KoaContextWithOIDC): TokenExtra {
  const login = rememberedLogin(ctx);
  if (login === undefined || ctx.oidc.client === undefined) throw new TypeError('a token without a login');
  const { acr, locale, round, onBehalfOf } = login;
  const terms = judgedTerms.get(ctx) ?? login.terms;
  return present({ terms, acr, locale, round, onBehalfOf, clientAmr: documentOf(ctx.oidc.client).tokenEndpointAuthMethod });
}

/** What our tokens are made with. */
export interface TokenMaking extends ArtifactParts {
  readonly issuer: string;
  readonly signer: TokenSigner;
}

/** What a person is called towards a client: another text for each, which tells nobody who does not know whose it is. */
export function subjectOf({ vault, issuer }: Pick<TokenMaking, 'vault' | 'issuer'>, person: string, clientId: string): string {
  return vault.fingerprintOf(JSON.stringify(['idporten-sub', issuer, clientId, person]));
}

/** The claims of an access token. */
export function claimsOf(making: Pick<TokenMaking, 'vault' | 'issuer'>, token: KeptToken, hidesPerson: boolean): PersonClaims {
  const { accountId, clientId, extra, scope = '', jti, jkt } = token;
  const { acr, terms, clientAmr } = extra;
  const { consumer, supplier, delegationSource, audience } = terms;
  return personClaims({
    issuer: making.issuer,
    audience,
    pid: accountId as PersonNumber,
    clientId,
    acr,
    subject: subjectOf(making, accountId, clientId),
    scopes: scope.split(' '),
    jti,
    clientAmr,
    consumer,
    supplier,
    delegationSource: delegationSource === null ? null : sourceIssuer(delegationSource, { origin: new URL(making.issuer).origin }),
    pseudonymous: hidesPerson,
    jkt,
  });
}

/** An access token as it is kept. */
export interface KeptToken {
  readonly accountId: string;
  readonly clientId: string;
  readonly extra: TokenExtra;
  readonly scope?: string;
  readonly jti: string;
  readonly jkt?: string;
  readonly exp: number;
}

/** Before a token that others read, where the provider would refuse to look at it. */
const READ_BY_OTHERS = 'jwt~';

/** How a token has to be shown to the provider, which refuses those that have a form. */
export function shownToken(token: string): string {
  return token.includes('.') ? `${READ_BY_OTHERS}${token}` : token;
}

/** What the provider does otherwise here. Before the first token is made. */
export function makeOwnTokens(provider: Provider, making: TokenMaking): void {
  const { AccessToken, ReplayDetection, Client } = provider as unknown as {
    AccessToken: { readonly prototype: object; find(value: unknown, options?: object): Promise<AccessToken | undefined> };
    ReplayDetection: { unique(iss: string, jti: string, exp: number): Promise<boolean> };
    Client: typeof provider.Client & { prototype: KnownClient };
  };
  stampIds(provider, making);
  signTokens(AccessToken.prototype as SavedToken, making);
  // Its audience stands in its terms: with one the provider would not let it come to userinfo.
  (AccessToken.prototype as SavedToken).setAudience = () => {};
  const findById = AccessToken.find.bind(AccessToken);
  AccessToken.find = async (value, options) => {
    const sent = typeof value === 'string' && value.startsWith(READ_BY_OTHERS) ? value.slice(READ_BY_OTHERS.length) : value;
    if (typeof sent !== 'string') return undefined;
    const isRead = sent.includes('.');
    const found = await findById(isRead ? (unverifiedClaim(sent, 'jti') ?? '') : sent, options);
    const kept = (found as unknown as KeptToken | undefined)?.extra.digest;
    // Whoever knows the id of a token that others read does not have the token.
    return kept === (isRead ? digestOf(sent) : undefined) ? found : undefined;
  };
  ReplayDetection.unique = (iss, jti, exp) => isFirstUse(making, `${iss}\0${jti}`, exp - Math.floor(making.clock() / 1000));
  Client.prototype.compareClientSecret = function compare(this: KnownClient, sent: string): boolean {
    const client = documentOf(this);
    const ctx = (provider.constructor as typeof Provider).ctx;
    // The provider takes a secret in either place; only the one that is registered counts.
    const method = ctx?.headers.authorization === undefined ? 'client_secret_post' : 'client_secret_basic';
    return client.tokenEndpointAuthMethod === method && isClientSecret(making.vault, client, sent);
  };
  Client.prototype.includeSid = function includes(this: KnownClient): boolean {
    const { frontchannelLogoutSessionRequired, backchannelLogoutUri } = documentOf(this);
    return frontchannelLogoutSessionRequired || backchannelLogoutUri !== undefined;
  };
}

/** Has codes and tokens be known by ids that say the minute. */
function stampIds({ AuthorizationCode, AccessToken, RefreshToken }: Provider, making: TokenMaking): void {
  for (const { prototype } of [AuthorizationCode, AccessToken, RefreshToken]) {
    const made = prototype as unknown as { generateTokenId(): string };
    const { generateTokenId } = made;
    made.generateTokenId = function generateStamped(): string {
      return stampedId(making, generateTokenId.call(this));
    };
  }
}

interface SavedToken {
  setAudience(audience: unknown): void;
  getValueAndPayload(): Promise<{ value: string; payload: KeptToken }>;
}

/** Every token is kept, so that each can be asked about and ended; those that others may read are handed out signed. */
function signTokens(token: SavedToken, making: TokenMaking): void {
  const plain = token.getValueAndPayload;
  token.getValueAndPayload = async function valueAndPayload(this: SavedToken) {
    const { value: id, payload } = await plain.call(this);
    const { terms } = payload.extra;
    if (terms.opaque) return { value: id, payload };
    const now = making.clock();
    const expiresInSeconds = payload.exp - Math.floor(now / 1000);
    const value = await making.signer.sign(claimsOf(making, payload, terms.pseudonymous), { expiresInSeconds, now });
    return { value, payload: { ...payload, extra: { ...payload.extra, digest: digestOf(value) } } };
  };
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
