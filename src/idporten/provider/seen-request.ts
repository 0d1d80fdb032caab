import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { present } from '#domain';

/** What of a request the provider is shown otherwise than it came. */
export interface Seen {
  readonly issuer: string;
  /** What stands in its body; it was read already. */
  readonly form?: URLSearchParams | undefined;
}

let place: { readonly issuer: string; readonly url: URL } | undefined;

/** Parsed once: a gateway is one issuer. */
function placeOf(issuer: string): URL {
  if (place?.issuer !== issuer) place = { issuer, url: new URL(issuer) };
  return place.url;
}

/**
 * The request as the provider is to see it: below the issuer, and sent to where the issuer is, whatever it says itself. The provider makes addresses of that, which
 * it redirects to and compares with.
 */
export function seenRequest(req: IncomingMessage, { issuer, form }: Seen): IncomingMessage {
  const { host, protocol, pathname } = placeOf(issuer);
  const { pathname: path, search } = new URL(req.url ?? '/', issuer);
  const body = form === undefined ? undefined : Buffer.from(form.toString());
  const { 'x-forwarded-for': _, ...headers } = req.headers;
  const shown = present({
    ...headers,
    host,
    'x-forwarded-host': host,
    'x-forwarded-proto': protocol.slice(0, -1),
    'content-length': body === undefined ? headers['content-length'] : String(body.length),
    'transfer-encoding': body === undefined ? headers['transfer-encoding'] : undefined,
  });
  const seen = Object.create(req, {
    headers: { value: shown },
    url: { value: `${path.slice(pathname.length) || '/'}${search}`, writable: true },
    originalUrl: { value: `${path}${search}` },
  }) as IncomingMessage;
  if (body === undefined) return seen;
  return Object.defineProperties(seen, { readable: { value: true }, iterator: { value: () => Readable.from([body]) } });
}
