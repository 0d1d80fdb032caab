import type { AccessPackage, PackageName, Resource, ResourceId, Right, Rights, SystemUser } from '../nouns.js';

/** What of each service may be done. */
export type ActionsOf = (resources: readonly ResourceId[]) => readonly string[];

/** What is added and taken away. */
export interface Difference {
  readonly added: Rights;
  readonly removed: Rights;
}

/** Nothing at all. */
export const NOTHING: Rights = { rights: [], packages: [] };

/** Whether that is nothing at all. */
export function isNothing({ rights, packages }: Rights): boolean {
  return rights.length === 0 && packages.length === 0;
}

function placeOf({ resources }: Right): string {
  return [...new Set(resources)].sort().join(' ');
}

/** Of the same services: whether one gives all that the other does, all their actions or the same one. */
function covers(wide: Right, narrow: Right): boolean {
  return wide.action === undefined || wide.action === narrow.action;
}

/** Rights by the services that they are about together: each is looked at once, however many there are. */
function byPlace(rights: readonly Right[]): ReadonlyMap<string, readonly Right[]> {
  const found = new Map<string, Right[]>();
  for (const right of rights) {
    const place = placeOf(right);
    const there = found.get(place);
    if (there === undefined) found.set(place, [right]);
    else there.push(right);
  }
  return found;
}

/** Those of the rights that nothing in the others gives. */
export function rightsOutside(rights: readonly Right[], within: readonly Right[]): readonly Right[] {
  const known = byPlace(within);
  return rights.filter((right) => known.get(placeOf(right))?.some((wide) => covers(wide, right)) !== true);
}

/** Those of the packages that are not among the others. */
export function packagesOutside(packages: readonly PackageName[], within: readonly PackageName[]): readonly PackageName[] {
  return packages.filter((name) => !within.includes(name));
}

/** Of rights, those that are about the same services as one of the others, whatever may be done there; of packages, those among the others. */
export function ofPlaces({ rights, packages }: Rights, within: readonly Rights[]): Rights {
  const places = new Set(within.flatMap((one) => one.rights.map(placeOf)));
  const names = new Set(within.flatMap((one) => one.packages));
  return { rights: rights.filter((right) => places.has(placeOf(right))), packages: packages.filter((name) => names.has(name)) };
}

/** The same without what stands there twice, or is given by another of them. */
export function withoutRepeats({ rights, packages }: Rights): Rights {
  const kept = [...byPlace(rights).values()].flatMap((there) => there.reduce<readonly Right[]>(withRight, []));
  return { rights: kept, packages: [...new Set(packages)] };
}

/** @param has of the same services */
function withRight(has: readonly Right[], right: Right): readonly Right[] {
  if (has.some((one) => covers(one, right))) return has;
  return [...has.filter((one) => !covers(right, one)), right];
}

/** Of all that may be done with a service one thing can be taken away: the rest of it is left. @param has of the same services */
function withoutRight(has: readonly Right[], gone: Right, actionsOf: ActionsOf): readonly Right[] {
  return has.flatMap((right) => {
    if (covers(gone, right)) return [];
    if (!covers(right, gone)) return [right];
    const { resources } = right;
    return actionsOf(resources).flatMap((action) => (action === gone.action ? [] : [{ action, resources }]));
  });
}

/** What somebody has once what is required is there and what is unwanted is not: both may be so already. What is in both is not there. */
export function changed(
  has: Rights,
  { required, unwanted }: { readonly required: Rights; readonly unwanted: Rights },
  actionsOf: ActionsOf,
): Rights {
  const gone = byPlace(unwanted.rights);
  const wanted = withoutRepeats({ rights: [...has.rights, ...required.rights], packages: [] }).rights;
  const rights = [...byPlace(wanted)].flatMap(([place, there]) =>
    (gone.get(place) ?? []).reduce((left, one) => withoutRight(left, one, actionsOf), there),
  );
  const packages = [...new Set([...has.packages, ...required.packages])];
  return { rights, packages: packagesOutside(packages, unwanted.packages) };
}

/** What one has and the other has not. */
export function differenceOf(before: Rights, after: Rights): Difference {
  return {
    added: { rights: rightsOutside(after.rights, before.rights), packages: packagesOutside(after.packages, before.packages) },
    removed: { rights: rightsOutside(before.rights, after.rights), packages: packagesOutside(before.packages, after.packages) },
  };
}

/** All services and packages that rights name. */
export function namedIn(all: readonly Rights[]): { readonly resources: readonly ResourceId[]; readonly packages: readonly PackageName[] } {
  return {
    resources: [...new Set(all.flatMap(({ rights }) => rights.flatMap(({ resources }) => resources)))],
    packages: [...new Set(all.flatMap(({ packages }) => packages))],
  };
}

/** What is known of services and packages. */
export interface Known {
  readonly resources: ReadonlyMap<ResourceId, Resource>;
  readonly packages: ReadonlyMap<PackageName, AccessPackage>;
}

/** What may be done with services, as far as they are known. */
export function actionsIn({ resources: known }: Known): ActionsOf {
  return (resources) => [...new Set(resources.flatMap((id) => known.get(id)?.actions ?? []))];
}

/** All that a system user has, is to have, or has been asked to have. */
export function allOf({ asked, has, changes }: Pick<SystemUser, 'asked' | 'has' | 'changes'>): readonly Rights[] {
  return [asked, has, ...changes.flatMap(({ required, unwanted }) => [required, unwanted])];
}
