import type Router from '@koa/router';
import { type AccessParts, partsFor } from '#access';
import { present } from '#domain';
import { type IdportenEndpoint, SYSTEM_USERS_PATH } from '#idporten';
import type { Asking, SystembrukerSide } from '#systembruker';
import { answer } from '../../answer.js';
import type { ApiParts } from '../../described-api.js';
import { readForm } from '../../form-body.js';
import { ownLogin, ownLoginAddress } from '../../idporten/own-login.js';
import { type Language, languageLinks, type Pages } from '../../pages/index.js';
import type { Context, Reply, RequestState } from '../../state.js';
import { BASE } from './addresses.js';
import { refusedPage } from './refused-page.js';

const MAX_FORM_BYTES = 64 * 1024;

/** What the pages work with beside what all have. */
export interface PagesParts {
  readonly side: SystembrukerSide;
  readonly pages: Pages;
  readonly provider: Pick<IdportenEndpoint, 'loggedIn' | 'logOut'>;
}

/** Somebody who is logged in looks at a page, or sends a form of one. */
export interface Visit {
  readonly ctx: Context;
  readonly parts: AccessParts & { readonly side: SystembrukerSide };
  /** As use cases take it; of no organisation yet. */
  readonly request: Asking;
  readonly language: Language;
  /** This page in each language. */
  readonly languages: Readonly<Record<Language, string>>;
  /** A value of the query, if it stands there once. */
  query(name: string): string | undefined;
  /** What a form that is sent there must carry: it counts for this person, in this browser, for this very address. */
  token(action: string): string;
  /** Where one logs in at level high and comes back here. */
  readonly logInHigher: string;
  /** Logs out here, and sends the browser on; with nothing else to be answered. */
  logOut(next?: string): Promise<undefined>;
}

/** What a page answers; nothing if that is done. */
export type Answer = Promise<Reply | undefined>;

/** A page: what is shown, and what is done with its form. */
export interface PageHandlers {
  readonly show?: (visit: Visit) => Answer;
  readonly take?: (visit: Visit, form: URLSearchParams) => Answer;
}

/** Adds pages to a router: whoever is not logged in does so first; a form counts only if it was shown to this very person. */
export class Visits {
  readonly #api: ApiParts;
  readonly #own: PagesParts;
  readonly #router: Router<RequestState>;

  constructor(router: Router<RequestState>, api: ApiParts, own: PagesParts) {
    this.#router = router;
    this.#api = { ...api, limits: { ...api.limits, maxBodyBytes: Math.min(api.limits.maxBodyBytes, MAX_FORM_BYTES) } };
    this.#own = own;
  }

  /** @param route below the base, such as `/:orgnr/:id` */
  page(route: string, { show, take }: PageHandlers): void {
    const at = `${BASE}${route}`;
    if (show !== undefined) this.#router.get(at, (koa) => this.#answer(koa as Context, at, show));
    if (take === undefined) return;
    this.#router.post(at, (koa) => {
      const ctx = koa as Context;
      return this.#answer(ctx, at, async (visit) => {
        const form = await readForm(ctx.req, this.#api.limits);
        this.#own.pages.takeForm(ctx, form, purposeOf(visit, ctx.url));
        return take(visit, form);
      });
    });
  }

  async #answer(ctx: Context, route: string, carryOut: (visit: Visit) => Answer): Promise<void> {
    const { pages } = this.#own;
    const { state } = ctx;
    state.route = route.replace(/:(\w+)/g, '{$1}');
    state.writesProblem = (problem) => refusedPage({ pages, ctx, problem, logIn: this.#logIn(ctx), again: ctx.path });
    const visit = await this.#visitOf(ctx);
    if (visit === undefined) return answer(ctx, ownLogin({ back: this.#back, state: stateOf(ctx.url) }));
    try {
      const reply = await carryOut(visit);
      if (reply !== undefined) answer(ctx, reply);
    } finally {
      await visit.parts.judge.written();
    }
  }

  get #back(): string {
    return this.#own.side.origin + SYSTEM_USERS_PATH;
  }

  #logIn(ctx: Context, acr?: 'idporten-loa-high'): string {
    return ownLoginAddress(present({ back: this.#back, state: stateOf(ctx.url), acr }));
  }

  async #visitOf(ctx: Context): Promise<Visit | undefined> {
    const { pages, provider, side } = this.#own;
    const found = await provider.loggedIn(ctx);
    if (found === undefined) return undefined;
    const { requestId } = ctx.state;
    const access = partsFor(this.#api.installation, requestId);
    const caller = present({ kind: 'citizen' as const, brukerId: access.vault.nameOf(found.person), acr: found.acr });
    const request = { caller, requestId };
    return {
      ctx,
      parts: { ...access, side },
      request,
      language: pages.language(ctx),
      languages: languageLinks(ctx.path, keptQuery(ctx)),
      query: (name) => keptQuery(ctx)[name],
      token: (action) => pages.formToken(ctx, purposeOf({ request }, action)),
      logInHigher: this.#logIn(ctx, 'idporten-loa-high'),
      logOut: async (next) => {
        ctx.respond = false;
        ctx.res.setHeader('X-Request-Id', requestId);
        ctx.res.setHeader('Cache-Control', 'no-store');
        ctx.res.setHeader('Referrer-Policy', 'no-referrer');
        await provider.logOut(ctx, next);
        return undefined;
      },
    };
  }
}

/** A form counts for the person that it was shown to, and where it was to be sent. */
function purposeOf({ request: { caller } }: Pick<Visit, 'request'>, action: string): string {
  return `systembruker ${'brukerId' in caller ? caller.brukerId : ''} ${action}`;
}

/** What the page needs of its query, without the language. */
function keptQuery({ query }: Context): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (typeof value === 'string' && name !== 'lang' ? [[name, value]] : [])),
  );
}

/** The page to come back to, as a login takes it along. */
function stateOf(url: string): string {
  return Buffer.from(url).toString('base64url');
}

/** A page of ours, and nothing that a browser could take for another place. */
const OWN_ADDRESS = /^\/systembruker(\/[A-Za-z0-9_~-][A-Za-z0-9._~%-]*)*(\?[A-Za-z0-9._~%&=+*-]*)?$/;
const LONGEST_ADDRESS = 2000;

/** Where a login goes on to that has come back: the page that asked for it, or the first one if that is none of ours. */
export function pageOfState(state: unknown): string {
  const address = typeof state === 'string' && state.length <= LONGEST_ADDRESS ? Buffer.from(state, 'base64url').toString() : '';
  return OWN_ADDRESS.test(address) && !address.startsWith(SYSTEM_USERS_PATH) ? address : BASE;
}
