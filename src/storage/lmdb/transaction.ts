import { ProblemError } from '#problem';
import { type Change as AnyChange, eventJson, firstPassingRevision, isExpected, partiesOrRefusal } from '../change.js';
import { sequenceText } from '../cursor.js';
import { textHash } from '../event-chain.js';
import type { Entity } from '../port.js';
import { NOTHING_DERIVED, putDerived, removeDerived } from './derive.js';
import {
  concernsPrefix,
  type Derived,
  derivedOf,
  documentKey,
  entriesOf,
  expirationKey,
  type Kept,
  readKept,
  valuePrefix,
  writeEvent,
  writeKept,
} from './layout.js';
import type { Notes } from './notes.js';
import { EPOCH_KEY, keysBetween, lastSequence, PRESENT, pastPrefix, putText, type Tables } from './tables.js';

/** What became of a change: the new revision, nothing to remove, or why it was refused. */
export type Outcome = number | undefined | Error;

type Change = AnyChange<Derived>;

/** A document before a change. */
interface Standing {
  readonly place: string;
  /** What is stored, as text and read, and its parsed value if somebody asks for it; expired ones too. */
  readonly text: string | undefined;
  readonly stored: Kept | undefined;
  readonly value: unknown;
  /** What is there as far as anybody is told. */
  readonly before: Kept | undefined;
}

const PROBE_KEY = Buffer.from('probe');
/** How many expired documents go with each change of one that expires: more than come, so that none pile up. */
const SWEPT_PER_CHANGE = 4;

/** The changes of one transaction. Everything is done in it, so nothing is awaited. */
export class Transaction {
  readonly #tables: Tables;
  readonly #notes: Notes;
  readonly #now: string;
  #sequence: number | undefined;
  #epoch: number | undefined;
  /** How many expired documents of which entity may go. */
  readonly #expiring = new Map<Entity<unknown>, number>();

  /** @param now the moment from which on what expires at it is gone */
  constructor(tables: Tables, notes: Notes, now: string) {
    this.#tables = tables;
    this.#notes = notes;
    this.#now = now;
    notes.begin();
  }

  /** Carries a change out, or says why not and leaves everything as it was. */
  apply(change: Change): Outcome {
    const { entity, json, options } = change;
    const standing = this.#standing(change);
    const { before } = standing;
    if (!isExpected(options.expect, before?.revision)) return new ProblemError('conflict');
    if (json === undefined && before === undefined) return undefined;
    const taken = this.#taken(change);
    if (taken !== undefined) return new ProblemError('conflict', { detail: `another one has the same ${taken}` });
    return entity.keepsNoHistory === true ? this.#keep(change, standing) : this.#record(change, standing);
  }

  /** Raises the registry epoch if it must be, and removes some of what has expired. */
  finish(): void {
    if (this.#epoch !== undefined) this.#tables.meta.putSync(EPOCH_KEY, String(this.#epoch));
    for (const [entity, most] of this.#expiring) this.sweep(entity, most);
  }

  #standing({ entity, key }: Change): Standing {
    const place = documentKey(entity.name, key);
    const text = this.#tables.documents.get(place);
    if (text === undefined) return { place, text, stored: undefined, value: undefined, before: undefined };
    const stored = readKept(text);
    // Parsed once, and only if somebody asks.
    const isRead = entity.concerns !== undefined || entity.expiresAt !== undefined || Object.keys(entity.indexes).length > 0;
    const value = isRead ? (JSON.parse(stored.json) as unknown) : undefined;
    const isGone = entity.expiresAt !== undefined && entity.expiresAt(value) <= this.#now;
    return { place, text, stored, value, before: isGone ? undefined : stored };
  }

  /** The unique index in which another document has the value. */
  #taken({ entity, key, unique }: Change): string | undefined {
    if (unique.length > 0 && this.#notes.isAny()) this.#settleAll(entity);
    for (const [index, value] of unique) {
      const prefix = valuePrefix(entity.name, index, value);
      const own = Buffer.from(prefix + key);
      if (keysBetween(this.#tables.indexes, Buffer.from(prefix), pastPrefix(prefix), 2).some((other) => !own.equals(other))) return index;
    }
    return undefined;
  }

  /** A unique index is made right before it is asked. */
  #settleAll(entity: Entity<unknown>): void {
    let from: Buffer | undefined;
    do from = this.#notes.settle(entity, 'document', from);
    while (from !== undefined);
  }

  /** A document without history. */
  #keep(change: Change, standing: Standing): number {
    const { entity, json } = change;
    const { documents } = this.#tables;
    const { place, stored } = standing;
    const revision = stored === undefined ? firstPassingRevision() : stored.revision + 1;
    if (json === undefined) documents.removeSync(place);
    else putText(documents, place, writeKept({ revision, last: 0, hash: '', json }));
    this.#derive(change, standing);
    if (entity.expiresAt !== undefined) this.#expiring.set(entity, (this.#expiring.get(entity) ?? 0) + SWEPT_PER_CHANGE);
    return revision;
  }

  /** A document with its event. */
  #record(change: Change, standing: Standing): Outcome {
    const { place, stored, value } = standing;
    const { documents, graves, events, concerns } = this.#tables;
    const { entity, json } = change;
    const parties = partiesOrRefusal(change, value);
    if (parties instanceof Error) return parties;
    const grave = stored === undefined ? graves.get(place) : undefined;
    const last = stored ?? (grave === undefined ? undefined : readKept(grave));
    const revision = (last?.revision ?? 0) + 1;
    const eventText = eventJson(change, revision, stored, last?.hash ?? '');
    const hash = textHash(eventText);
    // Looked for once, and not for documents without history.
    this.#sequence = (this.#sequence ?? lastSequence(this.#tables)) + 1;
    const sequence = this.#sequence;
    if (json === undefined) {
      documents.removeSync(place);
      putText(graves, place, writeKept({ revision, last: sequence, hash, json: '' }));
    } else {
      putText(documents, place, writeKept({ revision, last: sequence, hash, json }));
      if (grave !== undefined) graves.removeSync(place);
    }
    this.#derive(change, standing);
    const cursor = sequenceText(sequence);
    putText(events, cursor, writeEvent({ hash, previous: last?.last ?? 0, json: eventText }));
    for (const party of parties) concerns.putSync(concernsPrefix(party) + cursor, PRESENT);
    if (this.#notes.onEvent(entity, cursor)) this.#epoch = sequence;
    return revision;
  }

  /** What is kept beside the document follows it. */
  #derive({ entity, key, derived = NOTHING_DERIVED }: Change, { text, stored, value }: Standing): void {
    const old = stored === undefined || value === undefined ? NOTHING_DERIVED : derivedOf(entity, key, value);
    removeDerived(this.#tables, old, derived);
    putDerived(this.#tables, derived, old);
    this.#notes.onChange(entity, key, text);
  }

  /** Writes something that means nothing. */
  probe(): undefined {
    this.#tables.meta.putSync(PROBE_KEY, this.#now);
  }

  /** Removes expired documents of the entity, the oldest first. */
  sweep(entity: Entity<unknown>, most: number): undefined {
    const { documents, expirations, indexes } = this.#tables;
    const start = expirationKey(entity.name, '', '').slice(0, -1);
    // Up to the last one whose moment is now.
    const end = Buffer.from(`${start}${this.#now}\u0001`);
    for (const expired of keysBetween(expirations, Buffer.from(start), end, most)) {
      const text = expired.toString();
      const key = text.slice(text.indexOf('\0', start.length) + 1);
      const place = documentKey(entity.name, key);
      const stored = documents.get(place);
      if (stored !== undefined) {
        for (const entry of entriesOf(entity, key, JSON.parse(readKept(stored).json))) indexes.removeSync(entry);
        documents.removeSync(place);
        this.#notes.onChange(entity, key, stored);
      }
      expirations.removeSync(expired);
    }
  }
}
