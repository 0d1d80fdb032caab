import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Orgnr, PersonNumber } from '#domain';
import type { Client } from '#maskinporten';

/** What a client asks for, of a person who has logged in or when tokens are made anew. */
export interface AskedScopes {
  readonly client: Client;
  readonly person: PersonNumber;
  readonly use: 'login' | 'refresh';
  readonly scopes: readonly string[];
  /** Audiences; may be empty. */
  readonly resource: readonly string[];
  readonly prompt: readonly string[];
  readonly login: { readonly acr?: string | undefined; readonly fresh: boolean };
  /** What the person has said yes to on the page, once it is answered. */
  readonly answered?: readonly string[] | undefined;
  /** Of the authorization under which tokens are made anew. */
  readonly round?: number | undefined;
}

/** A scope that is given, or would be, and for how many seconds. */
export interface LastingScope {
  readonly scope: string;
  readonly lasts: number;
}

/** What tokens are like. */
export interface TokenTerms {
  readonly consumer: Orgnr;
  readonly supplier: Orgnr | null;
  readonly delegationSource: string | null;
  /** Empty: for nobody in particular. */
  readonly audience: readonly string[];
  /** By reference: it is asked about, not read. */
  readonly opaque: boolean;
  /** The client is not told whose it is. */
  readonly pseudonymous: boolean;
  /** Seconds, as the other two. */
  readonly accessLifetime: number;
  readonly refreshLifetime: number;
  readonly authorizationLifetime: number;
}

/** What a client has for a person (`idporten/login/evaluate`). */
export interface LoginVerdict {
  /** Of the client as a whole: nothing is given then. */
  readonly faults: readonly string[];
  readonly granted: readonly (LastingScope & { readonly basis: 'plain' | 'login' | 'consent' | 'earlier' })[];
  readonly ask: readonly LastingScope[];
  readonly refused: readonly { readonly scope: string; readonly reason: string }[];
  /** The person must show anew who it is. */
  readonly reauthenticate: boolean;
  readonly token: TokenTerms | null;
}

/** What is kept of what a person has given a client. */
export interface GivenScopes {
  readonly client: Client;
  readonly person: PersonNumber;
  readonly verdict: LoginVerdict;
  readonly acr: string;
  readonly userAgent?: string | undefined;
  /** That which ends with it: see endGrant. */
  readonly grantId: string;
}

/** Who may introspect a token, and what of it is told. */
export interface AskedToken {
  /** Who asks. */
  readonly client: Client;
  readonly token: {
    readonly client: string;
    readonly person: PersonNumber;
    readonly scopes: readonly string[];
    readonly audience: readonly string[];
    readonly pseudonymous: boolean;
    readonly round?: number | undefined;
  };
}

/** What a person lets clients do: judged by policies/idporten, kept in authorizations. */
export interface Authorizations {
  judge(asked: AskedScopes): Promise<LoginVerdict>;
  /** Keeps what was given. @returns the round of the authorization, by which tokens are made anew */
  give(given: GivenScopes): Promise<{ readonly round: number }>;
  mayIntrospect(asked: AskedToken): Promise<{ readonly active: boolean; readonly person: boolean }>;
}

/** What is to be shown and done when a person is to show who it is. */
export interface AskedLogin {
  /** Of the request that is under way. */
  readonly uid: string;
  /** Where the step's own addresses lie: it may use those below. */
  readonly path: string;
  readonly client: Client;
  /** The weakest level that will do; absent: any. */
  readonly leastAcr?: string | undefined;
  readonly prompt: readonly string[];
  readonly loginHint?: string | undefined;
  readonly uiLocales?: string | undefined;
}

/** One request to a step, with its form if it has one. */
export interface StepExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Below the path of the step: '' or `/…`. */
  readonly below: string;
  readonly form?: URLSearchParams | undefined;
}

/** How a person was recognised, or that it did not want to be. */
export type LoginOutcome =
  | {
      readonly person: PersonNumber;
      readonly acr: string;
      readonly amr: readonly string[];
      /** Seconds since the epoch; absent: now. */
      readonly authTime?: number;
    }
  | { readonly cancelled: true };

/** How a person shows who it is. */
export interface EidStep {
  /** Answers the request itself, with a page or by sending it elsewhere; or says how it has ended. */
  step(asked: AskedLogin, exchange: StepExchange): Promise<LoginOutcome | undefined>;
}

/** What a person is asked on the consent page. */
export interface AskedConsent {
  readonly uid: string;
  readonly path: string;
  readonly client: Client;
  readonly person: PersonNumber;
  readonly ask: readonly LastingScope[];
  readonly uiLocales?: string | undefined;
}

/** The page on which a person says which scopes a client may have. */
export interface ConsentStep {
  /** Answers the request with the page, or says which scopes are given. */
  step(asked: AskedConsent, exchange: StepExchange): Promise<{ readonly given: readonly string[] } | undefined>;
}

/** A person has logged in at a client. */
export interface LoggedIn {
  readonly client: Client;
  readonly person: PersonNumber;
  readonly acr: string;
  readonly amr: readonly string[];
}

/** A page of its own: no address of the library, no text that was sent. */
export interface ProviderPage {
  readonly kind: 'error' | 'logout' | 'logged-out' | 'logging-out';
  readonly status: number;
  readonly uiLocales?: string | undefined;
  /** Of an error: its OAuth code. */
  readonly error?: string;
  /** Of a question: where its form goes, and what stands hidden in it. */
  readonly form?: { readonly action: string; readonly fields: Readonly<Record<string, string>> };
  /** Where somebody is sent on to. */
  readonly next?: string;
  /** Addresses of other clients that are told in frames. */
  readonly frames?: readonly string[];
}

/** How pages are answered. */
export type ShowPage = (exchange: Pick<StepExchange, 'req' | 'res'>, page: ProviderPage) => void;
