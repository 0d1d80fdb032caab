import { createHash } from 'node:crypto';
import { toInstant } from '#domain';
import type { PersonVault } from '#persons';
import { ProblemError } from '#problem';
import type { Collection, Store, Stored } from '#storage';
import { type KeyedRequest, keyedRequests } from './entities.js';
import type { Reply } from './state.js';

/** Bare, or as a text in quotes (RFC 9651 §3.3.3), as the draft has it. */
const KEY = /^("?)([A-Za-z0-9._-]{8,128})\1$/;
const REMEMBERED_MS = 86_400_000;
const AT_WORK_MS = 60_000;

/**
 * The key of the header: in quotes it is the same as bare. @throws ProblemError `invalid-request` if it has another form
 */
export function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [, , key] = KEY.exec(String(header)) ?? [];
  if (key !== undefined) return key;
  throw new ProblemError('invalid-request', {
    at: [
      { pointer: '', parameter: 'Idempotency-Key', detail: 'must be 8 to 128 of the characters A-Z a-z 0-9 . _ - and may stand in quotes' },
    ],
  });
}

/** See idempotency. */
export type Idempotency = ReturnType<typeof idempotency>;

/** Carries requests out once per key, in every process that shares the store (draft-ietf-httpapi-idempotency-key-header). */
export function idempotency({ store, vault, clock }: { readonly store: Store; readonly vault: PersonVault; readonly clock: () => number }) {
  const collection: Collection<KeyedRequest> = store.collection(keyedRequests);
  const facts = () => ({ action: 'request.remember', at: toInstant(clock()), actor: 'operator' });
  /**
   * @param identity what must be the same for it to be the same request: caller, operation, path, key
   * @param leave asks whether the caller may do it now; awaited before the answer of the first time is told
   * @returns the answer, of now or of the first time
   * @throws ProblemError `idempotency-key-reused`, `request-in-progress`
   */
  return async (identity: string, body: unknown, carryOut: () => Promise<Reply>, leave: () => Promise<unknown>): Promise<Reply> => {
    const key = createHash('sha256').update(identity).digest('base64url');
    const fingerprint = vault.fingerprintOf(JSON.stringify(body) ?? '');
    const now = clock();
    const repeat = async ({ value }: Stored<KeyedRequest>): Promise<Reply> => {
      if (value.fingerprint !== fingerprint) throw new ProblemError('idempotency-key-reused');
      if (value.answer === undefined) throw new ProblemError('request-in-progress');
      // Whoever may no longer do it is told nothing, not even what was told before (threat 52).
      await leave();
      return JSON.parse(vault.unsealText(value.answer, key)) as Reply;
    };
    const found = await collection.get(key);
    if (found !== undefined) return repeat(found);
    const claim = { key, fingerprint, expiresAt: toInstant(now + AT_WORK_MS) };
    const claimed = await collection.put(claim, { expect: 'absent', facts: facts() }).catch((error: unknown) => {
      if (error instanceof ProblemError && error.slug === 'conflict') return undefined;
      throw error;
    });
    if (claimed === undefined) {
      // Another one came first: with the same body it is at work, with another the key is spent.
      const first = await collection.get(key);
      if (first === undefined) throw new ProblemError('request-in-progress');
      return repeat(first);
    }
    const { revision } = claimed;
    let reply: Reply;
    try {
      reply = await carryOut();
    } catch (error) {
      // Refused: nothing was done, so the key is free again. After a fault nobody knows; the claim runs out by itself.
      const isRefused = error instanceof ProblemError && error.entry.status < 500;
      if (isRefused) await collection.remove(key, { expect: revision, facts: facts() }).catch(() => {});
      throw error;
    }
    const expiresAt = toInstant(now + REMEMBERED_MS);
    const answer = vault.sealText(JSON.stringify(reply), key);
    // It is done: a fault of the memory must not make it look undone.
    await collection.put({ ...claim, expiresAt, answer }, { expect: revision, facts: facts() }).catch(() => {});
    return reply;
  };
}
