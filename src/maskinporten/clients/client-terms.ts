import { parseFreeText, parseWebAddress, present } from '#domain';
import { invalid } from '#problem';
import { Faults } from '../faults.js';
import type { Client, IntegrationType, ScopeName } from '../nouns.js';
import { hasPrefix } from '../registry/names.js';
import { isSameOrigin, parseLogoutUri, parseRedirectUri } from './addresses.js';
import { logsIn, TYPES, type TypeRules } from './integration-types.js';

/** What is said of a client; what is left out is as the table of client types says, or as most have it. */
export interface SentClient extends Partial<Omit<ClientTerms, 'name' | 'scopes' | 'integrationType'>> {
  readonly name: string;
  readonly integrationType: IntegrationType;
  readonly scopes?: readonly string[];
}

/** What a client is, but for whose it is and what it is known by. */
export type ClientTerms = Omit<Client, 'id' | 'orgnr' | 'supplier' | 'keys' | 'secret' | 'seat' | 'created' | 'updated'>;

/** How many scopes a client may have, and addresses of a kind. */
const MOST_SCOPES = 1000;
const MOST_ADDRESSES = 100;
/** Seconds. */
const LONGEST_ACCESS = 7200;
const LONGEST_AUTHORIZATION = 365 * 86_400;
const NAME = { maxCodePoints: 255 } as const;
const DESCRIPTION = { maxCodePoints: 1000, hasLines: true } as const;

/**
 * What was said of a client, whole and sound. Of scopes only the form is looked at: whether it may have them is asked elsewhere.
 * @param isTrial whether the installation is one for trying things out
 * @throws ProblemError `invalid-request` that names every fault, by the fields of the wire
 */
export function soundTerms(sent: SentClient, isTrial: boolean): ClientTerms {
  const faults = new Faults();
  const rules = TYPES[sent.integrationType];
  if (rules === undefined) {
    throw invalid('/integration_type', `is not served here: it may be ${Object.keys(TYPES).join(', ')}`);
  }
  const name = faults.sound('/client_name', parseFreeText(sent.name, NAME)) ?? '';
  const description =
    sent.description === undefined ? name : (faults.sound('/description', parseFreeText(sent.description, DESCRIPTION)) ?? '');
  const { integrationType, active = true } = sent;
  const shown = methodOf(sent, rules, faults);
  const terms = {
    name,
    description,
    integrationType,
    active,
    ...shown,
    scopes: scopesOf(sent.scopes ?? rules.plain, rules, faults),
    grantTypes: grantsOf(sent.grantTypes ?? rules.grants, rules, faults),
    ...lifetimesOf(sent, rules, faults),
    refreshTokenUsage: sent.refreshTokenUsage ?? 'ONETIME',
    codeChallengeMethod: challengeOf(sent, shown.tokenEndpointAuthMethod, faults),
    ssoDisabled: sent.ssoDisabled ?? false,
    frontchannelLogoutSessionRequired: sent.frontchannelLogoutSessionRequired ?? false,
    ...addressesOf(sent, { rules, application: shown.applicationType, isTrial }, faults),
  };
  faults.end();
  return present(terms);
}

function methodOf(sent: SentClient, { methods }: TypeRules, faults: Faults): Pick<Client, 'applicationType' | 'tokenEndpointAuthMethod'> {
  const applicationType = sent.applicationType ?? 'web';
  const possible = methods[applicationType];
  if (possible === undefined) faults.add('/application_type', `must be one of ${Object.keys(methods).join(', ')} for the integration type`);
  const tokenEndpointAuthMethod = sent.tokenEndpointAuthMethod ?? possible?.[0] ?? 'none';
  if (possible !== undefined && !possible.includes(tokenEndpointAuthMethod)) {
    faults.add('/token_endpoint_auth_method', `must be one of ${possible.join(', ')} for this type of application`);
  }
  return { applicationType, tokenEndpointAuthMethod };
}

function scopesOf(scopes: readonly string[], { plain, prefixes }: TypeRules, faults: Faults): readonly ScopeName[] {
  if (scopes.length > MOST_SCOPES) faults.add('/scopes', `has more than ${MOST_SCOPES}`);
  const seen = new Set<string>();
  for (const [i, scope] of scopes.entries()) {
    if (seen.has(scope)) faults.add(`/scopes/${i}`, 'stands there twice');
    seen.add(scope);
    const isPossible = plain.includes(scope) || (hasPrefix(scope) && prefixes.some((prefix) => scope.startsWith(prefix)));
    if (!isPossible) faults.add(`/scopes/${i}`, `must ${possibleScopes(plain, prefixes)} for the integration type`);
  }
  return [...seen] as ScopeName[];
}

function possibleScopes(plain: readonly string[], prefixes: readonly string[]): string {
  const named = plain.length === 0 ? [] : [`be one of ${plain.join(', ')}`];
  const begun =
    prefixes.length === 0 ? [] : [prefixes.includes('') ? 'be a scope of an API (prefix:name)' : `begin with ${prefixes.join(' or ')}`];
  return [...named, ...begun].join(', or ');
}

function grantsOf(sent: readonly string[], { grants }: TypeRules, faults: Faults): readonly string[] {
  for (const [i, grant] of sent.entries()) {
    if (!grants.includes(grant)) faults.add(`/grant_types/${i}`, `must be one of ${grants.join(', ')} for the integration type`);
  }
  // The first is the one that the others build on.
  if (!sent.includes(grants[0] as string)) faults.add('/grant_types', `must have ${grants[0]}`);
  return grants.filter((grant) => sent.includes(grant));
}

type Lifetimes = Pick<Client, 'accessTokenLifetime' | 'refreshTokenLifetime' | 'authorizationLifetime'>;

function lifetimesOf(sent: SentClient, rules: TypeRules, faults: Faults): Lifetimes {
  const { accessTokenLifetime = 120, refreshTokenLifetime = 600, authorizationLifetime = 7200 } = sent;
  const within = (pointer: string, value: number, most: number): void => {
    if (!Number.isInteger(value) || value < 1 || value > most) faults.add(pointer, `must be a whole number of seconds from 1 to ${most}`);
  };
  within('/access_token_lifetime', accessTokenLifetime, LONGEST_ACCESS);
  within('/refresh_token_lifetime', refreshTokenLifetime, LONGEST_AUTHORIZATION);
  within('/authorization_lifetime', authorizationLifetime, LONGEST_AUTHORIZATION);
  // Without a log-in there are no refresh tokens: what is said of them means nothing.
  if (logsIn(rules)) {
    if (accessTokenLifetime >= refreshTokenLifetime)
      faults.add('/access_token_lifetime', 'must be shorter than refresh_token_lifetime (600 if it is not sent)');
    if (refreshTokenLifetime > authorizationLifetime)
      faults.add('/refresh_token_lifetime', 'must not be longer than authorization_lifetime (7200 if it is not sent)');
  }
  return { accessTokenLifetime, refreshTokenLifetime, authorizationLifetime };
}

function challengeOf(sent: SentClient, method: Client['tokenEndpointAuthMethod'], faults: Faults): Client['codeChallengeMethod'] {
  const { codeChallengeMethod = 'S256' } = sent;
  if (codeChallengeMethod === 'none' && method === 'none')
    faults.add('/code_challenge_method', 'must be S256 for a client without a secret or key');
  return codeChallengeMethod;
}

interface AddressRules {
  readonly rules: TypeRules;
  readonly application: Client['applicationType'];
  readonly isTrial: boolean;
}

function addressesOf(sent: SentClient, { rules, application, isTrial }: AddressRules, faults: Faults) {
  const list = (pointer: string, uris: readonly string[] = []): readonly string[] => {
    if (uris.length > MOST_ADDRESSES) faults.add(pointer, `has more than ${MOST_ADDRESSES}`);
    if (uris.length > 0 && !logsIn(rules)) faults.add(pointer, 'must be left out: nobody logs in by this integration type');
    return uris.flatMap((uri, i) => faults.sound(`${pointer}/${i}`, parseRedirectUri(uri, { application, isTrial })) ?? []);
  };
  const redirectUris = list('/redirect_uris', sent.redirectUris);
  if (logsIn(rules) && (sent.redirectUris ?? []).length === 0) faults.add('/redirect_uris', 'must have one at least');
  const one = (pointer: string, uri: string | undefined): string | undefined =>
    uri === undefined ? undefined : faults.sound(pointer, parseLogoutUri(uri, isTrial));
  const web = (pointer: string, uri: string | undefined): string | undefined =>
    uri === undefined ? undefined : faults.sound(pointer, parseWebAddress(uri));
  const frontchannelLogoutUri = one('/frontchannel_logout_uri', sent.frontchannelLogoutUri);
  if (frontchannelLogoutUri !== undefined && !redirectUris.some((uri) => isSameOrigin(uri, frontchannelLogoutUri))) {
    faults.add('/frontchannel_logout_uri', 'must have scheme, host and port of one of the redirect_uris');
  }
  return {
    redirectUris,
    postLogoutRedirectUris: list('/post_logout_redirect_uris', sent.postLogoutRedirectUris),
    frontchannelLogoutUri,
    backchannelLogoutUri: one('/backchannel_logout_uri', sent.backchannelLogoutUri),
    logoUri: web('/logo_uri', sent.logoUri),
    clientUri: web('/client_uri', sent.clientUri),
  };
}
