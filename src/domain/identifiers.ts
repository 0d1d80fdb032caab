import { createHash } from 'node:crypto';
import { Fault } from './fault.js';

declare const brand: unique symbol;

/** Organisation number of Enhetsregisteret: nine digits with a valid check digit. */
export type Orgnr = string & { readonly [brand]: 'Orgnr' };
/** Kommunenummer of SSB: four digits. */
export type Kommunenummer = string & { readonly [brand]: 'Kommunenummer' };
/** App-ID: a UUID in lower case. */
export type AppId = string & { readonly [brand]: 'AppId' };

const ORGNR_WEIGHTS = [3, 2, 7, 6, 5, 4, 3, 2];

/** Nine digits, modulus 11. */
export function parseOrgnr(text: string): Orgnr | Fault {
  if (!/^[0-9]{9}$/.test(text)) return new Fault('is not nine digits');
  const sum = ORGNR_WEIGHTS.reduce((total, weight, i) => total + weight * Number(text[i]), 0);
  const check = (11 - (sum % 11)) % 11;
  return check === Number(text[8]) ? (text as Orgnr) : new Fault('has a wrong check digit');
}

/** Four digits; whether a kommune of that number exists is for the store to say. */
export function parseKommunenummer(text: string): Kommunenummer | Fault {
  return /^[0-9]{4}$/.test(text) ? (text as Kommunenummer) : new Fault('is not four digits');
}

/** A UUID (RFC 9562) in any letter case, answered in lower case. */
export function parseAppId(text: string): AppId | Fault {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? (text.toLowerCase() as AppId) : new Fault('is not a UUID');
}

/** A role's name: a lower-case letter, then up to 63 of `a-z 0-9 _ - .` */
export function parseRole(text: string): string | Fault {
  return /^[a-z][a-z0-9_.-]{0,63}$/.test(text) ? text : new Fault('is not a role name (a-z, 0-9, "_", "-", ".", at most 64)');
}

/** The UUID that a text always gives, in lower case: version 8 (RFC 9562 §5.8) over its SHA-256. */
export function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
