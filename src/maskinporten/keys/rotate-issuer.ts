import { underClaim } from '#access';
import { present } from '#domain';
import { type Asking, leaveFor } from '../administer/leave.js';
import type { MaskinportenParts } from '../parts.js';
import {
  comingOf,
  goneAt,
  type IssuerKey,
  type KeyRing,
  type KeyStanding,
  PUBLISHED_AHEAD_MS,
  standingOf,
  withFirst,
  withNext,
} from './ring.js';
import { addKey, eraseSecrets, findKeys, KEY_CLAIM, type NewKeyTerms, takenOn } from './tend-keys.js';

/** A key of the issuer as it is told; never its private half. */
export interface IssuerKeyView extends Omit<IssuerKey, 'jwk'> {
  readonly kid: string;
  readonly algorithm: string;
  readonly standing: KeyStanding;
  /** When it is published no more; absent while it may still sign. */
  readonly goneAtMs?: number;
}

/** What a rotation has done. */
export type IssuerRotation =
  /** The key was made, or had been already, and takes over then. */
  | { readonly state: 'planned'; readonly key: IssuerKeyView; readonly isNew: boolean }
  /** The key signs; those are published and believed no more. */
  | { readonly state: 'replaced'; readonly key: IssuerKeyView; readonly withdrawn: readonly string[] }
  /** Another process makes a key. */
  | { readonly state: 'taken' };

/**
 * Has another key follow the one that signs: published a day ahead; or at once, in the place of all that there are.
 * @throws ProblemError as leaveFor says
 */
export async function rotateIssuer(
  parts: MaskinportenParts,
  request: Asking,
  { atOnce = false, ...terms }: NewKeyTerms & { readonly atOnce?: boolean },
): Promise<IssuerRotation> {
  const { facts } = await leaveFor(parts, request, { action: 'issuer.rotate' });
  const { store, clock } = parts;
  const outcome = await underClaim(store, clock, KEY_CLAIM, async (held): Promise<IssuerRotation> => {
    const found = await findKeys(parts);
    const { ring } = found;
    const add = (changed: Parameters<typeof addKey>[4]): Promise<KeyRing> =>
      addKey(parts, terms, found, held, changed, () => facts('issuer.rotate'));
    if (atOnce || ring === undefined) {
      const withdrawn = ring?.keys.map(({ jwk }) => jwk.kid) ?? [];
      const next = await add((jwk, now) => withFirst(undefined, jwk, now));
      await eraseSecrets(parts, withdrawn);
      return { state: 'replaced', key: lastOf(next, clock()), withdrawn };
    }
    const coming = comingOf(ring, clock());
    if (coming !== undefined) return { state: 'planned', key: viewOf(ring, coming, clock()), isNew: false };
    const next = await add((jwk, now) => withNext(ring, jwk, now, now + PUBLISHED_AHEAD_MS));
    return { state: 'planned', key: lastOf(next, clock()), isNew: true };
  }).catch(takenOn);
  return outcome === 'taken' ? { state: 'taken' } : outcome;
}

/** The keys of the issuer, in the order in which they sign. @throws ProblemError as leaveFor says */
export async function listIssuerKeys(parts: MaskinportenParts, request: Asking): Promise<readonly IssuerKeyView[]> {
  await leaveFor(parts, request, { action: 'issuer.list' });
  const { ring } = await findKeys(parts);
  const now = parts.clock();
  return ring?.keys.map((key) => viewOf(ring, key, now)) ?? [];
}

function lastOf(ring: KeyRing, now: number): IssuerKeyView {
  return viewOf(ring, ring.keys.at(-1) as IssuerKey, now);
}

function viewOf(ring: KeyRing, key: IssuerKey, now: number): IssuerKeyView {
  const { jwk, made, signsFrom, signsUntil } = key;
  const standing = standingOf(ring, key, now);
  return present({ kid: jwk.kid, algorithm: jwk.alg, standing, made, signsFrom, signsUntil, goneAtMs: goneAt(key) });
}
