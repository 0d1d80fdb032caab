import type { PageOf, PageRange } from '#access';
import { type Orgnr, present } from '#domain';
import { type ClientStanding, type PackageName, packageIn, packageUrn, type RelationView, type SystemUser } from '#systembruker';
import type { Context, Reply } from '../../state.js';
import { nextOf } from '../user-wire.js';
import type { components } from './wire.gen.js';

/** A schema of the API. */
export type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];
/** What organisations are called, of those that are registered here. */
export type Names = ReadonlyMap<Orgnr, string>;

const PAGE = 100;

/** Which part of a list a query asks for. */
export function rangeOf({ token }: { readonly token?: string }): PageRange {
  return present({ limit: PAGE, cursor: token });
}

/** Names of packages, also those that were sent as URNs. */
export function packagesIn(sent: readonly string[]): readonly PackageName[] {
  return sent.map((text) => packageIn(text) ?? (text as PackageName));
}

/** A list that is answered as an array: where it goes on stands in the header Link. */
export function listOut<T>(origin: string, ctx: Context, { next }: PageOf<T>, body: readonly object[]): Reply {
  const url = nextOf(origin, ctx, next);
  return url === undefined ? { status: 200, body } : { status: 200, headers: { Link: `<${url}>; rel="next"` }, body };
}

/** An agent in Altinn's form. */
export function agentOut({ id, title, systemId, party, created, vendor, externalRef, has }: SystemUser): Wire<'Agent'> {
  return {
    id,
    integrationTitle: title,
    systemId,
    productName: systemId,
    reporteeOrgNo: party,
    created,
    isDeleted: false,
    supplierOrgno: vendor,
    externalRef,
    userType: 'agent',
    accessPackages: has.packages.map((name) => ({ urn: packageUrn(name) })),
  };
}

/** A client in the form of the external API. */
export function clientInfoOut({ client }: ClientStanding, names: Names): Wire<'ClientInfo'> {
  return present({ clientId: client, clientOrganizationNumber: client, clientOrganizationName: names.get(client) });
}

/** A client and what it has given. */
export function clientOut({ client, given }: ClientStanding, names: Names): Wire<'Client'> {
  return present({
    organizationIdentifier: client,
    displayName: names.get(client),
    access: given.map((name) => ({ urn: packageUrn(name) })),
  });
}

/** That an agent acts for a client. */
export function delegationOut(
  agent: string,
  { client, since }: Pick<ClientStanding, 'client' | 'since'>,
  names: Names,
): Wire<'Delegation'> {
  return present({
    agentSystemUserId: agent,
    customerId: client,
    customerOrganizationNumber: client,
    customerName: names.get(client),
    created: since as string,
  });
}

/** What a client has given. */
export function relationOut({ value }: RelationView, names: Names): Wire<'Relation'> {
  const { provider, client, source, packages, since, until, created, updated } = value;
  const accessPackages = packages.map((name) => ({ urn: packageUrn(name), since: since[name] ?? created }));
  return present({ provider, providerName: names.get(provider), client, source, accessPackages, until, created, updated });
}
