import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { underClaim } from '#access';
import type { Resolve } from '#fetching';
import { present, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Collection, Store, Stored } from '#storage';
import type { OpenKey } from '#tokens';
import { SYSTEM_USERS_PARTY, systemParty, systemUsers } from '../entities.js';
import type { SystemId, SystemUser, WebhookDelivery } from '../nouns.js';
import { type Collections, collectionsOf } from '../parts.js';
import { toldOf } from './occurrences.js';
import { deliveryAfter, deliveryAtRest, deliveryWith } from './pauses.js';
import { push } from './push.js';
import { securityEventToken } from './security-event.js';

/** What telling vendors works with. */
export interface TellingParts {
  readonly store: Store;
  readonly clock: () => number;
  /** What tokens are signed with, and as whom. */
  readonly signer: { keyAt(now: number): Promise<OpenKey> };
  readonly issuer: string;
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
  readonly #looked: Partial<Record<Queue, string>> = {};
  #running: Promise<void> = Promise.resolve();

  constructor(parts: TellingParts) {
    this.#parts = parts;
    this.#kept = collectionsOf(parts.store);
  }

  /** Tells from now on. @param onFault is told what is in the way of all of it */
  begin(onFault: (fault: Error) => void): void {
    this.#running = this.#run(onFault);
  }

  /** Tells no more. What is under way gets a moment. */
  async end(): Promise<void> {
    this.#over.abort();
    const late = setTimeout(() => this.#cut.abort(), LEAVES_MS);
    await this.#running;
    clearTimeout(late);
  }

  async #run(onFault: (fault: Error) => void): Promise<void> {
    const { store, clock } = this.#parts;
    while (!this.#over.signal.aborted) {
      try {
        const { items } = await this.#kept.webhooks.query({ limit: 1 });
        if (items.length > 0) await underClaim(store, clock, 'webhooks', (held) => this.#tell(held));
      } catch (error) {
        onFault(error as Error);
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
        for (const queue of ['due', 'again'] as const) await this.#start(queue, held, cut.signal);
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
      const { events, next } = await this.#parts.store.events.concerning(SYSTEM_USERS_PARTY, range);
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
      const found = await this.#kept.webhookDeliveries.getMany(left);
      const at = toInstant(this.#parts.clock());
      const marked = found.flatMap((one) =>
        one === undefined ? [] : [{ value: deliveryWith(one.value, seen.get(one.value.systemId) as string, at), expect: one.revision }],
      );
      const outcomes = marked.length === 0 ? [] : await this.#kept.webhookDeliveries.putMany(marked, this.#facts());
      left = marked.flatMap(({ value }, i) => (outcomes[i] instanceof ProblemError ? [value.systemId] : []));
    }
  }

  /** Begins to tell those that are due, as far as there are places. */
  async #start(queue: Queue, held: AbortSignal, cut: AbortSignal): Promise<void> {
    const until = toInstant(this.#parts.clock() + 1);
    for (let looked = 0; looked < LOOKED_AT && this.#taken(queue) < PLACES[queue] && !held.aborted; ) {
      const from = present({ cursor: this.#looked[queue] });
      const page = await this.#kept.webhookDeliveries.query({ index: queue, until, limit: 50, ...from });
      for (const { value } of page.items) {
        if (this.#taken(queue) >= PLACES[queue]) break;
        if (this.#lanes.has(value.systemId) || this.#taken(queue, value.vendor) >= PLACES_OF_A_VENDOR) continue;
        this.#open(value, queue, cut);
      }
      const wasFromTheStart = this.#looked[queue] === undefined;
      if (page.next === undefined) delete this.#looked[queue];
      else this.#looked[queue] = page.next;
      if (page.next === undefined && wasFromTheStart) return;
      looked += Math.max(page.items.length, 1);
      if (page.next === undefined) return;
      await setImmediate();
    }
  }

  #taken(queue: Queue, vendor?: string): number {
    let count = 0;
    for (const lane of this.#lanes.values()) if (lane.queue === queue && (vendor === undefined || lane.vendor === vendor)) count += 1;
    return count;
  }

  #open({ systemId, vendor }: WebhookDelivery, queue: Queue, cut: AbortSignal): void {
    const over = this.#tellSystem(systemId, cut)
      // It is due still: the next look tries it again.
      .catch(() => {})
      .finally(() => this.#lanes.delete(systemId));
    this.#lanes.set(systemId, { vendor, queue, over });
  }

  /** Tells a system what it has not been told, one after the other. */
  async #tellSystem(systemId: SystemId, cut: AbortSignal): Promise<void> {
    const { webhookDeliveries } = this.#kept;
    for (let told = 0; !cut.aborted && !this.#over.signal.aborted; ) {
      const stored = await webhookDeliveries.get(systemId);
      const webhook = await this.#kept.webhooks.get(systemId);
      if (stored?.value.due === undefined || webhook === undefined) return;
      const next = await this.#nextOf(stored.value);
      if (next.told === undefined) {
        // Its last event may have come meanwhile: then it has been marked, and there is a conflict.
        if (!next.isMore) return void (await this.#put(webhookDeliveries, stored, deliveryAtRest(stored.value, next.event?.cursor)));
        await this.#put(webhookDeliveries, stored, { ...stored.value, place: next.event.cursor });
        continue;
      }
      const { signer, issuer, clock, networks, resolve, deadlineMs = DEADLINE_MS } = this.#parts;
      const now = clock();
      const token = await securityEventToken(await signer.keyAt(now), next.told, { issuer, audience: webhook.value.url, now });
      const pushed = await push(webhook.value.url, token, { networks, resolve, deadlineMs }, cut);
      if (cut.aborted && pushed.outcome !== 'taken') return;
      const after = deliveryAfter(stored.value, next.event, pushed, toInstant(clock()));
      told += 1;
      const isTurnOver = told >= TOLD_IN_A_TURN && after.attempts === 0;
      await this.#put(webhookDeliveries, stored, isTurnOver ? { ...after, due: toInstant(clock()) } : after);
      if (isTurnOver || after.attempts > 0 || after.due === undefined) return;
    }
  }
