import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '#problem';
import type { Context } from '../state.js';
import { type Language, languageAccepted, languageIn, languageOfLocales } from './language.js';
import { TOKEN_FIELD } from './parts.js';

const YEAR_SECONDS = 31_536_000;

/** What pages know of whoever reads them: the language, and that a form that is sent was shown to this browser. */
export interface Pages {
  /**
   * The language to write in: the one that `lang` in the address chooses, which is remembered from then on, else the one chosen before, else of
   * `ui_locales`, else the browser's, else bokmål.
   */
  language(ctx: Context, uiLocales?: string): Language;
  /** What a form of this purpose must carry (see Form); it counts in this browser only, on every node. */
  formToken(ctx: Context, purpose: string): string;
  /** @throws ProblemError `form-not-accepted` unless the form carries the token of its purpose, and comes from a page of ours */
  takeForm(ctx: Context, form: URLSearchParams, purpose: string): void;
}

/**
 * The pages of an origin.
 * @param origin as readers see it: over https the cookies are bound to the host (RFC 6265bis §4.1.3.2) and never sent in the clear
 */
export function openPages(origin: string): Pages {
  const isSecure = origin.startsWith('https:');
  const names = {
    language: isSecure ? '__Host-tilgang-language' : 'tilgang-language',
    form: isSecure ? '__Host-tilgang-form' : 'tilgang-form',
  };
  const attributes = `; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  const keep = (ctx: Context, name: string, value: string, more = ''): void =>
    ctx.append('Set-Cookie', `${name}=${value}${attributes}${more}`);
  return {
    language(ctx, uiLocales) {
      const chosen = typeof ctx.query['lang'] === 'string' ? languageIn(ctx.query['lang']) : undefined;
      if (chosen !== undefined) {
        keep(ctx, names.language, chosen, `; Max-Age=${YEAR_SECONDS}`);
        return chosen;
      }
      const before = languageIn(ctx.cookies.get(names.language) ?? '');
      return before ?? languageOfLocales(uiLocales) ?? languageAccepted(ctx.get('Accept-Language')) ?? 'nb';
    },
    formToken(ctx, purpose) {
      let secret = secretIn(ctx, names.form);
      if (secret === undefined) {
        secret = randomBytes(32).toString('base64url');
        keep(ctx, names.form, secret);
      }
      return tokenOf(secret, purpose);
    },
    takeForm(ctx, form, purpose) {
      const secret = secretIn(ctx, names.form);
      const sent = form.getAll(TOKEN_FIELD);
      const isOurs = secret !== undefined && sent.length === 1 && isSame(sent[0] as string, tokenOf(secret, purpose));
      // No browser sends Origin with a form of a page whose address is told to nobody.
      const isElsewhere = ['cross-site', 'same-site'].includes(ctx.get('Sec-Fetch-Site'));
      if (!isOurs || isElsewhere) throw new ProblemError('form-not-accepted');
    },
  };
}

function secretIn(ctx: Context, name: string): string | undefined {
  const secret = ctx.cookies.get(name);
  return secret !== undefined && /^[\w-]{43}$/.test(secret) ? secret : undefined;
}

function tokenOf(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(`form ${purpose}`).digest('base64url');
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
