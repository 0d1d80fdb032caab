import { hash } from 'node:crypto';
import { toInstant } from '#domain';
import { ProblemError } from '#problem';
import { collectionsOf } from '../../parts.js';
import type { TokenParts } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';
import type { FoundClient } from './client.js';
import { SKEW_SECONDS } from './times.js';

/** Clocks of nodes, and of the store that lets it go, are not one. */
const MARGIN_SECONDS = 60;

/**
 * Uses the assertion up, on all nodes and over restarts: of two that are the same at once, the store takes one. Its name is client and jti, or all of it
 * where it has no jti. It comes after the signature, so that nobody uses up what another has made.
 */
export async function useOnce(
  { assertion, claims, client }: Assertion & FoundClient & { readonly assertion: string },
  { store, clock }: Pick<TokenParts, 'store' | 'clock'>,
): Promise<object | TokenFault> {
  const { jti, exp } = claims;
  const key = nameOf(jti === undefined ? ['assertion', assertion] : ['jti', client.id, jti]);
  const expiresAt = toInstant(Math.ceil(exp + SKEW_SECONDS + MARGIN_SECONDS) * 1000);
  const facts = { action: 'assertion.use', at: toInstant(clock()), actor: client.id };
  try {
    await collectionsOf(store).usedAssertions.put({ key, expiresAt }, { expect: 'absent', facts });
    return {};
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'conflict') return new TokenFault('MP-012');
    throw error;
  }
}

function nameOf(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url');
}
