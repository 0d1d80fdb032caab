import type { AccessParts } from '#access';
import type { DemoWorld } from '#demo';

/** Commander's code for a file that cannot be had: the words of the call are right, so it ends with 1. */
export const FILE_FAULT = 'tilgang.file';

/** A finding of `tilgang doctor`. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'fault';
  /** What was found. */
  readonly found: string;
  /** How to mend it, unless all is well. */
  readonly remedy?: string;
}

/** The installation's store, opened for one command. */
export interface OpenAccess {
  readonly access: AccessParts;
  close(): Promise<void>;
}

/** What the commands need of the rest of the program. */
export interface CommandPorts {
  readonly version: string;
  /** Runs the gateway until it is told to stop. */
  serve(): Promise<void>;
  /** The configuration in force, without secrets. */
  printableConfig(): Record<string, unknown>;
  openAccess(): Promise<OpenAccess>;
  demoWorld(): DemoWorld;
  /** A bearer token of the demo issuers, for a client or a person of the demo world; `undefined` if there is no such one. */
  demoToken(holder: { readonly client: string } | { readonly person: string }, lifetimeSeconds: number): Promise<string | undefined>;
  examine(): AsyncIterable<Check>;
}
