import { createHash } from 'node:crypto';
import { Fault } from './fault.js';
import { holdsPersonNumber } from './numbers-in-text.js';

declare const brand: unique symbol;

/** Organisation number of Enhetsregisteret: nine digits with a valid check digit. */
export type Orgnr = string & { readonly [brand]: 'Orgnr' };
/** Kommunenummer of SSB: four digits. */
export type Kommunenummer = string & { readonly [brand]: 'Kommunenummer' };
/** App-ID: a UUID in lower case. */
export type AppId = string & { readonly [brand]: 'AppId' };

const ORGNR_WEIGHTS = [3, 2, 7, 6, 5, 4, 3, 2];

/** Nine digits, modulus 11. The register's numbers begin with 8 or 9, those of the test population (Tenor) with 2 or 3. */
export function parseOrgnr(text: string): Orgnr | Fault {
  if (!/^[0-9]{9}$/.test(text)) return new Fault('is not nine digits');
  if (!/^[2389]/.test(text)) return new Fault('begins as no organisation number does (8 or 9, test numbers 2 or 3)');
  const sum = ORGNR_WEIGHTS.reduce((total, weight, i) => total + weight * Number(text[i]), 0);
  const check = (11 - (sum % 11)) % 11;
  return check === Number(text[8]) ? (text as Orgnr) : new Fault('has a wrong check digit');
}

/** Four digits, of which the first two name a fylke: none is 00. Whether there is such a kommune is for the store to say. */
export function parseKommunenummer(text: string): Kommunenummer | Fault {
  if (!/^[0-9]{4}$/.test(text)) return new Fault('is not four digits');
  return text.startsWith('00') ? new Fault('is a number that no kommune has') : (text as Kommunenummer);
}

/** A UUID (RFC 9562) in any letter case, answered in lower case. */
export function parseUuid(text: string): string | Fault {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : new Fault('is not a UUID');
}

/** An App-ID: a UUID. */
export function parseAppId(text: string): AppId | Fault {
  return parseUuid(text) as AppId | Fault;
}

/** A role's name: a lower-case letter, then up to 63 of `a-z 0-9 _ - .`, and no person number among them. */
export function parseRole(text: string): string | Fault {
  if (!/^[a-z][a-z0-9_.-]{0,63}$/.test(text)) return new Fault('is not a role name (a-z, 0-9, "_", "-", ".", at most 64)');
  return holdsPersonNumber(text) ? new Fault('holds what looks like a person number') : text;
}

/** The UUID that a text always gives, in lower case: version 8 (RFC 9562 §5.8) over its SHA-256. */
export function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
