import type { Instant, Orgnr } from '#domain';

declare const brand: unique symbol;

/** `prefix:subscope`, such as `fhi:vaksine/oversikt.read`. Compared character by character. */
export type ScopeName = string & { readonly [brand]: 'ScopeName' };

/** What a client is registered for; see the table of client types in docs/maskinporten.md. */
export type IntegrationType = 'maskinporten' | 'idporten' | 'api_klient' | 'krr' | 'ansattporten' | 'eformidling' | 'idporten_saml2';

/** A text in the languages of the country's own forms. */
export interface ScopeTexts {
  readonly nb: string;
  readonly nn?: string;
  readonly en?: string;
  readonly se?: string;
}

/** The first part of scope names, handed out by the operator to one organisation. */
export interface ScopePrefix {
  readonly prefix: string;
  readonly owner: Orgnr;
  readonly active: boolean;
  readonly created: Instant;
  readonly updated: Instant;
}

/** What an API provider lets others do. */
export interface Scope {
  readonly name: ScopeName;
  readonly prefix: string;
  readonly subscope: string;
  /** Absent: the product's own, where nobody is said to be the operator. */
  readonly owner?: Orgnr;
  /** As a person is asked to consent to it. */
  readonly description: string;
  readonly descriptions?: ScopeTexts;
  readonly longDescription?: string;
  /** PUBLIC is listed openly, PRIVATE for its owner and those who have it, INTERNAL for the operator alone. */
  readonly visibility: 'PUBLIC' | 'PRIVATE' | 'INTERNAL';
  readonly tokenType: 'SELF_CONTAINED' | 'OPAQUE';
  /** Seconds; the lowest of the scopes of a token counts. 0: the client's own lifetime does. */
  readonly atMaxAge: number;
  /** Seconds; 0: the client's own. */
  readonly authorizationMaxLifetime: number;
  readonly requiresUserConsent: boolean;
  readonly requiresUserAuthentication: boolean;
  readonly requiresPseudonymousTokens: boolean;
  /** Every organisation gets tokens without having been given access. */
  readonly accessibleForAll: boolean;
  /** The delegation source by which a consumer may let a supplier act for it: its issuer, or `own` for this installation's. */
  readonly delegationSource?: string;
  /** Empty: all of them. */
  readonly allowedIntegrationTypes: readonly IntegrationType[];
  /** What `aud` of each token with it is. */
  readonly enforcedAudience?: string;
  readonly active: boolean;
  /** Which of its owner's places for active scopes it has; absent if it is not counted. */
  readonly seat?: number;
  readonly created: Instant;
  readonly updated: Instant;
}

/** That an organisation may have tokens with a scope; only APPROVED gives them. */
export interface ScopeAccess {
  readonly scope: ScopeName;
  /** Of the scope; absent if nobody is. */
  readonly owner?: Orgnr;
  readonly consumer: Orgnr;
  readonly state: 'APPROVED' | 'DENIED';
  /** Exclusive; absent: without end. */
  readonly until?: Instant;
  /** Which of its owner's places for accesses it has, while it is approved; absent if it is not counted. */
  readonly seat?: number;
  readonly created: Instant;
  readonly updated: Instant;
}

/** Somebody who keeps delegations: this installation's own, or one that scopes merely name. */
export interface DelegationSource {
  readonly issuer: string;
  readonly name: string;
}

/** That a consumer lets a supplier fetch tokens with a scope on its behalf. May be made before the consumer has access itself. */
export interface Delegation {
  readonly consumer: Orgnr;
  readonly supplier: Orgnr;
  readonly scope: ScopeName;
  /** The source by which it was made, as scopes name it. */
  readonly source: string;
  /** How events name who made it. */
  readonly by: string;
  readonly created: Instant;
  readonly updated: Instant;
  /** Exclusive; absent: without end. */
  readonly until?: Instant;
  readonly withdrawn?: { readonly at: Instant; readonly by: string };
  /** Which of the consumer's places for delegations it has, until it is withdrawn; absent if it is not counted. */
  readonly seat?: number;
}

/** A public key that a client signs with. */
export interface ClientKey {
  readonly kid: string;
  readonly alg: 'RS256' | 'RS384' | 'RS512';
  /** RFC 7517, public members only. */
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly added: Instant;
  /** Exclusive: one year after it was added at most. */
  readonly until: Instant;
  /** How many days ahead its organisation has been told last that it ends. */
  readonly warned?: WarnedDays;
}

/** How many days before a key ends its organisation is told so. */
export type WarnedDays = 60 | 30 | 7;

/** What an organisation fetches tokens with. */
export interface Client {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly orgnr: Orgnr;
  /** Who made it and keeps it for the organisation, if another one. */
  readonly supplier?: Orgnr;
  readonly active: boolean;
  readonly integrationType: IntegrationType;
  readonly applicationType: 'web' | 'browser' | 'native';
  readonly scopes: readonly ScopeName[];
  readonly grantTypes: readonly string[];
  readonly tokenEndpointAuthMethod: 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none';
  /** Seconds, as the other two. */
  readonly accessTokenLifetime: number;
  readonly refreshTokenLifetime: number;
  readonly authorizationLifetime: number;
  readonly refreshTokenUsage: 'ONETIME' | 'REUSE';
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly frontchannelLogoutUri?: string;
  readonly frontchannelLogoutSessionRequired: boolean;
  readonly backchannelLogoutUri?: string;
  readonly ssoDisabled: boolean;
  readonly codeChallengeMethod: 'S256' | 'none';
  readonly logoUri?: string;
  readonly clientUri?: string;
  /** At most five, no two with the same kid. A client that has any must name one by kid. */
  readonly keys: readonly ClientKey[];
  /** Only its HMAC is kept. */
  readonly secret?: { readonly fingerprint: string; readonly until: Instant };
  /** Which of the places of whoever keeps it, from 1: no two have the same. Absent if it is not counted. */
  readonly seat?: number;
  readonly created: Instant;
  readonly updated: Instant;
}

/** On whose behalf a client may say that it acts (`iss_onbehalfof`, deprecated). */
export interface OnBehalfOf {
  readonly clientId: string;
  /** Who keeps the client, and so acts for it. */
  readonly supplier: Orgnr;
  readonly value: string;
  readonly name: string;
  /** On whose behalf. */
  readonly orgnr: Orgnr;
  readonly description?: string;
  readonly uri?: string;
  readonly logoUri?: string;
  /** Which of the client's places for them, from 1: no two have the same. */
  readonly seat: number;
  readonly created: Instant;
  readonly updated: Instant;
}

/** That an organisation has signed the terms of use. */
export interface SignedTerms {
  readonly orgnr: Orgnr;
  readonly at: Instant;
  readonly by: string;
}

/** An assertion that has been used, until it would be refused by its age anyway. */
export interface UsedAssertion {
  /** A hash of client and jti, or of the whole assertion. */
  readonly key: string;
  readonly expiresAt: Instant;
}
