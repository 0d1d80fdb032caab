import { ProblemError } from '#problem';
import type { AccessParts } from '../parts.js';

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

/** Most of one page, and of a search that asks for none. */
export const MAX_PAGE = 1000;
/** For so long a token is good. */
const LIFETIME_MS = 60 * 60_000;

type Parts = Pick<AccessParts, 'vault' | 'clock'>;

/** Where a page begins. Only who asked may go on, with the same question. @param asked who asked what @throws ProblemError `invalid-request` */
export function openPlace({ vault, clock }: Parts, token: string | undefined, asked: readonly unknown[]): string | undefined {
  if (token === undefined || token === '') return undefined;
  const opened = vault.openToken(token, bindingOf(asked));
  const [until, place] = opened === undefined ? [0, ''] : (JSON.parse(opened) as [number, string]);
  if (until > clock()) return place;
  const detail = 'must be next_token of the page before, as it was told within the last hour, with the same question by the same caller';
  throw new ProblemError('invalid-request', { at: [{ pointer: '/page/token', detail }] });
}

/** The token by which a search goes on at a place. */
export function sealPlace({ vault, clock }: Parts, place: string, asked: readonly unknown[]): string {
  return vault.sealToken(JSON.stringify([clock() + LIFETIME_MS, place]), bindingOf(asked));
}

function bindingOf(asked: readonly unknown[]): string {
  return `search ${JSON.stringify(asked)}`;
}
