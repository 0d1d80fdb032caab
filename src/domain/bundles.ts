import { Fault } from './fault.js';
import type { AppId, Orgnr } from './identifiers.js';
import type { Instant } from './instant.js';
import { holdsPersonNumber } from './numbers-in-text.js';

declare const brand: unique symbol;

/** Revision of an uploaded bundle: numbers with full stops between them, and after a hyphen perhaps more, such as `2026.11.27.1-hotfix`. */
export type BundleRevision = string & { readonly [brand]: 'BundleRevision' };

const REVISION = /^[0-9]{1,9}(\.[0-9]{1,9}){0,9}(-[0-9A-Za-z._-]{1,50})?$/;

/** A revision that can be told to be later than another one. */
export function parseBundleRevision(text: string): BundleRevision | Fault {
  if (!REVISION.test(text)) {
    return new Fault(
      'is no revision of a bundle: numbers of at most nine digits with "." between them, then perhaps "-" and at most 50 of A-Z a-z 0-9 . _ -',
    );
  }
  return holdsPersonNumber(text) ? new Fault('holds what looks like a person number') : (text as BundleRevision);
}

/** Less than 0 if the one comes before the other, more if after: number by number, where one that is not there is 0; what follows a hyphen does not count. */
export function compareRevisions(one: BundleRevision, other: BundleRevision): number {
  const [ones, others] = [one, other].map((text) => (text.split('-', 1)[0] as string).split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(ones.length, others.length); i += 1) {
    const difference = (ones[i] ?? 0) - (others[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A bundle by name and content. */
export interface BundleRef {
  readonly revision: BundleRevision;
  /** SHA-256 of the tarball, in lower-case hexadecimal. */
  readonly digest: string;
}

/** A bundle that a tilbyder has pushed for one of its applications. */
export interface PolicyBundle extends BundleRef {
  readonly appId: AppId;
  readonly tilbyder: Orgnr;
  /** Of the tarball, in bytes. */
  readonly size: number;
  readonly entrypoints: readonly string[];
  /** Whose key it is signed by: the tilbyder, or `operator`. */
  readonly signedBy: { readonly owner: Orgnr | 'operator'; readonly kid: string };
  readonly pushedBy: string;
  readonly pushedAt: Instant;
  /** What was noticed when it was tried, as slugs. */
  readonly warnings: readonly string[];
}

/** Which of its own bundles judges an application, besides the standard rules. */
export interface PolicyBinding {
  readonly appId: AppId;
  readonly tilbyder: Orgnr;
  /** Absent: the standard rules alone. */
  readonly active?: BundleRef;
  /** The one that was active before. */
  readonly before?: BundleRef;
  /** Those that were active before that one, the last first: they are kept, so that one can go back to them. */
  readonly earlier?: readonly BundleRef[];
  /** The highest revision that was ever active: what is activated is later. */
  readonly highest?: BundleRevision;
  /** The one bundle that the operator lets judge alone. */
  readonly trusted?: BundleRef;
  /** Runs beside without touching answers. */
  readonly shadow?: BundleRef;
  /** Of what would change, before another bundle is activated; absent: nothing is asked. */
  readonly demands?: 'empty' | 'approved';
}

/** A public key whose signature makes a bundle fit to be pushed. */
export interface PolicyKey {
  /** Absent: it is the operator's. */
  readonly tilbyder?: Orgnr;
  readonly kid: string;
  readonly algorithm: string;
  /** RFC 7517, public members only. */
  readonly jwk: Readonly<Record<string, string>>;
  /** The only application that it signs for. */
  readonly scope?: AppId;
  /** Exclusive. */
  readonly until?: Instant;
  readonly revoked?: { readonly at: Instant; readonly by: string };
}

/** Name of a key: it stands in paths and in tokens. */
export function parseKeyId(text: string): string | Fault {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text) || text.includes('..')) {
    return new Fault('is no key id: a letter or digit, then at most 99 of A-Z a-z 0-9 . _ -, without ".."');
  }
  return holdsPersonNumber(text) ? new Fault('holds what looks like a person number') : text;
}
