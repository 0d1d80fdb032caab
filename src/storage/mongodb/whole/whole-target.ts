import { ObjectId } from 'mongodb';
import { present } from '#domain';
import { refused } from '../../copy/refused.js';
import { entityIn, type Moved, readEvents, replay, type Step } from '../../copy/replay.js';
import type { CheckedLog, KnownEntity, LoggedEvent, PassingDocument, Standing, WholeTarget, Writing } from '../../copy/whole-store.js';
import { sequenceText } from '../../cursor.js';
import { partiesOf } from '../../limits.js';
import type { Entity, Verification } from '../../port.js';
import { declaredHomes, ensureDeclared, keepHome, markAs } from '../build.js';
import { type Database, HOMES, isDuplicate, isMissing, writeFault } from '../database.js';
import { addedEntries, leftEntries, removalOrders, writeEntries } from '../entries.js';
import { mongoPlace } from '../examine.js';
import { ensureIndexes } from '../indexes.js';
import { derivedOf, documentId, EPOCH_ID, entriesOf, type Home, homeOf, type KeptDocument, type KeptEvent } from '../layout.js';
import { verifyStore } from '../verify.js';
import { MongoSource, standingOf } from './whole-source.js';

/** A document as it is to lie in one of the homes. */
interface KeptAt {
  readonly home: Home;
  readonly kept: KeptDocument;
}

/**
 * A store in MongoDB, written as a whole. Of each page first the documents are written, then their events: broken off in between, documents have lived
 * through what the log does not tell yet, and pass it over when they are told again.
 */
export class MongoTarget extends MongoSource implements WholeTarget {
  readonly state: WholeTarget['state'];
  readonly #uri: string;
  readonly #declared: ReadonlyMap<string, Entity<unknown>>;
  #homes: ReadonlyMap<string, Home> = new Map();
  #last: number | undefined;

  /** @param uri of the database */
  constructor(uri: string, database: Database, state: WholeTarget['state'], declared: ReadonlyMap<string, Entity<unknown>>) {
    super(mongoPlace(uri), database);
    this.#uri = uri;
    this.state = state;
    this.#declared = declared;
  }

  override last(): Promise<number> {
    return this.lastInLog();
  }

  async begin(entities: readonly KnownEntity[], as: Writing): Promise<void> {
    await this.#write(async () => {
      await markAs(this.database, as);
      await ensureIndexes(this.database, this.#uri);
      await ensureDeclared(this.database, this.#declared.values());
      for (const { name, isApart } of entities) {
        if (!this.#declared.has(name)) await keepHome(this.database, name, isApart ? 'registry' : 'documents');
      }
      this.#homes = await declaredHomes(this.database);
      await this.#raiseEpoch(await this.lastInLog());
    });
  }

  async append(events: Iterable<LoggedEvent>): Promise<void> {
    const read = readEvents([...events]);
    await this.#write(async () => {
      this.#last ??= await this.lastInLog();
      if (read[0]?.place !== this.#last + 1) throw refused(`events for ${this.name} do not come in their order`);
      const found = await this.documentsOf([...new Set(read.map(({ event }) => documentId(event.entity, event.key)))]);
      const standings = new Map<string, Standing>();
      for (const { event, name } of read) {
        const kept = found.get(documentId(event.entity, event.key));
        if (kept !== undefined) standings.set(name, standingOf(kept));
      }
      const { steps, moved } = replay(read, standings);
      await this.#writeDocuments(
        moved.map((one) => this.#keptOf(one)),
        found,
      );
      await this.#writeEvents(steps.map((step) => this.#eventOf(step)));
      this.#last = steps.at(-1)?.place ?? this.#last;
      await this.#raiseEpoch(this.#last);
    });
  }

  async removePassing(): Promise<void> {
    for await (const page of this.passing()) {
      await this.#write(async () => {
        const found = await this.documentsOf(page.map(({ entity, key }) => documentId(entity, key)));
        const ids = [...found.values()].flatMap((kept) => [kept._id, ...entriesOf(kept).map(({ _id }) => _id)]);
        await Promise.all(HOMES.map((home) => this.database.homes[home].deleteMany({ _id: { $in: ids } })));
      });
    }
  }

  async putPassing(documents: readonly PassingDocument[]): Promise<void> {
    const kept = documents.map((one) =>
      this.#keptOf({ ...one, standing: { ...one, hash: '', last: 0 }, before: undefined, after: JSON.parse(one.json) }),
    );
    await this.#write(() => this.#writeDocuments(kept, new Map()));
  }

  /** All of the check: its events are read document by document. */
  async checkLog(written: AsyncIterable<number>, onProgress: (events: number) => void): Promise<CheckedLog> {
    for await (const _ of written);
    return {
      ...(await verifyStore(this.database, this.#declared, onProgress)),
      listed: 0,
      lastRegistry: 0,
      reached: 0,
      entries: 0,
      expiring: 0,
    };
  }

  checkRest(log: Promise<CheckedLog>): Promise<Verification> {
    return log;
  }

  finish(): Promise<void> {
    return this.#write(() => markAs(this.database, 'whole'));
  }

  /** Its mark goes last: what is left of it if that is broken off can still be told from a store. */
  async erase(): Promise<void> {
    const { homes, events } = this.database;
    try {
      for (const collection of [homes.documents, events, homes.registry]) {
        await collection.drop().catch((error: unknown) => {
          if (!isMissing(error)) throw writeFault(error);
        });
      }
    } finally {
      await this.close();
    }
  }

  #homeOf(name: string): Home {
    const entity = this.#declared.get(name);
    return entity === undefined ? (this.#homes.get(name) ?? 'documents') : homeOf(entity);
  }

  #keptOf({ entity: name, key, standing, after }: Moved): KeptAt {
    const home = this.#homeOf(name);
    // The epoch that the store has is raised to the place of the last event afterwards.
    const e = this.#declared.get(name)?.isRegistry === true ? this.#last : undefined;
    const kept = { _id: documentId(name, key), t: new ObjectId(), r: standing.revision, h: standing.hash, ...present({ e }) };
    if (after === undefined) return { home, kept };
    try {
      return { home, kept: { ...kept, j: standing.json, ...present({ ...derivedOf(entityIn(this.#declared, name), key, after) }) } };
    } catch (cause) {
      throw refused(`the document ${name} ${key} does not fit this version of the program`, cause);
    }
  }

  #eventOf({ place, hash, json, event }: Step): KeptEvent {
    const { entity, key, revision, before, after } = event;
    const kept = { _id: place, d: documentId(entity, key), r: revision, h: hash, j: json };
    try {
      return { ...kept, p: [...partiesOf(entityIn(this.#declared, entity), before, after)] };
    } catch (cause) {
      throw refused(`whom event ${sequenceText(place)} concerns this version of the program cannot tell`, cause);
    }
  }

  /** As the writer does it: entries come before what they lead to, and go after it. @param found those that are there */
  async #writeDocuments(all: readonly KeptAt[], found: ReadonlyMap<string, KeptDocument>): Promise<void> {
    for (const home of HOMES) {
      const collection = this.database.homes[home];
      const own = all.filter((one) => one.home === home).map(({ kept }) => ({ kept, seen: found.get(kept._id) }));
      if (own.length === 0) continue;
      await writeEntries(
        collection,
        own.flatMap(({ kept, seen }) => addedEntries(seen, kept)),
      );
      // One document may take over another's unique value: that goes first.
      const leaving = own.filter(({ seen }) => seen?.u !== undefined).map(({ kept }) => kept._id);
      if (leaving.length > 0) await collection.updateMany({ _id: { $in: leaving } }, { $unset: { u: true } });
      const writes = own.map(({ kept: { _id, ...replacement } }) => ({ replaceOne: { filter: { _id }, replacement, upsert: true } }));
      const removals = removalOrders(own.flatMap(({ kept, seen }) => leftEntries(seen, kept)));
      await collection.bulkWrite([...writes, ...removals], { ordered: false });
    }
  }

  async #writeEvents(events: readonly KeptEvent[]): Promise<void> {
    try {
      await this.database.events.insertMany(events, { ordered: true });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw refused(`somebody else writes to ${this.name}: stop it, empty the database and begin anew`, error);
    }
  }

  /** It covers whatever is of the registry, to whichever version. */
  async #raiseEpoch(n: number): Promise<void> {
    await this.database.epochs.updateOne({ _id: EPOCH_ID }, { $max: { n } }, { upsert: true });
  }

  async #write(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw writeFault(error);
    }
  }
}
