import { JWT_BEARER } from '#tokens';
import type { Client, IntegrationType } from '../nouns.js';

type AuthMethod = Client['tokenEndpointAuthMethod'];
type ApplicationType = Client['applicationType'];

/** What clients of an integration type may be. */
export interface TypeRules {
  /** How each type of application shows who it is; the first is what is meant if nothing is said. */
  readonly methods: Partial<Readonly<Record<ApplicationType, readonly AuthMethod[]>>>;
  /** All that it may use; what is meant if nothing is said. */
  readonly grants: readonly string[];
  /** Scopes that belong to no API: they are registered without being granted. */
  readonly plain: readonly string[];
  /** How names of scopes of APIs begin; empty: it has none. */
  readonly prefixes: readonly string[];
}

const KEYS_ONLY = { web: ['private_key_jwt'] } as const;
const OF_PERSONS = {
  web: ['private_key_jwt', 'client_secret_basic', 'client_secret_post'],
  browser: ['none'],
  native: ['none'],
} as const;
const LOG_IN = ['authorization_code', 'refresh_token'] as const;
const OPENID = ['openid', 'profile'] as const;

/** The table of client types; what is not in it is not served here. */
export const TYPES: Partial<Readonly<Record<IntegrationType, TypeRules>>> = {
  maskinporten: { methods: KEYS_ONLY, grants: [JWT_BEARER], plain: [], prefixes: [''] },
  eformidling: { methods: KEYS_ONLY, grants: [JWT_BEARER], plain: [], prefixes: ['move:', 'eformidling:'] },
  krr: { methods: KEYS_ONLY, grants: [JWT_BEARER], plain: [], prefixes: ['krr:global/'] },
  idporten: { methods: OF_PERSONS, grants: LOG_IN, plain: OPENID, prefixes: [] },
  api_klient: { methods: OF_PERSONS, grants: LOG_IN, plain: OPENID, prefixes: [''] },
  ansattporten: { methods: OF_PERSONS, grants: LOG_IN, plain: OPENID, prefixes: [''] },
};

/** Whether its users come by a browser and are sent back to it. */
export function logsIn({ grants }: TypeRules): boolean {
  return grants.includes('authorization_code');
}

/** Whether a client shows who it is by a secret. */
export function hasSecret({ tokenEndpointAuthMethod }: Pick<Client, 'tokenEndpointAuthMethod'>): boolean {
  return tokenEndpointAuthMethod.startsWith('client_secret_');
}
