import type { Judge, Rule } from '#decisions';
import { type Orgnr, toInstant } from '#domain';
import type { Client, Scope, ScopeName } from '#maskinporten';
import { accessKey, scopeAccesses, scopes as scopeEntity } from '#maskinporten/entities';
import type { Store } from '#storage';
import type { AskedScopes, Authorizations, LoginVerdict } from '../ports.js';

const EVALUATE: Rule<LoginVerdict> = {
  entrypoint: 'idporten/login/evaluate',
  isAnswer: (value): value is LoginVerdict => Array.isArray((value as Partial<LoginVerdict>)?.granted),
  isLogged: true,
};

/** What the rules say, with nothing kept. */
export class PlainAuthorizations implements Authorizations {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #judge: () => Judge;

  constructor(store: Store, clock: () => number, judge: () => Judge) {
    this.#store = store;
    this.#clock = clock;
    this.#judge = judge;
  }

  async judge(asked: AskedScopes): Promise<LoginVerdict> {
    const { client, scopes, use, resource, prompt, login, answered, round } = asked;
    const names = client.scopes.filter((name) => scopes.includes(name));
    const found: Record<string, object> = {};
    const accesses: Record<string, object> = {};
    for (const name of names.filter((one) => one.includes(':'))) {
      const scope = (await this.#store.collection(scopeEntity).get(name))?.value;
      if (scope !== undefined) found[name] = judgedScope(scope);
      const access = (await this.#store.collection(scopeAccesses).get(accessKey(client.orgnr, name as ScopeName)))?.value;
      if (access !== undefined) accesses[name] = { state: access.state, until: access.until };
    }
    const time = toInstant(this.#clock());
    const input = {
      client: judgedClient(client, names),
      request: { use, scopes, resource, prompt: prompt.filter(Boolean), answered, round },
      login: { acr: login.acr, fresh: login.fresh },
      authorization:
        use === 'refresh'
          ? { round, scopes: Object.fromEntries(names.map((name) => [name, { consented: true, until: toInstant(this.#clock() + 3.6e6) }])) }
          : undefined,
      scopes: found,
      accesses: { [client.orgnr]: accesses },
      delegations: {},
      context: { time },
    };
    const answer = this.#judge().ask(EVALUATE, JSON.parse(JSON.stringify(input)), undefined, { requestedBy: client.orgnr });
    return (answer instanceof Promise ? await answer : answer).answer;
  }

  async give(): Promise<{ readonly round: number }> {
    return { round: 1 };
  }

  async mayIntrospect({ client, token }: Parameters<Authorizations['mayIntrospect']>[0]): Promise<{ active: boolean; person: boolean }> {
    const owns = await Promise.all(
      token.scopes
        .filter((name) => name.includes(':'))
        .map(async (name) => (await this.#store.collection(scopeEntity).get(name))?.value.owner),
    );
    const isOwner = owns.includes(client.orgnr as Orgnr);
    return { active: isOwner, person: isOwner };
  }
}

function judgedClient(client: Client, names: readonly string[]): object {
  const { orgnr, supplier, active, integrationType, grantTypes, accessTokenLifetime, refreshTokenLifetime, authorizationLifetime } = client;
  return {
    orgnr,
    supplier,
    active,
    integrationType,
    grantTypes,
    scopes: names,
    accessTokenLifetime,
    refreshTokenLifetime,
    authorizationLifetime,
  };
}

function judgedScope(scope: Scope): object {
  const { active, accessibleForAll, allowedIntegrationTypes, requiresUserConsent, requiresUserAuthentication } = scope;
  const { requiresPseudonymousTokens, tokenType, atMaxAge, authorizationMaxLifetime, delegationSource, enforcedAudience } = scope;
  return {
    active,
    accessibleForAll,
    allowedIntegrationTypes,
    requiresUserConsent,
    requiresUserAuthentication,
    requiresPseudonymousTokens,
    tokenType,
    atMaxAge,
    authorizationMaxLifetime,
    delegationSource,
    enforcedAudience,
  };
}
