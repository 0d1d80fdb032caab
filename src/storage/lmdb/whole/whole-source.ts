import type { DocumentName, Head, KnownEntity, LoggedEvent, PassingDocument, Standing, WholeSource } from '../../copy/whole-store.js';
import { sequenceText } from '../../cursor.js';
import { type Declaration, declarationsIn } from '../declarations.js';
import { documentKey, readKept, splitEvent } from '../layout.js';
import { readFault, Snapshots } from '../snapshots.js';
import { type Entry, entriesBetween, entryCount, keysBetween, lastSequence, pastPrefix, type Table, type Tables } from '../tables.js';
import { putHotCopy } from './hot-copy.js';

/** A transaction of a target: the larger, the fewer times a page of the file is written anew. */
const PAGE = 8192;
const PAGE_CHARS = 2 ** 24;
/** The first one is so small, and each twice the one before: who checks what is written begins with it. So is the last one, for the same ends with it. */
const LEAST_PAGE = 1024;
/** Of documents that are only looked at: texts that outlive the young are the collector's hardest work. */
const LOOKED_AT = 256;
const LEAST = Buffer.of(0);
const MOST = Buffer.of(0xff);

/** A store on LMDB, read as a whole. Each page is read on a snapshot of its own, so no reader holds pages of the file for long. */
export class LmdbSource implements WholeSource {
  readonly name: string;
  protected readonly tables: Tables;
  protected readonly snapshots: Snapshots;

  readonly #leftOut: readonly string[];

  /** @param leftOut entities without history that are not handed out */
  constructor(name: string, tables: Tables, leftOut: readonly string[] = []) {
    this.name = name;
    this.#leftOut = leftOut;
    this.tables = tables;
    this.snapshots = new Snapshots(tables);
  }

  entities(): Promise<readonly KnownEntity[]> {
    return this.snapshots.read(() => {
      const known = new Map<string, KnownEntity>();
      for (const name of this.#namesIn(this.tables.documents)) known.set(name, { name, isApart: false });
      for (const name of this.#namesIn(this.tables.graves)) known.set(name, { name, isApart: false });
      for (const [name, declaration] of declarationsIn(this.tables)) known.set(name, { name, isApart: isApart(declaration) });
      return [...known.values()];
    });
  }

  last(): Promise<number> {
    return this.snapshots.read(() => lastSequence(this.tables));
  }

  hashAt(place: number): Promise<string | undefined> {
    return this.snapshots.read(() => {
      const text = this.tables.events.get(sequenceText(place));
      return text === undefined ? undefined : splitEvent(text).hash;
    });
  }

  /** An event is read when it is asked for, and none waits for being written. */
  async *events(after: number, upTo: number): AsyncGenerator<Iterable<LoggedEvent>> {
    const { snapshots, tables } = this;
    let at = after;
    let limit = LEAST_PAGE;
    const page = function* (): Generator<LoggedEvent> {
      try {
        snapshots.refuseIfClosed();
        snapshots.renew();
        let chars = 0;
        const range = { start: sequenceText(at + 1), end: `${sequenceText(upTo)}\0`, limit };
        for (const { key, value } of tables.events.getRange(range) as Iterable<Entry>) {
          const { hash, json } = splitEvent(value);
          at = Number(key.toString());
          yield { place: at, hash, json };
          chars += value.length;
          if (chars > PAGE_CHARS) return;
        }
      } catch (error) {
        throw readFault(error);
      }
    };
    for (let from = -1; from < at && at < upTo; ) {
      from = at;
      yield page();
      limit = Math.min(PAGE, 2 * limit, Math.max(LEAST_PAGE, Math.ceil((upTo - at) / 2)));
    }
  }

  async *passing(): AsyncGenerator<readonly PassingDocument[]> {
    const names = await this.snapshots.read(() => [...this.#namesIn(this.tables.documents)]);
    for (const entity of names.filter((name) => !this.#leftOut.includes(name))) {
      const range = rangeOf(entity);
      if (!(await this.snapshots.read(() => this.#isPassing(range)))) continue;
      for await (const page of this.#pages(this.tables.documents, range.start, range.end)) {
        yield page.map(({ key, value }) => {
          const { revision, json } = readKept(value);
          return { entity, key: nameAt(key).key, revision, json };
        });
      }
    }
  }

  async *heads(): AsyncGenerator<readonly Head[]> {
    for (const table of [this.tables.documents, this.tables.graves]) {
      for await (const page of this.#pages(table, LEAST, MOST, LOOKED_AT)) {
        const heads: Head[] = [];
        for (const { key, value } of page) {
          const { entity, key: own } = nameAt(key);
          const { revision, last, hash, json } = readKept(value);
          if (last !== 0 || hash !== '') heads.push({ entity, key: own, revision, last, hash, json });
        }
        yield heads;
      }
    }
  }

  headCount(): Promise<number> {
    return this.snapshots.read(() => {
      const { documents, graves } = this.tables;
      let count = entryCount(documents) + entryCount(graves);
      for (const name of this.#namesIn(documents)) {
        const range = rangeOf(name);
        if (this.#isPassing(range)) count -= documents.getKeysCount(range);
      }
      return count;
    });
  }

  headsOf(names: readonly DocumentName[]): Promise<readonly (Standing | undefined)[]> {
    return this.snapshots.read(() => names.map(({ entity, key }) => this.standingAt(documentKey(entity, key))));
  }

  /** @see putHotCopy */
  putHotCopy(path: string, mapSizeBytes: number): Promise<void> {
    this.snapshots.refuseIfClosed();
    return putHotCopy(this.tables, path, mapSizeBytes);
  }

  close(): Promise<void> {
    this.snapshots.close();
    return this.tables.root.close();
  }

  /** What stands under a key: a document, or the grave of one. */
  protected standingAt(place: string): Standing | undefined {
    const text = this.tables.documents.get(place) ?? this.tables.graves.get(place);
    return text === undefined ? undefined : readKept(text);
  }

  /** An entity keeps history, or does not: its first document says for all. */
  #isPassing({ start, end }: Range): boolean {
    const [first] = entriesBetween(this.tables.documents, start, end, 1);
    return first !== undefined && isPassing(readKept(first.value));
  }

  /** The entities that a table has something of, each found by one step. */
  *#namesIn(table: Table): Generator<string> {
    for (let from: Buffer = LEAST; ; ) {
      const [first] = keysBetween(table, from, MOST, 1);
      if (first === undefined) return;
      const { entity } = nameAt(first);
      yield entity;
      from = pastPrefix(documentKey(entity, ''));
    }
  }

  /** The entries in [start, end), some megabytes at a time. */
  async *#pages(table: Table, start: Buffer, end: Buffer, limit = PAGE): AsyncGenerator<readonly Entry[]> {
    for (let from: Buffer = start; ; ) {
      const page = await this.snapshots.read(() => {
        const entries: Entry[] = [];
        let chars = 0;
        for (const entry of table.getRange({ start: from, end, limit }) as Iterable<Entry>) {
          entries.push(entry);
          chars += entry.value.length;
          if (chars > PAGE_CHARS) break;
        }
        return entries;
      });
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      from = Buffer.concat([last.key, LEAST]);
    }
  }
}

/** Where the documents of an entity stand. */
interface Range {
  readonly start: Buffer;
  readonly end: Buffer;
}

function rangeOf(entity: string): Range {
  const prefix = documentKey(entity, '');
  return { start: Buffer.from(prefix), end: pastPrefix(prefix) };
}

function nameAt(place: Buffer): DocumentName {
  const text = place.toString();
  const end = text.indexOf('\0');
  return { entity: text.slice(0, end), key: text.slice(end + 1) };
}

function isPassing({ last, hash }: Pick<Standing, 'last' | 'hash'>): boolean {
  return last === 0 && hash === '';
}

function isApart({ indexes, isRegistry }: Declaration): boolean {
  return isRegistry || Object.values(indexes).includes(true);
}
