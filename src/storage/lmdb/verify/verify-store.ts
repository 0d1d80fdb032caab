import { setImmediate } from 'node:timers/promises';
import { present } from '#domain';
import type { CheckedLog } from '../../copy/whole-store.js';
import { sequenceText } from '../../cursor.js';
import type { Entity, Verification } from '../../port.js';
import type { Snapshots } from '../snapshots.js';
import { type Entry, EPOCH_KEY, entriesBetween, entryCount, keyAt, lastSequence, type Table, type Tables } from '../tables.js';
import { DocumentsCheck } from './documents-check.js';
import { EventsCheck } from './events-check.js';
import { Findings } from './findings.js';

/** Bounds how long the event loop waits: some 10 ms. */
const PAGE = 256;
/** The same where each event may have its whole chain read. */
const STRAY_PAGE = 16;
const LEAST = Buffer.of(0);
const MOST = Buffer.of(0xff);
const ALL = [LEAST, MOST] as const;

/** What is verified, and how. */
export interface VerifyOrder {
  readonly tables: Tables;
  readonly declared: ReadonlyMap<string, Entity<unknown>>;
  readonly snapshots: Snapshots;
  readonly onProgress?: ((events: number) => void) | undefined;
}

/**
 * EventLog.verify. Walks over events, documents with graves, and what is derived from them, each page on a snapshot of its own. What belongs to a
 * change is written in one transaction, so within a snapshot all of it agrees, however new it is.
 */
export async function verifyStore(order: VerifyOrder): Promise<Verification> {
  const bound = await order.snapshots.read(() => lastSequence(order.tables));
  return checkTogether(order, bound, [await checkPart(order, [bound], 0, () => ({ bound, range: ALL }))]);
}

type Range = readonly [from: Buffer, end: Buffer];

/** Documents that are checked together, and the place of the last event that they may lead to. */
interface Share {
  readonly bound: number;
  readonly range: Range;
}

/** The documents in two halves, for two who check them at once: in a store that nobody changes both find the same. */
export function halves(tables: Tables): readonly [first: Share, second: Share] {
  const { documents } = tables;
  const middle = keyAt(documents, Math.floor(entryCount(documents) / 2)) ?? MOST;
  const bound = lastSequence(tables);
  return [
    { bound, range: [LEAST, middle] },
    { bound, range: [middle, MOST] },
  ];
}

/**
 * A part of the check: events, then documents.
 * @param written up to which places the store is written, the last one at the end: its events are checked as they come
 * @param after the place that they begin after
 * @param share is asked at the end which documents are checked here too
 */
export async function checkPart(
  { tables, declared, snapshots, onProgress }: VerifyOrder,
  written: AsyncIterable<number> | Iterable<number>,
  after: number,
  share: () => Share,
): Promise<CheckedLog> {
  const findings = new Findings(tables, declared);
  const ofEvents = new EventsCheck(findings, after);
  let start = after === 0 ? LEAST : pastEvent(after);
  for await (const last of written) {
    findings.bound = last;
    start = await walk(
      snapshots,
      tables.events,
      [start, pastEvent(last)],
      (place, text) => ofEvents.event(place.toString(), text),
      () => onProgress?.(ofEvents.events),
    );
  }
  const { events, listed, lastRegistry } = ofEvents;
  const { bound, range } = await snapshots.read(share);
  findings.bound = bound;
  const ofDocuments = new DocumentsCheck(findings);
  await walkPairs({ snapshots, tables }, range, ofDocuments, () => onProgress?.(events));
  const { documents, reached, entries, expiring } = ofDocuments;
  return present({ events, listed, lastRegistry, documents, reached, entries, expiring, broken: findings.broken });
}

/** What is counted in each part. */
type Count = Exclude<keyof CheckedLog, 'broken' | 'lastRegistry'>;

/** What the parts come to: whether something stands there that belongs to none of them. @param parts of what they tell of one event, the last one is believed */
export async function checkTogether(
  { tables, declared, snapshots }: VerifyOrder,
  bound: number,
  parts: readonly CheckedLog[],
): Promise<Verification> {
  const findings = new Findings(tables, declared);
  findings.bound = bound;
  for (const { broken } of parts) findings.join(broken);
  const sum = (count: Count): number => parts.reduce((total, part) => total + part[count], 0);
  const events = sum('events');
  const ofDocuments = new DocumentsCheck(findings);
  // All that should stand there does: if there are as many entries as there should be, there are no others. While the store is written that cannot be told.
  const isExact = async (table: Table, count: number): Promise<boolean> =>
    findings.broken === undefined && (await snapshots.read(() => lastSequence(tables) === bound && entryCount(table) === count));
  if (!(await isExact(tables.concerns, sum('listed')))) {
    await walk(snapshots, tables.concerns, ALL, (place) => ofDocuments.concernsEntry(place.toString()));
  }
  if (!(await isExact(tables.indexes, sum('entries')))) {
    await walk(snapshots, tables.indexes, ALL, (place) => ofDocuments.indexEntry(place));
  }
  if (!(await isExact(tables.expirations, sum('expiring')))) {
    await walk(snapshots, tables.expirations, ALL, (place) => ofDocuments.expiration(place));
  }
  // If the documents do not lead to as many events as there are, some hang in the air; which ones is dear to tell.
  const ofStray = new EventsCheck(findings);
  if (sum('reached') !== events) await walkBack(snapshots, tables, pastEvent(bound), (cursor, text) => ofStray.stray(cursor, text));
  const lastRegistry = Math.max(...parts.map((part) => part.lastRegistry));
  await snapshots.read(() => checkEpoch(findings, lastRegistry));
  return present({ events, documents: sum('documents'), broken: findings.broken });
}

/** The registry epoch covers every change of the registry, and none that never was. */
function checkEpoch(findings: Findings, lastRegistry: number): undefined {
  const epoch = Number(findings.tables.meta.get(EPOCH_KEY) ?? '0');
  if (epoch < lastRegistry) return findings.report(sequenceText(lastRegistry), undefined, 'The registry epoch does not cover the event.');
  if (epoch <= lastSequence(findings.tables)) return;
  findings.report(findings.afterAll, undefined, 'The registry epoch is that of an event that never was.');
}

function pastEvent(place: number): Buffer {
  return Buffer.from(`${sequenceText(place)}\0`);
}

/** Visits the entries in [from, end). @returns past the last of them */
async function walk(
  snapshots: Snapshots,
  table: Table,
  [from, end]: Range,
  visit: (place: Buffer, text: string) => void,
  onPage?: () => void,
): Promise<Buffer> {
  for (let start = from; ; ) {
    const last = await snapshots.read(() => {
      const entries = entriesBetween(table, start, end, PAGE);
      for (const { key, value } of entries) visit(key, value);
      return entries.at(-1)?.key;
    });
    if (last === undefined) return start;
    start = Buffer.concat([last, Buffer.of(0)]);
    onPage?.();
    await setImmediate();
  }
}

/** Documents and graves with keys in [from, past) together: whatever is removed or comes back meanwhile is met once. */
async function walkPairs(
  { snapshots, tables: { documents, graves } }: Pick<VerifyOrder, 'snapshots' | 'tables'>,
  [from, past]: Range,
  check: DocumentsCheck,
  onPage: () => void,
): Promise<void> {
  for (let start = from; Buffer.compare(start, past) < 0; ) {
    const upTo = await snapshots.read(() => {
      const [here, gone] = [documents, graves].map((table) => entriesBetween(table, start, past, PAGE));
      // Beyond the last one of a full page nothing is known of its table.
      const ends = [here, gone].map((entries) => (entries?.length === PAGE ? (entries.at(-1)?.key ?? past) : past));
      const end = ends.reduce((a, b) => (Buffer.compare(a, b) < 0 ? a : b));
      for (const [place, document, grave] of paired(here ?? [], gone ?? [])) {
        if (Buffer.compare(place, end) <= 0) check.pair(place, document, grave);
      }
      return end;
    });
    if (upTo === past) return;
    start = Buffer.concat([upTo, Buffer.of(0)]);
    onPage();
    await setImmediate();
  }
}

type Entries = readonly Entry[];

/** The entries of both by key. */
function* paired(documents: Entries, graves: Entries): Generator<[Buffer, string | undefined, string | undefined]> {
  for (let [i, j] = [0, 0]; i < documents.length || j < graves.length; ) {
    const [a, b] = [documents[i], graves[j]];
    const order = a === undefined ? 1 : b === undefined ? -1 : Buffer.compare(a.key, b.key);
    yield [(order <= 0 ? a : b)?.key as Buffer, order <= 0 ? a?.value : undefined, order >= 0 ? b?.value : undefined];
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
}

async function walkBack(
  snapshots: Snapshots,
  { events }: Tables,
  from: Buffer,
  visit: (cursor: string, text: string) => void,
): Promise<void> {
  let start = from;
  for (;;) {
    const last = await snapshots.read(() => {
      const entries = entriesBetween(events, start, LEAST, STRAY_PAGE, true);
      for (const { key, value } of entries) visit(key.toString(), value);
      return entries.at(-1)?.key;
    });
    if (last === undefined) return;
    start = last;
    await setImmediate();
  }
}
