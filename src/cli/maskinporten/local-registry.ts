import { operatorRequest } from '#access';
import { type Instant, type Orgnr, present, toInstant } from '#domain';
import {
  type AccessView,
  type Asking,
  type Client,
  type ClientKey,
  changeClient,
  changeScope,
  createClient,
  createFirstClient,
  createScope,
  type Delegation,
  deactivateClient,
  deactivateScope,
  FIRST_SCOPES,
  giveDelegation,
  grantAccess,
  handOutPrefix,
  keysOf,
  listAccesses,
  listAccessesOfConsumer,
  listAllPrefixes,
  listClients,
  listDelegations,
  listEndingKeys,
  listOwnAccesses,
  listPublicScopes,
  listScopes,
  publicKeyOf,
  putKey,
  readClient,
  readScope,
  removeKey,
  revokeAccess,
  type Scope,
  type Side,
  type SideParts,
  signTerms,
  sourceIssuer,
  withdrawDelegation,
  withdrawPrefix,
} from '#maskinporten';
import type { OpenAccess } from '../ports.js';
import { wholeList } from '../whole-list.js';
import type { NewClient, NewScope, Registry, SentJwk, ToldAccess, ToldClient, ToldDelegation, ToldKey, ToldScope } from './registry.js';

/** The store of this installation, as the operator. @param orgnr for which organisation */
export async function localRegistry({ access, side, close }: OpenAccess, orgnr: Orgnr | undefined): Promise<Registry> {
  const parts: SideParts = { ...access, side: await side() };
  const asking: Asking = { ...operatorRequest(), ...present({ orgnr }) };
  return {
    ...prefixesAndScopes(parts, asking),
    ...accesses(parts, asking),
    ...clients(parts, asking),
    close,
  };
}

type Part<Name extends keyof Registry> = Pick<Registry, Name>;

function prefixesAndScopes(
  parts: SideParts,
  asking: Asking,
): Part<'prefixes' | 'handOutPrefix' | 'withdrawPrefix' | 'createScope' | 'listScopes' | 'readScope' | 'changeScope' | 'setScopeActive'> {
  const told = ({ value }: Awaited<ReturnType<typeof readScope>>): ToldScope => toldScope(value, parts.side);
  return {
    async prefixes() {
      const found = await wholeList((range) => listAllPrefixes(parts, asking, range));
      return found.map(({ value: { prefix, owner } }) => ({ prefix, owner }));
    },
    async handOutPrefix(prefix, owner) {
      await handOutPrefix(parts, operatorRequest(), { prefix, owner });
    },
    async withdrawPrefix(prefix) {
      await withdrawPrefix(parts, operatorRequest(), prefix);
    },
    createScope: async (scope) => told(await createScope(parts, asking, termsOf(scope))),
    async listScopes({ open, inactive }) {
      const found = await wholeList((range) =>
        open ? listPublicScopes(parts, asking, { inactive }, range) : listScopes(parts, asking, inactive, range),
      );
      return found.map(told);
    },
    readScope: async (name) => told(await readScope(parts, asking, name)),
    async changeScope(name, change) {
      const { value, revision } = await readScope(parts, asking, name);
      const { longDescription, delegationSource, enforcedAudience, ...terms } = { ...value, ...change };
      const removable = { longDescription, delegationSource, enforcedAudience };
      const left = Object.fromEntries(Object.entries(removable).filter(([, term]) => term !== null));
      return told(await changeScope(parts, asking, name, { ...terms, ...left }, [revision]));
    },
    async setScopeActive(name, active) {
      if (!active) return told(await deactivateScope(parts, asking, name));
      const { value, revision } = await readScope(parts, asking, name);
      return told(await changeScope(parts, asking, name, { ...value, active }, [revision]));
    },
  };
}

function accesses(
  parts: SideParts,
  asking: Asking,
): Part<'grantAccess' | 'revokeAccess' | 'listAccesses' | 'giveDelegation' | 'withdrawDelegation' | 'listDelegations' | 'signTerms'> {
  const now = (): Instant => toInstant(parts.clock());
  return {
    grantAccess: async (scope, consumer, until) => toldAccess(await grantAccess(parts, asking, present({ scope, consumer, until }))),
    async revokeAccess(scope, consumer) {
      await revokeAccess(parts, asking, { scope, consumer });
    },
    async listAccesses(filter) {
      const inactive = false;
      const found = await wholeList((range) => {
        if ('scope' in filter) return listAccesses(parts, asking, { scope: filter.scope, inactive }, range);
        if ('consumer' in filter) return listAccessesOfConsumer(parts, asking, { consumer: filter.consumer, inactive }, range);
        return listOwnAccesses(parts, asking, inactive, range);
      });
      return found.map(toldAccess);
    },
    giveDelegation: async (scope, supplier, until) =>
      toldDelegation((await giveDelegation(parts, asking, present({ scope, supplier, until }))).value, now()),
    async withdrawDelegation(scope, supplier) {
      await withdrawDelegation(parts, asking, { scope, supplier });
    },
    async listDelegations({ got }) {
      const role = got ? ('supplier' as const) : ('consumer' as const);
      const found = await wholeList((range) => listDelegations(parts, asking, { role, inactive: false }, range));
      return found.map(({ value }) => toldDelegation(value, now()));
    },
    async signTerms() {
      const { orgnr, signed } = await signTerms(parts, asking);
      return { orgnr, at: signed?.at ?? now() };
    },
  };
}

function clients(
  parts: SideParts,
  asking: Asking,
): Part<
  'createClient' | 'firstClient' | 'listClients' | 'readClient' | 'setClientActive' | 'listKeys' | 'addKey' | 'removeKey' | 'endingKeys'
> {
  const added = (id: string, jwk: SentJwk): Promise<{ readonly key: ClientKey }> =>
    putKey(parts, asking, id, 'any', (at) => publicKeyOf(jwk, '', at));
  return {
    async createClient(client: NewClient, keys) {
      const making = keys.length === 0 ? {} : { keys: (at: Instant) => keysOf(keys, at) };
      const { value, secret } = await createClient(parts, asking, client, making);
      return present({ ...toldClient(value), secret });
    },
    async firstClient({ more, ...named }) {
      const scopes = [...new Set([...FIRST_SCOPES, ...more])];
      return toldClient((await createFirstClient(parts, asking, { ...named, scopes })).value);
    },
    async listClients(inactive) {
      const found = await wholeList((range) => listClients(parts, asking, { inactive }, range));
      return found.map(({ value: { keys: _, ...client } }) => toldClient(client));
    },
    readClient: async (id) => toldClient((await readClient(parts, asking, id)).value),
    async setClientActive(id, active) {
      if (!active) return toldClient((await deactivateClient(parts, asking, id, 'any')).value);
      const { value, revision } = await readClient(parts, asking, id);
      return toldClient((await changeClient(parts, asking, id, [revision], { ...value, active })).value);
    },
    listKeys: async (id) => (await readClient(parts, asking, id)).value.keys.map(toldKey),
    addKey: async (id, jwk) => toldKey((await added(id, jwk)).key),
    async removeKey(id, kid) {
      await removeKey(parts, asking, id, kid, 'any');
    },
    async endingKeys(withinDays) {
      const found = await wholeList((range) => listEndingKeys(parts, asking, withinDays, range));
      return found.map(({ client, key }) => ({ clientId: client.id, orgnr: client.orgnr, ...toldKey(key) }));
    },
  };
}

function termsOf({ name, ...terms }: NewScope) {
  const at = name.indexOf(':');
  return { prefix: name.slice(0, Math.max(at, 0)), subscope: name.slice(at + 1), ...terms };
}

function toldScope(scope: Scope, side: Side): ToldScope {
  const { name, owner, description, visibility, active, accessibleForAll, atMaxAge, delegationSource, enforcedAudience } = scope;
  const { allowedIntegrationTypes, requiresUserConsent } = scope;
  return present({
    name,
    owner,
    description,
    visibility,
    active,
    accessibleForAll,
    atMaxAge,
    delegationSource: delegationSource === undefined ? undefined : sourceIssuer(delegationSource, side),
    enforcedAudience,
    allowedIntegrationTypes,
    requiresUserConsent,
  });
}

function toldAccess({ value: { scope, owner, consumer, state, until } }: AccessView): ToldAccess {
  return present({ scope, owner, consumer, state, until });
}

function toldDelegation({ scope, consumer, supplier, created, until, withdrawn }: Delegation, now: Instant): ToldDelegation {
  const active = withdrawn === undefined && (until === undefined || until > now);
  return present({ scope, consumer, supplier, active, since: created, until });
}

function toldClient(client: Omit<Client, 'keys'> & { readonly keys?: readonly ClientKey[] }): ToldClient {
  const { id, name, orgnr, supplier, integrationType, scopes, active, keys } = client;
  return present({ id, name, orgnr, supplier, integrationType, scopes, active, keys: keys?.map(toldKey) });
}

function toldKey({ kid, alg, until }: ClientKey): ToldKey {
  return { kid, alg, until };
}
