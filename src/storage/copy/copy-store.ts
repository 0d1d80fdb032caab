import type { BrokenEvent, Verification } from '../port.js';
import type { OpenBackup } from './backup-file.js';
import { refused } from './refused.js';
import { logOf } from './whole-log.js';
import type { CheckedLog, CheckLog, Head, LoggedEvent, WholeSource, WholeTarget } from './whole-store.js';
import { Written } from './written.js';

/** Tells how far it is. @param phase what is being done @param total of events */
export type Told = (phase: 'copied' | 'checked', events: number, total: number) => void;

/** How many events of all are written. */
type Far = (events: number, total: number) => void;

/** What was copied. */
export interface CopyReport {
  /** Of the store now. */
  readonly events: number;
  readonly documents: number;
  /** How many of the events came by this call. */
  readonly copied: number;
  /** Documents without history. */
  readonly passing: number;
  /** Whether the source stood still at the end; else the copy is as it was a moment ago. */
  readonly isStill: boolean;
}

/** How often what came meanwhile is fetched before the copy is left as it was a moment ago. */
const MOST_ROUNDS = 5;

/**
 * Copies a store into another one that is new, or holds the beginning of the same log: an earlier copy, or one that was broken off. Each place of the log
 * is a consistent store, so the source may be written meanwhile. The target is verified, and at the end each document compared with the source's.
 * @param checkLog checks the target's log, in a process of its own where that is worth one
 * @throws ProblemError `copy-refused`, `store-unavailable`, `store-full`; what has been copied stays, and nobody can open it before it is whole
 */
export async function copyStore(
  source: WholeSource,
  target: WholeTarget,
  told: Told,
  checkLog: CheckLog = (...as) => target.checkLog(...as),
): Promise<CopyReport> {
  const from = await assertBeginning(source, target);
  await target.begin(await source.entities(), 'copying');
  const check = new Check(target, checkLog, told, from);
  try {
    const { at, passing } = await copyAll(source, target, from, (events, total) => {
      check.upTo(events);
      told('copied', events, total);
    });
    const compared = compare(source, target, at);
    const [found] = await Promise.allSettled([check.end(at), compared]);
    // What is wrong with the target says more than where it differs.
    if (found.status === 'rejected') throw found.reason;
    await compared;
    await target.finish();
    return { events: at, documents: found.value.documents, copied: at - from, passing, isStill: (await source.last()) === at };
  } catch (error) {
    await check.breakOff();
    throw error;
  }
}

/** The verification of a target, from the moment on from which it is written. */
class Check {
  readonly #target: WholeTarget;
  readonly #told: Told;
  /** What is there already is checked by both: the events up to here by who has written them, the others by who checks the log. */
  readonly #share: number;
  readonly #written = new Written();
  readonly #log: Promise<CheckedLog>;
  readonly #checked: [ofLog: number, ofRest: number] = [0, 0];
  /** How many events there are, once all are written: nothing is told of the check before. */
  #events: number | undefined;

  /** @param there how many events are written already */
  constructor(target: WholeTarget, checkLog: CheckLog, told: Told, there: number) {
    this.#target = target;
    this.#told = told;
    this.#share = Math.floor(there / 2);
    this.#written.upTo(there);
    this.#log = checkLog(this.#written, (count) => this.#tell(0, count), this.#share);
    this.#log.catch(() => {});
  }

  /** The events up to there are written. */
  upTo(place: number): void {
    this.#written.upTo(place);
  }

  /** All is written. @throws ProblemError `copy-refused` if it is not whole */
  async end(events: number): Promise<Verification> {
    this.#events = events;
    this.#written.upTo(events);
    this.#written.end();
    const found = await this.#target.checkRest(this.#log, this.#share, (count) => this.#tell(1, count));
    if (found.broken === undefined && found.events === events) return found;
    throw refused(`${this.#target.name} is not what was written into it: ${detailOf(found.broken, found.events, events)}`);
  }

  /** @param whose of those who check */
  #tell(whose: 0 | 1, count: number): void {
    this.#checked[whose] = count;
    if (this.#events !== undefined) this.#told('checked', this.#checked[0] + this.#checked[1], this.#events);
  }

  /** When it has ended nobody reads the target any more. */
  async breakOff(): Promise<void> {
    this.#written.breakOff();
    await this.#log.catch(() => {});
  }
}

/** What was brought back. */
export interface RestoreReport {
  readonly events: number;
  readonly documents: number;
  readonly passing: number;
}

/**
 * Writes what is in a backup into a store that is new.
 * @throws ProblemError `copy-refused`, `store-unavailable`, `store-full`; then nothing of it stays
 */
export async function restoreStore(
  backup: OpenBackup,
  target: WholeTarget,
  told: Told,
  checkLog: CheckLog = (...as) => target.checkLog(...as),
): Promise<RestoreReport> {
  let check: Check | undefined;
  try {
    let passing = 0;
    let events = 0;
    for await (const part of backup.parts()) {
      if (part.kind === 'entities') {
        await target.begin(part.entities, 'restoring');
        check = new Check(target, checkLog, told, 0);
      } else if (part.kind === 'passing') {
        await target.putPassing(part.documents);
        passing += part.documents.length;
      } else {
        await target.append(part.events);
        events += part.events.length;
        check?.upTo(events);
        told('copied', events, part.total);
      }
    }
    // There are no parts without the first one.
    const { documents } = await (check as unknown as Check).end(events);
    await target.finish();
    return { events, documents, passing };
  } catch (error) {
    await check?.breakOff();
    // What could not be erased is still marked as not whole.
    await target.erase().catch(() => {});
    throw error;
  }
}

/** Where the target's log ends, if all of it is the source's too. */
async function assertBeginning(source: WholeSource, target: WholeTarget): Promise<number> {
  const [have, there] = [await target.last(), await source.last()];
  if (have === 0) return 0;
  for (const place of [1, have]) {
    if (have <= there && (await source.hashAt(place)) === (await target.hashAt(place))) continue;
    throw refused(`${target.name} holds another store, or has been changed since it was copied: name an empty one`);
  }
  return have;
}

/** Copies what there is, and what comes meanwhile. */
async function copyAll(source: WholeSource, target: WholeTarget, from: number, far: Far): Promise<{ at: number; passing: number }> {
  let at = await copyLog(source, target, from, far);
  let passing = 0;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    // Before the end of the log is read: what was answered with one of them is in the log by then.
    passing = await copyPassing(source, target);
    const before = at;
    at = await copyLog(source, target, at, far);
    if (at === before) break;
  }
  return { at, passing };
}

async function copyLog(source: WholeSource, target: WholeTarget, from: number, far: Far): Promise<number> {
  const upTo = await source.last();
  let at = from;
  const counted = function* (page: Iterable<LoggedEvent>): Generator<LoggedEvent> {
    for (const event of page) {
      yield event;
      at = event.place;
    }
  };
  for await (const page of logOf(source, from, upTo)) {
    await target.append(counted(page));
    far(at, upTo);
  }
  return at;
}

async function copyPassing(source: WholeSource, target: WholeTarget): Promise<number> {
  await target.removePassing();
  let count = 0;
  for await (const page of source.passing()) {
    await target.putPassing(page);
    count += page.length;
  }
  return count;
}

function detailOf(broken: BrokenEvent | undefined, found: number, wanted: number): string {
  return broken === undefined ? `${found} events instead of ${wanted}` : `event ${broken.cursor}: ${broken.detail}`;
}

/** Each document of the source is that of the target, unless it has been changed since. */
async function compare(source: WholeSource, target: WholeTarget, at: number): Promise<void> {
  let [there, changed]: [number, Head | undefined] = [0, undefined];
  for await (const page of source.heads()) {
    there += page.length;
    const found = await target.headsOf(page);
    for (const [i, head] of page.entries()) {
      const own = found[i];
      if (own?.hash === head.hash && own.json === head.json && own.revision === head.revision) continue;
      // A newer one has its event beyond what was copied.
      if (own !== undefined && own.revision >= head.revision) throw differing(source, head);
      changed ??= head;
    }
  }
  // Read after the documents were: whatever has changed them has its event in the log by now.
  if ((await source.last()) !== at) return;
  if (changed !== undefined) throw differing(source, changed);
  const here = await target.headCount();
  if (here === there) return;
  throw refused(`${source.name} has ${there} documents with history, and its log tells of ${here}: \`tilgang audit verify\` says more`);
}

function differing({ name }: WholeSource, { entity, key }: Head) {
  return refused(`the document ${entity} ${key} of ${name} is not what its history says: \`tilgang audit verify\` says more`);
}
