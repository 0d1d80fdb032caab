import type { BrukerId, Instant, Orgnr, SecurityLevel } from '#domain';
import type { Entity } from '#storage';

/** That a person has logged in. Who it is stands there by name alone, and nothing tells what was done after. */
export interface Login {
  readonly brukerId: BrukerId;
  readonly at: Instant;
  /** Tells those of one moment apart. */
  readonly id: string;
  /** As the token has it, such as `idporten-loa-high`; and what it is worth, if it names a level. */
  readonly acr: string;
  readonly level?: SecurityLevel;
  /** By which means, such as `BankID`. */
  readonly amr: readonly string[];
  readonly service: LoginService;
  readonly expiresAt: Instant;
}

/** Where somebody has logged in: the client as it was then. */
export interface LoginService {
  readonly clientId: string;
  readonly orgnr: Orgnr;
  readonly name: string;
}

/** Key: person and time, the latest first. */
export const logins: Entity<Login> = {
  name: 'login',
  key: ({ brukerId, at, id }) => loginKey(brukerId, at, id),
  indexes: {
    organisation: { values: ({ brukerId, service, at }) => [loginsAt(brukerId, service.orgnr, at)] },
    level: { values: ({ brukerId, level, at }) => (level === undefined ? [] : [loginsWith(brukerId, level, at)]) },
  },
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

/** Of 13 digits, as moments have until the year 2286. */
const LAST_MS = 9_999_999_999_999;

/** The key of a login; without the last parts it is the prefix of all of a person. */
export function loginKey(brukerId: BrukerId, at?: Instant, id = ''): string {
  return `${brukerId}/${at === undefined ? '' : `${backwards(at)}/${id}`}`;
}

/** Where a login stands in the index `organisation`, the latest first; without a moment it is the prefix of all there. */
export function loginsAt(brukerId: BrukerId, orgnr: Orgnr, at?: Instant): string {
  return `${brukerId}/${orgnr}/${at === undefined ? '' : backwards(at)}`;
}

/** Where a login stands in the index `level`, the earliest first. */
export function loginsWith(brukerId: BrukerId, level: SecurityLevel, at: Instant): string {
  return `${brukerId}/${level}/${at}`;
}

function backwards(at: Instant): string {
  return String(LAST_MS - Date.parse(at)).padStart(13, '0');
}
