import { type FieldFault, ProblemError } from '#problem';
import type { Asking } from '../administer/caller.js';
import type { SystembrukerParts } from '../parts.js';
import { putPackage, putResource } from './keep-resources.js';
import { isPackageName, isResourceId, soundPackage, soundResource } from './sound.js';

/** How many services and packages an import names; they are so now. */
export interface CatalogueReport {
  readonly resources: number;
  readonly packages: number;
}

/**
 * Registers the services and packages of a file. All of it is looked at before anything is written; what the file does not name stays.
 * @param catalogue `{"resources":[{"id":…}],"packages":[{"name":…}]}`
 * @throws ProblemError `invalid-request` with pointers into the file; as putResource and putPackage say
 */
export async function importCatalogue(parts: SystembrukerParts, request: Asking, catalogue: unknown): Promise<CatalogueReport> {
  const { resources = [], packages = [] } = (catalogue ?? {}) as Partial<Record<string, unknown>>;
  const faults: FieldFault[] = [];
  const services = soundAll(resources, { at: '/resources', key: 'id', isKey: isResourceId, sound: soundResource }, faults);
  const sets = soundAll(packages, { at: '/packages', key: 'name', isKey: isPackageName, sound: soundPackage }, faults);
  if (faults.length > 0) throw new ProblemError('invalid-request', { at: faults });
  await Promise.all([
    ...services.map(([id, terms]) => putResource(parts, request, id, terms)),
    ...sets.map(([name, terms]) => putPackage(parts, request, name, terms)),
  ]);
  return { resources: services.length, packages: sets.length };
}

interface Kind<T> {
  readonly at: string;
  readonly key: string;
  readonly isKey: (value: unknown) => value is string;
  readonly sound: (sent: unknown, at: string) => T;
}

/** Those of a list with their keys; what is wrong with any of them is added. */
function soundAll<T>(sent: unknown, { at, key, isKey, sound }: Kind<T>, faults: FieldFault[]): (readonly [string, T])[] {
  if (!Array.isArray(sent)) {
    faults.push({ pointer: at, detail: 'must be a list' });
    return [];
  }
  return sent.flatMap((one: unknown, i) => {
    const name = (one as Partial<Record<string, unknown>> | null)?.[key];
    if (!isKey(name))
      faults.push({
        pointer: `${at}/${i}/${key}`,
        detail: 'must be small letters, digits and dashes (of services also low lines), at least 2',
      });
    try {
      return [[name as string, sound(one, `${at}/${i}`)] as const];
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      faults.push(...error.at);
      return [];
    }
  });
}
