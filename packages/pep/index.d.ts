import type { IncomingMessage, ServerResponse } from 'node:http';

/** Who fetches a Maskinporten token, with a key of its own. */
export interface TokenClient {
  /** With the slash at its end: `https://maskinporten.no/`. */
  readonly issuer: string;
  /** `<issuer>token` by default. */
  readonly tokenEndpoint?: string;
  readonly clientId: string;
  /** The private RSA key in PEM (PKCS #8), as `tilgang client keys new` makes it. */
  readonly key: string;
  /** Its name at the client: its RFC 7638 thumbprint by default. */
  readonly kid?: string;
  /** `ks:fiks` by default. */
  readonly scope?: string;
  /** The audience: the address of Tilgang. */
  readonly resource: string;
}

/** A token that is good now. `force`: a new one, for the last was refused. Fetched once for all that wait; what fails is not remembered. */
export type TokenSource = (force?: boolean) => Promise<string>;

/** Fetches tokens, and again before they end. Nothing is fetched before the first call. */
export function maskinportenToken(client: TokenClient): TokenSource;

/** What a request is about. */
export interface Question {
  /** The person who is logged in, by person number: `undefined` is answered 401, and nobody is asked. */
  readonly person: string | undefined;
  /** App-ID. */
  readonly application: string;
  /** `use` by default. */
  readonly role?: string;
  /** For one organisation; without one, for any. */
  readonly organisation?: { readonly kommune: string } | { readonly orgnr: string } | { readonly fiksOrgId: string };
  /** The level of the log-in, as ID-porten says it. */
  readonly acr?: string;
}

/** That there was no answer: neither a yes nor a no. Its message names no person. */
export class NoAnswer extends Error {
  readonly status: 503;
}

/** Asks Tilgang. */
export interface Pep {
  /** May the person? Asked anew each time; nothing is remembered. @throws NoAnswer */
  allows(question: Question & { readonly person: string }): Promise<boolean>;
  /** Middleware of Express (and of Connect): 401, 403, or `next()`; `next(error)` with `error.status` 503 without an answer. */
  express<Request extends IncomingMessage>(
    questionOf: (request: Request) => Question | Promise<Question>,
  ): (request: Request, response: ServerResponse, next: (error?: unknown) => void) => Promise<void>;
  /** Middleware of Koa: throws with `status` 401, 403, 503, or goes on. */
  koa<Context extends object>(
    questionOf: (context: Context) => Question | Promise<Question>,
  ): (context: Context, next: () => Promise<unknown>) => Promise<void>;
}

export interface PepOptions {
  /** The address of Tilgang: `https://tilgang.example.no`. */
  readonly tilgang: string;
  readonly token: TokenSource;
  /** For one question, token and all: 5000 by default. */
  readonly timeoutMs?: number;
}

/** A policy enforcement point. @throws TypeError for an address that is none */
export function createPep(options: PepOptions): Pep;
