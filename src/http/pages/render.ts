import { createRequire } from 'node:module';
import type { ReactElement } from 'react';
import type { Reply } from '../state.js';
import type { Language } from './language.js';
import type { PageExchange } from './reader.js';

const require = createRequire(import.meta.url);
let renderer: typeof import('react-dom/server') | undefined;

/** What differs from page to page in its head. */
export interface PageTerms {
  /** 200 if left out. */
  readonly status?: number;
  /**
   * Where a form of the page may lead beside here: the address that its answer redirects to, since browsers follow no form to another origin
   * that the page has not named (CSP Level 3 §6.3.1).
   */
  readonly formTargets?: readonly string[];
  /** The only addresses that may be framed, for the logout of others. */
  readonly frames?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page as an answer: nothing inline, nothing from elsewhere, in no frame, kept by nobody, and its address told to nobody. */
export function pageReply(page: ReactElement<{ readonly language: Language }>, terms: PageTerms = {}): Reply {
  const { status = 200, formTargets = [], frames = [], headers = {} } = terms;
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': page.props.language,
      'Content-Security-Policy': contentSecurityPolicy(formTargets, frames),
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cache-Control': 'no-store',
      ...headers,
    },
    body: markup(page),
  };
}

/** Sends such an answer where nobody else does. */
export function sendPage({ res }: Pick<PageExchange, 'res'>, { status, headers, body }: Reply): void {
  const content = Buffer.from(body as string);
  res.writeHead(status, { ...headers, 'Content-Length': content.length });
  res.end(content);
}

/** The renderer is loaded for the first page: most gateways show none. */
function markup(page: ReactElement): string {
  renderer ??= require('react-dom/server') as typeof import('react-dom/server');
  return `<!doctype html>\n${renderer.renderToStaticMarkup(page)}\n`;
}

function contentSecurityPolicy(formTargets: readonly string[], frames: readonly string[]): string {
  const directives = [
    "default-src 'none'",
    "style-src 'self'",
    // The icons of Designsystemet's sheet are data.
    "img-src 'self' data:",
    ['form-action', "'self'", ...formTargets.flatMap(targetSource)].join(' '),
    ...(frames.length === 0 ? [] : [['frame-src', ...frames.flatMap(frameSource)].join(' ')]),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return directives.join('; ');
}

/** An address's origin; of one with a scheme of an app's own, the scheme; of an app on this machine, whichever port it has found. */
function targetSource(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { origin, protocol, hostname } = new URL(address);
  // No policy can name an address of IPv6.
  if (hostname.startsWith('[')) return [protocol];
  if (protocol === 'http:' && /^(127\.0\.0\.1|localhost)$/.test(hostname)) return [`http://${hostname}:*`];
  return [origin === 'null' ? protocol : sourceOf(origin)].filter((source) => !/^(javascript|data|blob|vbscript|about):$/.test(source));
}

/** An address without its query, which a policy cannot hold (CSP Level 3 §2.3.1). */
function frameSource(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { origin, pathname } = new URL(address);
  return origin === 'null' ? [] : [sourceOf(origin + pathname)];
}

/** What ends a source or a directive stands in it as its percent code. */
function sourceOf(text: string): string {
  return text.replace(/[;,'\s]/g, (found) => encodeURIComponent(found).replace("'", '%27'));
}
