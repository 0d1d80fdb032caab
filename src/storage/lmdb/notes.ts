import { partiesOf } from '../limits.js';
import type { Entity } from '../port.js';
import type { ForeignDeclarations } from './declarations.js';
import { NOTHING_DERIVED, putDerived, removeDerived } from './derive.js';
import { concernsPrefix, type Derived, derivedOf, documentKey, readEvent, readKept } from './layout.js';
import { keysBetween, PRESENT, pastPrefix, type Tables } from './tables.js';

/** How many are made good in one transaction. */
const SETTLED_TOGETHER = 1024;

/** What carries work out in transactions. */
interface Submitting {
  submit(works: readonly (() => undefined)[]): Promise<unknown>;
}

type Kind = 'document' | 'event';
const KINDS: readonly Kind[] = ['document', 'event'];

/**
 * What a process of a version that does not know an index leaves behind for those that do: of a document that it changed how that was when the index
 * was last right, and which events it did not list. Who knows the index makes it good before reading it.
 */
export class Notes {
  readonly #tables: Tables;
  readonly #foreign: ForeignDeclarations;

  constructor(tables: Tables, foreign: ForeignDeclarations) {
    this.#tables = tables;
    this.#foreign = foreign;
  }

  /** At the beginning of a transaction. */
  begin(): void {
    this.#foreign.renew();
  }

  /** Within its transaction: a document is changed. @param before its text as it was; undefined if there was none */
  onChange(entity: Entity<unknown>, key: string, before: string | undefined): void {
    if (!this.#foreign.of(entity).entries) return;
    const place = noteKey('document', entity.name, key);
    if (this.#tables.notes.get(place) === undefined) this.#tables.notes.putSync(place, before ?? '');
  }

  /** Within its transaction: an event is written. @returns whether it is one of the registry, to whichever version */
  onEvent(entity: Entity<unknown>, cursor: string): boolean {
    const { concerns, isRegistry } = this.#foreign.of(entity);
    if (concerns) this.#tables.notes.putSync(noteKey('event', entity.name, cursor), PRESENT);
    return isRegistry;
  }

  /** Whether anything waits to be made good, in the current snapshot. */
  isAny(): boolean {
    // Counted, which is one call, where an iterator costs as much as the rest of a query.
    return this.#tables.notes.getKeysCount({ start: Buffer.of(0), end: Buffer.of(0xff), limit: 1 }) > 0;
  }

  /**
   * Within a transaction: makes some of what waits good.
   * @param from where the piece before ended
   * @returns where this one ended, if there may be more
   */
  settle(entity: Entity<unknown>, kind: Kind, from?: Buffer): Buffer | undefined {
    const { notes } = this.#tables;
    const prefix = noteKey(kind, entity.name, '');
    const places = keysBetween(notes, from ?? Buffer.from(prefix), pastPrefix(prefix), SETTLED_TOGETHER);
    const foreign = this.#foreign.of(entity);
    for (const place of places) {
      const what = place.toString().slice(prefix.length);
      if (kind === 'document') this.#reindex(entity, what, notes.get(place) as string);
      else this.#list(entity, what);
      // A third version may know what this one does not, and needs the note too.
      if (kind === 'document' ? !foreign.entries : !foreign.concerns) notes.removeSync(place);
    }
    const last = places.at(-1);
    return last === undefined || places.length < SETTLED_TOGETHER ? undefined : Buffer.concat([last, Buffer.of(0)]);
  }

  /** Makes good all that waits now, of these entities. */
  async settleAll(writer: Submitting, entities: Iterable<Entity<unknown>>): Promise<void> {
    for (const entity of entities) {
      for (const kind of KINDS) {
        let from: Buffer | undefined;
        do {
          await writer.submit([
            () => {
              from = this.settle(entity, kind, from);
              return undefined;
            },
          ]);
        } while (from !== undefined);
      }
    }
  }

  #reindex(entity: Entity<unknown>, key: string, before: string): void {
    const text = this.#tables.documents.get(documentKey(entity.name, key));
    const [old, now] = [before, text ?? ''].map((kept) =>
      kept === '' ? NOTHING_DERIVED : derivedOf(entity, key, JSON.parse(readKept(kept).json)),
    ) as [Derived, Derived];
    removeDerived(this.#tables, old, now);
    // Also what was there before: it is not known which of it this version has written.
    putDerived(this.#tables, now, NOTHING_DERIVED);
  }

  #list(entity: Entity<unknown>, cursor: string): void {
    const text = this.#tables.events.get(cursor);
    if (text === undefined || entity.concerns === undefined) return;
    const { before, after } = readEvent(cursor, text);
    for (const party of partiesOf(entity, before, after)) {
      this.#tables.concerns.putSync(concernsPrefix(party) + cursor, PRESENT);
    }
  }
}

function noteKey(kind: Kind, entity: string, what: string): string {
  return `${kind}\0${entity}\0${what}`;
}
