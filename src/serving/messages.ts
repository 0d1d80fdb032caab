import type { Socket } from 'node:net';
import type { Staff } from './entrance.js';
import type { Place } from './places.js';
import type { Gift } from './rate-limit.js';

/** What a worker is started with. */
export interface Order {
  /** From 1; its successor has the same. */
  readonly number: number;
  /** How many share the limits. */
  readonly workers: number;
  /** Whether it takes the place of one that has ended, which may have used its part of each limit. */
  readonly isSuccessor: boolean;
  /** The port that is listened on. */
  readonly port: number;
  /** The configuration, as the parent has read it. */
  readonly config: unknown;
  /** The policy bundle that judges now, whatever its file has become. */
  readonly bundle: Uint8Array;
}

/** What a worker answers once it is ready. */
export interface Started {
  readonly origin: string;
  readonly policyRevision: string;
}

/** A caller's limit, by the limit's name. */
export interface LimitOf {
  readonly limit: string;
  readonly caller: string;
}

/** What a parent asks of a worker. */
export type WorkerDuties = {
  start(order: Order): Promise<Started>;
  /** A connection is its own from then on. */
  take(nothing: undefined, socket?: Socket): void;
  /** Loads and checks a bundle; it judges from `activate` on. @returns its revision */
  prepare(bundle: Uint8Array): Promise<string>;
  activate(nothing: undefined): void;
  lend(of: LimitOf): Gift;
  /** Whether it still answers anything. */
  beat(nothing: undefined): void;
  beginStop(nothing: undefined): ReturnType<Staff['beginStop']>;
  holdBack(nothing: undefined): ReturnType<Staff['holdBack']>;
  finish(withinMs: number): Promise<void>;
  /** Ends; nobody hears an answer. */
  leave(nothing: undefined): void;
};

/** What a worker asks of its parent. */
export type ParentDuties = {
  /** What the other workers give. */
  borrow(of: LimitOf): Promise<Gift>;
  /** @returns the name by which it is given back */
  take(wanted: { readonly places: readonly Place[]; readonly retryAfterSeconds: number }): Promise<number>;
  giveBack(name: number): void;
};
