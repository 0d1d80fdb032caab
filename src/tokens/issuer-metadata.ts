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
export async function discoverJwksUri(issuer: string, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<string> {
  const failures: unknown[] = [];
  for (const url of metadataUrls(issuer)) {
    try {
      return jwksUriOf(await fetchJson(url, fetch, signal), issuer);
    } catch (cause) {
      failures.push(cause);
    }
  }
  throw new AggregateError(failures, `no usable metadata of ${issuer}`);
}

function jwksUriOf(metadata: unknown, issuer: string): string {
  const { issuer: named, jwks_uri: text } = (metadata ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
  if (named !== issuer) throw new Error('the metadata names another issuer');
  const url = secureUrl(text);
  if (url === undefined) throw new Error('jwks_uri is not an https URL');
  // An issuer elsewhere has no business on our own machine, whatever its metadata say.
  if (isLoopback(url) && !isLoopback(new URL(issuer))) throw new Error('jwks_uri points to this machine');
  return url.href;
}

function withSlash(issuer: string): string {
  return issuer.endsWith('/') ? issuer : `${issuer}/`;
}
