import type { AccessParts } from '#access';
import type { DemoHolder, DemoWorld } from '#demo';

/** Commander's code for a file that cannot be had: the words of the call are right, so it ends with 1. */
export const FILE_FAULT = 'tilgang.file';

/** The installation's store, opened for one command. */
export interface OpenAccess {
  readonly access: AccessParts;
  close(): Promise<void>;
}

/** What `tilgang doctor` looks at of the configuration and of what is made from it. */
export interface ExaminedSettings {
  readonly mode: 'demo' | 'production';
  readonly data: string;
  /** Whether anything is kept there: neither the store nor a secret need be. */
  readonly usesData: boolean;
  readonly policyBundle: string;
  readonly issuers: readonly unknown[];
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

/** What the commands need of the rest of the program. */
export interface CommandPorts {
  readonly version: string;
  /** Runs the gateway until it is told to stop. */
  serve(): Promise<void>;
  /** The configuration in force, without secrets. */
  printableConfig(): Record<string, unknown>;
  /** Names the file that settings are read from (`--config`), before anything else is asked for. */
  useConfig(file: string): void;
  /** @throws ProblemError `config-invalid` if there is no store: it makes none */
  openAccess(): Promise<OpenAccess>;
  /** The same, for the commands by which an installation begins: it makes a store. */
  makeAccess(): Promise<OpenAccess>;
  /** @throws ProblemError `config-invalid` in production */
  demoWorld(): Promise<DemoWorld>;
  /** A bearer token of the demo issuers, for a client or a person of the demo world; `undefined` if there is no such one. @throws ProblemError `config-invalid` where no demo is */
  demoToken(holder: DemoHolder, lifetimeSeconds: number): Promise<string | undefined>;
  /** The trusted issuers whose keys cannot be fetched now, and why. */
  unreachableIssuers(): Promise<readonly { readonly issuer: string; readonly cause: string }[]>;
  /** Of the bundle on disk. @throws ProblemError `bundle-invalid` if it cannot be loaded or gives other answers than are known */
  policyRevision(): Promise<string>;
  /** Makes nothing. @throws ProblemError `store-unavailable` if it cannot be looked at */
  examinedStore(): Promise<ExaminedStore>;
  /** @throws ProblemError `config-invalid` */
  examinedSettings(): Promise<ExaminedSettings>;
}
