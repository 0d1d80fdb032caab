import { organisations } from '#access';
import { isTexts, type Rule } from '#decisions';
import { type Orgnr, toInstant } from '#domain';
import { JsonText } from '#policy';
import { accessKey, delegationKey } from '../../entities.js';
import type { Client, Delegation, OnBehalfOf, Scope, ScopeAccess } from '../../nouns.js';
import { collectionsOf } from '../../parts.js';
import { type FaultName, isFaultName } from '../fault-catalogue.js';
import type { TokenParts } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';
import type { FoundClient } from './client.js';

/** What is issued, by the rules. */
export interface Grant {
  readonly consumer: Orgnr;
  readonly supplier: Orgnr | null;
  readonly delegationSource: string | null;
  /** Seconds. */
  readonly lifetime: number;
  /** Empty: the token is for no audience in particular. */
  readonly audience: readonly string[];
}

/** A fault as the rules name it; `at` is the place of the scope among those that are asked for. */
interface JudgedFault {
  readonly name: FaultName;
  readonly at?: number;
  readonly consumer?: string;
  readonly supplier?: string;
}

interface Verdict {
  /** Empty, or those of the first step that has any. */
  readonly faults: readonly JudgedFault[];
  readonly grant: Grant | null;
}

const EVALUATE: Rule<Verdict> = { entrypoint: 'maskinporten/token/evaluate', isAnswer: isVerdict, isLogged: true };

/** Whether the client may have a token with all the scopes, for whom and for how long (`maskinporten/token/evaluate`). */
export async function judgeScopes(known: Assertion & FoundClient, parts: TokenParts): Promise<{ readonly grant: Grant } | TokenFault> {
  const { claims, client } = known;
  const input = await inputOf(known, parts);
  const asked = parts.judge.ask(EVALUATE, input, undefined, { requestedBy: client.orgnr });
  const { answer } = asked instanceof Promise ? await asked : asked;
  const [first] = answer.faults;
  if (first === undefined && answer.grant !== null) return { grant: answer.grant };
  return faultOf(first as JudgedFault, claims.scopes, client);
}

function faultOf({ name, at, consumer = '', supplier = '' }: JudgedFault, scopes: readonly string[], client: Client): TokenFault {
  const scope = at === undefined ? '' : (scopes[at] ?? '');
  const detail = name === 'MP-201' ? client.integrationType : `number ${(at ?? 0) + 1} of the ${scopes.length} in the claim scope`;
  return new TokenFault(name, { scope, consumer, supplier, detail });
}

/** All documents that the question can depend on, read in one round trip, as the text that the rules are given: what is undefined is not in it. */
async function inputOf({ claims, client }: Assertion & FoundClient, { store, clock, ownScopes }: TokenParts): Promise<JsonText> {
  const collections = collectionsOf(store);
  const registered = store.collection(organisations);
  const { scopes, consumerOrg, onBehalfOf, resource } = claims;
  // Of others nothing is read: that the client is not registered for them is all that is told.
  const names = client.scopes.filter((name) => scopes.includes(name));
  const consumer = consumerOrg ?? client.orgnr;
  const supplier = consumerOrg === undefined ? client.supplier : client.orgnr;
  const behalf = onBehalfOf !== undefined && KEY_PART.test(onBehalfOf) ? [`${client.id}/${onBehalfOf}`] : [];
  const kept = names.filter((name) => !ownScopes.has(name));
  const refs = [
    kept.map((key) => ({ collection: collections.scopes, key })),
    names.map((name) => ({ collection: collections.scopeAccesses, key: accessKey(consumer, name) })),
    supplier === undefined ? [] : names.map((name) => ({ collection: collections.scopeAccesses, key: accessKey(supplier, name) })),
    supplier === undefined
      ? []
      : names.map((name) => ({ collection: collections.delegations, key: delegationKey(consumer, supplier, name) })),
    behalf.map((key) => ({ collection: collections.onBehalfOfs, key })),
  ] as const;
  const read = store.read(refs.flat());
  const reading = read instanceof Promise ? await read : read;
  const values = reading.documents.map((stored): unknown => stored?.value);
  const next = <T>({ length }: readonly unknown[]): readonly (T | undefined)[] => values.splice(0, length) as (T | undefined)[];
  const scopesFound = next<Scope>(refs[0]);
  const owners = scopesFound.map((scope) => scope?.owner);
  const found = byName(kept, scopesFound, judgedScope);
  for (const name of names) found[name] ??= judgedOwn(ownScopes.get(name));
  const accesses = { [consumer]: byName(names, next<ScopeAccess>(refs[1]), judgedAccess) };
  if (supplier !== undefined) accesses[supplier] = byName(names, next<ScopeAccess>(refs[2]), judgedAccess);
  const delegated = byName(names, next<Delegation>(refs[3]), judgedDelegation);
  const [represented] = next<OnBehalfOf>(refs[4]);
  const concerned = new Set([client.orgnr, client.supplier, consumer, represented?.orgnr, ...owners]);
  const standing: Record<string, { readonly closed: boolean }> = {};
  for (const orgnr of concerned) {
    if (orgnr === undefined) continue;
    const known = reading.registry(registered, orgnr);
    const organisation = known instanceof Promise ? await known : known;
    standing[orgnr] = { closed: organisation?.value.closed !== undefined };
  }
  const input = {
    client: judgedClient(client, names),
    request: { scopes, resource, consumer: consumerOrg, onBehalfOf: onBehalfOf === undefined ? undefined : true },
    scopes: found,
    accesses,
    delegations: delegated,
    onBehalfOf: represented === undefined ? undefined : { orgnr: represented.orgnr },
    organisations: standing,
    context: { time: toInstant(clock()) },
  };
  return new JsonText(JSON.stringify(input));
}

/** No other text can be part of a key of the store. */
const KEY_PART = /^[^\p{C}]{1,200}$/u;

/** Those that are there, by the names that they stand beside. A name is none of an object's own words: each has a colon. */
function byName<T>(names: readonly string[], values: readonly (T | undefined)[], judged: (value: T | undefined) => unknown) {
  const found: Record<string, unknown> = {};
  for (const [at, name] of names.entries()) if (values[at] !== undefined) found[name] = judged(values[at]);
  return found;
}

// What the rules read of each document: the rest is for people.

/** @param scopes of those that are registered on it, the ones that are asked for */
function judgedClient(client: Client, scopes: readonly string[]): object {
  const { orgnr, supplier, active, integrationType, grantTypes, accessTokenLifetime } = client;
  return { orgnr, supplier, active, integrationType, grantTypes, scopes, accessTokenLifetime };
}

/** Nobody's: whoever owns it may cease, and the product goes on. */
function judgedOwn(scope: Scope | undefined): object | undefined {
  if (scope === undefined) return undefined;
  const { owner: _, ...rest } = scope;
  return judgedScope(rest);
}

function judgedScope(scope: Scope | undefined): object | undefined {
  if (scope === undefined) return undefined;
  const { owner, active, accessibleForAll, allowedIntegrationTypes, requiresUserConsent, requiresUserAuthentication, atMaxAge } = scope;
  const { delegationSource, enforcedAudience } = scope;
  return {
    owner,
    active,
    accessibleForAll,
    allowedIntegrationTypes,
    requiresUserConsent,
    requiresUserAuthentication,
    atMaxAge,
    delegationSource,
    enforcedAudience,
  };
}

function judgedAccess(access: ScopeAccess | undefined): object | undefined {
  return access === undefined ? undefined : { state: access.state, until: access.until };
}

function judgedDelegation(delegation: Delegation | undefined): object | undefined {
  if (delegation === undefined) return undefined;
  const { source, until, withdrawn } = delegation;
  return { source, until, withdrawn: withdrawn === undefined ? undefined : true };
}

function isVerdict(value: unknown): value is Verdict {
  const { faults, grant } = (value ?? {}) as Partial<Verdict>;
  return Array.isArray(faults) && faults.every(isJudgedFault) && (faults.length === 0 ? isGrant(grant) : grant === null);
}

function isJudgedFault(value: unknown): value is JudgedFault {
  const { name, at } = (value ?? {}) as Partial<JudgedFault>;
  return typeof name === 'string' && isFaultName(name) && (at === undefined || Number.isSafeInteger(at));
}

function isGrant(value: unknown): value is Grant {
  const { consumer, supplier, delegationSource, lifetime, audience } = (value ?? {}) as Partial<Grant>;
  const isTextOrNull = (one: unknown): boolean => one === null || typeof one === 'string';
  const isWhole = Number.isSafeInteger(lifetime) && (lifetime as number) > 0;
  return typeof consumer === 'string' && isTextOrNull(supplier) && isTextOrNull(delegationSource) && isWhole && isTexts(audience);
}
