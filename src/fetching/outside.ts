import { lookup, Resolver } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { mayReach } from './networks.js';
import { within } from './within.js';

/** Who may be asked, and how much it may take. */
export interface OutsideLimits {
  /** Names of hosts, with a port or for every one: `pip.example.no`, `pip.example.no:8443`. Others are not asked; of `any`, all may be that are public. */
  readonly hosts: readonly string[] | 'any';
  /** Private networks that they may be in, such as `10.1.0.0/16`; none if not given. */
  readonly networks?: readonly string[];
  /** Most ms that an answer may take; 2000 if not given. */
  readonly deadlineMs?: number;
  /** Most bytes of an answer; a mebibyte if not given. */
  readonly maxBytes?: number;
  /** Whether the body of an answer with this status is waited for; if not given, always. */
  readonly readsBody?: (status: number) => boolean;
}

/** A request as it goes out. */
export interface OutsideRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly followsRedirects: boolean;
  readonly timeoutMs: number;
  /** PEM texts in place of the system's certificates, and the client's own. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly servername?: string };
}

/** What came back. */
export interface OutsideResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

/** A request that is not made, or was not answered. What it says may be told to whoever wanted it made: a policy, a vendor. */
export class OutsideRefusal extends Error {
  /** It would lead into a private network. */
  readonly isPrivate: boolean = this.message === PRIVATE;
}

const PRIVATE = 'the host has an address in a private network';

/** Asks the system for the addresses of a name. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const resolveBySystem: Resolve = (host) => lookup(host, { all: true });

/**
 * Asks the domain name system itself, not the system's resolver, whose few threads a server that never answers would keep from everybody else. What only stands in
 * the machine's own file of hosts is not found, but for `localhost`.
 */
export const resolveByDns: Resolve = async (host) => {
  if (host === 'localhost') return [{ address: '127.0.0.1', family: 4 }];
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  const [four, six] = await Promise.all([resolver.resolve4(host).catch(() => []), resolver.resolve6(host).catch(() => [])]);
  return [...four.map((address) => ({ address, family: 4 })), ...six.map((address) => ({ address, family: 6 }))];
};
const DEADLINE_MS = 2000;
const MAX_BYTES = 2 ** 20;
const MAX_REDIRECTS = 5;

/**
 * Makes a request. Each host on the way must be allowed by name; its name is resolved once, none of its addresses may be private, and the connection goes to
 * the address that was looked at: a name that changes in between changes nothing.
 * @param until whoever waits no more
 * @throws OutsideRefusal
 */
export async function fetchOutside(
  request: OutsideRequest,
  limits: OutsideLimits,
  resolve: Resolve = resolveBySystem,
  until?: AbortSignal,
): Promise<OutsideResponse> {
  const { deadlineMs = DEADLINE_MS } = limits;
  return await within(Math.min(request.timeoutMs, deadlineMs), (signal) => follow(request, limits, resolve, signal), until).catch(
    (cause) => {
      throw refused(cause);
    },
  );
}

async function follow(request: OutsideRequest, limits: OutsideLimits, resolve: Resolve, signal: AbortSignal): Promise<OutsideResponse> {
  let { url, method, body, headers } = request;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const { response, location } = await exchange({ ...request, url, method, body, headers }, limits, resolve, signal);
    if (!request.followsRedirects || location === undefined) return response;
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
    if (next === undefined) throw new OutsideRefusal('a redirect to what is no URL');
    // What a policy tells one host is not for another.
    if (next.origin !== new URL(url).origin) headers = {};
    url = next.href;
    // As clients do (RFC 9110 §15.4): only 307 and 308 keep what was asked.
    if (response.status !== 307 && response.status !== 308) [method, body] = [method === 'HEAD' ? 'HEAD' : 'GET', ''];
  }
  throw new OutsideRefusal('too many redirects');
}

/** The addresses of a host that is allowed by name. @throws OutsideRefusal if it is not, or has none that may be reached */
export async function addressesOf(
  host: string,
  { hosts, networks = [] }: OutsideLimits,
  resolve: Resolve = resolveBySystem,
): Promise<readonly string[]> {
  if (hosts !== 'any' && !hosts.some((allowed) => nameOf(allowed) === host.toLowerCase()))
    throw new OutsideRefusal('the host is not allowed');
  const found = isIP(host) === 0 ? await resolve(host).catch(() => []) : [{ address: host, family: isIP(host) }];
  const addresses = found.map(({ address }) => address);
  if (addresses.length === 0) throw new OutsideRefusal('the host has no address');
  // One private address among others is what a rebinding looks like.
  if (!addresses.every((address) => mayReach(address, networks))) throw new OutsideRefusal(PRIVATE);
  return addresses;
}

function isAllowed(hosts: OutsideLimits['hosts'], names: readonly string[]): boolean {
  return hosts === 'any' || hosts.some((allowed) => names.includes(allowed.toLowerCase()));
}

function nameOf(allowed: string): string {
  return allowed.toLowerCase().replace(/^(\[.*\]|[^:]*):[0-9]+$/, '$1');
}

interface Exchange {
  readonly response: OutsideResponse;
  readonly location: string | undefined;
}

async function exchange(request: OutsideRequest, limits: OutsideLimits, resolve: Resolve, signal: AbortSignal): Promise<Exchange> {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '') {
    throw new OutsideRefusal('only http and https URLs without a user are asked');
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (!isAllowed(limits.hosts, [url.hostname, `${url.hostname}:${port}`, host])) throw new OutsideRefusal('the host is not allowed');
  const [address] = await addressesOf(host, { ...limits, hosts: [host] }, resolve);
  const response = await send(url, request, { address: address as string, signal });
  return readResponse(response, limits);
}

function lengthOf(body: string): Readonly<Record<string, string>> {
  return body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function send(
  url: URL,
  { method, headers, body, tls }: OutsideRequest,
  { address, signal }: { address: string; signal: AbortSignal },
): Promise<IncomingMessage> {
  const family = isIP(address);
  const options = {
    method,
    signal,
    headers: { 'user-agent': 'tilgang', ...headers, ...lengthOf(body) },
    // The connection goes where was looked, and is not kept for another request.
    agent: false as const,
    lookup: (_host: string, { all }: { all?: boolean }, done: (fault: null, found: unknown, family?: number) => void): void =>
      all === true ? done(null, [{ address, family }]) : done(null, address, family),
    ...tls,
  };
  const start = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    try {
      start(url, options as object, resolve)
        .on('error', (cause) => reject(refused(cause)))
        .end(body);
    } catch (cause) {
      reject(refused(cause));
    }
  });
}

async function readResponse(response: IncomingMessage, { maxBytes = MAX_BYTES, readsBody }: OutsideLimits): Promise<Exchange> {
  const chunks: Buffer[] = [];
  let length = 0;
  if (readsBody?.(response.statusCode ?? 0) === false) response.destroy();
  try {
    for await (const chunk of response.destroyed ? [] : response) {
      length += (chunk as Buffer).byteLength;
      if (length > maxBytes) throw new OutsideRefusal(`the answer has more than ${maxBytes} bytes`);
      chunks.push(chunk as Buffer);
    }
  } catch (cause) {
    response.destroy();
    throw refused(cause);
  }
  const { statusCode: status = 0, statusMessage = '', headersDistinct } = response;
  const headers = Object.fromEntries(Object.entries(headersDistinct).map(([name, values]) => [name, values ?? []]));
  const isRedirect = [301, 302, 303, 307, 308].includes(status);
  return {
    response: { status, statusText: `${status} ${statusMessage}`.trim(), headers, body: Buffer.concat(chunks).toString('utf8') },
    location: isRedirect ? headers['location']?.[0] : undefined,
  };
}

function refused(cause: unknown): OutsideRefusal {
  if (cause instanceof OutsideRefusal) return cause;
  const isOver = cause instanceof DOMException && cause.name === 'TimeoutError';
  return new OutsideRefusal(isOver ? 'request timed out' : 'the request failed', { cause });
}
