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

/** The policy's first reason why a caller may not ask, as a problem. Unknown and foreign look alike. */
export function refusal([reason]: readonly string[]): ProblemError {
  if (reason === 'caller_not_machine') return new ProblemError('caller-not-a-machine');
  if (reason === 'scope_missing') return new ProblemError('scope-missing', { scope: 'ks:fiks' });
  if (reason === 'client_not_allowed') return new ProblemError('client-not-allowed');
  return new ProblemError('application-not-found');
}
