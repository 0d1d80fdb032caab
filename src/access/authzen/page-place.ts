import type { PersonVault } from '#persons';
import { ProblemError } from '#problem';
import { type Action, type Entity, nameOf } from './nouns.js';

/** Which part of what is found (AuthZEN 1.0 §8.3). */
export interface AskedPage {
  readonly limit?: number;
  /** `next_token` of the page before. */
  readonly token?: string;
}

/** A part of what is found. */
export interface Found<T> {
  readonly results: readonly T[];
  /** Absent: that was all. */
  readonly nextToken?: string;
}

/** Most of one page, and of a search that names no limit. */
const MAX_PAGE = 1000;
/** For so long a token is good. */
const LIFETIME_MS = 60 * 60_000;

interface Parts {
  readonly vault: PersonVault;
  readonly clock: () => number;
}

/** Where a page of what is found begins, how long it is, and how it is gone on from. */
export interface PagePlace {
  /** Absent: at the beginning. */
  readonly from: string | undefined;
  readonly limit: number;
  /** The token by which the search goes on at a place. */
  next(place: string): string;
}

/**
 * The page that is asked for. Only who asked may go on, with the same question; its limit is that of the first page, and another one is refused.
 * @param asked who asked what
 * @throws ProblemError `invalid-request`
 */
export function placeIn({ vault, clock }: Parts, { limit, token = '' }: AskedPage, asked: readonly unknown[]): PagePlace {
  // Most searches end on their first page.
  const binding = (): string => `search ${JSON.stringify(asked)}`;
  const page = (from: string | undefined, most: number): PagePlace => ({
    from,
    limit: most,
    next: (place) => vault.sealToken(JSON.stringify([clock() + LIFETIME_MS, most, place]), binding()),
  });
  if (token === '') return page(undefined, limit ?? MAX_PAGE);
  const opened = vault.openToken(token, binding());
  const [until, most, from] = opened === undefined ? [0, 0, ''] : (JSON.parse(opened) as [number, number, string]);
  if (until > clock() && (limit === undefined || limit === most)) return page(from, most);
  const detail =
    'must be next_token of the page before, as it was told within the last hour, with the same question and the same limit by the same caller';
  throw new ProblemError('invalid-request', { at: [{ pointer: '/page/token', detail }] });
}

/** The page of a list that is known whole, in the order of what names its items. */
export function pageOf<T extends Entity | Action>(items: readonly T[], { from, limit, next }: PagePlace): Found<T> {
  const left = from === undefined ? items : items.filter((one) => nameOf(one) > from);
  const results = left.slice(0, limit);
  const last = results.at(-1);
  return left.length > limit && last !== undefined ? { results, nextToken: next(nameOf(last)) } : { results };
}
