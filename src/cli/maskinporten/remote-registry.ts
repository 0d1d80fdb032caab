import { type Orgnr, present } from '#domain';
import { type Call, caller, type RemotePlace, refusedThere } from '../gateway-call.js';
import type { Registry, ScopeChange, ToldAccess, ToldClient, ToldDelegation, ToldKey, ToldScope } from './registry.js';

const BASE = '/maskinporten/api/v1';
const CHANGED = { ifMatch: true } as const;

/** A gateway somewhere else, over the self-service API. @param orgnr for which organisation, of a person's token */
export function remoteRegistry(place: RemotePlace, orgnr: Orgnr | undefined): Registry {
  const call = caller(place);
  const at = (path: string, query: Readonly<Record<string, string | boolean | undefined>> = {}): string => {
    const named = Object.entries(present({ ...query, orgno: orgnr })).map(([name, value]) => [name, String(value)]);
    return `${BASE}${path}${named.length === 0 ? '' : `?${new URLSearchParams(named)}`}`;
  };
  return { ...prefixesAndScopes(call, at), ...accesses(call, at), ...clients(call, at), close: async () => {} };
}

type At = (path: string, query?: Readonly<Record<string, string | boolean | undefined>>) => string;
type Part<Name extends keyof Registry> = Pick<Registry, Name>;

function prefixesAndScopes(
  call: Call,
  at: At,
): Part<'prefixes' | 'handOutPrefix' | 'withdrawPrefix' | 'createScope' | 'listScopes' | 'readScope' | 'changeScope' | 'setScopeActive'> {
  const operatorOnly = (): never => {
    throw refusedThere('hands out no prefix for somebody who calls it: the operator does that where the gateway runs');
  };
  const read = (name: string): Promise<WireScope> => call<WireScope>(at('/scopes/scope', { scope: name }));
  /** What tells when and whose it is comes from the gateway and does not go back. */
  const termsOf = async (name: string) => {
    const { owner_orgno: _, owner_organization_name: __, created: ___, last_updated: ____, ...terms } = await read(name);
    return terms;
  };
  const termsOut = async (scope: Omit<ScopeChange, 'delegationSource'>, source: string | null | undefined) =>
    present({
      description: scope.description,
      long_description: scope.longDescription,
      visibility: scope.visibility,
      accessible_for_all: scope.accessibleForAll,
      at_max_age: scope.atMaxAge,
      delegation_source: source === 'own' ? await ownSourceOf(call, at) : source,
      enforced_aud_for_access_token: scope.enforcedAudience,
      allowed_integration_types: scope.allowedIntegrationTypes,
      requires_user_consent: scope.requiresUserConsent,
    });
  return {
    async prefixes() {
      const found = await allOf<{ readonly prefix: string; readonly owner_orgno: string }>(call, at('/prefix/all'));
      return found.map(({ prefix, owner_orgno: owner }) => ({ prefix, owner }));
    },
    handOutPrefix: async () => operatorOnly(),
    withdrawPrefix: async () => operatorOnly(),
    async changeScope(name, { delegationSource, ...change }) {
      const json = { ...(await termsOf(name)), ...(await termsOut(change, delegationSource)) };
      const kept = Object.fromEntries(Object.entries(json).filter(([, term]) => term !== null));
      return scopeIn(await call<WireScope>(at('/scopes', { scope: name }), { method: 'PUT', ...CHANGED, json: kept }));
    },
    async createScope({ name, delegationSource, ...scope }) {
      const [prefix, subscope] = [name.slice(0, Math.max(name.indexOf(':'), 0)), name.slice(name.indexOf(':') + 1)];
      const json = { prefix, subscope, ...(await termsOut(scope, delegationSource)) };
      return scopeIn(await call<WireScope>(at('/scopes'), { method: 'POST', json }));
    },
    async listScopes({ open, inactive }) {
      return (await allOf<WireScope>(call, at(open ? '/scopes/all' : '/scopes', { inactive }))).map(scopeIn);
    },
    readScope: async (name) => scopeIn(await read(name)),
    async setScopeActive(name, active) {
      const path = at('/scopes', { scope: name });
      if (!active) return scopeIn(await call<WireScope>(path, { method: 'DELETE', ...CHANGED }));
      return scopeIn(await call<WireScope>(path, { method: 'PUT', ...CHANGED, json: { ...(await termsOf(name)), active } }));
    },
  };
}

/** The source of delegations that are kept there. */
async function ownSourceOf(call: Call, at: At): Promise<string> {
  const sources = await call<readonly { readonly issuer: string }[]>(at('/delegationsources'));
  const own = sources.find(({ issuer }) => issuer.endsWith('/maskinporten/delegations'));
  if (own === undefined) throw refusedThere('keeps no delegations: name a delegation source by --delegation ISSUER');
  return own.issuer;
}

function accesses(
  call: Call,
  at: At,
): Part<'grantAccess' | 'revokeAccess' | 'listAccesses' | 'giveDelegation' | 'withdrawDelegation' | 'listDelegations' | 'signTerms'> {
  const until = (text: string | undefined) => (text === undefined ? {} : { json: { until: text } });
  return {
    grantAccess: async (scope, consumer, end) =>
      accessIn(await call<WireAccess>(at(`/scopes/access/${consumer}`, { scope }), { method: 'PUT', ...CHANGED, ...until(end) })),
    async revokeAccess(scope, consumer) {
      await call(at(`/scopes/access/${consumer}`, { scope }), { method: 'DELETE', ...CHANGED });
    },
    async listAccesses(filter) {
      const path =
        'scope' in filter
          ? at('/scopes/access', { scope: filter.scope })
          : 'consumer' in filter
            ? at('/scopes/access', { consumer_orgno: filter.consumer })
            : at('/scopes/access/all');
      return (await allOf<WireAccess>(call, path)).map(accessIn);
    },
    giveDelegation: async (scope, supplier, end) =>
      delegationIn(await call<WireDelegation>(at(`/delegations/${supplier}`, { scope }), { method: 'PUT', ...CHANGED, ...until(end) })),
    async withdrawDelegation(scope, supplier) {
      await call(at(`/delegations/${supplier}`, { scope }), { method: 'DELETE', ...CHANGED });
    },
    async listDelegations({ got }) {
      return (await allOf<WireDelegation>(call, at('/delegations', { role: got ? 'supplier' : 'consumer' }))).map(delegationIn);
    },
    async signTerms() {
      const { orgno, signed_at: signedAt = '' } = await call<{ readonly orgno: string; readonly signed_at?: string }>(at('/terms'), {
        method: 'POST',
      });
      return { orgnr: orgno, at: signedAt };
    },
  };
}

function clients(
  call: Call,
  at: At,
): Part<
  'createClient' | 'firstClient' | 'listClients' | 'readClient' | 'setClientActive' | 'listKeys' | 'addKey' | 'removeKey' | 'endingKeys'
> {
  const path = (id: string, more = ''): string => `/clients/${encodeURIComponent(id)}${more}`;
  const put = (id: string, jwk: Readonly<Record<string, unknown>>): Promise<WireKey> =>
    call<WireKey>(at(path(id, `/jwks/${encodeURIComponent(String(jwk['kid']))}`)), { method: 'PUT', ...CHANGED, json: jwk });
  const keysOf = async (id: string): Promise<readonly ToldKey[]> => {
    const { keys } = await call<{ readonly keys: readonly WireKey[] }>(at(path(id, '/jwks'))).catch(noneIfAbsent);
    return keys.map(keyIn);
  };
  const read = async (id: string): Promise<ToldClient> => {
    const client = await call<WireClient>(at(path(id)));
    return { ...clientIn(client), keys: await keysOf(id) };
  };
  return {
    async createClient({ id, name, description, ...client }, keys) {
      const json = present({
        client_id: id,
        client_name: name,
        description: description ?? name,
        integration_type: client.integrationType,
        scopes: client.scopes,
        access_token_lifetime: client.accessTokenLifetime,
        application_type: client.applicationType,
        token_endpoint_auth_method: client.tokenEndpointAuthMethod,
        redirect_uris: client.redirectUris,
        post_logout_redirect_uris: client.postLogoutRedirectUris,
      });
      const made = await call<WireClient>(at('/clients'), { method: 'POST', json });
      // What is put is told back: reading it would need a scope more than making it.
      const told: ToldKey[] = [];
      for (const jwk of keys) told.push(keyIn(await put(made.client_id, jwk)));
      return present({ ...clientIn(made), keys: told, secret: made.client_secret });
    },
    async firstClient() {
      throw refusedThere('makes no first client for somebody who calls it: the operator does that where the gateway runs');
    },
    async listClients(inactive) {
      return (await allOf<WireClient>(call, at('/clients', { inactive }))).map(clientIn);
    },
    readClient: read,
    async setClientActive(id, active) {
      const sent = active ? { method: 'PUT', json: { ...(await call<WireClient>(at(path(id)))), active } } : { method: 'DELETE' };
      return clientIn(await call<WireClient>(at(path(id)), { ...CHANGED, ...sent }));
    },
    listKeys: keysOf,
    addKey: async (id, jwk) => keyIn(await put(id, jwk)),
    async removeKey(id, kid) {
      await call(at(path(id, `/jwks/${encodeURIComponent(kid)}`)), { method: 'DELETE', ...CHANGED });
    },
    async endingKeys(withinDays) {
      const found = await allOf<WireEnding>(call, at('/clients/keys/expiring', { within_days: String(withinDays) }));
      return found.map(({ client_id: clientId, client_orgno: orgnr, kid, expires: until }) => ({ clientId, orgnr, kid, until }));
    },
  };
}

/** A client without keys has no set of them. */
function noneIfAbsent(error: unknown): { readonly keys: readonly WireKey[] } {
  if (/answered 404/.test((error as Error).message)) return { keys: [] };
  throw error;
}

async function allOf<T>(call: Call, path: string): Promise<readonly T[]> {
  const found: T[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const page: { readonly value: readonly T[]; readonly next?: string } = await call.answered<readonly T[]>(next);
    found.push(...page.value);
    next = page.next;
  }
  return found;
}

interface WireScope extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly owner_orgno?: string;
  readonly description: string;
  readonly visibility: string;
  readonly active: boolean;
  readonly accessible_for_all: boolean;
  readonly at_max_age: number;
  readonly delegation_source?: string;
  readonly enforced_aud_for_access_token?: string;
  readonly allowed_integration_types: readonly string[];
  readonly requires_user_consent: boolean;
}

function scopeIn(scope: WireScope): ToldScope {
  return present({
    name: scope.name,
    owner: scope.owner_orgno,
    description: scope.description,
    visibility: scope.visibility,
    active: scope.active,
    accessibleForAll: scope.accessible_for_all,
    atMaxAge: scope.at_max_age,
    delegationSource: scope.delegation_source,
    enforcedAudience: scope.enforced_aud_for_access_token,
    allowedIntegrationTypes: scope.allowed_integration_types,
    requiresUserConsent: scope.requires_user_consent,
  });
}

interface WireAccess {
  readonly scope: string;
  readonly owner_orgno?: string;
  readonly consumer_orgno: string;
  readonly state: string;
  readonly until?: string;
}

function accessIn({ scope, owner_orgno: owner, consumer_orgno: consumer, state, until }: WireAccess): ToldAccess {
  return present({ scope, owner, consumer, state, until });
}

interface WireDelegation {
  readonly scope: string;
  readonly consumer_orgno: string;
  readonly supplier_orgno: string;
  readonly state: string;
  readonly until?: string;
  readonly created: string;
}

function delegationIn({
  scope,
  consumer_orgno: consumer,
  supplier_orgno: supplier,
  state,
  until,
  created,
}: WireDelegation): ToldDelegation {
  return present({ scope, consumer, supplier, active: state === 'ACTIVE', since: created, until });
}

interface WireClient {
  readonly client_id: string;
  readonly client_name: string;
  readonly client_orgno: string;
  readonly supplier_orgno?: string;
  readonly integration_type: string;
  readonly scopes: readonly string[];
  readonly active: boolean;
  /** When it is made. */
  readonly client_secret?: string;
}

function clientIn({ client_id: id, client_name: name, client_orgno: orgnr, ...client }: WireClient): ToldClient {
  const { supplier_orgno: supplier, integration_type: integrationType, scopes, active } = client;
  return present({ id, name, orgnr, supplier, integrationType, scopes, active });
}

interface WireKey {
  readonly kid: string;
  readonly alg: string;
  readonly expires: string;
}

function keyIn({ kid, alg, expires: until }: WireKey): ToldKey {
  return { kid, alg, until };
}

interface WireEnding {
  readonly client_id: string;
  readonly client_orgno: string;
  readonly kid: string;
  readonly expires: string;
}
