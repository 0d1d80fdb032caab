import type { PageOf, PageRange } from '#access';
import { present } from '#domain';
import type { Context, Reply } from './state.js';
import type { CursorParameter } from './wire-parts.js';

/** The parameter that such lists go on by. */
export const LINK_CURSOR: CursorParameter = { parameter: 'cursor', told: 'what the header Link of the page before has' };

/** Which part of a list a query asks for. */
export function rangeOf({ limit = 1000, cursor }: { readonly limit?: number; readonly cursor?: string }): PageRange {
  return present({ limit, cursor });
}

/** A page of a list: the array, and in the header Link (RFC 8288) where the list begins and goes on, by the query that was sent. */
export function pageOut({ path, querystring }: Context, next: PageOf<unknown>['next'], body: object): Reply {
  const query = new URLSearchParams(querystring);
  query.delete('cursor');
  const links = [linkTo(path, query, 'first')];
  if (next !== undefined) {
    query.set('cursor', next);
    links.push(linkTo(path, query, 'next'));
  }
  return { status: 200, headers: { Link: links.join(', ') }, body };
}

function linkTo(path: string, query: URLSearchParams, rel: string): string {
  return `<${path}${query.size === 0 ? '' : `?${query}`}>; rel="${rel}"`;
}
