import Router from '@koa/router';
import { type Installation, partsFor, searchOrganisations } from '#access';
import { isFault, parseAppId } from '#domain';
import type { Caller, TokenVerifier } from '#tokens';
import { accessCaller } from '../callers.js';
import { type BodyLimits, readJson } from '../json-body.js';
import { authenticate } from '../middleware/authenticate.js';
import { readOpenApi, serveDescription } from '../openapi.js';
import { exactPaths, type RequestState } from '../state.js';
import { personNumber } from '../wire-parts.js';
import { refusal, type TilgangerRequest, tilgangerResponse } from './wire.js';

/** The Tilgang API, fiks-tilgang-api-v1. */
export function tilgangApi(installation: Installation, verifier: TokenVerifier, limits: BodyLimits): Router<RequestState> {
  const openapi = readOpenApi(import.meta.url);
  const [operation] = openapi.operations;
  if (operation === undefined) throw new TypeError('the description has no operation');
  const router = new Router<RequestState>({ prefix: openapi.base, ...exactPaths });
  serveDescription(router, openapi);
  router.post('/app/:appId/tilganger', authenticate(verifier), async (ctx) => {
    const { state } = ctx;
    state.route = `${openapi.base}/app/{appId}/tilganger`;
    const { brukerIdent } = operation.checkBody(await readJson(ctx.req, limits)) as TilgangerRequest;
    const person = personNumber(brukerIdent);
    const appId = parseAppId(ctx.params['appId'] as string);
    const answer = await searchOrganisations(partsFor(installation), {
      caller: accessCaller(state.caller as Caller),
      appId: isFault(appId) ? undefined : appId,
      person,
    });
    state.policyRevision = answer.policyRevision;
    if (!answer.allowed) throw refusal(answer.reasons);
    ctx.set({ 'Cache-Control': 'no-store', 'Content-Type': 'application/json' });
    ctx.body = JSON.stringify(tilgangerResponse(answer.organisations));
  });
  return router;
}
