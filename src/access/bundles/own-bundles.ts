import type { Decisions, Judge } from '#decisions';
import type { AppId, BundleRef, PolicyBinding } from '#domain';
import type { Bundle } from '#policy';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import { readContent } from './content.js';

/** The rules of an application's own bundle, as long as one request lasts. */
export interface OwnRules {
  readonly judge: Judge;
  /** Whether it judges alone; else only together with the standard rules. */
  readonly isTrusted: boolean;
  /** Whether it says why not. */
  readonly givesReasons: boolean;
}

/** How a bundle is made ready to judge. */
export interface BundleLoader {
  /**
   * @param name of whoever is told of it: App-ID and revision
   * @param isTrusted whether it may run in this thread
   * @throws ProblemError `bundle-invalid`
   */
  load(bytes: Uint8Array, options: { readonly name: string; readonly isTrusted: boolean }): Promise<Bundle>;
}

/** What the bundles of a process are made of. */
export interface OwnBundlesParts extends BundleLoader {
  readonly store: Store;
  readonly decisions: Decisions;
  readonly clock: () => number;
}

/** The last thing that went wrong with a bundle in this process. */
export interface BundleFault {
  readonly ref: BundleRef;
  readonly at: number;
  readonly detail: string;
}

interface Entry {
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
export class OwnBundles {
  readonly #parts: OwnBundlesParts;
  readonly #entries = new Map<string, Entry>();
  readonly #faults = new Map<AppId, BundleFault>();

  constructor(parts: OwnBundlesParts) {
    this.#parts = parts;
  }

  /**
   * The own rules that a binding names: none if it has none; at once if they are compiled.
   * @throws ProblemError `evaluation-failed` if they cannot be had (it rejects what is awaited): then nobody is judged by less
   */
  rulesOf(binding: PolicyBinding | undefined): OwnRules | undefined | Promise<OwnRules> {
    if (binding?.active === undefined) return undefined;
    return this.rulesBy(binding.appId, binding.active, binding.trusted?.digest === binding.active.digest);
  }

  /** The rules of one bundle of an application. @throws as rulesOf */
  rulesBy(appId: AppId, ref: BundleRef, isTrusted = false): OwnRules | Promise<OwnRules> {
    const key = `${appId}/${ref.digest}/${isTrusted}`;
    const known = this.#entries.get(key);
    if (known?.rules !== undefined) return known.rules;
    if (known !== undefined && !(known.failedUntil !== undefined && known.failedUntil <= this.#parts.clock())) return known.loading;
    return this.#begin(key, appId, ref, isTrusted);
  }

  /** Rules that are in no store yet. @throws ProblemError `bundle-invalid` */
  async compile(bytes: Uint8Array, options: { readonly name: string; readonly isTrusted: boolean }): Promise<OwnRules> {
    const bundle = await this.#parts.load(bytes, options);
    const { isTrusted } = options;
    return { judge: this.#parts.decisions.over(bundle), isTrusted, givesReasons: bundle.entrypoints.includes(REASONS) };
  }

  /** The last fault of an application's bundles in this process. */
  faultOf(appId: AppId): BundleFault | undefined {
    return this.#faults.get(appId);
  }

  #begin(key: string, appId: AppId, ref: BundleRef, isTrusted: boolean): Promise<OwnRules> {
    const loading = this.#load(appId, ref, isTrusted);
    const entry: Entry = { ref, loading };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    // A Map keeps the order of insertion.
    if (this.#entries.size > MOST_LOADED) this.#entries.delete(this.#entries.keys().next().value as string);
    loading.then(
      (rules) => {
        entry.rules = rules;
      },
      (error: Error) => {
        const at = this.#parts.clock();
        entry.failedUntil = at + RETRIED_AFTER_MS;
        this.#faults.set(appId, { ref, at, detail: error.message });
      },
    );
    return loading;
  }

  async #load(appId: AppId, ref: BundleRef, isTrusted: boolean): Promise<OwnRules> {
    const name = `${appId}/${ref.revision}`;
    try {
      return await this.compile(await readContent(this.#parts.store, appId, ref), { name, isTrusted });
    } catch (cause) {
      if (cause instanceof ProblemError && cause.slug === 'store-unavailable') throw cause;
      throw new ProblemError('evaluation-failed', { cause: new Error(`the bundle ${name} cannot be loaded`, { cause }) });
    }
  }
}

/** Entrypoints of an application's own bundle: the one that it has to have, and the one that says why not. */
export const SEARCH = 'application/search';
/** See SEARCH. */
export const REASONS = 'application/reasons';
