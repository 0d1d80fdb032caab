import { ProblemError } from '#problem';
import { partiesOf, valuesOf } from '../limits.js';
import type { Entity } from '../port.js';
import { type Declaration, keepDeclaration, keptDeclaration } from './declarations.js';
import { concernsPrefix, documentKey, expirationKey, readEvent, readKept, valuePrefix } from './layout.js';
import { EPOCH_KEY, keysBetween, lastSequence, PRESENT, pastPrefix, type Table, type Tables } from './tables.js';

/** How many are read before they are looked at: bounds the memory, not the transaction. */
const PAGE = 1000;

/** Within a transaction: builds what the entities declare and the store does not have yet; what the store has and no entity declares stays. */
export function ensureDeclared(tables: Tables, entities: Iterable<Entity<unknown>>): void {
  for (const entity of entities) ensure(tables, entity);
}

function ensure(tables: Tables, entity: Entity<unknown>): void {
  const kept = keptDeclaration(tables, entity.name);
  const missing = Object.keys(entity.indexes).filter((index) => !Object.hasOwn(kept.indexes, index));
  const mustList = entity.concerns !== undefined && !kept.concerns;
  const mustExpire = entity.expiresAt !== undefined && !kept.expires;
  const isNewRegistry = entity.isRegistry === true && !kept.isRegistry;
  if (missing.length === 0 && !mustList && !mustExpire && !isNewRegistry) return;
  for (const index of missing) buildIndex(tables, entity, index);
  if (mustList) listConcerned(tables, entity);
  if (mustExpire) listExpiring(tables, entity);
  // What was changed before is covered.
  if (isNewRegistry) tables.meta.putSync(EPOCH_KEY, String(lastSequence(tables)));
  const added = Object.fromEntries(missing.map((index) => [index, entity.indexes[index]?.unique === true]));
  const now: Declaration = {
    indexes: { ...kept.indexes, ...added },
    concerns: kept.concerns || mustList,
    expires: kept.expires || mustExpire,
    isRegistry: kept.isRegistry || isNewRegistry,
  };
  keepDeclaration(tables, entity.name, now);
}

function buildIndex(tables: Tables, entity: Entity<unknown>, index: string): void {
  const isUnique = entity.indexes[index]?.unique === true;
  for (const { key, value } of everyDocument(tables, entity)) {
    for (const text of valuesOf(entity, index, value)) {
      const prefix = valuePrefix(entity.name, index, text);
      if (isUnique && keysBetween(tables.indexes, Buffer.from(prefix), pastPrefix(prefix), 1).length > 0) {
        throw new ProblemError('store-unavailable', { detail: `documents of ${entity.name} break a unique index that is declared now` });
      }
      tables.indexes.putSync(prefix + key, PRESENT);
    }
  }
}

function listExpiring(tables: Tables, entity: Entity<unknown>): void {
  for (const { key, value } of everyDocument(tables, entity)) {
    const at = entity.expiresAt?.(value);
    if (at !== undefined) tables.expirations.putSync(expirationKey(entity.name, at, key), PRESENT);
  }
}

/** Lists the events that were written before the entity told whom they concern. */
function listConcerned({ events, concerns }: Tables, entity: Entity<unknown>): void {
  for (const place of everyKey(events, '')) {
    const cursor = place.toString();
    const event = readEvent(cursor, events.get(place) as string);
    if (event.entity !== entity.name) continue;
    for (const party of partiesOf(entity, event.before, event.after)) concerns.putSync(concernsPrefix(party) + cursor, PRESENT);
  }
}

function* everyDocument({ documents }: Tables, { name }: Entity<unknown>): Generator<{ readonly key: string; readonly value: unknown }> {
  const prefix = documentKey(name, '');
  for (const place of everyKey(documents, prefix)) {
    yield { key: place.toString().slice(prefix.length), value: JSON.parse(readKept(documents.get(place) as string).json) };
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
