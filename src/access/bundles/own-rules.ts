import type { Judge } from '#decisions';
import type { AppId, BundleRef, PolicyBinding } from '#domain';
import type { Bundle, BundleStatus, IsolatedBundle, Isolation, SignatureDemand } from '#policy';
import type { ReasonTexts } from '../ask/reason-texts.js';

/** Entrypoints of an application's own bundle: the one that it has to have, and the one that says why not. */
export const SEARCH = 'application/search';
/** See SEARCH. */
export const REASONS = 'application/reasons';

/** The rules of an application's own bundle, as long as one request lasts. */
export interface OwnRules {
  readonly judge: Judge;
  /** Whether it judges alone; else only together with the standard rules. */
  readonly isTrusted: boolean;
  /** Whether it says why not. */
  readonly givesReasons: boolean;
  /** What its reasons mean to people, where it says so. */
  readonly texts: ReasonTexts;
  /** What judges. */
  readonly bundle: LoadedBundle;
}

/** A bundle that is ready to judge; one that runs in a thread tells how it does, and gives back what it holds there. */
export type LoadedBundle = Bundle & Pick<IsolatedBundle, 'metadata'> & Partial<Pick<IsolatedBundle, 'signer' | 'status' | 'release'>>;

/** How one bundle is made ready. */
export interface Loading {
  /** For whoever is told of it: App-ID, and what else tells it from others. */
  readonly name: string;
  /** Whether it may run in this thread. */
  readonly isTrusted: boolean;
  /** Whether it is only tried: nobody who is judged waits for it. */
  readonly isTrial: boolean;
  /** Whose signature it must have, if it runs in another thread; without it nobody's is asked for. */
  readonly signature?: SignatureDemand;
  /** The moment that this is held against, ms since 1970. */
  readonly now?: number;
}

/** How a bundle is made ready to judge. */
export interface BundleLoader {
  /** @throws ProblemError `bundle-invalid` */
  load(bytes: Uint8Array, how: Loading): Promise<LoadedBundle>;
  /** Unpacks and verifies a bundle, which takes as long as it wants, in another thread. @throws ProblemError `bundle-invalid` */
  inspect: Isolation['inspect'];
}

/** The last thing that went wrong with a bundle in this process. */
export interface BundleFault {
  readonly ref: BundleRef;
  readonly at: number;
  readonly detail: string;
}

/** How an application's bundles do in one process. */
export interface ProcessStatus {
  /** Those that are compiled there; one that runs in this thread counts nothing. */
  readonly loaded: readonly { readonly ref: BundleRef; readonly status?: BundleStatus }[];
  /** The last that could not be loaded. */
  readonly fault?: BundleFault;
}

/** The applications' own bundles that are compiled in this process. */
export interface OwnBundles {
  /**
   * The own rules that a binding names: none if it has none; at once if they are compiled.
   * @throws ProblemError `evaluation-failed` if they cannot be had (it rejects what is awaited): then nobody is judged by less
   */
  rulesOf(binding: PolicyBinding | undefined): OwnRules | undefined | Promise<OwnRules>;
  /** The rules of one bundle of an application. @param bytes if they were read just now @throws as rulesOf */
  rulesBy(appId: AppId, ref: BundleRef, isTrusted?: boolean, bytes?: Uint8Array): OwnRules | Promise<OwnRules>;
  /** See BundleLoader. */
  inspect: Isolation['inspect'];
  /** Rules that are only tried. @throws ProblemError `bundle-invalid` */
  compile(bytes: Uint8Array, how: Omit<Loading, 'isTrial'>): Promise<OwnRules>;
  /** Of whose rules too long nothing was heard: App-IDs, and `standard`. Set by whoever follows their sources. */
  stale: ReadonlySet<string>;
  /** Holds that the rules of an application are not too old. @throws ProblemError `evaluation-failed` */
  assertFresh(appId: AppId): void;
  /** Names the run of this process. */
  readonly process: string;
  /** The applications of which something was loaded, or could not be. */
  applications(): ReadonlySet<AppId>;
  /** How an application's bundles do in this process. */
  statusOf(appId: AppId): ProcessStatus;
}
