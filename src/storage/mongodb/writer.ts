import { ObjectId } from 'mongodb';
import { present } from '#domain';
import { ProblemError } from '#problem';
import { Batches } from '../batches.js';
import { type Change as AnyChange, eventJson, firstPassingRevision, isExpected, partiesOrRefusal } from '../change.js';
import { textHash } from '../event-chain.js';
import { type Database, HOMES, writeFault } from './database.js';
import { leftEntries } from './entries.js';
import { type Derived, documentId, type Home, homeOf, type KeptDocument } from './layout.js';
import type { Log } from './log.js';
import type { Outboxes } from './outboxes.js';
import type { Reads } from './reads.js';
import { type Replacement, replaceAll, type Verdict } from './replace.js';

/** What became of a change: the new revision, nothing to remove, or why it was refused. */
export type Outcome = number | undefined | Error;
/** A change with what is kept beside the document. */
export type Change = AnyChange<Derived>;

/** Bounds the size of one command to the server, and how long the other changes of this process wait. */
const MOST_TOGETHER = 500;

/** A change in its batch. */
interface Pending {
  readonly change: Change;
  readonly id: string;
  readonly home: Home;
  /** Its place among the outcomes. */
  readonly at: number;
}

/** What is to be written for whom. */
interface Attempt extends Replacement {
  readonly pending: Pending;
}

/** What the changes of a process are written with. */
export interface WriterParts {
  readonly database: Database;
  readonly reads: Reads;
  readonly log: Log;
  readonly outboxes: Outboxes;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/**
 * Writes changes: all that arrive while others are being written share the next round trips, which are three for however many changes: read the documents,
 * replace them, each with its event beside it and only if it still is the one that was read, append the events to the log. Then they are acknowledged.
 */
export class Writer {
  readonly #parts: WriterParts;
  readonly #batches: Batches<Change, Outcome>;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#batches = new Batches({ most: MOST_TOGETHER, carry: (changes) => this.#carry(changes), problemOf: writeFault });
  }

  /**
   * The outcome of each change, in their order; when all are durable.
   * @throws ProblemError `store-unavailable`, `store-full`: then some of them may have been written
   */
  write(changes: readonly Change[]): Promise<readonly Outcome[]> {
    return this.#batches.submit(changes);
  }

  /** Resolves when nothing waits any more. */
  drained(): Promise<void> {
    return this.#batches.drained();
  }

  async #carry(changes: readonly Change[]): Promise<readonly Outcome[]> {
    const outcomes = new Array<Outcome>(changes.length);
    let open = changes.map((change, at): Pending => {
      const { entity, key } = change;
      return { change, at, id: documentId(entity.name, key), home: homeOf(entity) };
    });
    // Again with those whose document somebody else has changed, or a change before them.
    while (open.length > 0) {
      const standing = await this.#read(open);
      const { attempts, left } = this.#judge(open, standing, outcomes);
      const lost = await this.#replace(attempts, outcomes);
      open = [...lost, ...left];
    }
    return outcomes;
  }

  /** The documents as they stand, by `_id`; their events are in the log. */
  async #read(pending: readonly Pending[]): Promise<ReadonlyMap<string, KeptDocument>> {
    const { database, outboxes } = this.#parts;
    const found = await Promise.all(
      HOMES.map(async (home) => {
        const ids = [...new Set(pending.filter((one) => one.home === home).map(({ id }) => id))];
        if (ids.length === 0) return [];
        const documents = await database.homes[home].find({ _id: { $in: ids } }, { batchSize: ids.length + 1 }).toArray();
        await outboxes.move(home, documents);
        return documents;
      }),
    );
    return new Map(found.flat().map((document) => [document._id, document]));
  }

  /** Of each document the first change that can be made; what can not has its outcome. */
  #judge(open: readonly Pending[], standing: ReadonlyMap<string, KeptDocument>, outcomes: Outcome[]) {
    const attempts = new Map<string, Attempt>();
    const left: Pending[] = [];
    for (const pending of open) {
      if (attempts.has(pending.id)) {
        left.push(pending);
        continue;
      }
      const seen = standing.get(pending.id);
      const next = this.#next(pending, seen);
      if (next === undefined || next instanceof Error) outcomes[pending.at] = next;
      else attempts.set(pending.id, { pending, seen, next });
    }
    return { attempts: [...attempts.values()], left };
  }

  /** What the change makes of the document, or why not; undefined if there is nothing to remove. */
  #next({ change, id }: Pending, seen: KeptDocument | undefined): KeptDocument | undefined | Error {
    const { entity, json, options, derived } = change;
    const now = new Date(this.#parts.clock());
    const isThere = seen?.j !== undefined && (seen.x === undefined || seen.x > now);
    if (!isExpected(options.expect, isThere ? seen.r : undefined)) return new ProblemError('conflict');
    if (json === undefined && !isThere) return undefined;
    const r = seen === undefined ? (entity.keepsNoHistory === true ? firstPassingRevision() : 1) : seen.r + 1;
    const kept = { _id: id, t: new ObjectId(), r, h: '', ...present({ j: json, ...derived }) };
    // A grave, which goes like what has expired.
    if (entity.keepsNoHistory === true) return json === undefined ? { ...kept, x: now } : kept;
    const before = isThere ? { json: seen.j as string } : undefined;
    const parties = partiesOrRefusal(change, before === undefined || entity.concerns === undefined ? undefined : JSON.parse(before.json));
    if (parties instanceof Error) return parties;
    const j = eventJson(change, r, before, seen?.h ?? '');
    const o = { j, p: [...parties], g: entity.isRegistry === true, a: new Date() };
    return { ...kept, h: textHash(j), ...present({ e: o.g ? this.#parts.reads.moment.epoch : undefined }), o };
  }

  /** Carries attempts out. @returns those that came too late */
  async #replace(attempts: readonly Attempt[], outcomes: Outcome[]): Promise<readonly Pending[]> {
    const { database, reads, log, outboxes } = this.#parts;
    const { epoch } = reads.moment;
    const verdicts = new Map<Replacement, Verdict>();
    await Promise.all(
      HOMES.map(async (home) => {
        const own = attempts.filter(({ pending }) => pending.home === home);
        for (const [i, verdict] of (await replaceAll(database, home, own)).entries()) verdicts.set(own[i] as Attempt, verdict);
      }),
    );
    const written = attempts.filter((attempt) => verdicts.get(attempt) === 'written');
    const withEvents = written.filter(({ next }) => next.o !== undefined);
    await log.append(
      withEvents.map(({ next }) => next),
      epoch,
    );
    outboxes.empty(
      withEvents.map(({ pending, seen, next }) => ({ home: pending.home, id: next._id, t: next.t, left: leftEntries(seen, next) })),
    );
    for (const { pending, next } of written) outcomes[pending.at] = next.r;
    for (const attempt of attempts) {
      if (verdicts.get(attempt) !== 'taken') continue;
      outcomes[attempt.pending.at] = new ProblemError('conflict', { detail: 'another one has the same value of a unique index' });
    }
    return attempts.filter((attempt) => verdicts.get(attempt) === 'late').map(({ pending }) => pending);
  }
}
