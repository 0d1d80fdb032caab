import { setTimeout as passed, setImmediate } from 'node:timers/promises';
import type { DecisionEvent } from '#decisions';
import { type AppId, type BrukerId, type Day, dayOf, type Grant, type Instant, type Organisation, type Orgnr, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Store } from '#storage';
import { type AccessUses, collectionsOf, documentKey, type GrantUse, useKey } from '../parts.js';

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
 * Notes the day on which grants were used: in memory while it is decided, in the store about once a minute, and each grant once a day at most. What a process
 * that was killed had not written yet is read from the decision log by the next one. Of several processes the latest day counts.
 */
export class NotedUses implements AccessUses {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #logged: LoggedUses | undefined;
  /** By person and application: the konsumenter of a day. */
  readonly #seen = new Map<string, string>();
  readonly #waiting = new Map<string, GrantUse>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: Store, clock: () => number, logged?: LoggedUses) {
    this.#store = store;
    this.#clock = clock;
    this.#logged = logged;
  }

  note(appId: AppId, brukerId: BrukerId, konsumenter: readonly Pick<Organisation, 'orgnr'>[], at: Instant): void {
    if (konsumenter.length === 0) return;
    const day = dayOf(at);
    let uses: string = day;
    for (const { orgnr } of konsumenter) uses += ` ${orgnr}`;
    const key = documentKey(appId, brukerId);
    if (this.#seen.get(key) === uses || this.#waiting.size > MOST_WAITING) return;
    if (this.#seen.size > MOST_SEEN) this.#seen.clear();
    this.#seen.set(key, uses);
    for (const { orgnr: konsument } of konsumenter) this.#wait({ appId, brukerId, konsument, day });
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

  #wait(use: GrantUse): void {
    const key = useKey(use.appId, use.brukerId, use.konsument);
    const waits = this.#waiting.get(key);
    if (waits === undefined || waits.day < use.day) this.#waiting.set(key, use);
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
    const uses = [...this.#waiting];
    for (let at = 0; at < uses.length; at += TOGETHER) {
      await this.#writeSome(uses.slice(at, at + TOGETHER));
      await setImmediate();
    }
    return uses.every(([key, use]) => this.#waiting.get(key) !== use);
  }

  /** Uses of which the store has the day, or a later one, are no change. */
  async #writeSome(uses: readonly (readonly [key: string, use: GrantUse])[]): Promise<void> {
    const { grantUses } = collectionsOf(this.#store);
    const stored = await grantUses.getMany(uses.map(([key]) => key));
    const newer = uses.flatMap(([, use], i) => {
      const known = stored[i];
      if (known !== undefined && known.value.day >= use.day) return [];
      return [{ value: use, expect: known?.revision ?? ('absent' as const) }];
    });
    const outcomes = newer.length === 0 ? [] : await grantUses.putMany(newer, this.#facts());
    // Another process was quicker: it is looked at again.
    const missed = new Set(newer.flatMap(({ value }, i) => (outcomes[i] instanceof ProblemError ? [value] : [])));
    for (const [key, use] of uses) if (!missed.has(use) && this.#waiting.get(key) === use) this.#waiting.delete(key);
  }

  /** From when on uses are noted, kept once. */
  async #begun(): Promise<void> {
    const { useRecords } = collectionsOf(this.#store);
    if ((await useRecords.get('use-record')) !== undefined) return;
    const value = { name: 'use-record', since: dayOf(toInstant(this.#clock())) } as const;
    await useRecords.put(value, { expect: 'absent', facts: this.#facts() }).catch((error: unknown) => {
      if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
    });
  }

  #noteLogged({ path, input, result, timestamp, custom }: DecisionEvent): void {
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

  #facts(): ChangeFacts {
    return { action: 'grant.use', at: toInstant(this.#clock()), actor: 'operator' };
  }
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
