import type { Orgnr } from '#domain';
import { type OrganisationClaim, organisationClaim } from '#maskinporten';
import { SYSTEM_USER_DETAILS } from '#systembruker';

/** How the assertion of a system of the organisation's own names its system user (RFC 9396), as Altinn's documentation has it. */
export function detailsOf(orgnr: Orgnr): { type: string; systemuser_org: OrganisationClaim } {
  return { type: SYSTEM_USER_DETAILS, systemuser_org: organisationClaim(orgnr) };
}
