import { within } from '#fetching';
import { fetchJson } from './bounded-fetch.js';
import { discoverJwksUri } from './issuer-metadata.js';
import type { TrustedIssuer } from './trusted-issuer.js';

const TIMEOUT_MS = 5_000;

/** The issuers whose keys cannot be fetched now, and why, in a sentence. */
export async function unreachableIssuers(
  issuers: readonly Pick<TrustedIssuer, 'issuer' | 'jwksUri'>[],
): Promise<readonly { readonly issuer: string; readonly cause: string }[]> {
  const found = await Promise.all(
    issuers.map(async ({ issuer, jwksUri }) => {
      try {
        const document = await within(TIMEOUT_MS, async (signal) =>
          fetchJson(jwksUri ?? (await discoverJwksUri(issuer, fetch, signal)), fetch, signal),
        );
        const { keys } = (document ?? {}) as { keys?: unknown };
        return Array.isArray(keys) && keys.length > 0 ? [] : [{ issuer, cause: 'it publishes no keys' }];
      } catch (error) {
        return [{ issuer, cause: causeOf(error) }];
      }
    }),
  );
  return found.flat();
}

/** The innermost cause: what the network said. */
function causeOf(error: unknown): string {
  const inner = error instanceof AggregateError ? error.errors[0] : (error as Error).cause;
  return inner === undefined ? (error as Error).message : causeOf(inner);
}
