import { isTexts, type Rule } from '#decisions';
import { type PersonNumber, toInstant } from '#domain';
import { type Client, ownScopes, type Scope, scopeRef, scopesToJudge } from '#maskinporten';
import { JsonText } from '#policy';
import type { Stored } from '#storage';
import { collectionsOf } from '../parts.js';
import type { Authorization } from './authorization.js';
import { type AuthorizationParts, authorizationId, judgedAuthorization, PLAIN } from './judge-scopes.js';

/** A token of ours that is genuine and has not expired, and who asks about it. */
export interface IntrospectionQuestion {
  /** Who asks, and has shown who it is. */
  readonly client: Client;
  readonly token: {
    /** Who has it, and whose it is. */
    readonly client: string;
    readonly person: PersonNumber;
    readonly scopes: readonly string[];
    readonly audience: readonly string[];
    readonly pseudonymous: boolean;
    /** Of the authorization that it was issued under; absent: of none. */
    readonly round?: number | undefined;
    readonly onBehalfOf?: string | undefined;
  };
}

/** What may be told. */
export interface Introspected {
  /** Else nothing is told but that it is not. */
  readonly active: boolean;
  /** Whose it is may be told. */
  readonly person: boolean;
}

const EVALUATE: Rule<Introspected & { readonly reasons: readonly string[] }> = {
  entrypoint: 'idporten/introspection/evaluate',
  isAnswer: isAnswer,
  isLogged: true,
};

const LETS = 'idporten:token.introspection';

/** Whether a token is told to a client as active, by what stands now on every node; one read. @throws ProblemError `evaluation-failed`, `store-unavailable` */
export async function judgeIntrospection(parts: AuthorizationParts, { client, token }: IntrospectionQuestion): Promise<Introspected> {
  const { store, side } = parts;
  const own = ownScopes(side) as ReadonlyMap<string, Scope>;
  const { names, refs, told } = scopesToJudge({ client, scopes: [LETS] }, { store, ownScopes: ownScopes(side) }, judgedScope);
  const { round, onBehalfOf } = token;
  const kept = token.scopes.filter((name) => !PLAIN.has(name) && !own.has(name));
  const brukerId = parts.vault.nameOf(token.person);
  const key = authorizationId(parts, { brukerId, clientId: token.client, onBehalfOf });
  const { authorizations, blockedPersons } = collectionsOf(store);
  const under = [{ collection: blockedPersons, key: brukerId }, ...(round === undefined ? [] : [{ collection: authorizations, key }])];
  const read = store.read([...under, ...kept.map((name) => scopeRef(store, name)), ...refs]);
  const reading = read instanceof Promise ? await read : read;
  const { documents } = reading;
  const authorization = round === undefined ? undefined : (documents[1] as Stored<Authorization> | undefined)?.value;
  const found = kept.map((_, at) => documents[under.length + at]?.value as Scope | undefined);
  const ofToken = token.scopes.flatMap((name) => {
    const scope = own.get(name) ?? found[kept.indexOf(name)];
    return scope === undefined ? [] : [[name, judgedScope(scope)]];
  });
  const { scopes, accesses, delegations, organisations } = await told(documents.slice(under.length + kept.length), reading);
  const { orgnr, supplier, active, integrationType } = client;
  const now = parts.clock();
  const input = {
    client: { orgnr, supplier, active, integrationType, scopes: names },
    request: {},
    person: { blocked: documents[0] !== undefined },
    token: { scopes: token.scopes, audience: token.audience, pseudonymous: token.pseudonymous, round },
    authorization: authorization === undefined ? undefined : judgedAuthorization(authorization, token.scopes, now),
    scopes: { ...scopes, ...Object.fromEntries(ofToken) },
    ...{ accesses, delegations, organisations },
    context: { time: toInstant(now) },
  };
  const asked = parts.judge.ask(EVALUATE, new JsonText(JSON.stringify(input)), undefined, { requestedBy: orgnr });
  const { answer } = asked instanceof Promise ? await asked : asked;
  return { active: answer.active, person: answer.person };
}

/** What the rules read of a scope. */
function judgedScope(scope: Scope): object {
  const { owner, active, accessibleForAll, allowedIntegrationTypes, requiresPseudonymousTokens, tokenType } = scope;
  const { delegationSource, enforcedAudience } = scope;
  return {
    ...{ owner, active, accessibleForAll, allowedIntegrationTypes, requiresPseudonymousTokens, tokenType },
    ...{ delegationSource, enforcedAudience },
  };
}

function isAnswer(value: unknown): value is Introspected & { readonly reasons: readonly string[] } {
  const { active, person, reasons } = (value ?? {}) as Partial<Introspected & { readonly reasons: readonly string[] }>;
  return typeof active === 'boolean' && typeof person === 'boolean' && isTexts(reasons) && (active || !person);
}
