import type { PackageName, Right } from '#systembruker';

/** A right as Altinn writes it. */
export interface WireRight {
  action?: string;
  resource: { id: string; value: string }[];
}

/** Rights as Altinn writes them. */
export function rightsOut(rights: readonly Right[]): WireRight[] {
  return rights.map(({ action, resources }) => ({
    ...(action !== undefined && { action }),
    resource: resources.map((value) => ({ id: 'urn:altinn:resource', value })),
  }));
}

/** Packages as Altinn writes them. */
export function packagesOut(packages: readonly PackageName[]): { urn: string }[] {
  return packages.map((name) => ({ urn: `urn:altinn:accesspackage:${name}` }));
}
