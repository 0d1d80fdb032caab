import type { Collection, Filter } from 'mongodb';
import { readAhead } from '../../copy/whole-log.js';
import type { DocumentName, Head, KnownEntity, LoggedEvent, PassingDocument, Standing, WholeSource } from '../../copy/whole-store.js';
import { declaredHomes } from '../build.js';
import { type Database, HOMES } from '../database.js';
import { documentId, type KeptDocument, keyOf, pastPrefix } from '../layout.js';
import { Log, lastPlace } from '../log.js';
import { Outboxes } from '../outboxes.js';

const PAGE = 500;
const PAGE_CHARS = 2 ** 22;

/** A store in MongoDB, read as a whole, a page at a time: no cursor stays open for long. */
export class MongoSource implements WholeSource {
  readonly name: string;
  protected readonly database: Database;
  readonly #outboxes: Outboxes;

  readonly #leftOut: readonly string[];

  /** @param leftOut entities without history that are not handed out */
  constructor(name: string, database: Database, leftOut: readonly string[] = []) {
    this.name = name;
    this.#leftOut = leftOut;
    this.database = database;
    this.#outboxes = new Outboxes(database, new Log(database, { onRegistry() {}, onRaised() {}, onAppend() {} }));
  }

  async entities(): Promise<readonly KnownEntity[]> {
    return [...(await declaredHomes(this.database))].map(([name, home]) => ({ name, isApart: home === 'registry' }));
  }

  /** What readers see and is not in the log yet, since its writer is at work or has died, is moved there first. */
  async last(): Promise<number> {
    for (const home of HOMES) {
      const collection = this.database.homes[home];
      for await (const page of pages(collection, { 'o.a': { $exists: true } })) await this.#outboxes.move(home, page);
    }
    return this.lastInLog();
  }

  async hashAt(place: number): Promise<string | undefined> {
    return (await this.database.events.findOne({ _id: place }, { projection: { h: 1 } }))?.h;
  }

  events(after: number, upTo: number): AsyncGenerator<readonly LoggedEvent[]> {
    return readAhead(this.#pagesOfLog(after, upTo));
  }

  async *#pagesOfLog(after: number, upTo: number): AsyncGenerator<readonly LoggedEvent[]> {
    for (let from = after; from < upTo; ) {
      const page: LoggedEvent[] = [];
      let chars = 0;
      const found = this.database.events.find(
        { _id: { $gt: from, $lte: upTo } },
        { sort: { _id: 1 }, limit: PAGE, batchSize: PAGE + 1, projection: { h: 1, j: 1 } },
      );
      for await (const { _id, h, j } of found) {
        page.push({ place: _id, hash: h, json: j });
        chars += j.length;
        if (chars > PAGE_CHARS) break;
      }
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      from = last.place;
    }
  }

  async *passing(): AsyncGenerator<readonly PassingDocument[]> {
    for (const [entity, home] of await declaredHomes(this.database)) {
      if (this.#leftOut.includes(entity)) continue;
      const [start, end] = [documentId(entity, ''), pastPrefix(documentId(entity, ''))];
      const collection = this.database.homes[home];
      // An entity keeps history, or does not.
      const first = await collection.findOne({ _id: { $gt: start, $lt: end } }, { sort: { _id: 1 }, projection: { h: 1 } });
      if (first === null || first.h !== '') continue;
      for await (const page of pages(collection, {}, start, end)) {
        yield page.flatMap(({ _id, r, j }) => (j === undefined ? [] : [{ entity, key: keyOf(_id), revision: r, json: j }]));
      }
    }
  }

  async *heads(): AsyncGenerator<readonly Head[]> {
    for (const [entity, home] of await declaredHomes(this.database)) {
      for await (const page of pages(this.database.homes[home], {}, documentId(entity, ''), pastPrefix(documentId(entity, '')))) {
        yield page.flatMap((kept) => (kept.h === '' ? [] : [{ entity, key: keyOf(kept._id), ...standingOf(kept) }]));
      }
    }
  }

  async headCount(): Promise<number> {
    const counts = [...(await declaredHomes(this.database))].map(([name, home]) => {
      const start = documentId(name, '');
      return this.database.homes[home].countDocuments({ _id: { $gt: start, $lt: pastPrefix(start) }, h: { $ne: '' } });
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  async headsOf(names: readonly DocumentName[]): Promise<readonly (Standing | undefined)[]> {
    const ids = names.map(({ entity, key }) => documentId(entity, key));
    const found = await this.documentsOf(ids);
    return ids.map((id) => {
      const kept = found.get(id);
      return kept === undefined ? undefined : standingOf(kept);
    });
  }

  async close(): Promise<void> {
    await this.#outboxes.close();
    await this.database.client.close();
  }

  protected lastInLog(): Promise<number> {
    return lastPlace(this.database);
  }

  /** By `_id`, wherever they are. */
  protected async documentsOf(ids: readonly string[]): Promise<ReadonlyMap<string, KeptDocument>> {
    const found = await Promise.all(
      HOMES.map((home) => this.database.homes[home].find({ _id: { $in: [...ids] } }, { batchSize: ids.length + 1 }).toArray()),
    );
    return new Map(found.flat().map((kept) => [kept._id, kept]));
  }
}

/** What the history of a document has come to; the place of its last event is not kept with it. */
export function standingOf({ r, h, j = '' }: KeptDocument): Standing {
  return { revision: r, hash: h, json: j, last: 0 };
}

/** The documents between two ids, in their order, some megabytes at a time. */
async function* pages(
  collection: Collection<KeptDocument>,
  filter: Filter<KeptDocument>,
  start = '',
  end?: string,
): AsyncGenerator<readonly KeptDocument[]> {
  for (let from = start; ; ) {
    const page: KeptDocument[] = [];
    let chars = 0;
    const range = end === undefined ? { $gt: from } : { $gt: from, $lt: end };
    for await (const kept of collection.find({ ...filter, _id: range }, { sort: { _id: 1 }, limit: PAGE, batchSize: PAGE + 1 })) {
      page.push(kept);
      chars += kept.j?.length ?? 0;
      if (chars > PAGE_CHARS) break;
    }
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    from = last._id;
  }
}
