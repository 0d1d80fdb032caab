import { ProblemError } from '#problem';
import { issuerSecrets } from './entities.js';
import { dueAt, PUBLISHED_AHEAD_MS, signableAt } from './ring.js';
import { findKeys, type KeyParts } from './tend-keys.js';

/** What is wrong with the issuer's keys: a sentence each; nothing where there are none yet. */
export async function conditionsOfKeys(
  parts: KeyParts,
  keyDays: number,
): Promise<readonly { readonly name: string; readonly found: string; readonly remedy: string }[]> {
  const { ring, secrets } = await findKeys(parts);
  if (ring === undefined) return [];
  const now = parts.clock();
  const name = 'issuer keys';
  const [signs] = signableAt(ring, now).filter(({ jwk }) => secrets.has(jwk.kid));
  if (signs === undefined) return [{ name, found: 'no key is there to sign with', remedy: 'Start a gateway: it makes one.' }];
  const { kid } = signs.jwk;
  if (!(await opens(parts, kid))) {
    return [
      {
        name,
        found: `the key ${kid} does not open under the sealing secret`,
        remedy: 'Put the sealing secret back from the backup; or give the key up: tilgang issuer rotate --at once.',
      },
    ];
  }
  if (dueAt(ring, keyDays) + 2 * PUBLISHED_AHEAD_MS > now) return [];
  return [
    {
      name,
      found: `the key ${kid} signs for longer than issuerKeyDays`,
      remedy: 'Keep a gateway running, which makes the next one; its log says what is in the way. Or: tilgang issuer rotate.',
    },
  ];
}

async function opens({ store, vault }: KeyParts, kid: string): Promise<boolean> {
  const stored = await store.collection(issuerSecrets).get(kid);
  try {
    return stored !== undefined && vault.unsealText(stored.value.sealed, kid) !== '';
  } catch (error) {
    if (error instanceof ProblemError) return false;
    throw error;
  }
}
