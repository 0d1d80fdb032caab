import { type Organisation, present } from '#domain';
import { ProblemError } from '#problem';
import type { components } from './wire.gen.js';

/** Whom the external application asks about, as it is sent. */
export type TilgangerRequest = components['schemas']['TilgangerRequest'];
/** The organisations as they are answered. */
export type TilgangerResponse = components['schemas']['TilgangerResponse'];

/** The decision as the external application reads it. */
export function tilgangerResponse(organisations: readonly Organisation[]): TilgangerResponse {
  return { tilganger: organisations.map(tilgangOf) };
}

function tilgangOf({ kommunenummer: kommune, orgnr, fiksOrgId }: Organisation): components['schemas']['Tilgang'] {
  return present({ kommune, orgnr, fiksOrgId });
}

const texts = new WeakMap<Organisation, string>();

/** An organisation as it is answered, as JSON; made once for each state of it. */
function organisationText(organisation: Organisation): string {
  let text = texts.get(organisation);
  if (text === undefined) {
    text = JSON.stringify(tilgangOf(organisation));
    texts.set(organisation, text);
  }
  return text;
}

/** The same as tilgangerResponse, as JSON. */
export function tilgangerText(organisations: readonly Organisation[]): string {
  return `{"tilganger":[${organisations.map(organisationText).join(',')}]}`;
}

/** The policy's first reason why a caller may not ask, as a problem. Unknown and foreign look alike. */
export function refusalOf([reason]: readonly string[]): ProblemError {
  if (reason === 'caller_not_machine') return new ProblemError('caller-not-a-machine');
  if (reason === 'scope_missing')
    return new ProblemError('scope-missing', {
      scope: 'ks:fiks',
      detail: 'The token lacks the scope ks:fiks: register it on the client, and fetch a new token.',
    });
  if (reason === 'client_not_allowed') return new ProblemError('client-not-allowed');
  return new ProblemError('application-not-found');
}
