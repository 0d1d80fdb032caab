import { hash, randomBytes } from 'node:crypto';
import { type Instant, toInstant } from '#domain';
import type { PersonVault } from '#persons';
import type { ChangeFacts, Entity, Query, Store, Stored } from '#storage';

/** What an OpenID provider remembers between requests: sessions, requests under way, codes, tokens, and that which they were given for. */
export type ArtifactKind =
  | 'Session'
  | 'Interaction'
  | 'Grant'
  | 'AuthorizationCode'
  | 'AccessToken'
  | 'RefreshToken'
  | 'PushedAuthorizationRequest'
  | 'ReplayDetection';

/** One of them. What it is known by is a secret of whoever has it, and what is in it may name a person: neither stands there to be read. */
export interface Artifact {
  /** A hash of its kind and of what it is known by, behind the minute in which that was made, if it says so. */
  readonly key: string;
  readonly kind: ArtifactKind;
  /** What it was given for: with that it ends. */
  readonly grantId?: string;
  /** Of a session: what others call it by. */
  readonly uid?: string;
  /** Of a session: whose it is; it tells persons apart and names none. */
  readonly person?: string;
  /** The session whose logout ends it. */
  readonly endsWith?: string;
  /** Its content, sealed and bound to its key. */
  readonly sealed: string;
  /** Seconds since the epoch; absent: it has not been used. */
  readonly consumed?: number;
  readonly expiresAt: Instant;
}

/** Key: its key. */
export const artifacts: Entity<Artifact> = {
  name: 'idporten-artifact',
  key: ({ key }) => key,
  indexes: {
    grant: { values: ({ grantId }) => (grantId === undefined ? [] : [grantId]) },
    uid: { values: ({ uid }) => (uid === undefined ? [] : [uid]) },
    person: { values: ({ person }) => (person === undefined ? [] : [person]) },
    endsWith: { values: ({ endsWith }) => (endsWith === undefined ? [] : [endsWith]) },
  },
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

/** Where sealed contents stand. */
export const sealedArtifacts = {
  entity: artifacts,
  mapped: (value: Artifact, each: (sealed: string, boundTo: string) => string): Artifact =>
    value.sealed === '' ? value : { ...value, sealed: each(value.sealed, value.key) },
};

/** That a token which is checked where it is shown, without a question to us, counts no more. */
export interface RevokedToken {
  readonly clientId: string;
  readonly jti: string;
  readonly revoked: Instant;
  /** When it would have ended by itself. */
  readonly expiresAt: Instant;
}

/** Key: client id and jti. */
export const revokedTokens: Entity<RevokedToken> = {
  name: 'idporten-revoked-token',
  key: ({ clientId, jti }) => revokedTokenKey(clientId, jti),
  indexes: {},
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

/** The key of a revoked token; without a jti it is the prefix of all of a client. */
export function revokedTokenKey(clientId: string, jti = ''): string {
  return `${clientId}/${jti}`;
}

/** The minute, in base 36 (until the year 2084), and behind it what nobody can guess. */
const STAMPED = /^([0-9a-z]{5})[\w-]{43}$/;

/**
 * What something new is known by. It begins with the minute, and so does its key: what a login is given then lies together in the store, also with what
 * ends beside it, instead of on a page of its own each.
 * @param random 43 characters of base64url
 */
export function stampedId({ clock }: Pick<ArtifactParts, 'clock'>, random = randomBytes(32).toString('base64url')): string {
  return `${Math.floor(clock() / 60_000)
    .toString(36)
    .padStart(5, '0')}${random}`;
}

/** The key of an artifact. @param id what it is known by */
export function artifactKey(kind: ArtifactKind, id: string): string {
  const [, minute = ''] = STAMPED.exec(id) ?? [];
  return `${minute}${hash('sha256', `${kind}\0${id}`, 'base64url')}`;
}

/** What works on artifacts is handed. */
export interface ArtifactParts {
  readonly store: Store;
  readonly vault: PersonVault;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** The facts of a change that the program makes by itself; no event is kept of it. */
export function factsOf(clock: () => number): ChangeFacts {
  return { action: 'idporten.artifact', at: toInstant(clock()), actor: 'operator' };
}

/** What stands in an artifact. */
export function contentOf({ vault }: Pick<ArtifactParts, 'vault'>, { sealed, key, consumed }: Artifact): Record<string, unknown> {
  const content = sealed === '' ? {} : (JSON.parse(vault.unsealText(sealed, key)) as Record<string, unknown>);
  return consumed === undefined ? content : { ...content, consumed };
}

/**
 * Ends what a login was given: first that which it all stands on, so that what is being written meanwhile is worth nothing, then each code and token.
 * On every node from the next request on.
 */
export async function endGrant(parts: ArtifactParts, grantId: string): Promise<void> {
  const { store, clock } = parts;
  await store.collection(artifacts).remove(artifactKey('Grant', grantId), { expect: 'any', facts: factsOf(clock) });
  await removeAll(parts, { index: 'grant', equals: grantId });
}

/** Ends what a session was given that is for the login alone; what was given for APIs goes on after the logout. */
export function endSessionTokens(parts: ArtifactParts, uid: string): Promise<void> {
  return removeAll(parts, { index: 'endsWith', equals: uid });
}

/** Removes an artifact; that a token which others check by themselves counts no more is kept until it ends. */
export async function removeArtifact(parts: ArtifactParts, found: Stored<Artifact>): Promise<void> {
  const { store, clock } = parts;
  if (found.value.kind === 'AccessToken') await keepRevoked(parts, found.value);
  await store.collection(artifacts).remove(found.value.key, { expect: 'any', facts: factsOf(clock) });
}

async function removeAll(parts: ArtifactParts, where: Omit<Query, 'limit'>): Promise<void> {
  const collection = parts.store.collection(artifacts);
  for (;;) {
    const { items, next } = await collection.query({ ...where, limit: 100 });
    await Promise.all(items.map((found) => removeArtifact(parts, found)));
    if (next === undefined) return;
  }
}

async function keepRevoked(parts: ArtifactParts, artifact: Artifact): Promise<void> {
  const { jti, clientId, exp, extra } = contentOf(parts, artifact) as {
    jti: string;
    clientId: string;
    exp: number;
    extra?: { digest?: string };
  };
  const { store, clock } = parts;
  if (extra?.digest === undefined || exp * 1000 <= clock()) return;
  const value: RevokedToken = { clientId, jti, revoked: toInstant(clock()), expiresAt: toInstant(exp * 1000) };
  await store.collection(revokedTokens).put(value, { expect: 'any', facts: factsOf(clock) });
}
