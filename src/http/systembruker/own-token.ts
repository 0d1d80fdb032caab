import type { Orgnr } from '#domain';

/** How the assertion of a system of the organisation's own names its system user (RFC 9396), as Altinn's documentation has it. */
export function detailsOf(orgnr: Orgnr): { type: string; systemuser_org: { authority: string; ID: string } } {
  return { type: 'urn:altinn:systemuser', systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${orgnr}` } };
}
