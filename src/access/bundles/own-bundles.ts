import { randomUUID } from 'node:crypto';
import type { Decisions } from '#decisions';
import { type AppId, type BundleRef, maskPersonNumbers, type PolicyBinding, present } from '#domain';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import { textsOfBundle } from '../ask/reason-texts.js';
import { readContent } from './content.js';
import { STANDARD } from './entities.js';
import {
  type BundleFault,
  type BundleLoader,
  type Loading,
  type OwnBundles,
  type OwnRules,
  type ProcessStatus,
  REASONS,
} from './own-rules.js';

/** What the bundles of a process are made of. */
export interface OwnBundlesParts extends BundleLoader {
  readonly store: Store;
  readonly decisions: Decisions;
  readonly clock: () => number;
}

interface Entry {
  readonly appId: AppId;
  readonly ref: BundleRef;
  readonly loading: Promise<OwnRules>;
  rules?: OwnRules;
  /** Until when a failure is believed. */
  failedUntil?: number;
}

/** How many compiled bundles are kept. */
const MOST_LOADED = 200;
/** A bundle that could not be loaded is not tried again at each request. */
const RETRIED_AFTER_MS = 5000;

/** The applications' own bundles that are compiled in this process, by content: fetched from the store when they are first needed, and kept within bounds. */
export class LoadedBundles implements OwnBundles {
  readonly #parts: OwnBundlesParts;
  readonly #entries = new Map<string, Entry>();
  readonly #faults = new Map<AppId, BundleFault>();
  readonly process = randomUUID();
  stale: ReadonlySet<string> = new Set();

  constructor(parts: OwnBundlesParts) {
    this.#parts = parts;
  }

  rulesOf(binding: PolicyBinding | undefined): OwnRules | undefined | Promise<OwnRules> {
    if (binding?.active === undefined) return undefined;
    return this.rulesBy(binding.appId, binding.active, binding.trusted?.digest === binding.active.digest);
  }

  rulesBy(appId: AppId, ref: BundleRef, isTrusted = false, bytes?: Uint8Array): OwnRules | Promise<OwnRules> {
    const key = `${appId}/${ref.digest}/${isTrusted}`;
    const known = this.#entries.get(key);
    if (known?.rules !== undefined) return known.rules;
    if (known !== undefined && !(known.failedUntil !== undefined && known.failedUntil <= this.#parts.clock())) return known.loading;
    return this.#begin(key, { appId, ref, loading: this.#load(appId, ref, isTrusted, bytes) });
  }

  assertFresh(appId: AppId): void {
    if (this.stale.size === 0 || !(this.stale.has(appId) || this.stale.has(STANDARD))) return;
    const cause = new Error(
      `the source of the rules of ${this.stale.has(appId) ? appId : 'all'} was not looked at with success for too long`,
    );
    throw new ProblemError('evaluation-failed', { cause });
  }

  inspect: OwnBundles['inspect'] = (bytes, signature, now) => this.#parts.inspect(bytes, signature, now);

  compile(bytes: Uint8Array, how: Omit<Loading, 'isTrial'>): Promise<OwnRules> {
    return this.#compile(bytes, { ...how, isTrial: true });
  }

  async #compile(bytes: Uint8Array, how: Loading): Promise<OwnRules> {
    const bundle = await this.#parts.load(bytes, how);
    const { isTrusted } = how;
    const givesReasons = bundle.entrypoints.includes(REASONS);
    return { judge: this.#parts.decisions.over(bundle), isTrusted, givesReasons, texts: textsOfBundle(bundle.metadata), bundle };
  }

  applications(): ReadonlySet<AppId> {
    return new Set([...this.#faults.keys(), ...[...this.#entries.values()].map(({ appId }) => appId)]);
  }

  statusOf(appId: AppId): ProcessStatus {
    const loaded = [...this.#entries.values()].flatMap(({ appId: of, ref, rules }) =>
      of === appId && rules !== undefined ? [present({ ref, status: rules.bundle.status?.() })] : [],
    );
    return present({ loaded, fault: this.#faults.get(appId) });
  }

  #begin(key: string, entry: Entry): Promise<OwnRules> {
    const { appId, ref, loading } = entry;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    // A Map keeps the order of insertion.
    if (this.#entries.size > MOST_LOADED) this.#forget(this.#entries.keys().next().value as string);
    loading.then(
      (rules) => {
        entry.rules = rules;
      },
      (error: Error) => {
        const at = this.#parts.clock();
        const isOfStore = error instanceof ProblemError && error.slug === 'store-unavailable';
        entry.failedUntil = isOfStore ? at : at + RETRIED_AFTER_MS;
        if (!isOfStore) this.#faults.set(appId, { ref, at, detail: reasonOf(error) });
      },
    );
    return loading;
  }

  #forget(key: string): void {
    const { loading } = this.#entries.get(key) as Entry;
    this.#entries.delete(key);
    // Whoever still asks it has it loaded anew.
    loading.then(({ bundle }) => bundle.release?.()).catch(() => {});
  }

  async #load(appId: AppId, ref: BundleRef, isTrusted: boolean, known: Uint8Array | undefined): Promise<OwnRules> {
    const name = `${appId}/${ref.revision}`;
    try {
      const bytes = known ?? (await readContent(this.#parts.store, appId, ref));
      return await this.#compile(bytes, { name, isTrusted, isTrial: false });
    } catch (cause) {
      if (cause instanceof ProblemError && cause.slug === 'store-unavailable') throw cause;
      throw new ProblemError('evaluation-failed', { cause: new Error(`the bundle ${name} cannot be loaded`, { cause }) });
    }
  }
}

/** What is underneath, for the bundle's author. */
function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? reasonOf(cause) : maskPersonNumbers(message);
}
