import { fetchJson } from './bounded-fetch.js';
import { isLoopback, secureUrl } from './trusted-issuer.js';

/**
 * Where the issuer's metadata may be, the likeliest first: after the issuer, as Maskinporten does; between host and path
 * (RFC 8414 §3.1); as OpenID Connect Discovery 1.0 §4 has it, which is ID-porten's.
 */
export function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const after = withSlash(issuer);
  return [
    ...new Set([
      `${after}.well-known/oauth-authorization-server`,
      `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`,
      `${after}.well-known/openid-configuration`,
    ]),
  ];
}

/**
 * The issuer's `jwks_uri`.
 * @throws Error if no document names the issuer exactly (RFC 8414 §3.3) together with a usable address of its keys.
 */
export function discoverJwksUri(issuer: string, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<string> {
  return discovered(issuer, fetch, signal, (metadata) => {
    if (metadata['issuer'] !== issuer) throw new Error('the metadata names another issuer');
    return addressIn(metadata, 'jwks_uri', issuer);
  });
}

/**
 * What the issuer calls itself and where it gives tokens, for one that was typed by hand: the slash at the end is often left out.
 * @throws Error as discoverJwksUri does
 */
export function discoverTokenEndpoint(
  issuer: string,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<{ readonly issuer: string; readonly tokenEndpoint: string }> {
  return discovered(issuer, fetch, signal, (metadata) => {
    const named = [issuer, withSlash(issuer)].find((name) => name === metadata['issuer']);
    if (named === undefined) throw new Error('the metadata names another issuer');
    return { issuer: named, tokenEndpoint: addressIn(metadata, 'token_endpoint', issuer) };
  });
}

async function discovered<T>(
  issuer: string,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
  read: (metadata: Readonly<Record<string, unknown>>) => T,
): Promise<T> {
  const failures: unknown[] = [];
  for (const url of metadataUrls(issuer)) {
    try {
      return read(((await fetchJson(url, fetch, signal)) ?? {}) as Record<string, unknown>);
    } catch (cause) {
      failures.push(cause);
    }
  }
  throw new AggregateError(failures, `no usable metadata of ${issuer}`);
}

function addressIn(metadata: Readonly<Record<string, unknown>>, member: string, issuer: string): string {
  const url = secureUrl(metadata[member]);
  if (url === undefined) throw new Error(`${member} is not an https URL`);
  // An issuer elsewhere has no business on our own machine, whatever its metadata say.
  if (isLoopback(url) && !isLoopback(new URL(issuer))) throw new Error(`${member} points to this machine`);
  return url.href;
}

function withSlash(issuer: string): string {
  return issuer.endsWith('/') ? issuer : `${issuer}/`;
}
