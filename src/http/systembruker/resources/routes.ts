import type { AdminRequest } from '#access';
import { present } from '#domain';
import {
  type AccessPackage,
  listPackages,
  listResources,
  packageUrn,
  putResource,
  type Resource,
  type ResourceView,
  readPackage,
  readResource,
  removeResource,
  soundResource,
} from '#systembruker';
import type { AdminExchange } from '../../admin-api.js';
import type { Api } from '../../api.js';
import type { ApiParts, DescribedApi } from '../../described-api.js';
import { LINK_CURSOR, pageOut, rangeOf } from '../../linked-pages.js';
import { etagOf, ifMatchSent } from '../../preconditions.js';
import type { Reply } from '../../state.js';
import { altinnApi } from '../altinn-api.js';
import type { components, operations } from './wire.gen.js';

type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];
type Ask<Body = undefined, Sent = unknown> = AdminExchange<Body, Sent>;
type PageQuery = NonNullable<operations['listResources']['parameters']['query']>;

/** The registry of services and packages. */
export function resourceRegistryApi(parts: ApiParts): Api {
  return altinnApi(import.meta.url, parts, handlers, ['/resourceregistry/api/v1'], LINK_CURSOR);
}

const idIn = ({ params }: Ask<unknown>): string => params['resourceId'] ?? '';

const handlers: DescribedApi<AdminRequest>['handlers'] = {
  async listResources({ ctx, access, request, query }: Ask<undefined, PageQuery>) {
    const { items, next } = await listResources(access, request, rangeOf(query));
    return pageOut(
      ctx,
      next,
      items.map(({ value }) => resourceOut(value)),
    );
  },
  readResource: async (ask: Ask) => one(await readResource(ask.access, ask.request, idIn(ask))),
  async putResource(ask: Ask<Wire<'SentResource'>>) {
    const { resourceType: type, hasCompetentAuthority, ...terms } = ask.body;
    const sent = soundResource({ ...terms, type, owner: hasCompetentAuthority.organization });
    return one(await putResource(ask.access, ask.request, idIn(ask), sent, ifMatchSent(ask.ctx)));
  },
  removeResource: async (ask: Ask) => one(await removeResource(ask.access, ask.request, idIn(ask), ifMatchSent(ask.ctx))),
  async listPackages({ ctx, access, request, query }: Ask<undefined, PageQuery>) {
    const { items, next } = await listPackages(access, request, rangeOf(query));
    return pageOut(
      ctx,
      next,
      items.map(({ value }) => packageOut(value)),
    );
  },
  async readPackage({ access, request, params }: Ask) {
    const { value, revision } = await readPackage(access, request, params['packageName'] ?? '');
    return { status: 200, headers: { ETag: etagOf(revision) }, body: packageOut(value) };
  },
};

function one({ value, revision }: ResourceView): Reply {
  return { status: 200, headers: { ETag: etagOf(revision) }, body: resourceOut(value) };
}

function resourceOut({ id: identifier, type: resourceType, owner, actions, onlyFor, ...rest }: Resource): Wire<'Resource'> {
  return present({
    identifier,
    resourceType,
    hasCompetentAuthority: { organization: owner },
    actions: [...actions],
    onlyFor: onlyFor && [...onlyFor],
    ...rest,
  });
}

function packageOut({ name, assignable, delegable, resources, ...rest }: AccessPackage): Wire<'AccessPackage'> {
  return { urn: packageUrn(name), isAssignable: assignable, isDelegable: delegable, resources: [...resources], ...rest };
}
