import type { AdminRequest, PageOf } from '#access';
import { namesOf } from '#maskinporten';
import {
  changePackages,
  changeRights,
  changeSystem,
  createSystem,
  deleteSystem,
  listOwnSystems,
  listSystemChanges,
  listVisibleSystems,
  readOwnSystem,
  readSystem,
  type SystembrukerParts,
  type SystemView,
} from '#systembruker';
import type { AdminExchange } from '../../admin-api.js';
import type { Api } from '../../api.js';
import type { ApiParts, DescribedApi } from '../../described-api.js';
import { LINK_CURSOR, pageOut, rangeOf } from '../../linked-pages.js';
import type { Reply } from '../../state.js';
import { altinnApi } from '../altinn-api.js';
import { packagesOut, rightsOut } from '../rights.js';
import type { operations } from './wire.gen.js';
import { changeOut, dtoOf, oldFormatOf, packagesIn, rightsIn, systemIn, type Wire, wholeOf } from './wire.js';

type Ask<Body = undefined, Sent = unknown> = AdminExchange<Body, Sent>;
type Handlers = DescribedApi<AdminRequest>['handlers'];
type PageQuery = NonNullable<operations['listSystems']['parameters']['query']>;

/** The system register: for vendors, and for those who choose a system. */
export function systemRegisterApi(parts: ApiParts): Api {
  return altinnApi(import.meta.url, parts, { ...shown, ...kept }, ['/authentication/api/v1/systemregister'], LINK_CURSOR);
}

const idIn = ({ params }: Ask<unknown>): string => params['systemId'] ?? '';
const told = (body: object): Reply => ({ status: 200, body });
const DONE = told({ succeeded: true });

/** What whoever chooses a system is shown. */
const shown: Handlers = {
  async listSystems({ ctx, access, request, query }: Ask<undefined, PageQuery>) {
    return listed(ctx, access, await listVisibleSystems(access, request, rangeOf(query)));
  },
  async readSystem(ask: Ask) {
    const [dto] = await dtosOf(ask.access, [await readSystem(ask.access, ask.request, idIn(ask))]);
    return told(dto as object);
  },
  async readSystemRights(ask: Ask<undefined, { readonly useOldFormatForApp?: boolean }>) {
    const { value } = await readSystem(ask.access, ask.request, idIn(ask));
    const rights = rightsOut(value);
    return told(ask.query.useOldFormatForApp === true ? oldFormatOf(rights) : rights);
  },
  async readSystemPackages(ask: Ask) {
    return told(packagesOut((await readSystem(ask.access, ask.request, idIn(ask))).value));
  },
};

/** What a vendor does. */
const kept: Handlers = {
  async listOwnSystems({ ctx, access, request, query }: Ask<undefined, PageQuery>) {
    return listed(ctx, access, await listOwnSystems(access, request, rangeOf(query)));
  },
  async createSystem({ access, request, body }: Ask<Wire<'SentSystem'>>) {
    const { value } = await createSystem(access, request, systemIn(body));
    // A text is sent as it is.
    return { status: 200, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(value.internalId) };
  },
  async readOwnSystem(ask: Ask) {
    return told(wholeOf((await readOwnSystem(ask.access, ask.request, idIn(ask))).value));
  },
  async changeSystem(ask: Ask<Wire<'SentSystem'>>) {
    await changeSystem(ask.access, ask.request, idIn(ask), systemIn(ask.body));
    return DONE;
  },
  async changeSystemRights(ask: Ask<Wire<'Rights'>>) {
    await changeRights(ask.access, ask.request, idIn(ask), rightsIn(ask.body));
    return DONE;
  },
  async changeSystemPackages(ask: Ask<Wire<'AccessPackages'>>) {
    await changePackages(ask.access, ask.request, idIn(ask), packagesIn(ask.body));
    return DONE;
  },
  async deleteSystem(ask: Ask) {
    await deleteSystem(ask.access, ask.request, idIn(ask));
    return DONE;
  },
  async listSystemChanges(ask: Ask) {
    return told((await listSystemChanges(ask.access, ask.request, idIn(ask))).map(changeOut));
  },
};

async function listed(ctx: Ask['ctx'], parts: SystembrukerParts, { items, next }: PageOf<SystemView>): Promise<Reply> {
  return pageOut(ctx, next, await dtosOf(parts, items));
}

async function dtosOf(parts: SystembrukerParts, views: readonly SystemView[]): Promise<Wire<'SystemDto'>[]> {
  const systems = views.map(({ value }) => value);
  const names = await namesOf(
    parts,
    systems.map(({ vendor }) => vendor),
  );
  return systems.map((system) => dtoOf(system, names));
}
