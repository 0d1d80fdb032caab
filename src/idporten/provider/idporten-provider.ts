import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { PersonNumber } from '#domain';
import type { AuthorizationParts } from '../authorizations/index.js';
import type { ArtifactParts } from './artifacts.js';
import { lateRequests } from './late-requests.js';
import { endSessionsOf, type LogoutAnswer, logOut, logOutHere } from './logout.js';
import { type ProviderKeys, ProviderOfNow } from './open-provider.js';
import type { ConsentStep, EidStep, LoggedIn, ShowPage } from './ports.js';
import { pageErrorOf, type SessionTimes } from './provider-settings.js';
import { ROUTES } from './routes.js';
import { seenRequest } from './seen-request.js';
import { stepOf, takeStep } from './steps.js';
import { shownToken } from './tokens.js';

/** What the provider of a gateway is opened with. */
export interface ProviderOptions extends ArtifactParts {
  readonly issuer: string;
  readonly keys: ProviderKeys;
  readonly times: SessionTimes;
  /** What persons' authorizations are judged and kept with, of one request. */
  readonly authorizations: () => AuthorizationParts;
  readonly eid: EidStep;
  readonly consent: ConsentStep;
  readonly recordLogin: (login: LoggedIn) => Promise<void>;
  readonly show: ShowPage;
  readonly onFault: (fault: unknown) => void;
  /** Is told of a client that did not hear of a logout. */
  readonly onUnheard: (clientId: string) => void;
}

/** A request below the issuer, with its form if it had one. */
export interface ProviderRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Below the issuer, without query. */
  readonly path: string;
  readonly form?: URLSearchParams | undefined;
  /** Too many were refused lately who said that they were the same client, or have begun to log in from the same address: whoever would be one more is told so. */
  readonly isLate?: boolean;
}

/** What #http mounts. */
export interface IdportenEndpoint {
  /** The template of a path below the issuer, for logs; undefined: it is none of the provider's. */
  routeOf(path: string): string | undefined;
  /** Answers a request to one of them. @throws ProblemError `store-unavailable`, `no-signing-key` */
  answer(request: ProviderRequest): Promise<void>;
  /** Who is logged in in the browser of a request, for all who share logins; for our own page alone. */
  loggedIn(exchange: { readonly req: IncomingMessage; readonly res: ServerResponse }): Promise<LoggedInPerson | undefined>;
  /** Ends the session of a browser whose person has said so at a page of ours, and answers the request: the browser goes on to the very address, or reads that it is over. */
  logOut(exchange: { readonly req: IncomingMessage; readonly res: ServerResponse }, next?: string): Promise<void>;
  /** Ends every session of a person, as the person's own logout does. */
  endSessionsOf(person: PersonNumber): Promise<void>;
}

const PATHS: ReadonlySet<string> = new Set(Object.values(ROUTES).filter((path) => path !== ROUTES.jwks));
/** Where a browser ends that has told all the others. */
const LOGGED_OUT = `${ROUTES.end_session}/done`;

/** Who has logged in in a browser, and how surely. */
export interface LoggedInPerson {
  readonly person: PersonNumber;
  readonly acr: string | undefined;
}

/** The OpenID provider of an issuer, in front of the store. */
export class IdportenProvider implements IdportenEndpoint {
  readonly #options: ProviderOptions;
  readonly #now: ProviderOfNow;

  constructor(options: ProviderOptions) {
    this.#options = options;
    const page = (ctx: KoaContextWithOIDC, shown: Parameters<ShowPage>[1]): void => {
      ctx.respond = false;
      options.show({ req: ctx.req, res: ctx.res }, shown);
    };
    this.#now = new ProviderOfNow({ ...options, page });
  }

  routeOf(path: string): string | undefined {
    if (PATHS.has(path) || path === LOGGED_OUT) return path;
    if (stepOf(path) !== undefined) return '/interaction/{uid}';
    return /^\/authorize\/[A-Za-z0-9_-]{1,64}$/.test(path) ? '/authorize/{uid}' : undefined;
  }

  async loggedIn({ req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse }): Promise<LoggedInPerson | undefined> {
    const { provider } = await this.#now.open();
    const seen = seenRequest(req, { issuer: this.#options.issuer, form: undefined });
    const session = await provider.Session.get(provider.createContext(seen, res) as never);
    const { accountId, acr, loginTs, authorizations = {} } = session;
    // Whoever has logged in to one client alone has not logged in here.
    const isClosed = Object.values(authorizations).some((one) => (one as { readonly ownLogin?: number }).ownLogin === loginTs);
    return accountId === undefined || isClosed ? undefined : { person: accountId as PersonNumber, acr };
  }

  async logOut({ req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse }, next?: string): Promise<void> {
    const { provider } = await this.#now.open();
    const seen = seenRequest(req, { issuer: this.#options.issuer, form: undefined });
    this.#answerLogout({ req, res }, await logOutHere(this.#options, provider, { req: seen, res }, next));
  }

  #answerLogout(exchange: { readonly req: IncomingMessage; readonly res: ServerResponse }, answered: LogoutAnswer): void {
    if ('page' in answered) this.#options.show(exchange, answered.page);
    else exchange.res.writeHead(303, { Location: answered.location, 'Content-Length': '0' }).end();
  }

  async endSessionsOf(person: PersonNumber): Promise<void> {
    const { provider } = await this.#now.open();
    await endSessionsOf(this.#options, provider, person);
  }

  async answer({ req, res, path, form, isLate = false }: ProviderRequest): Promise<void> {
    const { issuer, show } = this.#options;
    const { provider, answer } = await this.#now.open();
    const seen = seenRequest(req, { issuer, form: form && shownForm(path, form) });
    if (isLate) lateRequests.add(seen);
    const step = stepOf(path);
    if (path === LOGGED_OUT) return show({ req, res }, { kind: 'logged-out', status: 200 });
    if (step === undefined && path !== ROUTES.end_session) return answer(seen, res);
    const exchange = { req: seen, res, below: step?.below ?? '', form };
    try {
      if (step !== undefined) return await takeStep(this.#options, provider, step.uid, exchange);
      const sent = form ?? new URL(req.url ?? '', issuer).searchParams;
      this.#answerLogout(exchange, await logOut(this.#options, provider, exchange, sent));
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError) || error.statusCode >= 500) throw error;
      show(exchange, { kind: 'error', status: error.statusCode, error: pageErrorOf(error) });
    }
  }
}

/** Tokens that others read are taken where the provider takes only its own. */
function shownForm(path: string, form: URLSearchParams): URLSearchParams {
  if (path !== ROUTES.introspection && path !== ROUTES.revocation) return form;
  return new URLSearchParams([...form].map(([name, value]) => [name, name === 'token' ? shownToken(value) : value]));
}
