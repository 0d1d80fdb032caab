import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '#problem';
import { type Language, languageAccepted, languageIn, languageLinks, languageOfLocales } from './language.js';
import { TOKEN_FIELD } from './parts.js';

const YEAR_SECONDS = 31_536_000;
/** An error page repeats its query three times. */
const MOST_REPEATED = 4000;

/** A request and its answer; of Koa or of node:http. */
export interface PageExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** What pages know of whoever reads them: the language, and that a form that is sent was shown to this browser. */
export interface Pages {
  /**
   * The language to write in: the one that `lang` in the address chooses, which is remembered from then on, else the one chosen before, else of
   * `ui_locales`, else the browser's, else bokmål.
   */
  language(exchange: PageExchange, uiLocales?: string): Language;
  /** Where what is asked for stands in each language; undefined for what was sent with a form, and for an address too long to be repeated. */
  languages(exchange: PageExchange): Readonly<Record<Language, string>> | undefined;
  /** What a form of this purpose must carry (see Form); it counts in this browser only, on every node. */
  formToken(exchange: PageExchange, purpose: string): string;
  /** @throws ProblemError `form-not-accepted` unless the form carries the token of its purpose, and comes from a page of ours */
  takeForm(exchange: PageExchange, form: URLSearchParams, purpose: string): void;
}

/**
 * The pages of an origin.
 * @param origin as readers see it: over https the cookies are bound to the host (RFC 6265bis §4.1.3.2) and never sent in the clear
 */
export function openPages(origin: string): Pages {
  const isSecure = origin.startsWith('https:');
  const names = { language: `${isSecure ? '__Host-' : ''}tilgang-language`, form: `${isSecure ? '__Host-' : ''}tilgang-form` };
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  const keep = ({ res }: PageExchange, name: string, value: string, more = ''): void => {
    res.appendHeader('Set-Cookie', `${name}=${value}${attributes}${more}`);
  };
  return {
    language(exchange, uiLocales) {
      const { req } = exchange;
      const chosen = languageIn(new URLSearchParams((req.url ?? '').split('?')[1]).get('lang') ?? '');
      if (chosen !== undefined) {
        keep(exchange, names.language, chosen, `; Max-Age=${YEAR_SECONDS}`);
        return chosen;
      }
      const before = languageIn(cookieOf(req, names.language) ?? '');
      return before ?? languageOfLocales(uiLocales) ?? languageAccepted(req.headers['accept-language']) ?? 'nb';
    },
    languages: ({ req }) => {
      const [path = '', query = ''] = addressOf(req).split('?', 2);
      if ((req.method !== 'GET' && req.method !== 'HEAD') || query.length > MOST_REPEATED) return undefined;
      return languageLinks(
        path,
        [...new URLSearchParams(query)].filter(([name]) => name !== 'lang'),
      );
    },
    formToken(exchange, purpose) {
      let secret = secretIn(exchange, names.form);
      if (secret === undefined) {
        secret = randomBytes(32).toString('base64url');
        keep(exchange, names.form, secret);
      }
      return tokenOf(secret, purpose);
    },
    takeForm(exchange, form, purpose) {
      const secret = secretIn(exchange, names.form);
      const sent = form.getAll(TOKEN_FIELD);
      const isOurs = secret !== undefined && sent.length === 1 && isSame(sent[0] as string, tokenOf(secret, purpose));
      // Origin says nothing with a form of a page that tells its address to nobody.
      const isElsewhere = ['cross-site', 'same-site'].includes(`${exchange.req.headers['sec-fetch-site']}`);
      if (!isOurs || isElsewhere) throw new ProblemError('form-not-accepted');
    },
  };
}

/** As the browser has it, also where a part of it was taken away for whom it was handed to. */
function addressOf({ url = '', originalUrl = url }: IncomingMessage & { readonly originalUrl?: string }): string {
  return originalUrl;
}

/** The one cookie of that name; of several one cannot know whose it is. */
function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  const found = (headers.cookie ?? '').split(';').flatMap((pair) => {
    const [key = '', value] = pair.trim().split('=', 2);
    return key === name && value !== undefined ? [value] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

function secretIn({ req }: PageExchange, name: string): string | undefined {
  const secret = cookieOf(req, name);
  return secret !== undefined && /^[\w-]{43}$/.test(secret) ? secret : undefined;
}

function tokenOf(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(`form ${purpose}`).digest('base64url');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
