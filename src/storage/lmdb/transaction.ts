import { randomInt } from 'node:crypto';
import { ProblemError } from '#problem';
import { textHash } from '../event-chain.js';
import type { Entity } from '../port.js';
import { type Change, eventJson } from './change.js';
import {
  concernsPrefix,
  documentKey,
  entriesOf,
  expirationKey,
  type Kept,
  partiesOf,
  readKept,
  sequenceText,
  valuePrefix,
  writeEvent,
  writeKept,
} from './layout.js';
import { EPOCH_KEY, keysBetween, lastSequence, pastPrefix, type Tables } from './tables.js';

/** What became of a change: the new revision, nothing to remove, or why it was refused. */
export type Outcome = number | undefined | Error;

/** A document before a change. */
interface Standing {
  readonly place: Buffer;
  /** What is stored, and its parsed value if somebody asks for it; expired ones too. */
  readonly stored: Kept | undefined;
  readonly value: unknown;
  /** What is there as far as anybody is told. */
  readonly before: Kept | undefined;
}

const NOBODY: ReadonlySet<string> = new Set();
const NO_ENTRIES: ReadonlySet<string> = new Set();
/** How many expired documents go with each change of one that expires: more than come, so that none pile up. */
const SWEPT_PER_CHANGE = 4;
/** Revisions without history begin below this; some 8 million changes of one document lie between it and the last safe integer. */
const MOST_FIRST_REVISION = 2 ** 47;

/** The changes of one transaction. Everything is done in it, so nothing is awaited. */
export class Transaction {
  readonly #tables: Tables;
  readonly #now: string;
  #sequence: number;
  #epoch: number | undefined;
  /** How many expired documents of which entity may go. */
  readonly #expiring = new Map<Entity<unknown>, number>();

  /** @param now the moment from which on what expires at it is gone */
  constructor(tables: Tables, now: string) {
    this.#tables = tables;
    this.#now = now;
    this.#sequence = lastSequence(tables);
  }

  /** Carries a change out, or says why not and leaves everything as it was. */
  apply(change: Change): Outcome {
    const { entity, json, options } = change;
    const standing = this.#standing(change);
    const { before } = standing;
    const { expect } = options;
    if (expect === 'absent' ? before !== undefined : expect !== 'any' && before?.revision !== expect) return new ProblemError('conflict');
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
    const place = Buffer.from(documentKey(entity.name, key));
    const text = this.#tables.documents.get(place);
    if (text === undefined) return { place, stored: undefined, value: undefined, before: undefined };
    const stored = readKept(text);
    // Parsed once, and only if somebody asks.
    const isRead = entity.concerns !== undefined || entity.expiresAt !== undefined || Object.keys(entity.indexes).length > 0;
    const value = isRead ? (JSON.parse(stored.json) as unknown) : undefined;
    const isGone = entity.expiresAt !== undefined && entity.expiresAt(value) <= this.#now;
    return { place, stored, value, before: isGone ? undefined : stored };
  }

  /** The unique index in which another document has the value. */
  #taken({ entity, key, unique }: Change): string | undefined {
    for (const [index, value] of unique) {
      const prefix = valuePrefix(entity.name, index, value);
      const own = Buffer.from(prefix + key);
      if (keysBetween(this.#tables.indexes, Buffer.from(prefix), pastPrefix(prefix), 2).some((other) => !own.equals(other))) return index;
    }
    return undefined;
  }

  /** A document without history. */
  #keep(change: Change, { place, stored, value }: Standing): number {
    const { entity, key, json } = change;
    const { documents, expirations } = this.#tables;
    const revision = (stored?.revision ?? randomInt(MOST_FIRST_REVISION)) + 1;
    if (json === undefined) documents.removeSync(place);
    else documents.putSync(place, writeKept({ revision, last: 0, hash: '', json }));
    this.#reindex(change, stored === undefined ? undefined : value);
    if (entity.expiresAt !== undefined) {
      if (stored !== undefined) expirations.removeSync(Buffer.from(expirationKey(entity.name, entity.expiresAt(value), key)));
      if (json !== undefined) expirations.putSync(Buffer.from(expirationKey(entity.name, entity.expiresAt(change.value), key)), '1');
      this.#expiring.set(entity, (this.#expiring.get(entity) ?? 0) + SWEPT_PER_CHANGE);
    }
    return revision;
  }

  /** A document with its event. */
  #record(change: Change, { place, stored, value }: Standing): Outcome {
    const { documents, graves, events, concerns } = this.#tables;
    const { entity, json } = change;
    const parties = partiesOrRefusal(change, value);
    if (parties instanceof Error) return parties;
    const grave = stored === undefined ? graves.get(place) : undefined;
    const last = stored ?? (grave === undefined ? undefined : readKept(grave));
    const revision = (last?.revision ?? 0) + 1;
    const eventText = eventJson(change, revision, stored, last?.hash ?? '');
    const hash = textHash(eventText);
    this.#sequence += 1;
    const sequence = this.#sequence;
    if (json === undefined) {
      documents.removeSync(place);
      graves.putSync(place, writeKept({ revision, last: sequence, hash, json: '' }));
    } else {
      documents.putSync(place, writeKept({ revision, last: sequence, hash, json }));
      if (grave !== undefined) graves.removeSync(place);
    }
    this.#reindex(change, value);
    const cursor = sequenceText(sequence);
    events.putSync(Buffer.from(cursor), writeEvent({ hash, previous: last?.last ?? 0, json: eventText }));
    for (const party of parties) concerns.putSync(Buffer.from(concernsPrefix(party) + cursor), '1');
    if (entity.isRegistry === true) this.#epoch = sequence;
    return revision;
  }

  #reindex({ entity, key, entries }: Change, old: unknown): void {
    const { indexes } = this.#tables;
    const oldEntries = old === undefined ? NO_ENTRIES : entriesOf(entity, key, old);
    for (const entry of oldEntries) if (!entries.has(entry)) indexes.removeSync(Buffer.from(entry));
    for (const entry of entries) if (!oldEntries.has(entry)) indexes.putSync(Buffer.from(entry), '1');
  }

  /** Removes expired documents of the entity, the oldest first. */
  sweep(entity: Entity<unknown>, most: number): void {
    const { documents, expirations, indexes } = this.#tables;
    const start = expirationKey(entity.name, '', '').slice(0, -1);
    // Up to the last one whose moment is now.
    const end = Buffer.from(`${start}${this.#now}\u0001`);
    for (const expired of keysBetween(expirations, Buffer.from(start), end, most)) {
      const text = expired.toString();
      const key = text.slice(text.indexOf('\0', start.length) + 1);
      const place = Buffer.from(documentKey(entity.name, key));
      const stored = documents.get(place);
      if (stored !== undefined) {
        for (const entry of entriesOf(entity, key, JSON.parse(readKept(stored).json))) indexes.removeSync(Buffer.from(entry));
        documents.removeSync(place);
      }
      expirations.removeSync(expired);
    }
  }
}

function partiesOrRefusal({ entity, value }: Change, before: unknown): ReadonlySet<string> | Error {
  if (entity.concerns === undefined) return NOBODY;
  try {
    return partiesOf(entity as Entity<unknown>, before, value);
  } catch (cause) {
    if (cause instanceof ProblemError || cause instanceof TypeError) return cause;
    return new TypeError(`whom a change of ${entity.name} concerns cannot be told`, { cause });
  }
}
