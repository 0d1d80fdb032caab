import { isFault, type Orgnr, parseOrgnr } from '#domain';
import { invalidParameter } from '#problem';
import { lookUpSystemUser, type SystemUser } from '#systembruker';
import type { AdminExchange } from '../../../admin-api.js';
import type { Api } from '../../../api.js';
import type { ApiParts } from '../../../described-api.js';
import type { Reply } from '../../../state.js';
import { altinnApi } from '../../altinn-api.js';
import type { components, operations } from './wire.gen.js';

type Query = operations['lookUpSystemUser']['parameters']['query'];

/** The look-up of system users, for Maskinportens. */
export function systemUserLookupApi(parts: ApiParts): Api {
  return altinnApi(import.meta.url, parts, { lookUpSystemUser: lookUp }, ['/authentication/api/v1/systemuser/byExternalId']);
}

async function lookUp({ access, request, query }: AdminExchange<undefined, Query>): Promise<Reply> {
  const { clientId, externalRef } = query;
  const consumer = organisationIn(query, 'systemProviderOrgNo');
  const owner = organisationIn(query, 'systemUserOwnerOrgNo');
  const found = await lookUpSystemUser(access, request, { clientId, consumer, owner, externalRef });
  return { status: 200, headers: { 'Cache-Control': 'no-store' }, body: systemUserOut(found) };
}

function organisationIn(query: Query, name: 'systemProviderOrgNo' | 'systemUserOwnerOrgNo'): Orgnr {
  const orgnr = parseOrgnr(query[name]);
  if (isFault(orgnr)) throw invalidParameter(name, orgnr.detail);
  return orgnr;
}

function systemUserOut({
  id,
  type,
  systemId,
  vendor,
  party,
  externalRef,
  title,
  created,
}: SystemUser): components['schemas']['SystemUser'] {
  return {
    id,
    integrationTitle: title,
    systemId,
    productName: systemId,
    reporteeOrgNo: party,
    supplierName: '',
    supplierOrgno: vendor,
    externalRef,
    userType: type,
    isDeleted: false,
    created,
  };
}
