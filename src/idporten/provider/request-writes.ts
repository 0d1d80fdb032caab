import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { ProblemError } from '#problem';
import type { PutOrder, Stored } from '#storage';
import { type Artifact, type ArtifactKind, type ArtifactParts, artifactKey, artifacts, endGrant, factsOf } from './artifacts.js';
import type { ProviderPage } from './ports.js';
import { ROUTES } from './routes.js';

/** What hangs on a grant. */
export const OF_GRANTS: readonly ArtifactKind[] = ['AuthorizationCode', 'AccessToken', 'RefreshToken'];

/**
 * What one request has to write. It is written together, in one flush of the store, before the request is answered: so is that a code was used with the tokens that were
 * given for it. What the request itself asks for by key it sees as it will be.
 */
export class RequestWrites {
  readonly #parts: ArtifactParts;
  readonly #read = new Map<string, Stored<Artifact>>();
  readonly #orders = new Map<string, PutOrder<Artifact>>();
  readonly #removed = new Set<string>();
  readonly #others: (() => Promise<unknown>)[] = [];

  constructor(parts: ArtifactParts) {
    this.#parts = parts;
  }

  /** An artifact as the request will leave it. */
  async find(key: string): Promise<Artifact | undefined> {
    if (this.#removed.has(key)) return undefined;
    return this.#orders.get(key)?.value ?? (await this.#stored(key))?.value;
  }

  put(value: Artifact): void {
    this.#removed.delete(value.key);
    this.#orders.set(value.key, { value, expect: this.#orders.get(value.key)?.expect ?? 'any' });
  }

  /** Marks one as used, as it was read: of all who do, on whichever node, one does. @returns undefined if it is used, or not there */
  async use(key: string, consumed: number): Promise<Artifact | undefined> {
    const found = this.#orders.has(key) ? undefined : await this.#stored(key);
    if (found === undefined || found.value.consumed !== undefined) return undefined;
    const value: Artifact = { ...found.value, consumed };
    this.#orders.set(key, { value, expect: found.revision });
    return value;
  }

  remove(key: string): void {
    this.#orders.delete(key);
    this.#removed.add(key);
  }

  /** Something that is not ours to write; it is begun with the rest. */
  also(begin: () => Promise<unknown>): void {
    this.#others.push(begin);
  }

  /**
   * Writes what waits. Whoever was second to use something has what somebody else has used: all that it was given for ends, also what is written here.
   * @throws errors.InvalidGrant, errors.InvalidRequestUri, also for tokens of what was ended while they were made; ProblemError `store-unavailable`, `store-full`
   */
  async done(): Promise<void> {
    const facts = factsOf(this.#parts.clock);
    const orders = [...this.#orders.values()];
    const removals = [...this.#removed].map((key) => () => this.#collection.remove(key, { expect: 'any', facts }));
    const works = [...removals, ...this.#others.splice(0)];
    for (const known of [this.#read, this.#orders, this.#removed]) known.clear();
    // All are begun in one turn: the store flushes them together.
    const [outcomes] = await Promise.all([
      orders.length === 0 ? [] : this.#collection.putMany(orders, facts),
      ...works.map((work) => work()),
    ]);
    const lost = orders.find((_, i) => outcomes[i] instanceof ProblemError)?.value;
    if (lost !== undefined) throw await usedBefore(this.#parts, lost);
    await this.#refuseEnded(orders.map(({ value }) => value));
  }

  /** Whoever ends a grant removes it before its tokens are looked for: one that is not found there is written before this look. */
  async #refuseEnded(written: readonly Artifact[]): Promise<void> {
    const ids = [...new Set(written.flatMap(({ kind, grantId }) => (OF_GRANTS.includes(kind) ? (grantId ?? []) : [])))];
    if (ids.length === 0) return;
    const grants = await this.#collection.getMany(ids.map((id) => artifactKey('Grant', id)));
    const ended = ids.filter((_, i) => grants[i] === undefined);
    for (const id of ended) await endGrant(this.#parts, id);
    if (ended.length > 0) throw new errors.InvalidGrant('grant not found');
  }

  async #stored(key: string): Promise<Stored<Artifact> | undefined> {
    const found = this.#read.get(key) ?? (await this.#collection.get(key));
    if (found !== undefined) this.#read.set(key, found);
    return found;
  }

  get #collection() {
    return this.#parts.store.collection(artifacts);
  }
}

/** Ends what something was given for that is shown a second time. @returns what to say of it */
export async function usedBefore(parts: ArtifactParts, { kind, grantId }: Pick<Artifact, 'kind' | 'grantId'>): Promise<Error> {
  if (kind === 'PushedAuthorizationRequest') return new errors.InvalidRequestUri('request_uri was already used');
  if (grantId !== undefined) await endGrant(parts, grantId);
  return new errors.InvalidGrant('already used');
}

const waiting = new WeakMap<object, RequestWrites>();

/** What the request has to write that is being answered; undefined: there is none, or it is answered. */
export function writesOf(ctx: object | undefined = Provider.ctx): RequestWrites | undefined {
  return ctx && waiting.get(ctx);
}

/** Writes something with all else that the request writes, or at once if it is answered already. */
export async function writeWith(ctx: object, begin: () => Promise<unknown>): Promise<void> {
  const writes = waiting.get(ctx);
  if (writes === undefined) await begin();
  else writes.also(begin);
}

/** Has each request write what it has to before it is answered. @param page answers with a page of ours */
export function writeTogether(provider: Provider, parts: ArtifactParts, page: (ctx: KoaContextWithOIDC, page: ProviderPage) => void): void {
  provider.use(async (koa, next) => {
    const ctx = koa as unknown as KoaContextWithOIDC;
    const writes = new RequestWrites(parts);
    waiting.set(ctx, writes);
    try {
      await next();
      await writes.done();
    } catch (error) {
      refuse(provider, ctx, error, page);
    } finally {
      waiting.delete(ctx);
    }
  });
}

/** What was to be answered does not stand. */
function refuse(provider: Provider, ctx: KoaContextWithOIDC, error: unknown, page: Parameters<typeof writeTogether>[2]): void {
  const told = error instanceof errors.OIDCProviderError && error.expose ? error : undefined;
  for (const name of ['Location', 'Set-Cookie']) ctx.remove(name);
  ctx.status = told?.statusCode ?? 500;
  const code = told?.error ?? 'server_error';
  ctx.body = { error: code, error_description: told?.error_description ?? 'oops! something went wrong' };
  if (told === undefined) provider.emit('server_error', ctx, error);
  if (ctx.path.startsWith(ROUTES.authorization)) page(ctx, { kind: 'error', status: ctx.status, error: code });
}
