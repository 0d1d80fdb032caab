import type { Entity } from './port.js';

/** The entities by name. @throws TypeError for a declaration that cannot be */
export function declaredEntities(entities: readonly Entity<never>[]): ReadonlyMap<string, Entity<unknown>> {
  const declared = new Map<string, Entity<unknown>>();
  for (const entity of entities as readonly unknown[] as readonly Entity<unknown>[]) {
    const { name, indexes, isRegistry, keepsNoHistory, expiresAt } = entity;
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) throw new TypeError('an entity is named by a-z, 0-9 and "-"');
    for (const index of Object.keys(indexes)) if (!/^[\w-]{1,64}$/.test(index)) throw new TypeError(`${index} is no name of an index`);
    if (declared.has(name)) throw new TypeError(`entity ${name} is declared twice`);
    if (isRegistry === true && keepsNoHistory === true) throw new TypeError(`entity ${name} is a registry without history`);
    if (expiresAt !== undefined && keepsNoHistory !== true) throw new TypeError(`documents of ${name} expire and keep history`);
    declared.set(name, entity);
  }
  return declared;
}
