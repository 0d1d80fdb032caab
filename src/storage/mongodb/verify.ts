import { setImmediate } from 'node:timers/promises';
import { present } from '#domain';
import { sequenceText } from '../cursor.js';
import { isCanonical, isNextOf, textHash } from '../event-chain.js';
import { partiesOf } from '../limits.js';
import type { BrokenEvent, Entity, StoreEvent, Verification } from '../port.js';
import { declaredHomes } from './build.js';
import { type Database, HOMES } from './database.js';
import {
  derivedOf,
  documentId,
  type Entry,
  EPOCH_ID,
  entityOf,
  entriesOf,
  type Home,
  type KeptDocument,
  type KeptEvent,
  keyOf,
  pastPrefix,
  readEvent,
} from './layout.js';
import { lastPlace, unmovedOf } from './log.js';

/** Bounds memory, and how long the event loop waits. */
const PAGE = 256;
const MISSING = 'The event is missing.';

/**
 * EventLog.verify. Walks over the documents of each entity, and beside each over its events; then over the places of the log. Of a document what it was is
 * read before its events are, so those made meanwhile are never missed.
 */
export async function verifyStore(
  database: Database,
  declared: ReadonlyMap<string, Entity<unknown>>,
  onProgress: ((events: number) => void) | undefined,
): Promise<Verification> {
  const check = new Check(database, declared, await lastPlace(database), onProgress);
  const names = new Set([...(await declaredHomes(database)).keys(), ...declared.keys()]);
  for (const name of names) await check.entity(name);
  await check.places();
  await check.epoch();
  return present({ events: check.events, documents: check.documents, broken: check.broken });
}

class Check {
  readonly #database: Database;
  readonly #declared: ReadonlyMap<string, Entity<unknown>>;
  /** The last place that is checked. */
  readonly #bound: number;
  readonly #onProgress: ((events: number) => void) | undefined;
  /** Documents whose last event is not in the log. */
  readonly #bereft: string[] = [];
  #leastEpoch = 0;
  events = 0;
  documents = 0;
  broken: BrokenEvent | undefined;

  constructor(
    database: Database,
    declared: ReadonlyMap<string, Entity<unknown>>,
    bound: number,
    onProgress: ((events: number) => void) | undefined,
  ) {
    this.#database = database;
    this.#declared = declared;
    this.#bound = bound;
    this.#onProgress = onProgress;
  }

  /** Its documents in the order of their keys, and all events between one and the next. */
  async entity(name: string): Promise<void> {
    const end = pastPrefix(documentId(name, ''));
    for (let from = documentId(name, ''); ; ) {
      const range = { _id: { $gt: from, $lt: end } };
      const pages = await Promise.all(
        HOMES.map((home) => this.#database.homes[home].find(range, { sort: { _id: 1 }, limit: PAGE, batchSize: PAGE + 1 }).toArray()),
      );
      for (const [i, home] of HOMES.entries()) await this.#entries(home, pages[i] as readonly KeptDocument[]);
      // An entity is in one of them.
      const page = pages.flat();
      const upTo = page.length < PAGE ? end : (page.at(-1) as KeptDocument)._id;
      await this.#chains({ $gt: from, ...(upTo === end ? { $lt: end } : { $lte: upTo }) }, new Map(page.map((one) => [one._id, one])));
      await setImmediate();
      if (upTo === end) return;
      from = upTo;
    }
  }

  /** @param documents those of the range, by `_id` */
  async #chains(range: object, documents: ReadonlyMap<string, KeptDocument>): Promise<void> {
    const unseen = new Set(documents.keys());
    let chain: KeptEvent[] = [];
    const finish = async (): Promise<void> => {
      const id = chain[0]?.d;
      if (id === undefined) return;
      unseen.delete(id);
      const document = documents.get(id) ?? (await this.#late(id));
      if (document === undefined) this.#report(chain.at(-1)?._id, id, 'The document of the event is gone, and no event removed it.');
      else await this.#document(document, chain.at(-1));
      chain = [];
    };
    for await (const kept of this.#database.events.find({ d: range }, { sort: { d: 1, r: 1 }, batchSize: PAGE })) {
      if (chain[0]?.d !== kept.d) await finish();
      this.#event(kept, chain.at(-1));
      // Of a chain only the last one is needed.
      chain = [kept];
    }
    await finish();
    for (const id of unseen) await this.#document(documents.get(id) as KeptDocument, undefined);
  }

  /** Each document can be found by what it says. What is there for nothing is passed over by who reads it. */
  async #entries(home: Home, documents: readonly KeptDocument[]): Promise<void> {
    const wanted = documents.flatMap(entriesOf);
    if (wanted.length === 0) return;
    const collection = this.#database.homes[home];
    const ids = wanted.map(({ _id }) => _id);
    const found = await collection.find({ _id: { $in: ids } }, { projection: { d: 1, x: 1 }, batchSize: ids.length + 1 }).toArray();
    const there = new Map((found as unknown as readonly Entry[]).map((entry) => [entry._id, entry]));
    const lacking = new Set(wanted.filter((entry) => !leadsTo(there.get(entry._id), entry)).map(({ d }) => d));
    for (const document of documents) {
      // One that has changed since may have given it up; of one whose event waits the writer may have died.
      if (!lacking.has(document._id) || document.o !== undefined) continue;
      const now = await collection.findOne({ _id: document._id });
      if (now === null || !now.t.equals(document.t)) continue;
      const last = await this.#database.events.findOne({ d: document._id, r: document.r });
      this.#report(last?._id, document._id, 'The document is not listed in its indexes by what it says.');
    }
  }

  /** A document that was made after its page was read. */
  async #late(id: string): Promise<KeptDocument | undefined> {
    for (const home of HOMES) {
      const found = await this.#database.homes[home].findOne({ _id: id });
      if (found !== null) return found;
    }
    return undefined;
  }

  /** Hash, form, link to the event before it of the same document, place, whom it concerns. */
  #event(kept: KeptEvent, previous: KeptEvent | undefined): undefined {
    if (kept._id <= this.#bound) {
      this.events += 1;
      if (this.events % PAGE === 0) this.#onProgress?.(this.events);
    }
    const event = intactEvent(kept);
    if (event === undefined) return this.#report(kept._id, kept.d, 'The event does not have the hash that is kept with it.');
    const before = previous === undefined ? undefined : { hash: previous.h, revision: previous.r };
    if (!isNextOf(event, before)) {
      return this.#report(kept._id, kept.d, 'The event does not follow from the one before it of the same document.');
    }
    if (previous !== undefined && previous._id >= kept._id)
      return this.#report(kept._id, kept.d, 'The event stands before the one that it follows.');
    const parties = this.#partiesOf(event);
    if (parties !== undefined && !isSame(parties, kept.p))
      this.#report(kept._id, kept.d, 'The event is not listed with those whom it concerns.');
  }

  /** @param last the last event of the document that is in the log */
  async #document(document: KeptDocument, last: KeptEvent | undefined): Promise<undefined> {
    const { _id, r, h, j, e = -1, o } = document;
    // A change whose event is in the log has raised the epoch.
    this.#leastEpoch = Math.max(this.#leastEpoch, o === undefined ? e + 1 : e);
    const entity = this.#declared.get(entityOf(_id));
    const place = last?._id;
    if (entity !== undefined && j !== undefined && !isDerived(entity, document)) {
      this.#report(place, _id, 'The document is not listed in its indexes by what it says.');
    }
    if (entity === undefined ? h === '' : entity.keepsNoHistory === true) return;
    if (j !== undefined) this.documents += 1;
    if (last !== undefined && last.r > r) {
      // It was written while its events were read, or an earlier state of it was put back.
      const now = await this.#late(_id);
      if (now === undefined || now.r < last.r) this.#report(place, _id, 'The document is not what the event made it.');
      return;
    }
    const unmoved = unmovedOf(document);
    const event = last?.r === r ? last : unmoved;
    if (event === undefined) {
      // Two say as much as all.
      if (this.#bereft.length < 2) this.#bereft.push(_id);
      return;
    }
    if (event.h !== h) return this.#report(place, _id, 'The event is not the last one that the document names.');
    if (!isMadeBy(event, j)) this.#report(place, _id, 'The document is not what the event made it.');
  }

  /** No place of the log is empty, and all that stand there have been met. */
  async places(): Promise<void> {
    this.#onProgress?.(this.events);
    const { events } = this.#database;
    const foreign = await events.findOne({ _id: { $not: { $type: 'number' } } } as object, { projection: { _id: 1 } });
    if (foreign !== null) this.#report(undefined, undefined, 'Something that is no event stands in the log.');
    const there = await events.countDocuments({ _id: { $lte: this.#bound } });
    if (there === this.#bound && there === this.events && this.#bereft.length === 0) return;
    let expected = 1;
    let gap: number | undefined;
    let missing = 0;
    const names = new Set([...(await declaredHomes(this.#database)).keys(), ...this.#declared.keys()]);
    for await (const { _id, d } of events.find({ _id: { $lte: this.#bound } }, { sort: { _id: 1 }, projection: { d: 1 } })) {
      if (_id !== expected) gap ??= expected;
      missing += _id - expected;
      expected = _id + 1;
      if (typeof d !== 'string') this.#report(_id, undefined, 'The event does not say whose it is.');
      else if (!names.has(entityOf(d))) this.#report(_id, d, 'The document of the event is gone, and no event removed it.');
    }
    // A document knows the hash of its last event, not its place: where one is missing and one document misses one, it is that.
    const [first, ...others] = this.#bereft;
    const isKnown = others.length === 0 && missing <= 1;
    if (gap !== undefined || first !== undefined) this.#report(gap, isKnown ? first : undefined, MISSING);
  }

  /** There is an epoch, and it is later than those that changes of the registry have seen. */
  async epoch(): Promise<void> {
    const mark = await this.#database.epochs.findOne({ _id: EPOCH_ID });
    if (!Number.isSafeInteger(mark?.n)) this.#report(undefined, undefined, 'The registry epoch is gone.');
    else if ((mark?.n as number) < this.#leastEpoch) this.#report(undefined, undefined, 'The registry epoch was put back.');
  }

  #partiesOf({ entity: name, before, after }: StoreEvent): readonly string[] | undefined {
    const entity = this.#declared.get(name);
    try {
      return entity === undefined ? undefined : [...partiesOf(entity, before, after)];
    } catch {
      return [];
    }
  }

  /** Keeps the lowest place; a fault without one comes after all events. */
  #report(place: number | undefined, id: string | undefined, detail: string): undefined {
    const cursor = sequenceText(place ?? this.#bound + 1);
    if (this.broken !== undefined && this.broken.cursor <= cursor) return;
    const owner = id === undefined ? {} : { entity: entityOf(id), key: keyOf(id) };
    this.broken = { cursor, ...owner, detail };
  }
}

/** The event, if it is canonical, has the kept hash, and is the one that the log says. */
function intactEvent(kept: KeptEvent): StoreEvent | undefined {
  if (typeof kept.j !== 'string' || !Array.isArray(kept.p) || textHash(kept.j) !== kept.h) return undefined;
  try {
    const said = JSON.parse(kept.j) as StoreEvent;
    const isWhole = documentId(said.entity, said.key) === kept.d && said.revision === kept.r;
    const isBare = said.hash === undefined && said.cursor === undefined && isCanonical(kept.j, said);
    return isWhole && isBare ? { ...said, cursor: sequenceText(kept._id), hash: kept.h } : undefined;
  } catch {
    return undefined;
  }
}

/** @param j the state of a document; none of a grave */
function isMadeBy(event: Pick<KeptEvent, 'h' | 'j'>, j: string | undefined): boolean {
  try {
    const { after } = readEvent('', event);
    return after === undefined ? j === undefined : j !== undefined && isCanonical(j, after);
  } catch {
    return false;
  }
}

function isDerived(entity: Entity<unknown>, { _id, j, i = [], u = [], x }: KeptDocument): boolean {
  try {
    const own = derivedOf(entity, keyOf(_id), JSON.parse(j as string));
    return isSame(own.i, i) && isSame(own.u ?? [], u) && own.x?.getTime() === x?.getTime();
  } catch {
    return false;
  }
}

/** Whether who finds the entry finds what it was written for, for as long as that is there. */
function leadsTo(found: Entry | undefined, { d, x }: Entry): boolean {
  if (found === undefined || found.d !== d) return false;
  return x === undefined ? found.x === undefined : found.x !== undefined && found.x >= x;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text) => b.includes(text));
}
