import { checkPrecondition, type PageOf, type PageRange, type Precondition, pickedPage, repeated } from '#access';
import { isFault, type Orgnr } from '#domain';
import { invalid, ProblemError } from '#problem';
import type { Stored } from '#storage';
import { type Asking, leaveFor } from '../administer/leave.js';
import { looksOf } from '../entities.js';
import type { ScopePrefix } from '../nouns.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';
import { parseFreePrefix, parsePrefix } from './names.js';
import { hasCeased } from './organisations.js';

/** A prefix with its revision. */
export type PrefixView = Stored<ScopePrefix>;

/**
 * Hands a prefix out to an organisation, or once more one that was taken back. Only the operator does.
 * @throws ProblemError as leaveFor says; `invalid-request`, `prefix-in-use`, `precondition-failed`
 */
export async function handOutPrefix(
  parts: MaskinportenParts,
  request: Asking,
  { prefix: sent, owner }: { readonly prefix: string; readonly owner: Orgnr },
  precondition: Precondition = 'any',
): Promise<PrefixView> {
  return repeated(async () => {
    const object = { exists: false, recipientClosed: await hasCeased(parts, owner) };
    const { at, facts } = await leaveFor(parts, request, { action: 'prefix.hand-out', orgnr: owner, object });
    const prefix = parseFreePrefix(sent, owner);
    if (isFault(prefix)) throw invalid('/prefix', prefix.detail);
    const { scopePrefixes } = collectionsOf(parts.store);
    const before = await scopePrefixes.get(prefix);
    if (before?.value.active === true && before.value.owner === owner) return before;
    checkPrecondition(precondition, before?.revision ?? 0);
    await assertFree(parts, prefix, owner, before?.value);
    const value: ScopePrefix = { prefix, owner, active: true, created: before?.value.created ?? at, updated: at };
    return scopePrefixes.put(value, { expect: before?.revision ?? 'absent', facts: facts('prefix.hand-out') });
  });
}

/**
 * Takes a prefix back. One with active scopes stays.
 * @throws ProblemError as leaveFor says; `not-found`, `prefix-in-use`, `precondition-failed`
 */
export async function withdrawPrefix(
  parts: MaskinportenParts,
  request: Asking,
  sent: string,
  precondition: Precondition = 'any',
): Promise<PrefixView> {
  return repeated(async () => {
    const { scopePrefixes } = collectionsOf(parts.store);
    const prefix = parsePrefix(sent);
    const before = isFault(prefix) ? undefined : await scopePrefixes.get(prefix);
    const { at, facts } = await leaveFor(parts, request, { action: 'prefix.withdraw', orgnr: before?.value.owner });
    if (before === undefined)
      throw new ProblemError('not-found', { detail: 'This prefix is handed out to nobody: `tilgang scopes prefix` lists them.' });
    if (!before.value.active) return before;
    checkPrecondition(precondition, before.revision);
    const { value } = before;
    await assertUnused(parts, value.prefix);
    const put = (active: boolean, expect: number): Promise<PrefixView> =>
      scopePrefixes.put({ ...value, active, updated: at }, { expect, facts: facts(active ? 'prefix.hand-out' : 'prefix.withdraw') });
    const after = await put(false, before.revision);
    // Whoever makes a scope looks once more after that: of the two one at least sees the other.
    await assertUnused(parts, value.prefix).catch(async (error: unknown) => {
      await put(true, after.revision);
      throw error;
    });
    return after;
  });
}

/** The prefixes of an organisation, taken back ones too. @throws ProblemError as leaveFor says */
export async function listPrefixes(parts: MaskinportenParts, request: Asking, range: PageRange): Promise<PageOf<PrefixView>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'prefix.list' });
  return pickedPage(collectionsOf(parts.store).scopePrefixes, { index: 'owner', prefix: `${orgnr}/` }, range, (found) => found);
}

/** All prefixes that are handed out, for everybody. @throws ProblemError as leaveFor says */
export async function listAllPrefixes(parts: MaskinportenParts, request: Asking, range: PageRange): Promise<PageOf<PrefixView>> {
  await leaveFor(parts, request, { action: 'prefix.list-all' });
  return pickedPage(collectionsOf(parts.store).scopePrefixes, {}, range, (found) => found.filter(({ value }) => value.active));
}

async function assertFree({ store }: MaskinportenParts, prefix: string, owner: Orgnr, before: ScopePrefix | undefined): Promise<void> {
  const { scopePrefixes, scopes } = collectionsOf(store);
  if (before === undefined) {
    const alike = await scopePrefixes.query({ index: 'looks', equals: looksOf(prefix), limit: 1 });
    if (alike.items.length > 0) throw inUse('Another prefix looks like it.');
  } else if (before.owner !== owner) {
    if (before.active) throw inUse('It is handed out to another organisation.');
    // Its names would be another one's from then on, and what was granted for them too.
    const { items } = await scopes.query({ prefix: `${prefix}:`, limit: 1 });
    if (items.length > 0) throw inUse('Another organisation has had it, and has made scopes under it.');
  }
}

async function assertUnused({ store }: MaskinportenParts, prefix: string): Promise<void> {
  const { items } = await collectionsOf(store).scopes.query({ index: 'activeName', prefix: `${prefix}:`, limit: 1 });
  if (items.length > 0) throw inUse('There are active scopes under it.');
}

function inUse(detail: string): ProblemError {
  return new ProblemError('prefix-in-use', { detail });
}
