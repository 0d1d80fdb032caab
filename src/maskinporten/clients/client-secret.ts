import { randomBytes, timingSafeEqual } from 'node:crypto';
import { DAY_MS, type Instant, toInstant } from '#domain';
import type { PersonVault } from '#persons';
import { ProblemError } from '#problem';
import type { Asking } from '../administer/leave.js';
import type { Client } from '../nouns.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';
import { hasSecret } from './integration-types.js';
import { type ClientView, changing } from './leave-for-client.js';

const LIVES_MS = 360 * DAY_MS;

/** A secret, which is told once: only its HMAC is kept. */
export interface NewSecret {
  readonly secret: string;
  readonly kept: NonNullable<Client['secret']>;
}

/** Makes a secret for a client: 256 bits. */
export function newSecret({ vault }: Pick<MaskinportenParts, 'vault'>, id: string, at: Instant): NewSecret {
  const secret = randomBytes(32).toString('base64url');
  return { secret, kept: { fingerprint: secretFingerprint(vault, id, secret), until: toInstant(Date.parse(at) + LIVES_MS) } };
}

/** What is kept of a client's secret: alike for one client and secret only. */
function secretFingerprint(vault: MaskinportenParts['vault'], id: string, secret: string): string {
  return vault.fingerprintOf(`client-secret\0${id}\0${secret}`);
}

/** Whether a text is the secret of a client; that it has run out is another question. */
export function isClientSecret(vault: PersonVault, { id, secret }: Client, sent: string): boolean {
  if (secret === undefined) return false;
  // Of equal length, whatever was sent: both are HMACs.
  return timingSafeEqual(Buffer.from(secretFingerprint(vault, id, sent)), Buffer.from(secret.fingerprint));
}

/**
 * Gives a client another secret; the one before counts no more.
 * @throws ProblemError as leaveFor says; `client-without-secret`
 */
export function renewSecret(parts: MaskinportenParts, request: Asking, id: string): Promise<ClientView & Pick<NewSecret, 'secret'>> {
  return changing(parts, request, id, 'client-secret.new', async ({ before, at, facts }) => {
    if (!hasSecret(before.value)) throw new ProblemError('client-without-secret');
    const { secret, kept } = newSecret(parts, before.value.id, at);
    const after = { ...before.value, secret: kept, updated: at };
    return {
      ...(await collectionsOf(parts.store).clients.put(after, { expect: before.revision, facts: facts('client-secret.new') })),
      secret,
    };
  });
}
