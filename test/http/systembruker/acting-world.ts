import { syntheticOrgnr } from '#demo';
import { type Orgnr, toInstant } from '#domain';
import { machineClaims, type ScopeName } from '#maskinporten';
import type {
  AccessPackage,
  AgentClient,
  ClientRelation,
  PackageName,
  Resource,
  ResourceId,
  Rights,
  System,
  SystemId,
  SystemUser,
} from '#systembruker';
import { accessPackages, agentClients, clientRelations, resources, systemClients, systems, systemUsers } from '#systembruker/entities';
import type { Answer } from '../../fixtures/gateway.js';
import { AUDIENCE, ISSUER, NOON, type TokenReply, type TokenWorld, tokenWorld, type WorldOptions } from '../maskinporten/token-world.js';

export { C as VENDOR } from '../maskinporten/token-world.js';

/** The customer, another one, an accountant, and who owns the services. */
export const [CUSTOMER, OTHER, ACCOUNTANT, SERVICE_OWNER, STRANGER] = ['Rørlegger', 'Bakeri', 'Regnskapsfører', 'Etat', 'Fremmed'].map(
  (name) => syntheticOrgnr(name),
) as [Orgnr, Orgnr, Orgnr, Orgnr, Orgnr];
export const USER_ID = '7a8e1f2c-4b5a-4978-8a9b-0c1d2e3f4a5b';
export const AGENT_ID = '11111111-4b5a-4978-8a9b-0c1d2e3f4a5b';
export const SYSTEM_USER_DETAILS = 'urn:altinn:systemuser';

const AT = toInstant(NOON);
const any = { expect: 'any', facts: { action: 'test', at: AT, actor: 'operator' } } as const;
const texts = (text: string) => ({ nb: text, nn: text, en: text });

/** Rights to services, whole, and packages. */
export const rightsOf = (services: readonly string[], packages: readonly string[] = []): Rights => ({
  rights: services.map((id) => ({ resources: [id as ResourceId] })),
  packages: packages as readonly PackageName[],
});

export const organisation = (orgnr: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${orgnr}` });

/** A token world with a systembruker side, and what is put into it: Regnskap 123 of VENDOR with its client `c`, the services `mva` and `arsregnskap`. */
export async function actingWorld(t: Parameters<typeof tokenWorld>[0], options: WorldOptions & { readonly vendor: Orgnr }) {
  const { vendor, ...rest } = options;
  const world = await tokenWorld(t, { ...rest, systembruker: true });
  const systemId = `${vendor}_regnskap123` as SystemId;
  const put = {
    resource: (id: string, more: Partial<Resource> = {}) =>
      world.store.collection(resources).put(
        {
          id: id as ResourceId,
          owner: SERVICE_OWNER,
          type: 'GenericAccessResource',
          title: texts(id),
          description: texts(id),
          actions: ['read', 'write'],
          delegable: true,
          active: true,
          created: AT,
          updated: AT,
          ...more,
        },
        any,
      ),
    package: (name: string, services: readonly string[], more: Partial<AccessPackage> = {}) =>
      world.store.collection(accessPackages).put(
        {
          name: name as PackageName,
          title: texts(name),
          description: texts(name),
          resources: services as readonly ResourceId[],
          assignable: true,
          delegable: true,
          active: true,
          created: AT,
          updated: AT,
          ...more,
        },
        any,
      ),
    system: async (more: Partial<System> = {}) => {
      const system: System = {
        id: systemId,
        internalId: USER_ID,
        vendor,
        name: texts('Regnskap 123'),
        description: texts('Regnskap'),
        clientIds: ['c'],
        redirectUrls: [],
        isVisible: true,
        ...rightsOf(['mva', 'arsregnskap'], ['a', 'b']),
        created: AT,
        updated: AT,
        ...more,
      };
      for (const clientId of system.clientIds)
        await world.store.collection(systemClients).put({ clientId, systemId: system.id, at: AT }, any);
      await world.store.collection(systems).put(system, any);
    },
    systemUser: (more: Partial<SystemUser> = {}) => {
      const value: SystemUser = {
        id: USER_ID,
        type: 'standard',
        systemId,
        vendor,
        party: CUSTOMER,
        externalRef: more.party ?? CUSTOMER,
        title: 'Regnskap og MVA',
        madeBy: 'vendor',
        status: 'Accepted',
        asked: rightsOf(['mva', 'arsregnskap']),
        has: rightsOf(['mva', 'arsregnskap']),
        expires: toInstant(NOON + 86_400_000),
        changes: [],
        created: AT,
        updated: AT,
        ...more,
      };
      return world.store.collection(systemUsers).put(value, any);
    },
    relation: (client: Orgnr, packages: readonly string[], more: Partial<ClientRelation> = {}) =>
      world.store.collection(clientRelations).put(
        {
          provider: ACCOUNTANT,
          client,
          source: 'register',
          packages: packages as readonly PackageName[],
          since: Object.fromEntries(packages.map((name) => [name, AT])) as ClientRelation['since'],
          created: AT,
          updated: AT,
          ...more,
        },
        any,
      ),
    agentClient: (client: Orgnr, more: Partial<AgentClient> = {}) =>
      world.store
        .collection(agentClients)
        .put({ systemUserId: AGENT_ID, provider: ACCOUNTANT, client, created: AT, by: 'operator', ...more }, any),
  };
  await put.resource('mva');
  await put.resource('arsregnskap');
  await put.system();
  await put.systemUser();
  const tokens = new Map<string, string>();
  const tokenFor = async (orgnr: Orgnr, ...scopes: readonly string[]): Promise<string> => {
    const name = `${orgnr} ${scopes.join(' ')} ${Math.floor(world.now / 3_600_000)}`;
    const claims = machineClaims({ issuer: ISSUER, audience: AUDIENCE, client: { id: `m-${orgnr}`, orgnr }, scopes });
    const token = tokens.get(name) ?? (await world.signer.sign(claims, { expiresInSeconds: 7200, now: world.now }));
    tokens.set(name, token);
    return token;
  };
  /** Sends a request as a machine of an organisation, which has the scope of the API if none is named. */
  const call = async (
    path: string,
    { as = SERVICE_OWNER, scopes = ['ks:fiks'], body, node = 0 }: { as?: Orgnr; scopes?: readonly string[]; body?: unknown; node?: number },
  ): Promise<Answer> => {
    const headers = { Authorization: `Bearer ${await tokenFor(as, ...scopes)}`, 'Content-Type': 'application/json' };
    const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${world.origins[node]}${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: text === '' ? undefined : JSON.parse(text) };
  };
  /** What a vendor's client sends for a token of a system user. */
  const detail = (owner: string, more: object = {}) => ({ type: SYSTEM_USER_DETAILS, systemuser_org: organisation(owner), ...more });
  const askToken = (owner: string = CUSTOMER, more: object = {}, node = 0): Promise<TokenReply> =>
    world.ask({ claims: { authorization_details: [detail(owner, more)] } }, node);
  return { world, systemId, put, call, detail, askToken };
}

/** What a refused token request says, without the trace id. */
export const saidOf = ({ status, json }: TokenReply): string => `${status} ${json?.error ?? ''}: ${json?.error_description ?? ''}`;

/** A client of another vendor. */
export async function otherClient(world: TokenWorld, id: string, orgnr: Orgnr): Promise<void> {
  await world.put.access('t:s', orgnr);
  await world.put.client(id, { orgnr, scopes: ['t:s' as ScopeName] });
}
