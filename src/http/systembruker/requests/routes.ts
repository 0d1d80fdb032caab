import type { AdminRequest } from '#access';
import { present, toInstant } from '#domain';
import {
  askForChange,
  askForSystemUser,
  listChanges,
  listHistoryForVendor,
  listRequests,
  readChange,
  readChangeByName,
  readRequest,
  readRequestByName,
  type SystembrukerSide,
  type SystemId,
  type SystemUser,
  type VendorsName,
  withdrawChange,
  withdrawRequest,
} from '#systembruker';
import type { AdminExchange } from '../../admin-api.js';
import type { Api } from '../../api.js';
import type { ApiParts, DescribedApi } from '../../described-api.js';
import type { Reply } from '../../state.js';
import { altinnApi } from '../altinn-api.js';
import { rightsIn } from '../rights.js';
import { changeOut, eventOut, needlessOut, numberOf, pageOut, rangeOf, requestOut, type Telling } from '../user-wire.js';
import type { components, operations } from './wire.gen.js';

const BASE = '/authentication/api/v1/systemuser';

type Schemas = components['schemas'];
type Handlers = DescribedApi<AdminRequest>['handlers'];
type Ask<Body = undefined, Query = { readonly token?: string }> = AdminExchange<Body, Query>;
type Type = SystemUser['type'];

/** What vendors ask customers for. */
export function requestsApi(parts: ApiParts, side: SystembrukerSide): Api {
  return altinnApi(import.meta.url, parts, { ...requestHandlers(side), ...changeHandlers(side) }, [
    `${BASE}/request/vendor`,
    `${BASE}/changerequest/vendor`,
  ]);
}

function requestHandlers(side: SystembrukerSide): Handlers {
  const { origin } = side;
  const asked =
    (type: Type) =>
    async ({ access, request, body }: Ask<Schemas['NewRequest'] | Schemas['NewAgentRequest']>): Promise<Reply> => {
      const { view, isNew } = await askForSystemUser({ ...access, side }, request, sentRequest(type, body));
      const reply = { status: isNew ? 201 : 200, body: requestOut(view.value, telling(origin, access)) };
      const of = type === 'agent' ? '/agent' : '';
      return isNew ? { ...reply, headers: { Location: `${BASE}/request/vendor${of}/${view.value.id}` } } : reply;
    };
  const read =
    (type: Type) =>
    async ({ access, request, params }: Ask): Promise<Reply> =>
      one((await readRequest(access, request, { id: idIn(params), type })).value, telling(origin, access));
  const readByName =
    (type: Type) =>
    async ({ access, request, params }: Ask): Promise<Reply> =>
      one((await readRequestByName(access, request, nameIn(params), type)).value, telling(origin, access));
  const list =
    (type: Type) =>
    async ({ ctx, access, request, params, query }: Ask): Promise<Reply> => {
      const page = await listRequests(access, request, { systemId: systemIn(params), type }, rangeOf(query));
      return { status: 200, body: pageOut(origin, ctx, page, ({ value }) => requestOut(value, telling(origin, access))) };
    };
  return {
    askForSystemUser: asked('standard'),
    askForAgent: asked('agent'),
    readRequest: read('standard'),
    readAgentRequest: read('agent'),
    readRequestByName: readByName('standard'),
    readAgentRequestByName: readByName('agent'),
    listRequests: list('standard'),
    listAgentRequests: list('agent'),
    async withdrawRequest({ access, request, params }: Ask) {
      await withdrawRequest(access, request, idIn(params));
      return { status: 202 };
    },
    async listHistory({ ctx, access, request, params, query }: Ask) {
      const page = await listHistoryForVendor(access, request, idIn(params), rangeOf(query));
      return { status: 200, body: pageOut(origin, ctx, page, eventOut) };
    },
  };
}

function changeHandlers(side: SystembrukerSide): Handlers {
  const { origin } = side;
  return {
    async askForChange({ access, request, query, body }: Ask<Schemas['NewChange'], operations['askForChange']['parameters']['query']>) {
      const { requiredRights, requiredAccessPackages, unwantedRights, unwantedAccessPackages, redirectUrl } = body;
      const sent = present({
        id: query['correlation-id'],
        systemUserId: query['system-user-id'],
        required: rightsIn(requiredRights, requiredAccessPackages),
        unwanted: rightsIn(unwantedRights, unwantedAccessPackages),
        redirectUrl,
      });
      const asked = await askForChange({ ...access, side }, request, sent);
      if (asked.kind === 'needless') return { status: 200, body: needlessOut(asked.view.value, sent.id, sent) };
      const reply = { status: asked.kind === 'made' ? 201 : 200, body: changeOut(asked.view, telling(origin, access)) };
      return asked.kind === 'made' ? { ...reply, headers: { Location: `${BASE}/changerequest/vendor/${asked.view.change.id}` } } : reply;
    },
    async readChange({ access, request, params }: Ask) {
      return { status: 200, body: changeOut(await readChange(access, request, idIn(params)), telling(origin, access)) };
    },
    async readChangeByName({ access, request, params }: Ask) {
      return { status: 200, body: changeOut(await readChangeByName(access, request, nameIn(params)), telling(origin, access)) };
    },
    async listChanges({ ctx, access, request, params, query }: Ask) {
      const page = await listChanges(access, request, systemIn(params), rangeOf(query));
      return { status: 200, body: pageOut(origin, ctx, page, (view) => changeOut(view, telling(origin, access))) };
    },
    async withdrawChange({ access, request, params }: Ask) {
      await withdrawChange(access, request, idIn(params));
      return { status: 202 };
    },
  };
}

type Params = Ask['params'];

const idIn = ({ requestId, agentRequestId, changeId }: Params): string => requestId ?? agentRequestId ?? changeId ?? '';
const systemIn = ({ systemId = '' }: Params): SystemId => systemId as SystemId;

function nameIn({ systemId = '', orgNo, externalRef, agentRef }: Params): VendorsName {
  return { systemId: systemId as SystemId, party: numberOf(orgNo), externalRef: externalRef ?? agentRef };
}

function telling(origin: string, { clock }: Ask['access']): Telling {
  return { origin, at: toInstant(clock()) };
}

function one(user: SystemUser, as: Telling): Reply {
  return { status: 200, body: requestOut(user, as) };
}

function sentRequest(type: Type, body: Schemas['NewRequest'] | Schemas['NewAgentRequest']) {
  const { systemId, partyOrgNo, integrationTitle: title, externalRef, accessPackages, redirectUrl } = body;
  const rights = 'rights' in body ? body.rights : undefined;
  return {
    type,
    systemId: systemId as SystemId,
    party: numberOf(partyOrgNo),
    ...rightsIn(rights, accessPackages),
    ...present({ title, externalRef, redirectUrl }),
  };
}
