import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PersonNumber } from '#domain';
import type { Client } from '#maskinporten';
import type { LastingScope } from '../authorizations/index.js';

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
