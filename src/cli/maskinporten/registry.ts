import type { Instant, Orgnr } from '#domain';
import type { IntegrationType } from '#maskinporten';

/** A prefix that was handed out. */
export interface ToldPrefix {
  readonly prefix: string;
  readonly owner: string;
}

/** A scope, as far as a command tells of it. */
export interface ToldScope {
  readonly name: string;
  /** Absent: the product's own, of an operator that has not said its number. */
  readonly owner?: string;
  readonly description: string;
  readonly visibility: string;
  readonly active: boolean;
  readonly accessibleForAll: boolean;
  /** Seconds; 0: as the client has it. */
  readonly atMaxAge: number;
  readonly delegationSource?: string;
  readonly enforcedAudience?: string;
  readonly allowedIntegrationTypes: readonly string[];
  readonly requiresUserConsent: boolean;
}

/** That an organisation may have tokens with a scope, or might. */
export interface ToldAccess {
  readonly scope: string;
  readonly owner?: string;
  readonly consumer: string;
  /** Only APPROVED gives tokens. */
  readonly state: string;
  readonly until?: string;
}

/** That a consumer lets a supplier act with a scope. */
export interface ToldDelegation {
  readonly scope: string;
  readonly consumer: string;
  readonly supplier: string;
  readonly active: boolean;
  readonly since: string;
  readonly until?: string;
}

/** A public key of a client. */
export interface ToldKey {
  readonly kid: string;
  readonly alg?: string;
  readonly until: string;
}

/** A client; its keys if it was asked for alone. */
export interface ToldClient {
  readonly id: string;
  readonly name: string;
  readonly orgnr: string;
  /** Who keeps it for the organisation. */
  readonly supplier?: string;
  readonly integrationType: string;
  readonly scopes: readonly string[];
  readonly active: boolean;
  readonly keys?: readonly ToldKey[];
  /** Of one that was just made and shows who it is by it: it is told this once. */
  readonly secret?: string;
}

/** A key that ends soon, with whose it is. */
export interface ToldEnding extends ToldKey {
  readonly clientId: string;
  readonly orgnr: string;
}

/** What is said of a scope that is to be. */
export interface NewScope {
  readonly name: string;
  readonly description: string;
  readonly longDescription?: string;
  readonly visibility?: 'PUBLIC' | 'PRIVATE';
  readonly accessibleForAll?: boolean;
  readonly atMaxAge?: number;
  /** `own`: the one of this gateway. */
  readonly delegationSource?: string;
  readonly enforcedAudience?: string;
  readonly allowedIntegrationTypes?: readonly IntegrationType[];
  readonly requiresUserConsent?: boolean;
}

/** What is to be other of a scope; null: nothing any more. */
export type ScopeChange = {
  readonly [K in keyof Omit<NewScope, 'name'>]?:
    | NewScope[K]
    | (K extends 'delegationSource' | 'enforcedAudience' | 'longDescription' ? null : never);
};

/** What is said of a client that is to be. */
export interface NewClient {
  readonly id?: string;
  readonly name: string;
  readonly description?: string;
  readonly integrationType: IntegrationType;
  /** Absent: those that every client of its type has. */
  readonly scopes?: readonly string[];
  readonly accessTokenLifetime?: number;
  readonly applicationType?: 'web' | 'browser' | 'native';
  readonly tokenEndpointAuthMethod?: 'client_secret_basic';
  readonly redirectUris?: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
}

/** A public JWK. */
export type SentJwk = Readonly<Record<string, unknown>>;

/** What is said of the first client of an organisation. */
export interface NewFirstClient {
  readonly orgnr: Orgnr;
  readonly name: string;
  readonly jwk: SentJwk;
  /** Scopes beyond those that every first client has. */
  readonly more: readonly string[];
}

/** Which accesses are listed: of a scope, of a consumer among one's own scopes, or what one has been given. */
export type AccessFilter = { readonly scope: string } | { readonly consumer: Orgnr } | { readonly got: true };

/**
 * Where scopes, accesses, delegations and clients are kept: this installation's store, as the operator, for the organisation that is named; or a gateway
 * somewhere else, for the one that the token is of.
 */
export interface Registry {
  prefixes(): Promise<readonly ToldPrefix[]>;
  handOutPrefix(prefix: string, owner: Orgnr): Promise<void>;
  withdrawPrefix(prefix: string): Promise<void>;
  createScope(scope: NewScope): Promise<ToldScope>;
  listScopes(filter: { readonly open: boolean; readonly inactive: boolean }): Promise<readonly ToldScope[]>;
  readScope(name: string): Promise<ToldScope>;
  /** Of its terms those that are named; the others stay. */
  changeScope(name: string, change: ScopeChange): Promise<ToldScope>;
  setScopeActive(name: string, active: boolean): Promise<ToldScope>;
  grantAccess(scope: string, consumer: Orgnr, until: Instant | undefined): Promise<ToldAccess>;
  revokeAccess(scope: string, consumer: Orgnr): Promise<void>;
  listAccesses(filter: AccessFilter): Promise<readonly ToldAccess[]>;
  giveDelegation(scope: string, supplier: Orgnr, until: Instant | undefined): Promise<ToldDelegation>;
  withdrawDelegation(scope: string, supplier: Orgnr): Promise<void>;
  /** What the organisation has given, or got as a supplier. */
  listDelegations(filter: { readonly got: boolean }): Promise<readonly ToldDelegation[]>;
  signTerms(): Promise<{ readonly orgnr: string; readonly at: string }>;
  createClient(client: NewClient, keys: readonly SentJwk[]): Promise<ToldClient>;
  /** With what it needs to keep its own scopes, clients and delegations from then on, which is granted by it (for the operator). */
  firstClient(first: NewFirstClient): Promise<ToldClient>;
  listClients(inactive: boolean): Promise<readonly ToldClient[]>;
  readClient(id: string): Promise<ToldClient>;
  setClientActive(id: string, active: boolean): Promise<ToldClient>;
  listKeys(id: string): Promise<readonly ToldKey[]>;
  addKey(id: string, jwk: SentJwk): Promise<ToldKey>;
  removeKey(id: string, kid: string): Promise<void>;
  endingKeys(withinDays: number): Promise<readonly ToldEnding[]>;
  close(): Promise<void>;
}
