import { checkPrecondition, type PageOf, type PageRange, type Precondition, pickedPage, repeated } from '#access';
import { holdsPersonNumber } from '#domain';
import { ProblemError } from '#problem';
import type { Stored } from '#storage';
import type { Asking } from '../administer/caller.js';
import { leaveFor } from '../administer/leave.js';
import type { AccessPackage, Resource } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { isPackageName, isResourceId, type PackageTerms, type ResourceTerms } from './sound.js';

/** A service with its revision. */
export type ResourceView = Stored<Resource>;
/** A package with its revision. */
export type PackageView = Stored<AccessPackage>;

/** More of them nobody needs. */
const MOST_OF_AN_OWNER = 10_000;

/** The services that are in use, by their ids; for everybody. @throws ProblemError `invalid-request` for a cursor that is none of ours */
export async function listResources(parts: SystembrukerParts, request: Asking, range: PageRange): Promise<PageOf<ResourceView>> {
  await leaveFor(parts, request, { action: 'resource.list' });
  return pickedPage(collectionsOf(parts.store).resources, { index: 'active' }, range, (found) => found);
}

/** A service, also one that is out of use: rights may name it still; for everybody. @throws ProblemError `not-found` */
export async function readResource(parts: SystembrukerParts, request: Asking, id: string): Promise<ResourceView> {
  await leaveFor(parts, request, { action: 'resource.read' });
  return (await resourceNamed(parts, id)) ?? notThere();
}

/**
 * Registers a service, or replaces what is said of it; what is so already stays. It never goes to another owner.
 * @throws ProblemError as leaveFor says; `invalid-request`, `precondition-failed`, `quota-reached`
 */
export function putResource(
  parts: SystembrukerParts,
  request: Asking,
  id: string,
  terms: ResourceTerms,
  precondition: Precondition = 'any',
): Promise<ResourceView> {
  return repeated(async () => {
    const before = await resourceNamed(parts, id);
    const object = { exists: before !== undefined, owner: before?.value.owner ?? terms.owner };
    const { at, facts } = await leaveFor(parts, request, { action: 'resource.put', object });
    if (!isResourceId(id) || holdsPersonNumber(id))
      throw wrong('/identifier', 'must be 2 to 100 of a-z 0-9 _ -, the first no sign, and hold no person number');
    if (terms.owner !== object.owner) throw wrong('/owner', 'must stay: a service never goes to another owner');
    checkPrecondition(precondition, before?.revision ?? 0);
    const { resources } = collectionsOf(parts.store);
    if (before === undefined && (await resources.count({ index: 'owner', prefix: `${terms.owner}/` })) >= MOST_OF_AN_OWNER)
      throw new ProblemError('quota-reached', { detail: `An organisation may have registered ${MOST_OF_AN_OWNER} services.` });
    const value = { ...terms, id, created: before?.value.created ?? at, updated: before?.value.updated ?? at };
    if (before !== undefined && isSame(before.value, value)) return before;
    return resources.put({ ...value, updated: at }, { expect: before?.revision ?? 'absent', facts: facts('resource.put') });
  });
}

/** Takes a service out of use: nobody is given it any more. Its id stays its owner's. @throws ProblemError as leaveFor says; `not-found`, `precondition-failed` */
export function removeResource(
  parts: SystembrukerParts,
  request: Asking,
  id: string,
  precondition: Precondition = 'any',
): Promise<ResourceView> {
  return repeated(async () => {
    const before = await resourceNamed(parts, id);
    const object = { exists: before !== undefined, owner: before?.value.owner };
    const { at, facts } = await leaveFor(parts, request, { action: 'resource.remove', object });
    if (before === undefined) return notThere();
    if (!before.value.active) return before;
    checkPrecondition(precondition, before.revision);
    const value = { ...before.value, active: false, updated: at };
    return collectionsOf(parts.store).resources.put(value, { expect: before.revision, facts: facts('resource.remove') });
  });
}

/** The packages that are in use, by their names; for everybody. @throws ProblemError `invalid-request` for a cursor that is none of ours */
export async function listPackages(parts: SystembrukerParts, request: Asking, range: PageRange): Promise<PageOf<PackageView>> {
  await leaveFor(parts, request, { action: 'package.list' });
  return pickedPage(collectionsOf(parts.store).accessPackages, { index: 'active' }, range, (found) => found);
}

/** A package, also one that is out of use; for everybody. @throws ProblemError `not-found` */
export async function readPackage(parts: SystembrukerParts, request: Asking, name: string): Promise<PackageView> {
  await leaveFor(parts, request, { action: 'package.read' });
  return (await packageNamed(parts, name)) ?? notThere();
}

/** Makes a package, or replaces what is said of it; one that is not `active` is out of use. What is so already stays. @throws ProblemError as leaveFor says; `invalid-request` */
export function putPackage(parts: SystembrukerParts, request: Asking, name: string, terms: PackageTerms): Promise<PackageView> {
  return repeated(async () => {
    const { at, facts } = await leaveFor(parts, request, { action: 'package.put' });
    if (!isPackageName(name)) throw wrong('/name', 'must be 2 to 100 of a-z 0-9 -, the first no sign');
    const before = await packageNamed(parts, name);
    const value = { ...terms, name, created: before?.value.created ?? at, updated: before?.value.updated ?? at };
    if (before !== undefined && isSame(before.value, value)) return before;
    const { accessPackages } = collectionsOf(parts.store);
    return accessPackages.put({ ...value, updated: at }, { expect: before?.revision ?? 'absent', facts: facts('package.put') });
  });
}

async function resourceNamed({ store }: SystembrukerParts, id: string): Promise<ResourceView | undefined> {
  return isResourceId(id) ? collectionsOf(store).resources.get(id) : undefined;
}

async function packageNamed({ store }: SystembrukerParts, name: string): Promise<PackageView | undefined> {
  return isPackageName(name) ? collectionsOf(store).accessPackages.get(name) : undefined;
}

/** Whatever the order of their fields. */
function isSame(one: object, other: object): boolean {
  const told = (value: object): string => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  return told(one) === told(other);
}

function wrong(pointer: string, detail: string): ProblemError {
  return new ProblemError('invalid-request', { at: [{ pointer, detail }] });
}

function notThere(): never {
  throw new ProblemError('not-found', { detail: 'There is no such one: list what there is.' });
}
