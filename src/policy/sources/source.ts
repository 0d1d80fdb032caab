import { createHash } from 'node:crypto';

/** A place that the operator takes bundles from. */
export interface PolicySource {
  /** Of status and log. */
  readonly name: string;
  /** The application that they are for, by its App-ID; absent: they are the standard rules. */
  readonly application?: string | undefined;
  /** Either this, an OPA bundle server's address (OPA, "Bundle Service API"), … */
  readonly url?: string | undefined;
  /** … or this, a tarball, or a folder of which the last `.tar.gz` by name counts. */
  readonly path?: string | undefined;
  /** File with the bearer token that the server asks for. */
  readonly tokenFile?: string | undefined;
  /** How often it is looked at. */
  readonly everySeconds: number;
  /** How long the server may wait for something new before it answers; 0: it is not asked to. */
  readonly waitSeconds: number;
  /** How long ago it may have been looked at with success: after that nobody is judged by its bundle. Absent: it judges for ever. */
  readonly staleAfterSeconds?: number | undefined;
}

/** A bundle that was found, and by what its place knows it. */
export interface FoundBundle {
  readonly bytes: Buffer;
  readonly tag: string;
  /** Whether the place waits for something new by itself. */
  readonly waits: boolean;
}

/** What a place has: nothing new beside what is known by its tag, or a bundle. */
export type Finding = 'unchanged' | FoundBundle;

/** Looks at a place. @param known tag of what was taken last. @throws Error that says what went wrong, without what the place sent */
export type LookAt = (source: PolicySource, known: string | undefined, signal: AbortSignal) => Promise<Finding>;

/** Most bytes of a bundle. */
export const MAX_BYTES = 16 * 1024 * 1024;

/** A tag for bytes that come without one. */
export function tagOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
