import { textHash } from '../event-chain.js';
import { brokenAt, refused } from './refused.js';
import { logOf } from './whole-log.js';
import { isDocumentName, type KnownEntity, type LoggedEvent, type PassingDocument, type WholeSource } from './whole-store.js';

/**
 * What a backup holds, a line each: the entities as one JSON list; `d ["ENTITY","KEY",REVISION,"JSON"]` for each document without history; `e TOTAL`, after
 * it `HASH JSON` for each event, in the order of the log; and `z EVENTS DOCUMENTS`, which says that this is the end. JSON has no line end in it.
 */
export type BackupPart =
  | { readonly kind: 'entities'; readonly entities: readonly KnownEntity[] }
  | { readonly kind: 'passing'; readonly documents: readonly PassingDocument[] }
  | { readonly kind: 'events'; readonly events: readonly LoggedEvent[]; readonly total: number };

/** More than a document with its event can take. */
const MAX_LINE_CHARS = 2 ** 28;
const PAGE_CHARS = 2 ** 22;
const PAGE_LINES = 1000;
const NO_FORM = 'the backup has a line of no form: take another copy of it';

/** The lines of a store as it is at some moment of the call, some at a time. @param told is told how many events there have been, and will be */
export async function* partLines(source: WholeSource, told: (events: number, total: number) => void): AsyncGenerator<string> {
  yield `${JSON.stringify(await source.entities())}\n`;
  let passing = 0;
  // Before the end of the log is read: what was answered with one of them is in the log by then.
  for await (const page of source.passing()) {
    passing += page.length;
    yield page.map(({ entity, key, revision, json }) => `d ${JSON.stringify([entity, key, revision, json])}\n`).join('');
  }
  const upTo = await source.last();
  yield `e ${upTo}\n`;
  let events = 0;
  for await (const page of logOf(source, 0, upTo)) {
    // Rather told now than when it is needed.
    let lines = '';
    for (const { place, hash, json } of page) {
      if (textHash(json) !== hash) throw brokenAt(place, 'the event does not have the hash that is kept with it');
      lines += `${hash} ${json}\n`;
      events = place;
    }
    yield lines;
    told(events, upTo);
  }
  yield `z ${events} ${passing}\n`;
}

/** The parts of the lines, in pages. @throws ProblemError `copy-refused` for what is no backup, or has no end */
export async function* partsOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<BackupPart> {
  const reader = new LineReader();
  for await (const page of pagesOf(bytes)) yield* reader.read(page);
  reader.assertEnded();
}

/** Lines by pages of some megabytes; a piece of text without a line end is no line. */
async function* pagesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let [page, chars, rest]: [string[], number, string] = [[], 0, ''];
  try {
    for await (const chunk of bytes) {
      const text = decoder.decode(chunk, { stream: true });
      rest += text;
      if (rest.length > MAX_LINE_CHARS) throw refused(NO_FORM);
      if (!text.includes('\n')) continue;
      const lines = rest.split('\n');
      rest = lines.pop() as string;
      for (const line of lines) {
        page.push(line);
        chars += line.length;
        if (chars < PAGE_CHARS && page.length < PAGE_LINES) continue;
        yield page;
        [page, chars] = [[], 0];
      }
    }
  } catch (error) {
    const { slug, syscall } = error as { readonly slug?: string; readonly syscall?: string };
    // What the disk does not give says nothing of the file.
    if (slug !== undefined || syscall !== undefined) throw error;
    throw refused(NO_FORM, error);
  }
  if (rest !== '') throw refused(NO_FORM);
  yield page;
}

class LineReader {
  #stage: 'entities' | 'passing' | 'events' | 'ended' = 'entities';
  #passing = 0;
  #events = 0;
  #total = 0;

  *read(lines: readonly string[]): Generator<BackupPart> {
    let documents: PassingDocument[] = [];
    let events: LoggedEvent[] = [];
    for (const line of lines) {
      if (this.#stage === 'entities') yield { kind: 'entities', entities: this.#entities(line) };
      else if (this.#stage === 'passing' && line.startsWith('d ')) documents.push(this.#document(line));
      else if (this.#stage === 'passing') this.#beginEvents(line);
      else if (this.#stage === 'events' && !line.startsWith('z ')) events.push(this.#event(line));
      else this.#end(line);
    }
    if (documents.length > 0) yield { kind: 'passing', documents };
    if (events.length > 0) yield { kind: 'events', events, total: this.#total };
    [documents, events] = [[], []];
  }

  assertEnded(): void {
    if (this.#stage !== 'ended') throw refused('the backup has no end: take another copy of it');
  }

  #entities(line: string): readonly KnownEntity[] {
    this.#stage = 'passing';
    const entities = listIn(line) as readonly KnownEntity[];
    if (!entities.every((one) => isDocumentName({ entity: one?.name, key: 'any' }))) throw refused(NO_FORM);
    return entities;
  }

  #document(line: string): PassingDocument {
    const [entity, key, revision, json] = listIn(line.slice(2)) as readonly [string, string, number, string];
    if (!isDocumentName({ entity, key }) || !Number.isSafeInteger(revision) || parsed(json) === undefined) throw refused(NO_FORM);
    this.#passing += 1;
    return { entity, key, revision, json };
  }

  #beginEvents(line: string): void {
    const [, total] = line.match(/^e ([0-9]{1,16})$/) ?? [];
    if (total === undefined) throw refused(NO_FORM);
    this.#total = Number(total);
    this.#stage = 'events';
  }

  #event(line: string): LoggedEvent {
    if (line[43] !== ' ') throw refused(NO_FORM);
    this.#events += 1;
    return { place: this.#events, hash: line.slice(0, 43), json: line.slice(44) };
  }

  #end(line: string): void {
    if (this.#stage !== 'events' || line !== `z ${this.#events} ${this.#passing}` || this.#events !== this.#total) throw refused(NO_FORM);
    this.#stage = 'ended';
  }
}

function listIn(text: string): readonly unknown[] {
  const list = parsed(text);
  if (!Array.isArray(list)) throw refused(NO_FORM);
  return list;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
