import { Fault, holdsPersonNumber } from '#domain';

/** What a client's key is called in its assertions and in paths. RFC 7638 thumbprints are such. */
export function parseKid(text: string): string | Fault {
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(text) || /^\.|\.\./.test(text)) {
    return new Fault('must be 1 to 100 of A-Z a-z 0-9 . _ -, without "." at its beginning and without ".."');
  }
  return holdsPersonNumber(text) ? new Fault('holds what looks like a person number') : text;
}
