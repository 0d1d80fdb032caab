import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { underClaim } from '#access';
import { present, toInstant } from '#domain';
import type { Resolve } from '#fetching';
import { ProblemError } from '#problem';
import type { ChangeFacts, PutOrder, Store, Stored } from '#storage';
import type { OpenKey } from '#tokens';
import { systemUsers } from '../entities.js';
import type { SystemId, SystemUser, WebhookDelivery } from '../nouns.js';
import { type Collections, collectionsOf } from '../parts.js';
import { type Told, toldOf } from './occurrences.js';
import { deliveryAfter, deliveryAtRest, deliveryFrom, deliveryWith } from './pauses.js';
import { type Pushed, push } from './push.js';
import { eventsOfAll, eventsOfSystem } from './read-events.js';
import { securityEventToken } from './security-event.js';

/** What telling vendors works with. */
export interface TellingParts {
  readonly store: Store;
  readonly clock: () => number;
  /** What tokens are signed with. */
  readonly signer: { keyAt(now: number): Promise<OpenKey> };
  /** Private networks that receivers may be in. */
  readonly networks: readonly string[];
  /** Of tests: who tells the addresses of names, and how long a receiver may take. */
  readonly resolve?: Resolve;
  readonly deadlineMs?: number;
}

/** The only place of each bound. Receivers that fail have places of their own, so that they keep nobody waiting who answers; and no vendor has many of either. */
const PLACES = { due: 16, again: 8 } as const;
const PLACES_OF_A_VENDOR = 2;
/** So long a receiver may take. */
const DEADLINE_MS = 5000;
/** So many are told in a row before others have their turn. */
const TOLD_IN_A_TURN = 100;
const READ_TOGETHER = 20;
/** How many that are due are looked at in one look; the next one goes on behind them. */
const LOOKED_AT = 1000;
const LOOKS_MS = 250;
/** Whether there is anything to tell at all, or another process has stopped telling. */
const BEGINS_MS = 1000;
/** Whoever stops does not wait longer for a receiver. */
const LEAVES_MS = 500;

type Queue = keyof typeof PLACES;

/** A system that is told now. */
interface Lane {
  readonly vendor: string;
  readonly queue: Queue;
  readonly over: Promise<void>;
}

/**
 * Tells vendors what becomes of their requests and system users: each event of a system as a Security Event Token, in their order, until it is taken. What is told stands
 * in the event log, and how far each system has been told in a document, so nothing is lost by a stop; what was under way is sent again, under the same id. Of several
 * processes one tells.
 */
export class Deliveries {
  readonly #parts: TellingParts;
  readonly #kept: Collections;
  readonly #over = new AbortController();
  readonly #cut = new AbortController();
  readonly #lanes = new Map<string, Lane>();
  /** Where the next look at what is due goes on. */
  readonly #looked: Record<Queue, string | undefined> = { due: undefined, again: undefined };
  #issuer = '';
  #onFault: (fault: Error) => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(parts: TellingParts) {
    this.#parts = parts;
    this.#kept = collectionsOf(parts.store);
  }

  /** Tells from now on. @param issuer as whom @param onFault is told what is in the way of all of it */
  begin(issuer: string, onFault: (fault: Error) => void): void {
    this.#issuer = issuer;
    this.#onFault = onFault;
    this.#running = this.#run();
  }

  /** Tells no more. What is under way gets a moment. */
  async end(): Promise<void> {
    this.#over.abort();
    const late = setTimeout(() => this.#cut.abort(), LEAVES_MS);
    await this.#running;
    clearTimeout(late);
  }

  async #run(): Promise<void> {
    const { store, clock } = this.#parts;
    while (!this.#over.signal.aborted) {
      try {
        const { items } = await this.#kept.webhooks.query({ limit: 1 });
        if (items.length > 0) await underClaim(store, clock, 'webhooks', (held) => this.#tell(held));
      } catch (error) {
        this.#onFault(error as Error);
      }
      await this.#pause(BEGINS_MS);
    }
  }

  /** Tells until another process may, or this one stops. */
  async #tell(held: AbortSignal): Promise<void> {
    const cut = new AbortController();
    const leave = (): void => cut.abort();
    for (const signal of [held, this.#cut.signal]) signal.addEventListener('abort', leave, { once: true });
    try {
      while (!held.aborted && !this.#over.signal.aborted) {
        await this.#look();
        for (const queue of ['due', 'again'] as const) await this.#start(queue, cut.signal);
        await this.#pause(LOOKS_MS);
      }
    } finally {
      if (held.aborted) cut.abort();
      await Promise.all([...this.#lanes.values()].map(({ over }) => over));
      for (const signal of [held, this.#cut.signal]) signal.removeEventListener('abort', leave);
    }
  }

  /** Marks as due what new events concern. How far they have been looked through is kept behind it: after a stop some are marked again. */
  async #look(): Promise<void> {
    const { webhookPlaces } = this.#kept;
    let stored = await webhookPlaces.get('webhooks');
    for (;;) {
      const range = present({ cursor: stored?.value.place, limit: READ_TOGETHER });
      const { events, next } = await eventsOfAll(this.#parts.store, range);
      const last = events.at(-1);
      if (last === undefined) return;
      const seen = new Map<SystemId, string>();
      for (const { entity, before, after, cursor } of events) {
        if (entity !== systemUsers.name) continue;
        for (const one of [before, after] as (SystemUser | undefined)[]) if (one !== undefined) seen.set(one.systemId, cursor);
      }
      await this.#mark(seen);
      const value = { name: 'webhooks', place: last.cursor } as const;
      stored = await webhookPlaces.put(value, { expect: stored?.revision ?? 'absent', facts: this.#facts() });
      if (next === undefined) return;
      await setImmediate();
    }
  }

  async #mark(seen: ReadonlyMap<SystemId, string>): Promise<void> {
    let left = [...seen.keys()];
    while (left.length > 0) {
      const at = toInstant(this.#parts.clock());
      const marked = (await this.#deliveriesOf(left)).map(({ value, expect }) => ({
        value: deliveryWith(value, seen.get(value.systemId) as string, at),
        expect,
      }));
      const outcomes = marked.length === 0 ? [] : await this.#kept.webhookDeliveries.putMany(marked, this.#facts());
      left = marked.flatMap(({ value }, i) => (outcomes[i] instanceof ProblemError ? [value.systemId] : []));
    }
  }

  /** The deliveries of those that have a webhook. One is begun where a process was killed between the two. */
  async #deliveriesOf(systemIds: readonly SystemId[]): Promise<readonly PutOrder<WebhookDelivery>[]> {
    const { webhooks, webhookDeliveries } = this.#kept;
    const found = await webhookDeliveries.getMany(systemIds);
    const without = systemIds.filter((_, i) => found[i] === undefined);
    const begun = without.length === 0 ? [] : await webhooks.getMany(without);
    return [
      ...found.flatMap((one) => (one === undefined ? [] : [{ value: one.value, expect: one.revision }])),
      ...begun.flatMap((one) => (one === undefined ? [] : [{ value: deliveryFrom(one.value), expect: 'absent' as const }])),
    ];
  }

  /** Begins to tell those that are due, as far as there are places; where there are many of them the next look goes on behind. */
  async #start(queue: Queue, cut: AbortSignal): Promise<void> {
    const until = toInstant(this.#parts.clock() + 1);
    let cursor = this.#looked[queue];
    for (let looked = 0; looked < LOOKED_AT; looked += READ_TOGETHER) {
      const page = await this.#kept.webhookDeliveries.query({ index: queue, until, limit: READ_TOGETHER, ...present({ cursor }) });
      for (const { value } of page.items) {
        if (this.#count(queue) >= PLACES[queue]) break;
        if (this.#lanes.has(value.systemId) || this.#count(queue, value.vendor) >= PLACES_OF_A_VENDOR) continue;
        this.#open(value, queue, cut);
      }
      if (this.#count(queue) >= PLACES[queue]) break;
      cursor = page.next;
      if (cursor === undefined) break;
      await setImmediate();
    }
    this.#looked[queue] = cursor;
  }

  /** How many systems are told now; of one vendor, if it is given. */
  #count(queue: Queue, vendor?: string): number {
    let count = 0;
    for (const lane of this.#lanes.values()) if (lane.queue === queue && (vendor === undefined || lane.vendor === vendor)) count += 1;
    return count;
  }

  #open({ systemId, vendor }: WebhookDelivery, queue: Queue, cut: AbortSignal): void {
    const over = this.#tellSystem(systemId, cut)
      // It is due still, and the next look begins anew. Of two that have written one has not.
      .catch((error: unknown) => {
        if (!(error instanceof ProblemError && error.slug === 'conflict')) this.#onFault(error as Error);
      })
      .finally(() => this.#lanes.delete(systemId));
    this.#lanes.set(systemId, { vendor, queue, over });
  }

  /** Tells a system what it has not been told, one after the other. */
  async #tellSystem(systemId: SystemId, cut: AbortSignal): Promise<void> {
    const { webhooks, webhookDeliveries } = this.#kept;
    for (let told = 1; !cut.aborted && !this.#over.signal.aborted; told += 1) {
      const [stored, webhook] = await Promise.all([webhookDeliveries.get(systemId), webhooks.get(systemId)]);
      if (stored?.value.due === undefined) return;
      // It is written before its delivery is, and removed before that.
      if (webhook === undefined) return void (await webhookDeliveries.remove(systemId, { expect: stored.revision, facts: this.#facts() }));
      const next = await this.#next(stored.value);
      // Its last event may have come meanwhile: then it has been marked, and there is a conflict.
      if (next.told === undefined) return this.#put(stored, deliveryAtRest(stored.value, next.place));
      const pushed = await this.#push(webhook.value.url, next.told, cut);
      if (cut.aborted && pushed.outcome !== 'taken') return;
      const after = deliveryAfter(stored.value, next.place, pushed, toInstant(this.#parts.clock()));
      const isTurnOver = told === TOLD_IN_A_TURN && after.attempts === 0;
      await this.#put(stored, isTurnOver ? { ...after, due: toInstant(this.#parts.clock()) } : after);
      if (isTurnOver || after.attempts > 0) return;
    }
  }

  /** The next event that is to be told, and where it stands; without one, how far all has been looked through. */
  async #next({ systemId, place }: WebhookDelivery): Promise<Next> {
    for (let cursor = place; ; ) {
      const { events, next } = await eventsOfSystem(this.#parts.store, systemId, present({ limit: READ_TOGETHER, cursor }));
      for (const event of events) {
        const told = toldOf(event, systemId);
        if (told !== undefined) return { told, place: event.cursor };
      }
      cursor = events.at(-1)?.cursor ?? cursor;
      if (next === undefined) return { place: cursor };
      await setImmediate();
    }
  }

  async #push(url: string, told: Told, cut: AbortSignal): Promise<Pushed> {
    const { signer, clock, networks, resolve, deadlineMs = DEADLINE_MS } = this.#parts;
    const now = clock();
    const token = await securityEventToken(await signer.keyAt(now), told, { issuer: this.#issuer, audience: url, now });
    return push(url, token, { networks, resolve, deadlineMs }, cut);
  }

  async #put(stored: Stored<WebhookDelivery>, value: WebhookDelivery): Promise<void> {
    await this.#kept.webhookDeliveries.put(value, { expect: stored.revision, facts: this.#facts() });
  }

  #facts(): ChangeFacts {
    return { action: 'webhook.tell', at: toInstant(this.#parts.clock()), actor: 'operator' };
  }

  /** Until the time is over, or this process stops. */
  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#over.signal, ref: false }).catch(() => {});
  }
}

type Next = { readonly told: Told; readonly place: string } | { readonly told?: undefined; readonly place: string | undefined };
