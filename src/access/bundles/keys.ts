import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type AppId, type Instant, isFault, type Orgnr, type PolicyKey, parseKeyId, present } from '#domain';
import { ProblemError } from '#problem';
import type { Stored } from '#storage';
import { type Act, type AdminRequest, authorize, type Leave } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type AccessParts, collectionsOf, everyOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { policyKeyKey } from './entities.js';

/** Whose keys: a tilbyder's (`undefined` if what was sent is no organisation number), or the operator's, which sign for every application. */
export type KeyOwner = Orgnr | 'operator' | undefined;

/** What is registered of a key. */
export interface KeyTerms {
  readonly algorithm: string;
  /** RFC 7517. */
  readonly jwk: Readonly<Record<string, unknown>>;
  /** The only application that it signs for. */
  readonly scope?: AppId;
  /** Exclusive. */
  readonly until?: Instant;
}

/** A key with its revision. */
export type KeyView = Stored<PolicyKey>;

/** How many keys an owner may have that are not revoked. */
const MOST_KEYS = 50;

/** The keys of an owner, revoked ones too, in the order of their ids. @throws ProblemError as authorize says */
export async function listPolicyKeys(parts: AccessParts, request: AdminRequest, owner: KeyOwner): Promise<readonly KeyView[]> {
  await authorizeForKeys(parts, request, owner, 'policy-key.list');
  return keysOf(parts, owner as NonNullable<KeyOwner>);
}

/**
 * Registers a key, or changes until when it counts and for what: another key gets another id.
 * @throws ProblemError as authorize says; `invalid-request`, `precondition-failed`, `quota-reached`
 */
export async function putPolicyKey(
  parts: AccessParts,
  request: AdminRequest,
  owner: KeyOwner,
  kid: string,
  terms: KeyTerms,
  precondition: Precondition,
): Promise<KeyView> {
  return repeated(async () => {
    const { facts, at } = await authorizeForKeys(parts, request, owner, 'policy-key.put');
    const id = parseKeyId(kid);
    if (isFault(id)) throw new ProblemError('not-found', { detail: `The key id ${id.detail}.` });
    const { policyKeys } = collectionsOf(parts.store);
    const before = await policyKeys.get(policyKeyKey(owner as string, id));
    const { algorithm, scope, until } = terms;
    const tilbyder = owner === 'operator' ? undefined : owner;
    const value: PolicyKey = present({ tilbyder, kid: id, algorithm, jwk: publicKey(algorithm, terms.jwk), scope, until });
    if (before !== undefined && isDeepStrictEqual(before.value, value)) return before;
    checkPrecondition(precondition, before?.revision ?? 0);
    if (until !== undefined && until !== before?.value.until && until <= at) {
      throw invalid('/til', 'is over already: name a later moment, or revoke the key');
    }
    await assertPlace(parts, owner as NonNullable<KeyOwner>, before?.value, value);
    return policyKeys.put(value, { expect: before?.revision ?? 'absent', facts: facts('policy-key.put') });
  });
}

/** Revokes a key at once: nothing that it has signed is pushed or activated any more. @throws ProblemError as authorize says; `not-found`, `precondition-failed` */
export async function revokePolicyKey(
  parts: AccessParts,
  request: AdminRequest,
  owner: KeyOwner,
  kid: string,
  precondition: Precondition,
  reason?: string,
): Promise<void> {
  await repeated(async () => {
    const { facts, at, actor } = await authorizeForKeys(parts, request, owner, 'policy-key.revoke');
    const { policyKeys } = collectionsOf(parts.store);
    const id = parseKeyId(kid);
    const before = isFault(id) ? undefined : await policyKeys.get(policyKeyKey(owner as string, id));
    if (before === undefined) throw new ProblemError('not-found', { detail: 'There is no key of this id.' });
    if (before.value.revoked !== undefined) return;
    checkPrecondition(precondition, before.revision);
    const value = { ...before.value, revoked: { at, by: actor } };
    await policyKeys.put(value, { expect: before.revision, facts: facts('policy-key.revoke', reason) });
  });
}

/** The keys of an owner, in the order of their ids. */
export async function keysOf({ store }: Pick<AccessParts, 'store'>, owner: Orgnr | 'operator'): Promise<readonly KeyView[]> {
  const { items } = await collectionsOf(store).policyKeys.query({ prefix: policyKeyKey(owner), limit: 1000 });
  return items;
}

function authorizeForKeys(parts: AccessParts, request: AdminRequest, owner: KeyOwner, action: string): Promise<Leave> {
  const act: Act = { action, orgnr: owner === 'operator' ? 'all' : owner };
  return authorize(parts, request, act);
}

async function assertPlace(parts: AccessParts, owner: Orgnr | 'operator', before: PolicyKey | undefined, after: PolicyKey): Promise<void> {
  if (before?.revoked !== undefined) throw invalid('', 'A key that is revoked stays so: give the new key another id.');
  if (before !== undefined) {
    if (before.algorithm === after.algorithm && isDeepStrictEqual(before.jwk, after.jwk)) return;
    throw invalid('/jwk', 'is another key than the one with this id: give the new key another id, and revoke this one');
  }
  const all = await everyKey(parts, owner);
  if (all.filter(({ revoked }) => revoked === undefined).length >= MOST_KEYS) {
    throw new ProblemError('quota-reached', { detail: `There may be ${MOST_KEYS} keys that are not revoked: revoke one.` });
  }
  if (all.length >= 1000) throw new ProblemError('quota-reached', { detail: 'There may be 1000 keys, revoked ones among them.' });
}

async function everyKey({ store }: AccessParts, owner: Orgnr | 'operator'): Promise<readonly PolicyKey[]> {
  const found: PolicyKey[] = [];
  for await (const key of everyOf(collectionsOf(store).policyKeys, { prefix: policyKeyKey(owner) })) found.push(key);
  return found;
}

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };
const MEMBERS = { RSA: ['e', 'n'], EC: ['crv', 'x', 'y'] } as const;

/** The public members of a key that is fit for the algorithm, in one order. @throws ProblemError `invalid-request` */
function publicKey(algorithm: string, jwk: KeyTerms['jwk']): PolicyKey['jwk'] {
  const { kty, d } = jwk;
  if (!/^(RS|PS|ES)(256|384|512)$/.test(algorithm)) throw invalid('/algoritme', 'is none of RS, PS, ES with 256, 384, 512');
  const wanted = algorithm.startsWith('ES') ? 'EC' : 'RSA';
  if (kty !== wanted) throw invalid('/jwk/kty', `must be ${wanted} for the algorithm`);
  if (d !== undefined)
    throw invalid('/jwk/d', 'makes it a private key: send the public key only, and take another one, since this one has been sent');
  if (wanted === 'EC' && jwk['crv'] !== CURVES[algorithm]) throw invalid('/jwk/crv', `must be ${CURVES[algorithm]} for the algorithm`);
  try {
    const details = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }).asymmetricKeyDetails;
    if (wanted === 'RSA' && (details?.modulusLength ?? 0) < 2048) throw invalid('/jwk/n', 'is shorter than 2048 bits');
    if (wanted === 'RSA' && (details?.modulusLength ?? 0) > 8192) throw invalid('/jwk/n', 'is longer than 8192 bits');
  } catch (error) {
    throw error instanceof ProblemError ? error : invalid('/jwk', 'is no public key (RFC 7517)');
  }
  return { kty: wanted, ...Object.fromEntries(MEMBERS[wanted].map((name) => [name, jwk[name] as string])) };
}

function invalid(pointer: string, detail: string): ProblemError {
  return pointer === ''
    ? new ProblemError('invalid-request', { detail })
    : new ProblemError('invalid-request', { at: [{ pointer, detail }] });
}
