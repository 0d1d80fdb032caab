import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** What of a request the provider is shown otherwise than it came. */
export interface Seen {
  readonly issuer: string;
  /** What stands in its body; it was read already. */
  readonly form?: URLSearchParams | undefined;
}

/**
 * The request as the provider is to see it: below the issuer, and sent to where the issuer is, whatever it says itself. The provider makes addresses of that, which
 * it redirects to and compares with.
 */
export function seenRequest(req: IncomingMessage, { issuer, form }: Seen): IncomingMessage {
  const { host, protocol, pathname } = new URL(issuer);
  const { pathname: path, search } = new URL(req.url ?? '/', issuer);
  const body = form === undefined ? undefined : Buffer.from(form.toString());
  const { 'x-forwarded-for': _, 'content-length': length, 'transfer-encoding': encoding, ...headers } = req.headers;
  const shown = {
    ...headers,
    host,
    'x-forwarded-host': host,
    'x-forwarded-proto': protocol.slice(0, -1),
    ...(body === undefined ? {} : { 'content-length': String(body.length) }),
    ...(body === undefined && length !== undefined ? { 'content-length': length } : {}),
    ...(body === undefined && encoding !== undefined ? { 'transfer-encoding': encoding } : {}),
  };
  return Object.create(req, {
    headers: { value: shown },
    url: { value: `${path.slice(pathname.length) || '/'}${search}`, writable: true },
    originalUrl: { value: `${path}${search}` },
    ...(body === undefined ? {} : { readable: { value: true }, iterator: { value: () => Readable.from([body]) } }),
  }) as IncomingMessage;
}
