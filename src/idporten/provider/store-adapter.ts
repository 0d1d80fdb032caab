import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { present, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { Collection, Stored } from '#storage';
import {
  type Artifact,
  type ArtifactKind,
  type ArtifactParts,
  artifactKey,
  artifacts,
  contentOf,
  endGrant,
  factsOf,
  removeArtifact,
} from './artifacts.js';
import { PLAIN_SCOPES } from './scopes.js';

/** By how much the clocks of nodes may differ: so much longer it is known of something that it was used. */
const SKEW_SECONDS = 60;
const OF_GRANTS: readonly ArtifactKind[] = ['AuthorizationCode', 'AccessToken', 'RefreshToken'];

/** Where the provider keeps artifacts of a kind: in our store, so that any node, and one that starts anew, goes on with them. */
export class StoreAdapter implements Adapter {
  readonly #kind: ArtifactKind;
  readonly #parts: ArtifactParts;
  readonly #collection: Collection<Artifact>;

  constructor(kind: ArtifactKind, parts: ArtifactParts) {
    this.#kind = kind;
    this.#parts = parts;
    this.#collection = parts.store.collection(artifacts);
  }

  /** @throws errors.InvalidGrant for a token of what was ended while it was made */
  async upsert(id: string, payload: AdapterPayload, expiresIn = 0): Promise<void> {
    const { clock } = this.#parts;
    await this.#collection.put(this.#artifactOf(id, payload, expiresIn), { expect: 'any', facts: factsOf(clock) });
    const { grantId } = payload;
    if (grantId === undefined || !OF_GRANTS.includes(this.#kind)) return;
    // Whoever ends a grant removes it before its tokens are looked for: one that is not found there is written before this look.
    if ((await this.#collection.get(artifactKey('Grant', grantId))) !== undefined) return;
    await this.destroy(id);
    throw new errors.InvalidGrant('grant not found');
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.#found(id);
    return found && this.#content(found);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const { items } = await this.#collection.query({ index: 'uid', equals: uid, limit: 1 });
    return items[0] && this.#content(items[0]);
  }

  /** There are no device codes. */
  async findByUserCode(): Promise<undefined> {}

  /**
   * Marks it as used, for one of all who try, on whichever node. Whoever comes second has what somebody else has used: all that it was given for ends.
   * @throws errors.InvalidGrant, errors.InvalidRequestUri
   */
  async consume(id: string): Promise<void> {
    const { clock } = this.#parts;
    const found = await this.#found(id);
    if (found !== undefined && found.value.consumed === undefined) {
      const value: Artifact = { ...found.value, consumed: Math.floor(clock() / 1000) };
      const isFirst = await this.#collection.put(value, { expect: found.revision, facts: factsOf(clock) }).then(() => true, isOther);
      if (isFirst) return;
    }
    if (this.#kind === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('request_uri was already used');
    if (found?.value.grantId !== undefined) await endGrant(this.#parts, found.value.grantId);
    throw new errors.InvalidGrant('already used');
  }

  async destroy(id: string): Promise<void> {
    const found = await this.#found(id);
    if (found !== undefined) await removeArtifact(this.#parts, found);
  }

  /** The provider asks it of each kind; what hangs on a grant ends together. */
  async revokeByGrantId(grantId: string): Promise<void> {
    await endGrant(this.#parts, grantId);
  }

  #found(id: string): Promise<Stored<Artifact> | undefined> {
    return this.#collection.get(artifactKey(this.#kind, id));
  }

  #content({ value }: Stored<Artifact>): AdapterPayload {
    return contentOf(this.#parts, value) as AdapterPayload;
  }

  #artifactOf(id: string, payload: AdapterPayload, expiresIn: number): Artifact {
    const { clock, vault } = this.#parts;
    const key = artifactKey(this.#kind, id);
    const { grantId, uid, sessionUid, scope } = payload;
    return present({
      key,
      kind: this.#kind,
      grantId: OF_GRANTS.includes(this.#kind) ? grantId : undefined,
      uid: this.#kind === 'Session' ? uid : undefined,
      person: this.#kind === 'Session' ? personIn(vault, payload.accountId) : undefined,
      endsWith: OF_GRANTS.includes(this.#kind) && isForLogin(scope) ? sessionUid : undefined,
      sealed: vault.sealText(JSON.stringify(payload), key),
      consumed: typeof payload.consumed === 'number' ? payload.consumed : undefined,
      expiresAt: toInstant(clock() + (expiresIn + SKEW_SECONDS) * 1000),
    });
  }
}

/** Under which a person's sessions are found. */
export function personIn(vault: ArtifactParts['vault'], person: string | undefined): string | undefined {
  return person === undefined ? undefined : vault.fingerprintOf(`idporten-session\0${person}`);
}

/** That something was shown before: it is kept as absent, so of two that come together, on any nodes, one is refused. */
export async function isFirstUse(parts: ArtifactParts, id: string, expiresInSeconds: number): Promise<boolean> {
  const { store, clock } = parts;
  const expiresAt = toInstant(clock() + (Math.max(1, expiresInSeconds) + SKEW_SECONDS) * 1000);
  const value: Artifact = { key: artifactKey('ReplayDetection', id), kind: 'ReplayDetection', sealed: '', expiresAt };
  return store
    .collection(artifacts)
    .put(value, { expect: 'absent', facts: factsOf(clock) })
    .then(() => true, isOther);
}

function isOther(error: unknown): false {
  if (error instanceof ProblemError && error.slug === 'conflict') return false;
  throw error;
}

function isForLogin(scope: string | undefined): boolean {
  return (scope ?? '').split(' ').every((name) => name === '' || PLAIN_SCOPES.includes(name));
}
