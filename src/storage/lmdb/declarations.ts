import { ProblemError } from '#problem';
import type { Entity } from '../port.js';
import { concernsPrefix, documentKey, indexPrefix, partiesOf, readEvent, readKept, valuesOf } from './layout.js';
import { keysBetween, pastPrefix, type Table, type Tables } from './tables.js';

/** How many are read before they are looked at: bounds the memory, not the transaction. */
const PAGE = 1000;

/** What a store keeps of an entity, for whichever version of the program declared it. */
interface Declaration {
  /** By name, whether it is unique. */
  readonly indexes: Readonly<Record<string, boolean>>;
  /** Whether the lists of whom events concern are kept. */
  readonly concerns: boolean;
}

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

/** Builds what the entity declares and the store does not have yet; what the store has and the entity does not declare stays. */
export function ensureDeclared(tables: Tables, entity: Entity<unknown>): void {
  const { root, meta } = tables;
  const place = Buffer.from(`entity ${entity.name}`);
  root.transactionSync(() => {
    const text = meta.get(place);
    const kept: Declaration = text === undefined ? { indexes: {}, concerns: false } : (JSON.parse(text) as Declaration);
    const missing = Object.keys(entity.indexes).filter((index) => !Object.hasOwn(kept.indexes, index));
    for (const index of missing) buildIndex(tables, entity, index);
    const mustList = entity.concerns !== undefined && !kept.concerns;
    if (mustList) listConcerned(tables, entity);
    const added = Object.fromEntries(missing.map((index) => [index, entity.indexes[index]?.unique === true]));
    const now: Declaration = { indexes: { ...kept.indexes, ...added }, concerns: kept.concerns || mustList };
    if (JSON.stringify(now) !== text) meta.putSync(place, JSON.stringify(now));
  });
}

function buildIndex(tables: Tables, entity: Entity<unknown>, index: string): void {
  const start = documentKey(entity.name, '');
  const isUnique = entity.indexes[index]?.unique === true;
  for (const place of everyKey(tables.documents, start)) {
    const key = place.toString().slice(start.length);
    const value = JSON.parse(readKept(tables.documents.get(place) as string).json) as unknown;
    for (const text of valuesOf(entity, index, value)) {
      const ofValue = `${indexPrefix(entity.name, index)}${text}\0`;
      if (isUnique && keysBetween(tables.indexes, Buffer.from(ofValue), pastPrefix(ofValue), 1).length > 0) {
        throw new ProblemError('store-unavailable', { detail: `documents of ${entity.name} break a unique index that is declared now` });
      }
      tables.indexes.putSync(Buffer.from(ofValue + key), '1');
    }
  }
}

/** Lists the events that were written before the entity told whom they concern. */
function listConcerned({ events, concerns }: Tables, entity: Entity<unknown>): void {
  for (const place of everyKey(events, '')) {
    const cursor = place.toString();
    const event = readEvent(cursor, events.get(place) as string);
    if (event.entity !== entity.name) continue;
    for (const party of partiesOf(entity, event.before, event.after)) concerns.putSync(Buffer.from(concernsPrefix(party) + cursor), '1');
  }
}

/** All keys that begin so, page by page. */
function* everyKey(table: Table, prefix: string): Generator<Buffer> {
  const end = pastPrefix(prefix);
  let from = prefix === '' ? Buffer.of(0) : Buffer.from(prefix);
  for (;;) {
    const places = keysBetween(table, from, end, PAGE);
    yield* places;
    const last = places.at(-1);
    if (last === undefined) return;
    from = Buffer.concat([last, Buffer.of(0)]);
  }
}
