import type { Organisation } from '#domain';
import { ProblemError } from '#problem';
import type { components } from './wire.gen.js';

export type TilgangerRequest = components['schemas']['TilgangerRequest'];
export type TilgangerResponse = components['schemas']['TilgangerResponse'];

/** The decision as the external application reads it. */
export function tilgangerResponse(organisations: readonly Organisation[]): TilgangerResponse {
  return {
    tilganger: organisations.map(({ kommunenummer, orgnr, fiksOrgId }) => ({
      ...(kommunenummer === undefined ? {} : { kommune: kommunenummer }),
      orgnr,
      fiksOrgId,
    })),
  };
}

/** The policy's reasons why a caller may not ask, as a problem. Unknown and foreign look alike. */
export function refusal(reasons: readonly string[]): ProblemError {
  if (reasons.includes('caller_not_machine')) return new ProblemError('caller-not-a-machine');
  if (reasons.includes('scope_missing')) return new ProblemError('scope-missing', { scope: 'ks:fiks' });
  if (reasons.includes('client_not_allowed')) return new ProblemError('client-not-allowed');
  return new ProblemError('application-not-found');
}
