import type { AdminRequest } from '#access';
import { parsePeriodEnd, present } from '#domain';
import { namesOf } from '#maskinporten';
import {
  type Asking,
  addAgentClient,
  type ClientStanding,
  deleteSystemUser,
  giveRelation,
  listAgentClients,
  listAgents,
  listAvailableClients,
  listClients,
  listRelations,
  readAgentClient,
  removeAgentClient,
  SystembrukerFault,
  type SystembrukerSide,
  withdrawRelation,
} from '#systembruker';
import type { AdminExchange } from '../../admin-api.js';
import type { Api } from '../../api.js';
import type { ApiParts, DescribedApi } from '../../described-api.js';
import { etagOf, ifMatchSent } from '../../preconditions.js';
import type { Reply } from '../../state.js';
import { sound } from '../../wire-parts.js';
import { altinnApi } from '../altinn-api.js';
import { bareOut, forParty, nextOf, numberOf, ONE_DELETED, partyOf } from '../user-wire.js';
import type { operations } from './wire.gen.js';
import {
  agentOut,
  clientInfoOut,
  clientOut,
  delegationOut,
  listOut,
  type Names,
  packagesIn,
  rangeOf,
  relationOut,
  type Wire,
} from './wire.js';

type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>;
type Ask<Sent = unknown, Body = undefined> = AdminExchange<Body, Sent>;
type Handlers = DescribedApi<AdminRequest>['handlers'];

const BASE = '/authentication/api/v1';
/** Whom agents act for, and what clients have given. It shares a mount with the system users', and stands before them. */
export function agentsApi(parts: ApiParts, { origin }: SystembrukerSide): Api {
  const handlers = { ...clientHandlers(origin), ...portalHandlers(origin), ...relationHandlers(origin) };
  const mounts = [`${BASE}/enduser/systemuser`, `${BASE}/systemuser`, `${BASE}/clientrelations`];
  return altinnApi(import.meta.url, parts, handlers, mounts);
}

/** Altinn's API for programs: an agent is found by its id alone. */
function clientHandlers(origin: string): Handlers {
  type Agents = Query<'listAgents'>;
  const page =
    (list: typeof listAgentClients) =>
    async ({ ctx, access, request, query }: Ask<Query<'listAgentClients'>>): Promise<Reply> => {
      const { agent, items, next } = await list(access, request, query.agent, rangeOf(query));
      const names = await namesOfClients(access, items);
      const body: Wire<'ClientPage'> = {
        links: present({ next: nextOf(origin, ctx, next) }),
        systemUserInformation: { systemUserId: agent.id, systemUserOwnerOrg: agent.party },
        data: items.map((one) => clientInfoOut(one, names)),
      };
      return { status: 200, body };
    };
  const answered = ({ agent = '', client = '' }: Query<'addClient'>): Reply => ({
    status: 200,
    body: { agent: agent.toLowerCase(), client },
  });
  return {
    async listAgents({ ctx, access, request, query }: Ask<Agents>) {
      const found = await listAgents(access, { ...request, orgnr: partyOf(query.party) }, rangeOf(query));
      return listOut(
        origin,
        ctx,
        found,
        found.items.map(({ value }) => agentOut(value)),
      );
    },
    listAvailableClients: page(listAvailableClients),
    listAgentClients: page(listAgentClients),
    async addClient({ access, request, query }: Ask<Query<'addClient'>>) {
      await addAgentClient(access, request, query.agent, numberOf(query.client));
      return answered(query);
    },
    async removeClient({ access, request, query }: Ask<Query<'removeClient'>>) {
      await removeAgentClient(access, request, query.agent, numberOf(query.client));
      return answered(query);
    },
  };
}

/** What Altinn's own pages ask. */
function portalHandlers(origin: string): Handlers {
  return {
    async listClients({ ctx, access, request, query, params }: Ask<Query<'listClients'>>) {
      const asking = forParty({ request, params });
      const found = await listClients(access, asking, packagesIn(query.packages?.split(',') ?? []), rangeOf(query));
      assertParty(asking, query.facilitator, 'AUTH-00039');
      const names = await namesOfClients(access, found.items);
      return listOut(
        origin,
        ctx,
        found,
        found.items.map((one) => clientOut(one, names)),
      );
    },
    async delegateClient({ access, request, query, params }: Ask<Query<'delegateClient'>>) {
      const asking = forParty({ request, params });
      assertParty(asking, query.provider, 'AUTH-00039');
      const id = params['systemUserId'] ?? '';
      const standing = await addAgentClient(access, asking, id, numberOf(query.client));
      return { status: 200, body: [delegationOut(id.toLowerCase(), standing, await namesOfClients(access, [standing]))] };
    },
    async deleteAgent({ ctx, access, request, params }: Ask) {
      const terms = { type: 'agent', precondition: ifMatchSent(ctx) } as const;
      await deleteSystemUser(access, forParty({ request, params }), params['systemUserId'] ?? '', terms);
      return ONE_DELETED;
    },
    async revokeClient({ access, request, query, params }: Ask<Query<'revokeClient'>>) {
      const asking = forParty({ request, params });
      assertParty(asking, query.provider, 'AUTH-00031');
      await removeAgentClient(access, asking, params['systemUserId'], numberOf(query.client));
      return { status: 200 };
    },
    async listDelegations({ ctx, access, request, query, params }: Ask<Query<'listDelegations'>>) {
      const asking = forParty({ request, params });
      const found = await listAgentClients(access, asking, params['systemUserId'] ?? '', rangeOf(query));
      assertParty(asking, params['facilitator'], 'AUTH-00039');
      const names = await namesOfClients(access, found.items);
      return listOut(
        origin,
        ctx,
        found,
        found.items.map((one) => delegationOut(found.agent.id, one, names)),
      );
    },
    async readSelf({ access, request, params }: Ask) {
      const asking = forParty({ request, params });
      return bareOut((await readAgentClient(access, asking, params['systemUserId'] ?? '', asking.orgnr)).acts);
    },
    async delegateSelf({ access, request, params }: Ask) {
      const asking = forParty({ request, params });
      return bareOut((await addAgentClient(access, asking, params['systemUserId'] ?? '', asking.orgnr)).acts);
    },
    async revokeSelf({ access, request, params }: Ask) {
      const asking = forParty({ request, params });
      await removeAgentClient(access, asking, params['systemUserId'] ?? '', asking.orgnr);
      return bareOut(true);
    },
  };
}

function relationHandlers(origin: string): Handlers {
  return {
    async listRelations({ ctx, access, request, query, params }: Ask<Query<'listRelations'>>) {
      const { items, next } = await listRelations(access, forParty({ request, params }), rangeOf(query));
      const names = await namesOf(
        access,
        items.map(({ value }) => value.provider),
      );
      const body: Wire<'RelationPage'> = {
        links: present({ next: nextOf(origin, ctx, next) }),
        data: items.map((one) => relationOut(one, names)),
      };
      return { status: 200, body };
    },
    async giveRelation({ ctx, access, request, params, body }: Ask<unknown, Wire<'GivenPackages'>>) {
      const provider = numberOf(params['provider']);
      const until = body.until === undefined ? undefined : sound('/until', parsePeriodEnd(body.until));
      const packages = packagesIn(body.accessPackages.map(({ urn }) => urn));
      const terms = present({ provider, packages, until });
      const found = await giveRelation(access, forParty({ request, params }), terms, ifMatchSent(ctx));
      const names = await namesOf(access, [found.value.provider]);
      return { status: 200, headers: { ETag: etagOf(found.revision) }, body: relationOut(found, names) };
    },
    async withdrawRelation({ ctx, access, request, params }: Ask) {
      await withdrawRelation(access, forParty({ request, params }), numberOf(params['provider']), ifMatchSent(ctx));
      return { status: 204 };
    },
  };
}

/** Altinn names the organisation twice. @throws SystembrukerFault if that is another one */
function assertParty({ orgnr }: Asking, named: string | undefined, code: 'AUTH-00031' | 'AUTH-00039'): void {
  if (named === undefined || named === orgnr) return;
  throw new SystembrukerFault(code, { detail: 'Send the organisation number of the path, or leave it out.' });
}

function namesOfClients(access: Ask['access'], standings: readonly Pick<ClientStanding, 'client'>[]): Promise<Names> {
  return namesOf(
    access,
    standings.map(({ client }) => client),
  );
}
