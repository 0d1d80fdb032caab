import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refused } from '../../copy/refused.js';
import { entityIn, type Moved, nameOf, readEvents, replay, type Step } from '../../copy/replay.js';
import type { CheckedLog, KnownEntity, LoggedEvent, PassingDocument, Standing, WholeTarget, Writing } from '../../copy/whole-store.js';
import { sequenceText } from '../../cursor.js';
import { partiesOf } from '../../limits.js';
import type { Entity, Verification } from '../../port.js';
import { ensureDeclared } from '../build.js';
import { ForeignDeclarations } from '../declarations.js';
import { NOTHING_DERIVED, putDerived, removeDerived } from '../derive.js';
import { concernsPrefix, type Derived, derivedOf, documentKey, valuePrefix, writeEvent, writeKept } from '../layout.js';
import { Notes } from '../notes.js';
import type { Room } from '../room.js';
import {
  appendText,
  EPOCH_KEY,
  keysBetween,
  lastSequence,
  markAs,
  PRESENT,
  pastPrefix,
  putText,
  type Tables,
  wholenessOf,
} from '../tables.js';
import { checkPart, checkTogether, halves } from '../verify/verify-store.js';
import { LmdbSource } from './whole-source.js';

/** How many events are read at a time within a transaction: more would outlive the young, and the collector's work be twice as much. */
const READ_TOGETHER = 128;

/** What a target on LMDB is made of. */
export interface TargetParts {
  readonly name: string;
  readonly path: string;
  readonly tables: Tables;
  readonly room: Room;
  /** The entities of this program by name. */
  readonly declared: ReadonlyMap<string, Entity<unknown>>;
  /** Whether the store was made for this. */
  readonly isNew: boolean;
}

/** A store on LMDB, written as a whole: each page of events with all that follows from it in one transaction. */
export class LmdbTarget extends LmdbSource implements WholeTarget {
  readonly state: WholeTarget['state'];
  readonly #path: string;
  readonly #room: Room;
  readonly #declared: ReadonlyMap<string, Entity<unknown>>;
  readonly #notes: Notes;

  constructor({ name, path, tables, room, declared, isNew }: TargetParts) {
    super(name, tables);
    this.state = isNew ? 'new' : wholenessOf(tables);
    this.#path = path;
    this.#room = room;
    this.#declared = declared;
    this.#notes = new Notes(tables, new ForeignDeclarations(tables));
  }

  async begin(_entities: readonly KnownEntity[], as: Writing): Promise<void> {
    await this.#write(1, () => {
      markAs(this.tables, as);
      ensureDeclared(this.tables, this.#declared.values());
    });
  }

  append(events: Iterable<LoggedEvent>): Promise<void> {
    return this.#write(READ_TOGETHER, () => {
      let last = lastSequence(this.tables);
      for (const part of partsOf(events)) {
        if (part[0]?.place !== last + 1) throw refused(`somebody else writes to ${this.name}: stop it, empty the store and begin anew`);
        this.#room.refuseGrowth(part.length);
        this.#replay(part);
        last += part.length;
      }
      // It covers whatever is of the registry, to whichever version.
      this.tables.meta.putSync(EPOCH_KEY, String(last));
    });
  }

  #replay(events: readonly LoggedEvent[]): void {
    const read = readEvents(events);
    const standings = new Map<string, Standing>();
    for (const { event, name } of read) {
      const standing = standings.has(name) ? undefined : this.standingAt(documentKey(event.entity, event.key));
      if (standing !== undefined) standings.set(name, standing);
    }
    const { steps, moved } = replay(read, standings);
    for (const step of steps) this.#log(step);
    this.#move(moved, standings);
  }

  async removePassing(): Promise<void> {
    for await (const page of this.passing()) {
      await this.#write(page.length, () => {
        for (const one of page) {
          const entity = entityIn(this.#declared, one.entity);
          const place = documentKey(one.entity, one.key);
          removeDerived(this.tables, this.#derived(entity, one.key, JSON.parse(one.json)), NOTHING_DERIVED);
          this.#notes.onChange(entity, one.key, writeKept({ ...one, last: 0, hash: '' }));
          this.tables.documents.removeSync(place);
        }
      });
    }
  }

  putPassing(documents: readonly PassingDocument[]): Promise<void> {
    return this.#write(documents.length, () => {
      for (const { entity: name, key, revision, json } of documents) {
        const entity = entityIn(this.#declared, name);
        putText(this.tables.documents, documentKey(name, key), writeKept({ revision, last: 0, hash: '', json }));
        putDerived(this.tables, this.#derived(entity, key, JSON.parse(json)), NOTHING_DERIVED);
        this.#notes.onChange(entity, key, undefined);
      }
    });
  }

  checkLog(written: AsyncIterable<number>, onProgress: (events: number) => void, after: number): Promise<CheckedLog> {
    const { tables, snapshots } = this;
    return checkPart({ tables, snapshots, declared: this.#declared, onProgress }, written, after, () => halves(tables)[1]);
  }

  async checkRest(log: Promise<CheckedLog>, upTo: number, onProgress: (events: number) => void): Promise<Verification> {
    const order = { tables: this.tables, snapshots: this.snapshots, declared: this.#declared };
    const own = await checkPart({ ...order, onProgress }, [upTo], 0, () => halves(this.tables)[0]);
    return checkTogether(order, await this.last(), [own, await log]);
  }

  finish(): Promise<void> {
    return this.#write(1, () => markAs(this.tables, 'whole'));
  }

  async erase(): Promise<void> {
    await this.close();
    for (const file of ['data.mdb', 'lock.mdb']) await rm(join(this.#path, file), { force: true });
  }

  #log({ place, hash, json, previous, event }: Step): void {
    const cursor = sequenceText(place);
    appendText(this.tables.events, cursor, writeEvent({ hash, previous, json }));
    const entity = entityIn(this.#declared, event.entity);
    for (const party of this.#parties(entity, event, place)) this.tables.concerns.putSync(concernsPrefix(party) + cursor, PRESENT);
    this.#notes.onEvent(entity, cursor);
  }

  /** All that goes before all that comes, since one document may take over another's unique value. */
  #move(moved: readonly Moved[], standings: ReadonlyMap<string, Standing>): void {
    const { documents, graves } = this.tables;
    const derived = moved.map((one) => {
      const { entity: name, key, before, after, standing } = one;
      const entity = entityIn(this.#declared, name);
      const [old, now] = [before, after].map((value) => (value === undefined ? NOTHING_DERIVED : this.#derived(entity, key, value)));
      const was = standings.get(nameOf(one));
      removeDerived(this.tables, old as Derived, now as Derived);
      this.#notes.onChange(entity, key, was === undefined || was.json === '' ? undefined : writeKept(was));
      const place = documentKey(name, key);
      const [to, other] = standing.json === '' ? [graves, documents] : [documents, graves];
      putText(to, place, writeKept(standing));
      if (was !== undefined && (was.json === '') !== (standing.json === '')) other.removeSync(place);
      return { entity, key, old: old as Derived, now: now as Derived, value: after };
    });
    for (const { entity, key, old, now, value } of derived) {
      putDerived(this.tables, now, old);
      if (value !== undefined) this.#assertUnique(entity, key, value);
    }
  }

  #assertUnique(entity: Entity<unknown>, key: string, value: unknown): void {
    for (const [index, { unique, values }] of Object.entries(entity.indexes)) {
      if (unique !== true) continue;
      for (const text of values(value)) {
        const prefix = valuePrefix(entity.name, index, text);
        if (keysBetween(this.tables.indexes, Buffer.from(prefix), pastPrefix(prefix), 2).length < 2) continue;
        throw refused(`two documents of ${entity.name} have the same ${index}, one of them ${key}`);
      }
    }
  }

  #derived(entity: Entity<unknown>, key: string, value: unknown): Derived {
    try {
      return derivedOf(entity, key, value);
    } catch (cause) {
      throw refused(`the document ${entity.name} ${key} does not fit this version of the program`, cause);
    }
  }

  #parties(entity: Entity<unknown>, { before, after }: Step['event'], place: number): ReadonlySet<string> {
    try {
      return partiesOf(entity, before, after);
    } catch (cause) {
      throw refused(`whom event ${sequenceText(place)} concerns this version of the program cannot tell`, cause);
    }
  }

  async #write(count: number, action: () => void): Promise<void> {
    try {
      this.tables.root.transactionSync(() => {
        this.#room.refuseGrowth(count);
        this.#notes.begin();
        action();
      });
    } catch (error) {
      throw this.#room.problemOf(await this.#room.reasonOf(error));
    }
  }
}

/** The events some at a time. */
function* partsOf(events: Iterable<LoggedEvent>): Generator<readonly LoggedEvent[]> {
  let part: LoggedEvent[] = [];
  for (const event of events) {
    part.push(event);
    if (part.length < READ_TOGETHER) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
