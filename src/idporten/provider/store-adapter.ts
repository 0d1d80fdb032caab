import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import { present, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { Collection } from '#storage';
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
import { lateRequests } from './late-requests.js';
import { OF_GRANTS, RequestWrites, usedBefore, writesOf } from './request-writes.js';
import { PLAIN_SCOPES } from './scopes.js';

/** By how much the clocks of nodes may differ: so much longer it is known of something that it was used. */
const SKEW_SECONDS = 60;

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

  /**
   * @throws errors.TemporarilyUnavailable for a login too many, before it is remembered
   * @throws errors.InvalidGrant for a token of what was ended while it was made; within a request at its end
   */
  async upsert(id: string, payload: AdapterPayload, expiresIn = 0): Promise<void> {
    if (this.#kind === 'Interaction' && Provider.ctx !== undefined && lateRequests.has(Provider.ctx.req)) throw tooMany();
    const artifact = this.#artifactOf(id, payload, expiresIn);
    await this.#write((writes) => writes.put(artifact));
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = await (writesOf() ?? new RequestWrites(this.#parts)).find(artifactKey(this.#kind, id));
    return found && this.#content(found);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const { items } = await this.#collection.query({ index: 'uid', equals: uid, limit: 1 });
    return items[0] && this.#content(items[0].value);
  }

  /** There are no device codes. */
  async findByUserCode(): Promise<undefined> {}

  /**
   * Marks it as used, for one of all who try, on whichever node. Whoever comes second has what somebody else has used: all that it was given for ends.
   * @throws errors.InvalidGrant, errors.InvalidRequestUri; within a request at its end
   */
  async consume(id: string): Promise<void> {
    const key = artifactKey(this.#kind, id);
    await this.#write(async (writes) => {
      const before = await writes.find(key);
      const used = await writes.use(key, Math.floor(this.#parts.clock() / 1000));
      if (used === undefined) throw await usedBefore(this.#parts, before ?? { kind: this.#kind });
    });
  }

  async destroy(id: string): Promise<void> {
    const key = artifactKey(this.#kind, id);
    // That an access token was ended is told to others.
    if (this.#kind !== 'AccessToken') return this.#write((writes) => writes.remove(key));
    const found = await this.#collection.get(key);
    if (found !== undefined) await removeArtifact(this.#parts, found);
  }

  /** The provider asks it of each kind; what hangs on a grant ends together. */
  async revokeByGrantId(grantId: string): Promise<void> {
    await writesOf()?.done();
    await endGrant(this.#parts, grantId);
  }

  /** With all else that the request writes, or by itself. */
  async #write(add: (writes: RequestWrites) => void | Promise<void>): Promise<void> {
    const ofRequest = writesOf();
    const writes = ofRequest ?? new RequestWrites(this.#parts);
    await add(writes);
    if (ofRequest === undefined) await writes.done();
  }

  #content(value: Artifact): AdapterPayload {
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

function tooMany(): Error {
  return new errors.TemporarilyUnavailable('too many logins have begun from this address: try again in a minute');
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
