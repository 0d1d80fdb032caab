import { present } from '#domain';
import {
  type PackageName,
  packageIn,
  packageUrn,
  RESOURCE_URN,
  type ResourceId,
  type Right,
  type Rights,
  SystembrukerFault,
} from '#systembruker';

/** A right as Altinn writes it. */
export interface WireRight {
  action?: string;
  resource: { id: string; value: string }[];
}
/** A package as Altinn writes it. */
export interface WirePackage {
  urn: string;
}

/** The rights and packages that were sent; those that were not are none. @throws SystembrukerFault `AUTH-00001` */
export function rightsIn(rights: readonly WireRight[] = [], packages: readonly WirePackage[] = []): Rights {
  return { rights: rights.map(rightIn), packages: packages.map(({ urn }) => packageIn(urn) ?? (urn as PackageName)) };
}

function rightIn({ action, resource }: WireRight): Right {
  if (resource.some(({ id }) => id !== RESOURCE_URN))
    throw new SystembrukerFault('AUTH-00001', { detail: `A service is named by the id ${RESOURCE_URN}.` });
  return present({ action, resources: resource.map(({ value }) => value as ResourceId) });
}

/** Rights as they are sent. */
export function rightsOut({ rights }: Pick<Rights, 'rights'>): WireRight[] {
  return rights.map(({ action, resources }) => present({ action, resource: resources.map((value) => ({ id: RESOURCE_URN, value })) }));
}

/** Packages as they are sent. */
export function packagesOut({ packages }: Pick<Rights, 'packages'>): WirePackage[] {
  return packages.map((name) => ({ urn: packageUrn(name) }));
}
