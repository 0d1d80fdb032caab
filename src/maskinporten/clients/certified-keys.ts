import { X509Certificate } from 'node:crypto';
import type { Orgnr } from '#domain';
import { invalid } from '#problem';
import type { ClientKey } from '../nouns.js';

/**
 * Keys that are locked to a certificate are locked to the organisation's own: with another's, no token would ever be given (MP-122).
 * @param pointerOf where a key stood in what was sent
 * @throws ProblemError `invalid-request`
 */
export async function assertCertified(keys: readonly ClientKey[], keeper: Orgnr, pointerOf: (at: number) => string): Promise<void> {
  for (const [at, { jwk }] of keys.entries()) {
    const [leaf] = (jwk['x5c'] as readonly string[] | undefined) ?? [];
    if (leaf === undefined) continue;
    const fault = await strangeness(leaf, keeper);
    if (fault !== undefined) throw invalid(`${pointerOf(at)}/x5c/0`, fault);
  }
}

async function strangeness(leaf: string, keeper: Orgnr): Promise<string | undefined> {
  // Reads names of certificates with a library that only those need who send some.
  const [{ decoded }, { orgnrOf }] = await Promise.all([
    import('../token/certificates/decoded.js'),
    import('../token/certificates/chain.js'),
  ]);
  const certificate = decoded(new X509Certificate(Buffer.from(leaf, 'base64')));
  if (typeof certificate === 'string') return certificate;
  return orgnrOf(certificate) === keeper ? undefined : 'is of another organisation than the one that keeps the client, or names none';
}
