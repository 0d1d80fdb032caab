import { underClaim } from '#access';
import { present, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Collection, Expectation } from '#storage';
import { generateSigningKey, type PublicJwk, type SigningAlgorithm } from '#tokens';
import type { MaskinportenParts } from '../parts.js';
import { issuerSecrets, keyRings } from './entities.js';
import {
  dueAt,
  goneAt,
  hasSigned,
  type IssuerSecret,
  type KeyRing,
  PUBLISHED_AHEAD_MS,
  signableAt,
  withFirst,
  withNext,
  withoutLast,
} from './ring.js';

/** What tending works with. */
export type KeyParts = Pick<MaskinportenParts, 'store' | 'vault' | 'clock'>;

/** What new keys are. */
export interface NewKeyTerms {
  readonly algorithm: SigningAlgorithm;
  /** Of RSA. */
  readonly modulusBits: number;
}

/** How keys follow each other. */
export interface TendingTerms extends NewKeyTerms {
  /** How long a key signs. */
  readonly keyDays: number;
}

/** Only one process makes or erases keys at a time. */
export const KEY_CLAIM = 'issuer-keys';

/** A ring as it was found, and whose private halves are there. */
interface Found {
  readonly ring: KeyRing | undefined;
  readonly expect: Expectation;
  readonly secrets: ReadonlySet<string>;
}

/** Reads the ring anew, and whose private halves are there. */
export async function findKeys({ store }: Pick<KeyParts, 'store'>): Promise<Found> {
  const stored = await store.collection(keyRings).get('maskinporten');
  // Few: of one ring, and of what was broken off.
  const { items } = await store.collection(issuerSecrets).query({ limit: 1000 });
  return { ring: stored?.value, expect: stored?.revision ?? 'absent', secrets: new Set(items.map(({ value }) => value.kid)) };
}

/** What has to be done next, if anything. */
type Step = 'first' | 'next' | 'unplan' | 'unpublish' | 'erase';

function stepOf({ ring, secrets }: Found, now: number, keyDays: number): Step | undefined {
  if (ring === undefined || !signableAt(ring, now).some(({ jwk }) => secrets.has(jwk.kid))) return 'first';
  const last = ring.keys.at(-1);
  if (last !== undefined && !secrets.has(last.jwk.kid)) return 'unplan';
  if (dueAt(ring, keyDays) <= now) return 'next';
  if (ring.keys.some((key) => (goneAt(key) ?? Infinity) <= now)) return 'unpublish';
  return needless({ ring, secrets }, now).length > 0 ? 'erase' : undefined;
}

/** The private halves that sign no more: of keys that have had their time, and of those that never came into the ring. */
function needless({ ring, secrets }: Pick<Found, 'ring' | 'secrets'>, now: number): readonly string[] {
  const needed = new Set(ring?.keys.filter((key) => !hasSigned(key, now)).map(({ jwk }) => jwk.kid));
  return [...secrets].filter((kid) => !needed.has(kid));
}

/**
 * Does what is due: makes the first key, or the next one a day before it signs; takes keys away whose tokens are dead, and erases private halves that sign no
 * more. Whatever was broken off is mended by the next call, in any process.
 * @returns false: another process is at it
 */
export async function tendKeys(parts: KeyParts, terms: TendingTerms): Promise<boolean> {
  const { store, clock } = parts;
  if (stepOf(await findKeys(parts), clock(), terms.keyDays) === undefined) return true;
  const outcome = await underClaim(store, clock, KEY_CLAIM, async (held) => {
    for (;;) {
      held.throwIfAborted();
      const found = await findKeys(parts);
      const step = stepOf(found, clock(), terms.keyDays);
      if (step === undefined) return;
      await carryOut(step, parts, terms, found, held);
    }
  }).catch(takenOn);
  return outcome !== 'taken';
}

/** The ring is another one by now: a claim runs out while its process stands still. */
export function takenOn(error: unknown): 'taken' {
  if (error instanceof ProblemError && error.slug === 'conflict') return 'taken';
  throw error;
}

async function carryOut(step: Step, parts: KeyParts, terms: TendingTerms, found: Found, held: AbortSignal): Promise<void> {
  const { store, clock } = parts;
  const now = clock();
  const ring = found.ring as KeyRing;
  const write = (value: KeyRing, action: string): Promise<unknown> =>
    store.collection(keyRings).put(value, { expect: found.expect, facts: factsOf(action, now) });
  switch (step) {
    case 'first':
      return void (await addKey(parts, terms, found, held, (jwk, at) => withFirst(found.ring, jwk, at)));
    case 'next': {
      const from = (at: number): number => Math.max(at, dueAt(ring, terms.keyDays)) + PUBLISHED_AHEAD_MS;
      return void (await addKey(parts, terms, found, held, (jwk, at) => withNext(ring, jwk, at, from(at))));
    }
    case 'unplan':
      return void (await write(withoutLast(ring), 'issuer.rotate'));
    case 'unpublish':
      return void (await write({ ...ring, keys: ring.keys.filter((key) => (goneAt(key) ?? Infinity) > now) }, 'issuer.retire'));
    case 'erase':
      return eraseSecrets(parts, needless(found, now));
  }
}

/** Erases private halves. */
export async function eraseSecrets({ store, clock }: KeyParts, kids: readonly string[]): Promise<void> {
  const secrets = store.collection(issuerSecrets);
  for (const kid of kids) await secrets.remove(kid, { expect: 'any', facts: factsOf('issuer.retire', clock()) });
}

/**
 * Makes a key and puts it into the ring: its private half first, so that no key of the ring is ever without.
 * @param changed the ring with the key, at the moment at which it is there
 * @throws ProblemError `conflict` if the ring is another one by now
 */
export async function addKey(
  parts: KeyParts,
  { algorithm, modulusBits }: NewKeyTerms,
  { expect }: Pick<Found, 'expect'>,
  held: AbortSignal,
  changed: (jwk: PublicJwk, now: number) => KeyRing,
  facts: (now: number) => ChangeFacts = (now) => factsOf('issuer.rotate', now),
): Promise<KeyRing> {
  const { store, vault, clock } = parts;
  const { jwk, secret } = await generateSigningKey(algorithm, modulusBits);
  held.throwIfAborted();
  const value: IssuerSecret = { kid: jwk.kid, sealed: vault.sealText(secret, jwk.kid) };
  const secrets = store.collection(issuerSecrets);
  const now = clock();
  await secrets.put(value, { expect: 'absent', facts: facts(now) });
  const { value: ring } = await store.collection(keyRings).put(changed(jwk, now), { expect, facts: facts(now) });
  await putBack(secrets, value, facts(now));
  return ring;
}

/** A process that stood still longer than its claim counts may find that another one has erased what was in no ring then. */
async function putBack(secrets: Collection<IssuerSecret>, value: IssuerSecret, facts: ChangeFacts): Promise<void> {
  await secrets.put(value, { expect: 'absent', facts }).catch((error: unknown) => {
    if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
  });
}

/** The program does it by itself, for the operator. */
function factsOf(action: string, now: number): ChangeFacts {
  return present({ action, at: toInstant(now), actor: 'operator' });
}
