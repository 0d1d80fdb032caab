import { isDeepStrictEqual } from 'node:util';
import { checkPrecondition, type PageOf, type PageRange, type Precondition, pickedPage, repeated } from '#access';
import { type Instant, isFault, type Orgnr, present } from '#domain';
import { invalid, ProblemError } from '#problem';
import type { ChangeFacts, Stored } from '#storage';
import { type Asking, type JudgedObject, leaveFor } from '../administer/leave.js';
import { ownedBy } from '../entities.js';
import type { IntegrationType, Scope, ScopeName } from '../nouns.js';
import { collectionsOf, type MaskinportenParts, type SideParts } from '../parts.js';
import { seatIn } from '../seat.js';
import { parsePrefix, parseScopeName, parseSubscope, prefixOf } from './names.js';
import { keptSource, ownScopes } from './own-scopes.js';
import { type ScopeTerms, toldOf } from './scope-terms.js';

/** A scope with its revision; 0 of one of the product's own, which are no documents. */
export type ScopeView = Stored<Scope>;

/** Which of the open list. */
export interface PublicFilter {
  readonly prefix?: string;
  /** Deactivated ones too. */
  readonly inactive?: boolean;
  /** Of these delegation sources. */
  readonly delegationSources?: readonly string[];
  readonly accessibleForAll?: boolean;
  readonly integrationType?: IntegrationType;
}

/** What is found of a scope that was named, for whoever asks. */
export interface FoundScope {
  /** `undefined`: what was sent is no name of a scope. */
  readonly name: ScopeName | undefined;
  readonly stored: ScopeView | undefined;
  readonly object: JudgedObject;
}

/** The PUBLIC scopes in the order of their names, for everybody. @throws ProblemError as leaveFor says */
export async function listPublicScopes(
  parts: SideParts,
  request: Asking,
  filter: PublicFilter,
  range: PageRange,
): Promise<PageOf<ScopeView>> {
  await leaveFor(parts, request, { action: 'scope.list-public' });
  const sources = filter.delegationSources?.map((issuer) => keptSource(issuer, parts.side));
  const meets = ({ value }: Pick<ScopeView, 'value'>): boolean => fits(value, present({ ...filter, delegationSources: sources }));
  const index = filter.inactive === true ? 'everPublic' : 'public';
  const prefix = filter.prefix === undefined ? {} : { prefix: `${filter.prefix}:` };
  // The product's own stand before all others. Where a page ends among them its cursor says how many are told; of the store's none looks so.
  const told = range.cursor === undefined ? 0 : Number(/^\.([0-9]{1,3})$/.exec(range.cursor)?.[1] ?? Number.NaN);
  const own = [...(Number.isNaN(told) ? [] : ownScopes(parts.side).values())]
    .filter(({ visibility, prefix: its }) => visibility === 'PUBLIC' && (filter.prefix === undefined || its === filter.prefix))
    .map((value) => ({ value, revision: 0 }))
    .filter(meets)
    .slice(told, told + range.limit);
  if (own.length === range.limit) return { items: own, next: `.${told + own.length}` };
  const { cursor, ...rest } = range;
  const left = { ...rest, ...present({ cursor: Number.isNaN(told) ? cursor : undefined }), limit: range.limit - own.length };
  const page = await pickedPage(collectionsOf(parts.store).scopes, { index, ...prefix }, left, (found) => found.filter(meets));
  return { ...page, items: [...own, ...page.items] };
}

function fits(scope: Scope, { delegationSources, accessibleForAll, integrationType }: PublicFilter): boolean {
  const { allowedIntegrationTypes: types } = scope;
  return (
    (delegationSources === undefined || (scope.delegationSource !== undefined && delegationSources.includes(scope.delegationSource))) &&
    (accessibleForAll === undefined || scope.accessibleForAll === accessibleForAll) &&
    (integrationType === undefined || types.length === 0 || types.includes(integrationType))
  );
}

/** The scopes of an organisation. @param inactive deactivated ones too. @throws ProblemError as leaveFor says */
export async function listScopes(parts: SideParts, request: Asking, inactive: boolean, range: PageRange): Promise<PageOf<ScopeView>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'scope.list' });
  const index = inactive ? 'owner' : 'active';
  return pickedPage(collectionsOf(parts.store).scopes, { index, prefix: ownedBy(orgnr) }, range, (found) => found);
}

/** One scope, for its owner. @throws ProblemError as leaveFor says */
export async function readScope(parts: SideParts, request: Asking, name: string): Promise<ScopeView> {
  const found = await findScope(parts, name);
  await leaveFor(parts, request, { action: 'scope.read', object: found.object });
  return found.stored as ScopeView;
}

/**
 * Makes a scope under a prefix of the organisation.
 * @throws ProblemError as leaveFor says; `invalid-request`, `scope-exists`, `quota-reached`
 */
export async function createScope(
  parts: SideParts,
  request: Asking,
  { prefix, subscope, ...terms }: ScopeTerms & { readonly prefix: string; readonly subscope: string },
): Promise<ScopeView> {
  return repeated(async () => {
    const stored = isFault(parsePrefix(prefix)) ? undefined : await collectionsOf(parts.store).scopePrefixes.get(prefix);
    const object = { owner: stored?.value.owner, exists: false, prefixActive: stored?.value.active === true };
    const { orgnr, at, facts } = await leaveFor(parts, request, { action: 'scope.create', object });
    const sub = parseSubscope(subscope);
    if (isFault(sub)) throw invalid('/subscope', sub.detail);
    const name = `${prefix}:${sub}` as ScopeName;
    const told = toldOf(terms, parts.side);
    await assertNew(parts, name);
    const owner = stored?.value.owner ?? orgnr;
    const seat = await seatFor(parts, request, { name, owner, active: told.active });
    const value: Scope = present({ ...told, name, prefix, subscope: sub, owner, seat, created: at, updated: at });
    const after = await collectionsOf(parts.store).scopes.put(value, { expect: 'absent', facts: facts('scope.create') });
    return keptUnderPrefix(parts, after, at, facts('scope.deactivate'));
  });
}

/**
 * Replaces all terms of a scope; its name stays, and whether it is active if that is not said: `active` revives one, with all that was granted.
 * @throws ProblemError as leaveFor says; `invalid-request`, `precondition-failed`, `quota-reached`
 */
export async function changeScope(
  parts: SideParts,
  request: Asking,
  name: string,
  { prefix, subscope, ...terms }: ScopeTerms & { readonly prefix?: string; readonly subscope?: string },
  precondition: Precondition = 'any',
): Promise<ScopeView> {
  return repeated(async () => {
    const { stored, object } = await findScope(parts, name);
    const { at, facts } = await leaveFor(parts, request, { action: 'scope.change', object });
    const { value: before, revision } = stored as ScopeView;
    if (prefix !== undefined && prefix !== before.prefix) throw invalid('/prefix', 'is not that of the scope: a name stays as it is');
    if (subscope !== undefined && subscope !== before.subscope)
      throw invalid('/subscope', 'is not that of the scope: a name stays as it is');
    checkPrecondition(precondition, revision);
    const told = toldOf({ ...terms, active: terms.active ?? before.active }, parts.side);
    const { owner, created, seat, updated } = before;
    const named = { name: before.name, prefix: before.prefix, subscope: before.subscope, created };
    if (isDeepStrictEqual(before, present({ ...told, ...named, owner, seat, updated }))) return stored as ScopeView;
    const isRevived = told.active && !before.active;
    const place = isRevived
      ? await seatFor(parts, request, { name: before.name, owner: owner as Orgnr, active: true })
      : told.active
        ? seat
        : undefined;
    const value: Scope = present({ ...told, ...named, owner, seat: place, updated: at });
    const after = await collectionsOf(parts.store).scopes.put(value, { expect: revision, facts: facts('scope.change') });
    return isRevived ? keptUnderPrefix(parts, after, at, facts('scope.deactivate')) : after;
  });
}

/**
 * Deactivates a scope: no new tokens from now on. What was granted and registered stays, for when it is revived.
 * @throws ProblemError as leaveFor says; `precondition-failed`
 */
export async function deactivateScope(
  parts: SideParts,
  request: Asking,
  name: string,
  precondition: Precondition = 'any',
): Promise<ScopeView> {
  return repeated(async () => {
    const { stored, object } = await findScope(parts, name);
    const { at, facts } = await leaveFor(parts, request, { action: 'scope.deactivate', object });
    const { value, revision } = stored as ScopeView;
    if (!value.active) return stored as ScopeView;
    checkPrecondition(precondition, revision);
    return collectionsOf(parts.store).scopes.put(inactive(value, at), { expect: revision, facts: facts('scope.deactivate') });
  });
}

/** What there is by a name, and whose it is: of one that is not there, whose its prefix is. As much is read whatever there is. */
export async function findScope({ store, side }: SideParts, sent: string): Promise<FoundScope> {
  const name = parseScopeName(sent);
  if (isFault(name)) return { name: undefined, stored: undefined, object: { exists: false } };
  const own = ownScopes(side).get(name);
  if (own !== undefined)
    return { name, stored: { value: own, revision: 0 }, object: { ...judged(own), ofProduct: true, prefixActive: true } };
  const { scopes, scopePrefixes } = collectionsOf(store);
  const { documents } = await store.read([
    { collection: scopes, key: name },
    { collection: scopePrefixes, key: prefixOf(name) },
  ]);
  const [stored, prefix] = documents;
  const prefixActive = prefix?.value.active === true;
  if (stored === undefined) return { name, stored, object: { owner: prefix?.value.owner, exists: false, prefixActive } };
  return { name, stored, object: { ...judged(stored.value), prefixActive: prefixActive && prefix?.value.owner === stored.value.owner } };
}

function judged({ owner, active, visibility }: Scope): JudgedObject {
  return { owner, exists: true, active, visibility };
}

async function assertNew({ store }: MaskinportenParts, name: ScopeName): Promise<void> {
  const { scopes } = collectionsOf(store);
  const { items } = await scopes.query({ index: 'folded', equals: name.toLowerCase(), limit: 1 });
  const [found] = items;
  if (found === undefined) return;
  if (found.value.name === name) throw new ProblemError('scope-exists');
  throw new ProblemError('scope-exists', {
    detail: 'There is a scope that differs from it by the case of letters alone: choose another name.',
  });
}

/** A place among the owner's active scopes. What the operator makes is not counted. @throws ProblemError `quota-reached` */
async function seatFor(
  { store, quotas: { scopesPerOrganisation: most } }: MaskinportenParts,
  { caller }: Asking,
  { name, owner, active }: { readonly name: ScopeName; readonly owner: Orgnr; readonly active: boolean },
): Promise<number | undefined> {
  if (caller.kind === 'operator' || !active) return undefined;
  return seatIn(
    collectionsOf(store).scopes,
    { of: owner, most, name },
    `An organisation may have ${most} active scopes: deactivate one that is no longer needed, or ask the operator for more.`,
  );
}

/** Whoever takes the prefix back looks for scopes after that: of the two one at least sees the other. */
async function keptUnderPrefix({ store }: MaskinportenParts, made: ScopeView, at: Instant, facts: ChangeFacts): Promise<ScopeView> {
  const { scopes, scopePrefixes } = collectionsOf(store);
  const prefix = await scopePrefixes.get(made.value.prefix);
  if (prefix?.value.active === true || !made.value.active) return made;
  await scopes.put(inactive(made.value, at), { expect: made.revision, facts });
  throw new ProblemError('action-not-allowed', { detail: 'The prefix has been taken back meanwhile: ask the operator.' });
}

function inactive({ seat: _, ...rest }: Scope, at: Instant): Scope {
  return { ...rest, active: false, updated: at };
}
