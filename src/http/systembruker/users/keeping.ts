import { type Orgnr, present } from '#domain';
import { maskinportenName, namesOf } from '#maskinporten';
import {
  activateSystemUser,
  addOwnScopes,
  type Choice,
  changeSystemUser,
  createSystemUser,
  deactivateSystemUser,
  deleteSystemUser,
  findSystemUser,
  giveBackSystemUser,
  listHistoryForCustomer,
  listSystemUsers,
  listSystemUsersOfSystem,
  makeOwnSystem,
  moveSystemUser,
  type OwnSystem,
  type Rights,
  readSystemUser,
  type SystembrukerSide,
  type SystemId,
  type SystemUser,
  type SystemUserView,
} from '#systembruker';
import { etagOf, ifMatchSent } from '../../preconditions.js';
import type { Reply } from '../../state.js';
import { detailsOf } from '../own-token.js';
import { packagesOut, rightsIn, rightsOut } from '../rights.js';
import { eventOut, forParty, numberOf, ONE_DELETED, pageOut, rangeOf } from '../user-wire.js';
import { type Ask, type Handlers, idIn, type Wire } from './exchange.js';
import type { operations } from './wire.gen.js';

/** What a business does with its system users. */
export function keepingHandlers(side: SystembrukerSide): Handlers {
  const { origin } = side;
  const list =
    (type: SystemUser['type']) =>
    async (ask: Ask): Promise<Reply> =>
      listed(origin, ask, await listSystemUsers(ask.access, forParty(ask), type, rangeOf(ask.query)));
  return {
    listSystemUsers: list('standard'),
    listAgents: list('agent'),
    async deleteSystemUser(ask: Ask) {
      await deleteSystemUser(ask.access, forParty(ask), idIn(ask), { type: 'standard', precondition: ifMatchSent(ask.ctx) });
      return ONE_DELETED;
    },
    async createSystemUser(ask: Ask<Wire<'Choice'>>) {
      return one(ask, await createSystemUser(ask.access, forParty(ask), choiceIn(ask.body)));
    },
    async makeOwnSystem(ask: Ask<Wire<'OwnSystem'>>) {
      const { name, jwk, scopes = [], rights, accessPackages } = ask.body;
      const sent = { name, jwk, scopes, ...rightsIn(rights, accessPackages) };
      const made = await makeOwnSystem({ ...ask.access, side }, forParty(ask), sent);
      return { status: 200, body: ownSystemOut(made, origin, await userOut(ask, made.user.value)) };
    },
    async addOwnScopes(ask: Ask<Wire<'MoreScopes'>>) {
      const own = await addOwnScopes({ ...ask.access, side }, forParty(ask), idIn(ask), ask.body.scopes);
      return { status: 200, body: ownSystemOut(own, origin, await userOut(ask, own.user.value)) };
    },
    async readSystemUser(ask: Ask) {
      return one(ask, await readSystemUser(ask.access, forParty(ask), idIn(ask)));
    },
    async readDelegations(ask: Ask) {
      const { value } = await readSystemUser(ask.access, forParty(ask), idIn(ask));
      return { status: 200, body: { systemUserId: value.id, ...hasOut(value.has) } };
    },
    async changeSystemUser(ask: Ask<Wire<'Changed'>>) {
      const { integrationTitle: title, ...sent } = ask.body;
      const change = present({ title, rights: rightsSent(sent) });
      return one(ask, await changeSystemUser(ask.access, forParty(ask), idIn(ask), change, ifMatchSent(ask.ctx)));
    },
    async deactivateSystemUser(ask: Ask) {
      return one(ask, await deactivateSystemUser(ask.access, forParty(ask), idIn(ask), ifMatchSent(ask.ctx)));
    },
    async activateSystemUser(ask: Ask) {
      return one(ask, await activateSystemUser(ask.access, forParty(ask), idIn(ask), ifMatchSent(ask.ctx)));
    },
    async moveSystemUser(ask: Ask<Wire<'Choice'>>) {
      return one(ask, await moveSystemUser(ask.access, forParty(ask), idIn(ask), choiceIn(ask.body)));
    },
    async listSystemUserHistory(ask: Ask) {
      const page = await listHistoryForCustomer(ask.access, forParty(ask), idIn(ask), rangeOf(ask.query));
      return { status: 200, body: pageOut(origin, ask.ctx, page, eventOut) };
    },
  };
}

/** What a vendor sees of system users, and that it gives one back. */
export function vendorHandlers({ origin }: SystembrukerSide): Handlers {
  return {
    async listSystemUsersOfSystem(ask: Ask) {
      const systemId = (ask.params['systemId'] ?? '') as SystemId;
      return listed(origin, ask, await listSystemUsersOfSystem(ask.access, ask.request, systemId, rangeOf(ask.query)));
    },
    async findSystemUser(ask: Ask<undefined, operations['findSystemUser']['parameters']['query']>) {
      const { 'system-id': systemId, orgno, 'external-ref': externalRef } = ask.query;
      const name = { systemId: systemId as SystemId, party: numberOf(orgno), externalRef };
      return one(ask, await findSystemUser(ask.access, ask.request, name));
    },
    async giveBackSystemUser(ask: Ask) {
      await giveBackSystemUser(ask.access, ask.request, idIn(ask));
      return { status: 202 };
    },
  };
}

function choiceIn({ systemId, integrationTitle: title, ...sent }: Wire<'Choice'>): Choice {
  return { systemId: systemId as SystemId, ...present({ title, rights: rightsSent(sent) }) };
}

/** If one of the two was sent, the other is none. */
function rightsSent({ rights, accessPackages }: Pick<Wire<'Choice'>, 'rights' | 'accessPackages'>): Rights | undefined {
  return rights === undefined && accessPackages === undefined ? undefined : rightsIn(rights, accessPackages);
}

async function one(ask: Pick<Ask, 'access'>, { value, revision }: SystemUserView): Promise<Reply> {
  return { status: 200, headers: { ETag: etagOf(revision) }, body: await userOut(ask, value) };
}

async function listed(origin: string, ask: Ask, page: Awaited<ReturnType<typeof listSystemUsers>>): Promise<Reply> {
  const names = await namesOf(
    ask.access,
    page.items.map(({ value }) => value.vendor),
  );
  return { status: 200, body: pageOut(origin, ask.ctx, page, ({ value }) => namedOut(value, names)) };
}

/** A system user as Altinn tells it. */
async function userOut({ access }: Pick<Ask, 'access'>, user: SystemUser): Promise<Wire<'SystemUser'>> {
  return namedOut(user, await namesOf(access, [user.vendor]));
}

/** @param names of vendors */
function namedOut(user: SystemUser, names: ReadonlyMap<Orgnr, string>): Wire<'SystemUser'> {
  const { id, title, systemId, party, created, removed, deactivated, vendor, externalRef, type, has } = user;
  return {
    id,
    integrationTitle: title,
    systemId,
    productName: systemId,
    reporteeOrgNo: party,
    created,
    isDeleted: removed !== undefined,
    isDeactivated: deactivated !== undefined,
    supplierName: names.get(vendor) ?? '',
    supplierOrgno: vendor,
    externalRef,
    userType: type,
    ...hasOut(has),
  };
}

function ownSystemOut(
  { user, clientId, kid, scopes, systemId }: OwnSystem,
  origin: string,
  systemUser: Wire<'SystemUser'>,
): Wire<'MadeOwnSystem'> {
  const { party, externalRef } = user.value;
  const authorizationDetails = [detailsOf(party)];
  return { clientId, kid, scopes: [...scopes], systemId, externalRef, issuer: maskinportenName(origin), authorizationDetails, systemUser };
}

function hasOut(has: Rights) {
  return { rights: rightsOut(has), accessPackages: packagesOut(has) };
}
