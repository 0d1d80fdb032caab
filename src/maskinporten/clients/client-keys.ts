import { checkPrecondition, type PageOf, type PageRange, type Precondition } from '#access';
import { DAY_MS, type Instant, present, toInstant } from '#domain';
import { invalid, ProblemError } from '#problem';
import { type Asking, leaveFor } from '../administer/leave.js';
import { keyEndingIndex } from '../entities.js';
import type { Client, ClientKey } from '../nouns.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';
import { assertCertified } from './certified-keys.js';
import { type ClientView, changing, leaveForClient } from './leave-for-client.js';
import { publicKeyOf, type SoundKey } from './public-key.js';

/** How many keys a client may have, and how long each counts. */
export const MOST_KEYS = 5;
const LIVES_MS = 365 * DAY_MS;

type SentJwk = Readonly<Record<string, unknown>>;

/** The keys of a client. @throws ProblemError as leaveFor says; `not-found` if it has none */
export async function readKeys(parts: MaskinportenParts, request: Asking, id: string): Promise<ClientView> {
  const { before } = await leaveForClient(parts, request, id, 'client-key.list');
  if (before.value.keys.length === 0) throw new ProblemError('not-found', { detail: 'The client has no keys.' });
  return before;
}

/** One key of a client. @throws ProblemError as leaveFor says; `not-found` */
export async function readKey(
  parts: MaskinportenParts,
  request: Asking,
  id: string,
  kid: string,
): Promise<{ readonly key: ClientKey; readonly revision: number }> {
  const { before } = await leaveForClient(parts, request, id, 'client-key.list');
  const key = before.value.keys.find((one) => one.kid === kid);
  if (key === undefined) throw noSuchKey();
  return { key, revision: before.revision };
}

/**
 * Puts these keys in the place of all that a client has: each counts for a year from now on, or as long as its certificate.
 * @throws ProblemError as leaveFor says; `invalid-request`, `precondition-failed`
 */
export function replaceKeys(
  parts: MaskinportenParts,
  request: Asking,
  id: string,
  precondition: Precondition,
  jwks: readonly SentJwk[],
): Promise<ClientView> {
  const change = { action: 'client-key.replace', precondition, pointerOf: (at: number) => `/keys/${at}` };
  return changeKeys(parts, request, id, change, (_, at) => keysOf(jwks, at));
}

/**
 * Adds a key, or renews the one with its kid; the others stay, whoever changes them meanwhile.
 * @param read the key that was sent; a certificate is judged at the moment that it is handed
 * @throws ProblemError as leaveFor says; `invalid-request`, `precondition-failed`, `quota-reached`
 */
export async function putKey(
  parts: MaskinportenParts,
  request: Asking,
  id: string,
  precondition: Precondition,
  read: (at: Instant) => SoundKey,
): Promise<{ readonly key: ClientKey; readonly revision: number }> {
  let kid = '';
  const { value, revision } = await changeKeys(parts, request, id, { action: 'client-key.put', precondition }, (before, at) => {
    const key = keyFrom(read(at), at);
    kid = key.kid;
    const others = before.filter((one) => one.kid !== kid);
    if (others.length >= MOST_KEYS) {
      throw new ProblemError('quota-reached', { detail: `A client may have ${MOST_KEYS} keys: remove one that is no longer used.` });
    }
    return [...others, key];
  });
  return { key: value.keys.find((one) => one.kid === kid) as ClientKey, revision };
}

/** Removes a key. @throws ProblemError as leaveFor says; `not-found`, `precondition-failed` */
export async function removeKey(
  parts: MaskinportenParts,
  request: Asking,
  id: string,
  kid: string,
  precondition: Precondition,
): Promise<void> {
  await changeKeys(parts, request, id, { action: 'client-key.remove', precondition }, (before) => {
    const left = before.filter((one) => one.kid !== kid);
    if (left.length === before.length) throw noSuchKey();
    return left;
  });
}

/** Removes all keys of a client: it may sign by its organisation's certificate then. @throws ProblemError as leaveFor says; `precondition-failed` */
export async function removeKeys(parts: MaskinportenParts, request: Asking, id: string, precondition: Precondition): Promise<void> {
  await changeKeys(parts, request, id, { action: 'client-key.remove', precondition }, () => []);
}

/** A key of a client that ends soon, or has ended. */
export interface EndingKey {
  readonly client: Pick<Client, 'id' | 'name' | 'orgnr' | 'supplier'>;
  readonly key: ClientKey;
}

/**
 * The keys of the organisation's active clients, and of those that it keeps, that end within so many days or have ended, the first to end first.
 * @throws ProblemError as leaveFor says
 */
export async function listEndingKeys(
  parts: MaskinportenParts,
  request: Asking,
  withinDays: number,
  { limit, cursor }: PageRange,
): Promise<PageOf<EndingKey>> {
  const { orgnr, at } = await leaveFor(parts, request, { action: 'client.list' });
  const before = toInstant(Date.parse(at) + withinDays * DAY_MS);
  const range = { from: keyEndingIndex(orgnr), until: keyEndingIndex(orgnr, before) };
  const page = await collectionsOf(parts.store).clients.query(
    present({ index: 'keyEnding', ...range, limit: Math.min(limit, 200), cursor }),
  );
  // A client is found once, by the first of its keys: the others that are due stand with it.
  const items = page.items.flatMap(({ value }) => value.keys.filter(({ until }) => until < before).map((key) => ({ client: value, key })));
  return { items, ...present({ next: page.next }) };
}

/** The keys of a set that was sent. @throws ProblemError `invalid-request` */
export function keysOf(jwks: readonly SentJwk[], at: Instant, pointer = '/keys'): readonly ClientKey[] {
  if (jwks.length === 0 || jwks.length > MOST_KEYS) throw invalid(pointer, `must have 1 to ${MOST_KEYS} keys`);
  const keys = jwks.map((jwk, i) => keyFrom(publicKeyOf(jwk, `${pointer}/${i}`, at), at));
  const again = keys.findIndex(({ kid }, i) => keys.findIndex((one) => one.kid === kid) < i);
  if (again !== -1) throw invalid(`${pointer}/${again}/kid`, 'stands there twice');
  return keys;
}

function keyFrom({ certifiedUntil, ...key }: SoundKey, at: Instant): ClientKey {
  const until = toInstant(Date.parse(at) + LIVES_MS);
  return { ...key, added: at, until: certifiedUntil !== undefined && certifiedUntil < until ? certifiedUntil : until };
}

interface KeyChange {
  readonly action: string;
  readonly precondition: Precondition;
  /** Where a key that is new stood in what was sent. */
  readonly pointerOf?: (at: number) => string;
}

function changeKeys(
  parts: MaskinportenParts,
  request: Asking,
  id: string,
  { action, precondition, pointerOf = () => '' }: KeyChange,
  rewrite: (keys: readonly ClientKey[], at: Instant) => readonly ClientKey[],
): Promise<ClientView> {
  return changing(parts, request, id, action, async ({ before, at, facts }) => {
    checkPrecondition(precondition, before.revision);
    const { keys: standing, orgnr, supplier } = before.value;
    const keys = rewrite(standing, at);
    if (keys.length === 0 && standing.length === 0) return before;
    await assertCertified(
      keys.filter((key) => !standing.includes(key)),
      supplier ?? orgnr,
      pointerOf,
    );
    return collectionsOf(parts.store).clients.put({ ...before.value, keys }, { expect: before.revision, facts: facts(action) });
  });
}

function noSuchKey(): ProblemError {
  return new ProblemError('not-found', { detail: 'The client has no key of this id.' });
}
