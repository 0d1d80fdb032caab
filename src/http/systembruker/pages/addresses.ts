/** Where all of these pages lie. */
export const BASE = '/systembruker';

/** The address of a page: an organisation's, and what of it. */
export function addressOf(...parts: readonly string[]): string {
  return [BASE, ...parts.map(encodeURIComponent)].join('/');
}

/** The same with a query; what is undefined is left out. */
export function withQuery(address: string, query: Readonly<Record<string, string | undefined>>): string {
  const kept = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return kept.length === 0 ? address : `${address}?${new URLSearchParams(kept)}`;
}
