import type { PageOf, PageRange } from '#access';
import { present } from '#domain';
import type { Context, Reply } from '../../state.js';

/** Which part of a list a query asks for. */
export function rangeOf({ limit = 1000, cursor }: { readonly limit?: number; readonly cursor?: string }): PageRange {
  return present({ limit, cursor });
}

/** A page of a list: the array, and where it goes on in the header Link (RFC 8288), by the query that was sent. */
export function pageOut({ path, querystring }: Context, next: PageOf<unknown>['next'], body: readonly object[]): Reply {
  if (next === undefined) return { status: 200, body };
  const query = new URLSearchParams(querystring);
  query.set('cursor', next);
  return { status: 200, headers: { Link: `<${path}?${query}>; rel="next"` }, body };
}
