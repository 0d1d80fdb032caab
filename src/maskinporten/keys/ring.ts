import { DAY_MS, type Instant, present, toInstant } from '#domain';
import type { PublicJwk } from '#tokens';

/** A key of the issuer; its private half lies apart and is gone before it is. */
export interface IssuerKey {
  readonly jwk: PublicJwk;
  /** Published from then on. */
  readonly made: Instant;
  readonly signsFrom: Instant;
  /** Exclusive; absent while no other is to follow. */
  readonly signsUntil?: Instant;
}

/** The keys of an issuer, in the order in which they sign. One document, so that two nodes never plan beside each other. */
export interface KeyRing {
  readonly name: 'maskinporten';
  readonly keys: readonly IssuerKey[];
}

/** The private half of a key. */
export interface IssuerSecret {
  readonly kid: string;
  /** A JWK, sealed under the vault and bound to the kid. */
  readonly sealed: string;
}

/** How long a key is published before it signs: whoever checks tokens may keep the published ones for a day. */
export const PUBLISHED_AHEAD_MS = DAY_MS;

/** No token lives longer; so long is a key published after it has signed. */
export const LONGEST_TOKEN_SECONDS = 86_400;

/** By how much the clocks of nodes may differ without its being noticed. */
const SKEW_MS = 60_000;

/** When the last token of a key is dead; undefined while it may still sign. */
export function goneAt({ signsUntil }: IssuerKey): number | undefined {
  return signsUntil === undefined ? undefined : Date.parse(signsUntil) + LONGEST_TOKEN_SECONDS * 1000 + SKEW_MS;
}

/** Whether its private half is needed no more, by any node's clock. */
export function hasSigned({ signsUntil }: IssuerKey, now: number): boolean {
  return signsUntil !== undefined && Date.parse(signsUntil) + SKEW_MS <= now;
}

/** What is published at a moment. */
export function publishedAt({ keys }: KeyRing, now: number): readonly IssuerKey[] {
  return keys.filter((key) => (goneAt(key) ?? Infinity) > now);
}

/** Those that may sign, in the order in which they are to: whose private half is gone has had its time, whatever this node's clock says, and the next one is published. */
export function signableAt({ keys }: KeyRing, now: number): readonly IssuerKey[] {
  return keys.filter(({ signsUntil }) => signsUntil === undefined || Date.parse(signsUntil) > now);
}

/** How a key stands. */
export type KeyStanding = 'coming' | 'signs' | 'former';

/** How a key of a ring stands at a moment. */
export function standingOf(ring: KeyRing, { jwk, signsFrom }: IssuerKey, now: number): KeyStanding {
  const [signs] = signableAt(ring, now);
  if (signs?.jwk.kid === jwk.kid) return 'signs';
  return Date.parse(signsFrom) > now ? 'coming' : 'former';
}

/** The key that is to follow, if it is there already. */
export function comingOf(ring: KeyRing, now: number): IssuerKey | undefined {
  return ring.keys.find((key) => standingOf(ring, key, now) === 'coming');
}

/** When the key after the last one has to be published, by age. */
export function dueAt({ keys }: KeyRing, keyDays: number): number {
  const last = keys.at(-1);
  return last === undefined ? 0 : Date.parse(last.signsFrom) + keyDays * DAY_MS - PUBLISHED_AHEAD_MS;
}

/** The ring with a key that signs at once; those before it stay published for what they have signed. */
export function withFirst(ring: KeyRing | undefined, jwk: PublicJwk, now: number): KeyRing {
  const at = toInstant(now);
  const former = (ring?.keys ?? []).map((key) => (hasEnded(key, at) ? key : { ...key, signsUntil: at }));
  return { name: 'maskinporten', keys: [...former, { jwk, made: at, signsFrom: at }] };
}

function hasEnded({ signsUntil }: IssuerKey, at: Instant): boolean {
  return signsUntil !== undefined && signsUntil <= at;
}

/** The ring with a key that takes over then. */
export function withNext({ name, keys }: KeyRing, jwk: PublicJwk, now: number, fromMs: number): KeyRing {
  const signsFrom = toInstant(fromMs);
  const before = keys.map((key, i) => (i === keys.length - 1 ? { ...key, signsUntil: signsFrom } : key));
  return { name, keys: [...before, { jwk, made: toInstant(now), signsFrom }] };
}

/** The ring without a key that was to follow: the one before it goes on. */
export function withoutLast({ name, keys }: KeyRing): KeyRing {
  const left = keys.slice(0, -1);
  return { name, keys: left.map((key, i) => (i === left.length - 1 ? present({ ...key, signsUntil: undefined }) : key)) };
}
