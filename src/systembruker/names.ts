import type { PackageName } from './nouns.js';

/** What services are named by in rights on the wire. */
export const RESOURCE_URN = 'urn:altinn:resource';

const PACKAGE_URN = 'urn:altinn:accesspackage:';

/** What a package is called on the wire. */
export function packageUrn(name: PackageName): string {
  return PACKAGE_URN + name;
}

/** The package that is called so on the wire; `undefined` for what is no such name. */
export function packageIn(urn: string): PackageName | undefined {
  return urn.startsWith(PACKAGE_URN) ? (urn.slice(PACKAGE_URN.length) as PackageName) : undefined;
}
