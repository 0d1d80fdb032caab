import type { AccessParts, SealedPlace } from '#access';
import type { Opa, Shipped } from '#authoring';
import type { DecisionEvent, DecisionRange, LogOnDisk } from '#decisions';
import type { DemoHolder, DemoWorld } from '#demo';
import type { NewKeyTerms, Side } from '#maskinporten';

/** Commander's code for a file that cannot be had: the words of the call are right, so it ends with 1. */
export const FILE_FAULT = 'tilgang.file';

/** The installation's store, opened for one command. */
export interface OpenAccess {
  readonly access: AccessParts;
  /** What the Maskinporten side's own names and scopes are made of. */
  side(): Promise<Side>;
  /** Where something is sealed. */
  // biome-ignore lint/suspicious/noExplicitAny: places of different entities stand in one list, and each keeps its own type.
  readonly sealed: readonly SealedPlace<any>[];
  /** What a new key of the own issuer is to be. */
  readonly issuerTerms: NewKeyTerms;
  /** What has been begun and not ended, or is not as it should be: a name, a sentence, how to end it. */
  conditions(): Promise<readonly { readonly name: string; readonly found: string; readonly remedy: string }[]>;
  close(): Promise<void>;
}

/** What `tilgang doctor` looks at of the configuration and of what is made from it. */
export interface ExaminedSettings {
  readonly mode: 'demo' | 'production';
  readonly data: string;
  /** Whether anything is kept there: neither the store nor a secret need be. */
  readonly usesData: boolean;
  readonly policyBundle: string;
  readonly namingSecretFile?: string | undefined;
  readonly sealingSecretFile?: string | undefined;
  readonly issuers: readonly unknown[];
  /** Whether the gateway is an issuer itself; what it is named by is configured, or it is a demo. */
  readonly isIssuer: boolean;
  readonly publicUrl?: string | undefined;
  /** Whether the standard rules come from a source (policySources); then those that were taken last stand before the bundle on disk. */
  readonly takesStandard: boolean;
  /** Where the gateway is reached from this machine. */
  readonly origin: string;
}

/** What `tilgang doctor` finds where the store is configured to be. */
export interface ExaminedStore {
  /** A folder, or hosts and database without a password, with what answers there. */
  readonly place: string;
  readonly isThere: boolean;
  /** What is wrong with how it lies there; one that is no fault is a warning. */
  readonly faults: readonly { readonly isFault: boolean; readonly found: string; readonly remedy: string }[];
}

/** Tells how far a store is copied. @param phase what is being done @param total of events */
export type Told = (phase: 'copied' | 'checked' | 'written', events: number, total: number) => void;

/** What `tilgang store copy` has done. */
export interface CopyReport {
  /** Of the store now. */
  readonly events: number;
  readonly documents: number;
  /** How many of the events came by this call. */
  readonly copied: number;
  /** Whether nothing was written to the source meanwhile. */
  readonly isStill: boolean;
}

/** How a backup is written or restored. */
export interface KeepingOptions {
  /** Under which the secrets are sealed in it; absent: they are not in it. */
  readonly passphrase?: string;
  readonly told: Told;
  /** Ends it; then nothing of it is left. */
  readonly over: AbortSignal;
}

/** What `tilgang backup` has written. */
export interface BackupReport {
  readonly events: number;
  /** Where the secrets are, without which it is of no use. */
  readonly secretsAt: readonly string[];
}

/** What `tilgang restore` has brought back. */
export interface RestoreReport {
  readonly events: number;
  readonly documents: number;
  /** Of which kind of store, and of when. */
  readonly kind: string;
  readonly at: string;
}

/** What a policy author works with. */
export interface AuthoringPorts {
  readonly shipped: Shipped;
  /** @throws ProblemError `authoring-refused` if it is not there, or another version */
  opa(): Promise<Opa>;
}

/** What the commands need of the rest of the program. */
export interface CommandPorts {
  readonly version: string;
  /** Runs the gateway until it is told to stop. */
  serve(): Promise<void>;
  /** The configuration in force, without secrets. */
  printableConfig(): Record<string, unknown>;
  /** Names the file that settings are read from (`--config`), before anything else is asked for. */
  useConfig(file: string): void;
  /** Says how many processes answer (`--workers`), whatever is configured. */
  useWorkers(count: string): void;
  /** @throws ProblemError `config-invalid` if there is no store: it makes none */
  openAccess(): Promise<OpenAccess>;
  /** The same, for what looks on: nothing is changed by it, and other processes are not told. */
  openFound(): Promise<OpenAccess>;
  /** The same, for what waits for other processes: those are not told of it. */
  openUnseen(): Promise<OpenAccess>;
  /** The same, for the commands by which an installation begins: it makes a store. */
  makeAccess(): Promise<OpenAccess>;
  /** The same, for a trial of such a command: a store that it makes goes again. */
  tryAccess(): Promise<OpenAccess>;
  /** @throws ProblemError `config-invalid` in production */
  demoWorld(): Promise<DemoWorld>;
  /** A bearer token of the demo issuers, for a client or a person of the demo world; `undefined` if there is no such one. @throws ProblemError `config-invalid` where no demo is */
  demoToken(holder: DemoHolder, lifetimeSeconds: number): Promise<string | undefined>;
  /** What our Maskinporten is called where the gateway of this installation is reached. */
  ownIssuer(): Promise<string>;
  /** The trusted issuers whose keys cannot be fetched now, and why. */
  unreachableIssuers(): Promise<readonly { readonly issuer: string; readonly cause: string }[]>;
  readonly authoring: AuthoringPorts;
  /** `TILGANG_TOKEN`, for a gateway somewhere else. */
  readonly bearerToken: string | undefined;
  /** Where the logins of the user stand who runs the command. */
  readonly keyringFile: string;
  /** Shows a page to that user, if there is a browser; says nothing. */
  readonly openBrowser: (url: string) => void;
  /** Of the bundle on disk. @throws ProblemError `bundle-invalid` if it cannot be loaded or gives other answers than are known */
  policyRevision(): Promise<string>;
  /** Makes nothing. @throws ProblemError `store-unavailable` if it cannot be looked at */
  examinedStore(): Promise<ExaminedStore>;
  /** @throws ProblemError `config-invalid` */
  examinedSettings(): Promise<ExaminedSettings>;
  /** @param places a data folder, a connection string, or `env:` and a variable that holds one of them. @throws ProblemError `copy-refused`, `store-unavailable`, `config-invalid` */
  copyStore(places: readonly [from: string, to: string], told: Told): Promise<CopyReport>;
  /** Of the configured store. @throws ProblemError as copyStore */
  backup(file: string, options: KeepingOptions): Promise<BackupReport>;
  /** The decisions that were logged on this machine. */
  decisions(range: Omit<DecisionRange, 'folder'>): Promise<AsyncIterable<DecisionEvent>>;
  /** How the decision log lies here, and whether it is sent anywhere. */
  decisionLog(): Promise<LogOnDisk & { readonly isSent: boolean }>;
  /** To where the store is configured to be. @throws ProblemError as copyStore */
  restore(file: string, options: KeepingOptions): Promise<RestoreReport>;
}
