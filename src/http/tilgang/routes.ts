import { type AccessCaller, asRefusal, searchOrganisations } from '#access';
import { isFault, parseAppId, present } from '#domain';
import type { Api } from '../api.js';
import { accessCaller } from '../callers.js';
import { type ApiParts, describedApi, type Exchange } from '../described-api.js';
import type { Reply } from '../state.js';
import { levelIn, personNumber } from '../wire-parts.js';
import { refusalOf, type TilgangerRequest, tilgangerText } from './wire.js';

/** The Tilgang API, fiks-tilgang-api-v1. */
export function tilgangApi(parts: ApiParts): Api {
  return describedApi<AccessCaller>(parts, {
    here: import.meta.url,
    open: (caller, _requestId, access) => accessCaller(caller, access),
    handlers: { finnTilganger },
  });
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

async function finnTilganger({ access, request: caller, params, body }: Exchange<AccessCaller, TilgangerRequest, unknown>): Promise<Reply> {
  const person = personNumber(body.brukerIdent);
  const appId = parseAppId(params['appId'] ?? '');
  const securityLevel = levelIn(body.sikkerhetsniva);
  const question = { caller, appId: isFault(appId) ? undefined : appId, person, ...present({ securityLevel }) };
  const { allowed, reasons, organisations } = await searchOrganisations(access, question);
  if (!allowed) throw asRefusal(refusalOf(reasons));
  return { status: 200, headers: JSON_TYPE, body: tilgangerText(organisations) };
}
