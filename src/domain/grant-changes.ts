// The algebra of grants: what a document of grants is after one of them is given, changed, withdrawn or moved. Pure.
// A document that nothing happens to is answered as the same object, so that nobody writes it.
import { ended, type Grant, type GrantDocument, type Withdrawal } from './grants.js';
import type { Orgnr } from './identifiers.js';
import type { Instant } from './instant.js';
import { present } from './present.js';

/** What a grant says: the rest of it tells how it came about. */
export type GrantTerms = Pick<Grant, 'roles' | 'from' | 'until' | 'reason'>;

/** How a grant comes about. */
export type GrantOrigin = Pick<Grant, 'givenBy' | 'givenAt' | 'source'>;

/** The grant of a konsument in a document, withdrawn or not. */
export function grantOf(document: GrantDocument | undefined, konsument: Orgnr): Grant | undefined {
  return document?.grants.find((grant) => grant.konsument === konsument);
}

/** The grant of a konsument in a document, unless it is withdrawn. */
export function keptGrantOf(document: GrantDocument | undefined, konsument: Orgnr): Grant | undefined {
  const grant = grantOf(document, konsument);
  return grant?.withdrawn === undefined ? grant : undefined;
}

/** Whether a grant already gives exactly that: the same roles in the same period. Another reason alone is no other grant. */
export function givesThat(held: Grant, { roles, from, until }: Pick<GrantTerms, 'roles' | 'from' | 'until'>): boolean {
  return (
    held.withdrawn === undefined &&
    held.from === from &&
    held.until === until &&
    roles.every((role) => held.roles.includes(role)) &&
    held.roles.every((role) => roles.includes(role))
  );
}

/** The document with the konsument's grant on these terms, in the place of the one that it had. */
export function withGrant(document: GrantDocument, konsument: Orgnr, terms: GrantTerms, origin: GrantOrigin): GrantDocument {
  const { grants } = document;
  const at = grants.findIndex((grant) => grant.konsument === konsument);
  const { roles, from, until, reason } = terms;
  const revision = (grants[at]?.revision ?? 0) + 1;
  const grant: Grant = { konsument, ...present({ roles, from, until, reason }), ...origin, revision };
  return { ...document, grants: at === -1 ? [...grants, grant] : grants.with(at, grant) };
}

/** The document with the konsument's grant withdrawn: it stays there, marked. Without a kept one it is the same document. */
export function withoutGrant(document: GrantDocument, konsument: Orgnr, withdrawal: Withdrawal): GrantDocument {
  const at = document.grants.findIndex((grant) => grant.konsument === konsument && grant.withdrawn === undefined);
  const held = document.grants[at];
  return held === undefined ? document : { ...document, grants: document.grants.with(at, ended(held, withdrawal)) };
}

/**
 * One grant that from a moment on gives what each of two gives, at every later moment, and nothing else; `undefined` if no one grant does, since the
 * roles or the periods are too different. Where one of them gives all that the other does, it is that one.
 */
export function joined(one: GrantTerms, other: GrantTerms, at: Instant): GrantTerms | undefined {
  if (givesAllOf(one, other, at)) return one;
  if (givesAllOf(other, one, at)) return other;
  const isSameRoles = one.roles.length === other.roles.length && one.roles.every((role) => other.roles.includes(role));
  const [a, b] = [periodFrom(one, at), periodFrom(other, at)];
  if (!isSameRoles || a.until < b.from || b.until < a.from) return undefined;
  const [first, last] = [a.from <= b.from ? one : other, a.until >= b.until ? one : other];
  return present({ roles: one.roles, from: first.from, until: last.until, reason: other.reason ?? one.reason });
}

/** Beyond every instant. */
const ENDLESS = '~';

/** When a grant gives something, from a moment on; texts that compare as instants do. */
function periodFrom({ from, until }: GrantTerms, at: Instant): { readonly from: string; readonly until: string } {
  return { from: from === undefined || from < at ? at : from, until: until ?? ENDLESS };
}

function givesAllOf(one: GrantTerms, other: GrantTerms, at: Instant): boolean {
  const [wide, narrow] = [periodFrom(one, at), periodFrom(other, at)];
  return wide.from <= narrow.from && wide.until >= narrow.until && other.roles.every((role) => one.roles.includes(role));
}

/** The document with the kept grant of one konsument ended, and another's on these terms: both halves at once, so that the person is never without. */
export function withMovedGrant(
  document: GrantDocument,
  from: Orgnr,
  into: Orgnr,
  terms: GrantTerms,
  { at, by }: Withdrawal,
): GrantDocument {
  return withGrant(withoutGrant(document, from, { at, by }), into, terms, { givenBy: by, givenAt: at, source: 'merge' });
}
