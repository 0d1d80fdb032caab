import { type AccessParts, operatorRequest, readOrganisation } from '#access';
import type { Organisation, Orgnr } from '#domain';
import { ProblemError } from '#problem';

/** What is registered under an organisation number; `undefined` if nothing is. */
export async function registered(access: AccessParts, orgnr: Orgnr): Promise<Organisation | undefined> {
  try {
    return await readOrganisation(access, operatorRequest(), orgnr);
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'organisation-not-found') return undefined;
    throw error;
  }
}
