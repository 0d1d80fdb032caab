import { isTexts, type Rule } from '#decisions';
import { type BrukerId, type Orgnr, type PersonNumber, toInstant } from '#domain';
import { type Client, isOwnScope, ownScopes, type Scope, type ScopeName, type Side, scopesToJudge } from '#maskinporten';
import { JsonText } from '#policy';
import type { Stored } from '#storage';
import { collectionsOf, type IdportenParts } from '../parts.js';
import type { Authorization } from './authorization.js';

/** What the use cases of log-ins and authorizations work with. */
export type AuthorizationParts = IdportenParts & { readonly side: Side };

/** A person logs in, a client comes with the code of that, or with a refresh token. */
export type TokenUse = 'login' | 'code' | 'refresh';

/** What a client asks for, of a person who logs in or when tokens are made. */
export interface AskedScopes {
  readonly client: Client;
  /** Absent before anybody has logged in. */
  readonly person?: PersonNumber | undefined;
  readonly use: TokenUse;
  /** As they were asked for; each counts once. */
  readonly scopes: readonly string[];
  /** Audiences; may be empty. */
  readonly resource: readonly string[];
  readonly prompt: readonly string[];
  readonly onBehalfOf?: string | undefined;
  /** `fresh`: the person has shown who it is for this very request. */
  readonly login: { readonly acr?: string | undefined; readonly fresh: boolean };
  /** What the person has said yes to on the page; absent until it is answered. */
  readonly answered?: readonly string[] | undefined;
  /** Of the authorization under which tokens are made anew; absent: nothing of an API was given. */
  readonly round?: number | undefined;
}

/** What tokens with the given scopes are like; lifetimes in seconds. */
export interface TokenTerms {
  readonly consumer: Orgnr;
  readonly supplier: Orgnr | null;
  /** As scopes name it; see sourceIssuer of #maskinporten. */
  readonly delegationSource: string | null;
  /** Empty: for nobody in particular. */
  readonly audience: readonly string[];
  readonly opaque: boolean;
  /** The client is not told who it is. */
  readonly pseudonymous: boolean;
  readonly accessLifetime: number;
  readonly refreshLifetime: number;
  readonly authorizationLifetime: number;
}

/** Why nothing is given to the client at all. */
export type LoginFault =
  | 'client_inactive'
  | 'person_blocked'
  | 'grant_type_missing'
  | 'onbehalfof_not_combinable'
  | 'onbehalfof_unknown'
  | 'audience_not_allowed';

/** A scope that is given, or would be, and for how many seconds. */
export interface LastingScope {
  readonly scope: string;
  readonly lasts: number;
}

/** What policies/idporten/login says. */
export interface LoginVerdict {
  /** Empty, or the most telling one; then nothing is given. */
  readonly faults: readonly LoginFault[];
  /** By OpenID Connect itself, by the log-in, by what was said now, or by what was given before. */
  readonly granted: readonly (LastingScope & { readonly basis: 'plain' | 'login' | 'consent' | 'earlier' })[];
  /** What the person must say yes or no to first. */
  readonly ask: readonly LastingScope[];
  readonly refused: readonly { readonly scope: string; readonly reason: string }[];
  /** A scope asks that the person logs in for it. */
  readonly reauthenticate: boolean;
  /** Null where there are faults. */
  readonly token: TokenTerms | null;
}

/** What was judged, and what it was judged from. */
export interface Judgement {
  readonly verdict: LoginVerdict;
  /** What the person had given the client before. */
  readonly before: Stored<Authorization> | undefined;
  /** The scopes that were read, by name. */
  readonly scopes: ReadonlyMap<string, Scope>;
}

const EVALUATE: Rule<LoginVerdict> = { entrypoint: 'idporten/login/evaluate', isAnswer: isJudged, isLogged: true };

/**
 * Which of the asked scopes the client may have for the person now, which must be asked for, which it may not have (`idporten/login/evaluate`). Of tokens that are
 * made anew: what was given must still stand, and the client must still be allowed to have it. One read; nothing is written.
 * @throws ProblemError `evaluation-failed`, `store-unavailable`
 */
export async function judgeScopes(parts: AuthorizationParts, asked: AskedScopes): Promise<LoginVerdict> {
  return (await judge(parts, asked)).verdict;
}

/** The one id of what a person has given a client. It tells nothing of either. */
export function authorizationId(
  { vault }: Pick<IdportenParts, 'vault'>,
  {
    brukerId,
    clientId,
    onBehalfOf = '',
  }: { readonly brukerId: BrukerId; readonly clientId: string; readonly onBehalfOf?: string | undefined },
): string {
  return vault.fingerprintOf(JSON.stringify(['authorization', brukerId, clientId, onBehalfOf]));
}

/** Scopes of OpenID Connect itself: they belong to no API. */
export const PLAIN: ReadonlySet<string> = new Set(['openid', 'profile']);

/** The same with what it was judged from. */
export async function judge(parts: AuthorizationParts, asked: AskedScopes): Promise<Judgement> {
  const { client, person, use, resource, prompt, onBehalfOf, login, answered, round } = asked;
  const { store, vault, side } = parts;
  const scopes = [...new Set(asked.scopes)];
  const known = new Map<string, Scope>();
  const keep = (scope: Scope): object => {
    known.set(scope.name, scope);
    return judgedScope(scope);
  };
  const place = { store, ownScopes: ownScopes(side) };
  const { refs, told } = scopesToJudge({ client, scopes: scopes.filter((name) => !PLAIN.has(name)), onBehalfOf }, place, keep);
  const brukerId = person === undefined ? undefined : vault.nameOf(person);
  const { authorizations, blockedPersons } = collectionsOf(store);
  const ofPerson =
    brukerId === undefined
      ? []
      : [
          { collection: authorizations, key: authorizationId(parts, { brukerId, clientId: client.id, onBehalfOf }) },
          { collection: blockedPersons, key: brukerId },
        ];
  const read = store.read([...ofPerson, ...refs]);
  const reading = read instanceof Promise ? await read : read;
  const { documents } = reading;
  const [before, block] =
    ofPerson.length === 0 ? [] : (documents as readonly [Stored<Authorization> | undefined, Stored<object> | undefined]);
  const now = parts.clock();
  const input = {
    client: judgedClient(client, scopes),
    request: { use, scopes, resource, prompt, answered, round, onBehalfOf: onBehalfOf === undefined ? undefined : true },
    login: { ...login, brukerId, blocked: brukerId === undefined ? undefined : block !== undefined },
    ...(await told(documents.slice(ofPerson.length), reading)),
    authorization: before === undefined ? undefined : judgedAuthorization(before.value, scopes, now),
    context: { time: toInstant(now) },
  };
  const isWhole = ({ faults, granted, ask, refused }: LoginVerdict): boolean =>
    faults.length > 0 || granted.length + ask.length + refused.length === scopes.length;
  const { answer } = await parts.judge.ask(EVALUATE, new JsonText(JSON.stringify(input)), isWhole, { requestedBy: client.orgnr });
  return { verdict: answer, before, scopes: known };
}

// What the rules read of each document: the rest is for people.

function judgedClient(client: Client, asked: readonly string[]): object {
  const { orgnr, supplier, active, integrationType, grantTypes, accessTokenLifetime, refreshTokenLifetime, authorizationLifetime } = client;
  const scopes = client.scopes.filter((name) => asked.includes(name));
  return { orgnr, supplier, active, integrationType, grantTypes, scopes, accessTokenLifetime, refreshTokenLifetime, authorizationLifetime };
}

function judgedScope(scope: Scope): object {
  const { active, accessibleForAll, allowedIntegrationTypes, requiresUserConsent, requiresUserAuthentication } = scope;
  const { requiresPseudonymousTokens, tokenType, atMaxAge, authorizationMaxLifetime, delegationSource, enforcedAudience } = scope;
  return {
    // The product's own are nobody's.
    owner: isOwnScope(scope.name) ? undefined : scope.owner,
    ...{ active, accessibleForAll, allowedIntegrationTypes, requiresUserConsent, requiresUserAuthentication },
    ...{ requiresPseudonymousTokens, tokenType, atMaxAge, authorizationMaxLifetime, delegationSource, enforcedAudience },
  };
}

/** An authorization as the rules read it. @param names of the scopes that it is asked about. @param now milliseconds since the epoch */
export function judgedAuthorization({ round, withdrawn, scopes }: Authorization, names: readonly string[], now: number): object {
  const given = names.flatMap((name) => {
    const scope = scopes[name as ScopeName];
    if (scope === undefined) return [];
    const { consented, until } = scope;
    return [[name, { consented, until, secondsLeft: Math.floor((Date.parse(until) - now) / 1000) }]];
  });
  return { round, withdrawn: withdrawn === undefined ? undefined : true, scopes: Object.fromEntries(given) };
}

function isJudged(value: unknown): value is LoginVerdict {
  const { faults, granted, ask, refused, reauthenticate, token } = (value ?? {}) as Partial<LoginVerdict>;
  if (!isTexts(faults) || typeof reauthenticate !== 'boolean') return false;
  const isEach = (list: unknown, holds: (one: Partial<LastingScope & { basis: string; reason: string }>) => boolean): boolean =>
    Array.isArray(list) && list.every((one) => typeof one?.scope === 'string' && holds(one));
  const lasts = ({ lasts }: { readonly lasts?: number }): boolean => Number.isSafeInteger(lasts) && (lasts as number) >= 0;
  return (
    isEach(granted, (one) => lasts(one) && typeof one.basis === 'string') &&
    isEach(ask, lasts) &&
    isEach(refused, ({ reason }) => typeof reason === 'string') &&
    (faults.length === 0 ? isTerms(token) : token === null)
  );
}

function isTerms(value: unknown): value is TokenTerms {
  const terms = (value ?? {}) as Partial<TokenTerms>;
  const isTextOrNull = (one: unknown): boolean => one === null || typeof one === 'string';
  const isSeconds = (one: unknown): boolean => Number.isSafeInteger(one) && (one as number) >= 0;
  return (
    typeof terms.consumer === 'string' &&
    isTextOrNull(terms.supplier) &&
    isTextOrNull(terms.delegationSource) &&
    isTexts(terms.audience) &&
    typeof terms.opaque === 'boolean' &&
    typeof terms.pseudonymous === 'boolean' &&
    [terms.accessLifetime, terms.refreshLifetime, terms.authorizationLifetime].every(isSeconds)
  );
}
