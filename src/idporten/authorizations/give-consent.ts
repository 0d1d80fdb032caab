import { repeated } from '#access';
import { type Instant, maskPersonNumbers, type PersonNumber, present, toInstant } from '#domain';
import type { Scope, ScopeName } from '#maskinporten';
import { collectionsOf } from '../parts.js';
import { type Authorization, type GivenScope, underOf } from './authorization.js';
import { type AskedScopes, type AuthorizationParts, authorizationId, type Judgement, judge, type LoginVerdict } from './judge-scopes.js';

/** By what a person gives it. */
export interface Giving {
  readonly requestId?: string | undefined;
  /** The header of that name, as it was sent. */
  readonly userAgent?: string | undefined;
  /** What the OpenID provider calls what is given by this log-in: with the authorization it ends. */
  readonly grantId?: string | undefined;
}

/** What has come of a log-in. */
export interface GivenConsent {
  readonly verdict: LoginVerdict;
  /** Of the authorization that its tokens are issued under; absent where no scope of an API was given. */
  readonly round?: number;
}

/** A person who has logged in, and what the client asks for. */
export type AskedOfPerson = AskedScopes & { readonly person: PersonNumber };

/**
 * Ends the question of what a client gets by a log-in: judges it once more, as it is now, and writes what the person gives, all or nothing. Called at the end of
 * every log-in, whether something had to be asked or not; as long as something must be asked first, nothing is written. What it answers counts, not what
 * was judged before. What is asked and answered with no is not given, also if it had been before.
 * @throws ProblemError `evaluation-failed`, `store-unavailable`, `store-full`
 */
export async function giveConsent(parts: AuthorizationParts, asked: AskedOfPerson, giving: Giving): Promise<GivenConsent> {
  const { authorizations, givenGrants } = collectionsOf(parts.store);
  const { verdict, given, at } = await repeated(async () => {
    const judgement = await judge(parts, asked);
    const { verdict, before } = judgement;
    const at = toInstant(parts.clock());
    const isDecided = verdict.faults.length === 0 && verdict.ask.length === 0 && !verdict.reauthenticate;
    const given = isDecided ? authorizationAfter(parts, giving, asked, { ...judgement, at }) : undefined;
    if (given === undefined) return { verdict, given, at };
    const action = given.withdrawn === undefined ? 'authorization.give' : 'authorization.withdraw';
    const facts = present({ action, at, actor: given.brukerId, onBehalfOf: given.consumer, requestId: giving.requestId });
    await authorizations.put(given, { expect: before?.revision ?? 'absent', facts });
    return { verdict, given, at };
  });
  if (given === undefined || !verdict.granted.some(({ basis }) => basis !== 'plain')) return { verdict };
  const { grantId } = giving;
  if (grantId !== undefined) {
    const grant = { grantId, under: underOf(given), expiresAt: given.expires };
    await givenGrants.put(grant, { expect: 'any', facts: { action: 'authorization.grant', at, actor: given.brukerId } });
  }
  return { verdict, round: given.round };
}

/** What the person has given the client after it; `undefined` if nothing changes. */
function authorizationAfter(
  parts: AuthorizationParts,
  { userAgent }: Giving,
  { client, person, login: { acr }, onBehalfOf }: AskedOfPerson,
  { verdict, before, scopes: known, at }: Judgement & { readonly at: Instant },
): Authorization | undefined {
  const standing = before !== undefined && before.value.withdrawn === undefined && before.value.expires > at ? before.value : undefined;
  const refused = new Set(verdict.refused.flatMap(({ scope, reason }) => (reason === 'consent_refused' ? [scope] : [])));
  const kept = Object.entries<GivenScope>(standing?.scopes ?? {}).filter(([, { until }]) => until > at);
  const left = kept.filter(([name]) => !refused.has(name));
  const given = verdict.granted.flatMap(({ scope, basis, lasts }): [string, GivenScope][] =>
    basis === 'login' || basis === 'consent' ? [[scope, givenScope(known.get(scope), basis === 'consent', at, lasts)]] : [],
  );
  if (given.length === 0 && !verdict.granted.some(({ basis }) => basis === 'earlier') && left.length === kept.length) return undefined;
  const brukerId = parts.vault.nameOf(person);
  const isEnded = left.length + given.length === 0;
  // What it had stays to be read, and ends with it.
  const scopes = Object.fromEntries(isEnded ? kept : [...left, ...given]) as Readonly<Record<ScopeName, GivenScope>>;
  return present({
    id: authorizationId(parts, { brukerId, clientId: client.id, onBehalfOf }),
    round: standing?.round ?? (before?.value.round ?? 0) + 1,
    brukerId,
    sealed: standing?.sealed ?? parts.vault.seal(person, brukerId),
    clientId: client.id,
    onBehalfOf,
    orgnr: client.orgnr,
    supplier: client.supplier,
    consumer: verdict.token?.consumer ?? client.orgnr,
    scopes,
    given: isEnded && standing !== undefined ? standing.given : at,
    acr,
    userAgent: userAgent === undefined ? undefined : keptAgent(userAgent),
    expires: Object.values(scopes).reduce((last, { until }) => (until > last ? until : last), at),
    withdrawn: isEnded ? { at, by: brukerId } : undefined,
  });
}

function givenScope(scope: Scope | undefined, consented: boolean, at: Instant, seconds: number): GivenScope {
  return present({ consented, since: at, until: toInstant(Date.parse(at) + seconds * 1000), owner: scope?.owner });
}

const LONGEST_AGENT = 300;

/** The name of a browser, which anybody may write as they like, as it is kept. */
function keptAgent(sent: string): string {
  return maskPersonNumbers([...sent.replace(/[^\x20-\x7e]/g, ' ')].slice(0, LONGEST_AGENT).join(''));
}
