import type { IncomingMessage } from 'node:http';

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
 * it redirects to and compares with. Of a request it has what the provider and Koa read of one: an object with the request itself as its prototype would
 * be another kind of object each time, which every look at it pays for.
 */
export function seenRequest(req: IncomingMessage, { issuer, form }: Seen): IncomingMessage {
  const { host, protocol, pathname } = placeOf(issuer);
  const { pathname: path, search } = new URL(req.url ?? '/', issuer);
  const body = form === undefined ? undefined : Buffer.from(form.toString());
  const { 'x-forwarded-for': _, ...headers } = req.headers;
  headers.host = host;
  headers['x-forwarded-host'] = host;
  headers['x-forwarded-proto'] = protocol.slice(0, -1);
  if (body !== undefined) {
    headers['content-length'] = String(body.length);
    delete headers['transfer-encoding'];
  }
  const { method, socket, httpVersion, httpVersionMajor, httpVersionMinor } = req;
  const seen = {
    ...{ method, socket, httpVersion, httpVersionMajor, httpVersionMinor, headers },
    url: `${path.slice(pathname.length) || '/'}${search}`,
    originalUrl: `${path}${search}`,
    readable: body !== undefined || req.readable,
    readableEncoding: null,
    iterator: body === undefined ? (options?: object) => req.iterator(options) : () => [body],
  };
  return seen as unknown as IncomingMessage;
}
