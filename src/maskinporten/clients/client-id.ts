import { Fault, holdsPersonNumber } from '#domain';

/** What a client is called in tokens and paths. */
export function parseClientId(text: string): string | Fault {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text) || text.includes('..')) {
    return new Fault('is no client id: a letter or digit, then at most 99 of A-Z a-z 0-9 . _ -, without ".."');
  }
  return holdsPersonNumber(text) ? new Fault('holds what looks like a person number') : text;
}

/** By which persons log in at the product's own page: no organisation can have it. */
export const CITIZENS_CLIENT = 'tilgang-innbygger';
