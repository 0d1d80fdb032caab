import { setTimeout as passed, setImmediate } from 'node:timers/promises';
import type { DecisionEvent } from '#decisions';
import { type AppId, type BrukerId, type Day, dayOf, type Grant, type Instant, type Organisation, type Orgnr, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Store } from '#storage';
import { collectionsOf, type GrantUse, grantUses, useKey } from '../parts.js';
import type { AccessUses, NotedUse, UseKind } from './use-kind.js';

/** What the decision log knows of uses that this process has not noted; see DecisionLog. */
export interface LoggedUses {
  left(): AsyncIterable<DecisionEvent>;
  mark(): () => Promise<void>;
}

const WRITES_EVERY_MS = 60_000;
/** Whoever stops does not wait longer for a store that does not answer. */
const LEAVES_MS = 2000;
/** Written in one turn. */
const TOGETHER = 100;
/** Persons whose uses of the day are remembered; beyond that they are begun anew, and the store tells what it has. */
const MOST_SEEN = 50_000;
/** Uses that wait to be written while the store is away; those beyond are noted when they come again. */
const MOST_WAITING = 200_000;

/**
 * Notes the day on which grants, and whatever else is named, were used: in memory while it is decided, in the store about once a minute, and each of them once a day at most. What a process
 * that was killed had not written yet is read from the decision log by the next one. Of several processes the latest day counts.
 */
export class NotedUses implements AccessUses {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #logged: LoggedUses | undefined;
  readonly #others: readonly UseKind<NotedUse>[];
  /** Of grants by application and person, of others by entity and key. */
  readonly #seen = new Map<string, Map<string, Seen>>();
  #seenCount = 0;
  /** By name and key. */
  readonly #waiting = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param others kinds that are noted beside those of grants */
  constructor(store: Store, clock: () => number, logged?: LoggedUses, others: readonly UseKind<NotedUse>[] = []) {
    this.#store = store;
    this.#clock = clock;
    this.#logged = logged;
    this.#others = others;
  }

  note(appId: AppId, brukerId: BrukerId, konsumenter: readonly Pick<Organisation, 'orgnr'>[], at: Instant): void {
    if (konsumenter.length === 0) return;
    const day = dayOf(at);
    if (this.#isNew(appId, brukerId, day, konsumenter))
      for (const { orgnr: konsument } of konsumenter) this.#wait(GRANTS, { appId, brukerId, konsument, day });
  }

  noteOf<Use extends NotedUse>(kind: UseKind<Use>, use: Use): void {
    if (this.#isNew(kind.entity.name, kind.entity.key(use), use.day, [])) this.#wait(kind, use);
  }

  /** Begins to write what is noted. */
  begin(): void {
    this.#timer = setInterval(() => void this.write(), WRITES_EVERY_MS).unref();
    void this.write();
  }

  /** Writes what waits, and what processes that have ended have left. What cannot be written now waits on. */
  write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write()).catch(() => {});
    return this.#writing;
  }

  /** Writes the last of it; not for longer than a moment, since the next process reads it from the log. */
  async end(): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    await Promise.race([this.write(), passed(LEAVES_MS, undefined, { ref: false })]);
  }

  #isNew(of: string, key: string, day: Day, konsumenter: readonly Pick<Organisation, 'orgnr'>[]): boolean {
    const last = this.#seen.get(of)?.get(key);
    if (last !== undefined && isSame(last, day, konsumenter)) return false;
    if (this.#waiting.size > MOST_WAITING) return false;
    if (this.#seenCount > MOST_SEEN) {
      this.#seen.clear();
      this.#seenCount = 0;
    }
    let seen = this.#seen.get(of);
    if (seen === undefined) {
      seen = new Map();
      this.#seen.set(of, seen);
    }
    if (!seen.has(key)) this.#seenCount += 1;
    seen.set(key, { day, orgnrs: konsumenter.map(({ orgnr }) => orgnr) });
    return true;
  }

  #wait<Use extends NotedUse>(kind: UseKind<Use>, use: Use): void {
    const name = nameOf(kind, use);
    const waits = this.#waiting.get(name);
    if (waits === undefined || waits.use.day < use.day) this.#waiting.set(name, { kind, use });
  }

  async #write(): Promise<void> {
    await this.#begun();
    for await (const event of this.#logged?.left() ?? []) {
      this.#noteLogged(event);
      // There may be any number of them, and none is told again.
      if (this.#waiting.size >= MOST_WAITING / 2) await this.#writeWaiting();
    }
    const noted = this.#logged?.mark();
    if (await this.#writeWaiting()) await noted?.();
  }

  /** Writes what waits now. @returns whether all of it is written */
  async #writeWaiting(): Promise<boolean> {
    const waiting = [...this.#waiting];
    for (const kind of [GRANTS, ...this.#others]) {
      const uses = waiting.filter(([, waits]) => waits.kind === kind);
      for (let at = 0; at < uses.length; at += TOGETHER) {
        await this.#writeSome(kind, uses.slice(at, at + TOGETHER));
        await setImmediate();
      }
    }
    return waiting.every(([name, waits]) => this.#waiting.get(name) !== waits);
  }

  /** Uses of which the store has the day, or a later one, are no change. */
  async #writeSome(kind: UseKind<NotedUse>, uses: readonly (readonly [name: string, Waiting])[]): Promise<void> {
    const kept = this.#store.collection(kind.entity);
    const stored = await kept.getMany(uses.map(([, { use }]) => kind.entity.key(use)));
    const newer = uses.flatMap(([, waits], i) => {
      const known = stored[i];
      if (known !== undefined && known.value.day >= waits.use.day) return [];
      return [{ waits, value: waits.use, expect: known?.revision ?? ('absent' as const) }];
    });
    const outcomes = newer.length === 0 ? [] : await kept.putMany(newer, this.#facts(kind.action));
    // Another process was quicker: it is looked at again.
    const missed = new Set(newer.flatMap(({ waits }, i) => (outcomes[i] instanceof ProblemError ? [waits] : [])));
    for (const [name, waits] of uses) if (!missed.has(waits) && this.#waiting.get(name) === waits) this.#waiting.delete(name);
  }

  /** From when on uses are noted, kept once. */
  async #begun(): Promise<void> {
    const { useRecords } = collectionsOf(this.#store);
    if ((await useRecords.get('use-record')) !== undefined) return;
    const value = { name: 'use-record', since: dayOf(toInstant(this.#clock())) } as const;
    await useRecords.put(value, { expect: 'absent', facts: this.#facts(GRANTS.action) }).catch((error: unknown) => {
      if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
    });
  }

  #noteLogged(event: DecisionEvent): void {
    for (const kind of this.#others) for (const use of kind.usesIn(event)) this.noteOf(kind, use);
    const { path, input, result, timestamp, custom } = event;
    const { application, subject } = (input ?? {}) as {
      readonly application?: { readonly id?: AppId };
      readonly subject?: { readonly id?: BrukerId };
    };
    if (path !== 'tilgang/access/search' || custom?.list === true || !Array.isArray(result)) return;
    if (application?.id === undefined || subject?.id === undefined) return;
    this.note(
      application.id,
      subject.id,
      result.map((orgnr: Orgnr) => ({ orgnr })),
      timestamp as Instant,
    );
  }

  #facts(action: string): ChangeFacts {
    return { action, at: toInstant(this.#clock()), actor: 'operator' };
  }
}

/** What was noted last: a day, and of grants their konsumenter. */
interface Seen {
  readonly day: Day;
  readonly orgnrs: readonly Orgnr[];
}

/** Compared part by part: nearly every decision notes what was noted before, and no text is made for that. */
function isSame({ day, orgnrs }: Seen, today: Day, konsumenter: readonly Pick<Organisation, 'orgnr'>[]): boolean {
  return day === today && orgnrs.length === konsumenter.length && konsumenter.every(({ orgnr }, i) => orgnr === orgnrs[i]);
}

interface Waiting {
  readonly kind: UseKind<NotedUse>;
  readonly use: NotedUse;
}

/** Those of grants, which are read from the log together: a decision has as many as there are konsumenter. */
const GRANTS: UseKind<GrantUse> = { entity: grantUses, action: 'grant.use', usesIn: () => [] };

function nameOf<Use extends NotedUse>({ entity }: UseKind<Use>, use: Use): string {
  return `${entity.name} ${entity.key(use)}`;
}

/** The last day on which each of the grants was used, in their order; `undefined`: never, as far as is known. @throws ProblemError `store-unavailable` */
export async function lastUsesOf(
  store: Store,
  grants: readonly { readonly appId: AppId; readonly brukerId: BrukerId; readonly konsument: Orgnr }[],
): Promise<readonly (Day | undefined)[]> {
  if (grants.length === 0) return [];
  const found = await collectionsOf(store).grantUses.getMany(
    grants.map(({ appId, brukerId, konsument }) => useKey(appId, brukerId, konsument)),
  );
  return found.map((one) => one?.value.day);
}

/** Tells whether a grant was not used since a day, as far as that is known: of what was before uses were noted, and before it was given, nothing is. */
export async function unusedSince(
  store: Store,
  since: Day,
): Promise<(grant: Pick<Grant, 'givenAt'>, lastUsed: Day | undefined) => boolean> {
  const record = await collectionsOf(store).useRecords.get('use-record');
  return ({ givenAt }, lastUsed) => {
    const known = lastUsed ?? record?.value.since;
    return known !== undefined && known < since && dayOf(givenAt) < since;
  };
}
