import { asRefusal } from '#access';
import { isFaultName, issueToken, type TokenEndpoint, TokenFault, type TokenParts } from '#maskinporten';
import { ProblemError } from '#problem';
import type { Api } from '../../api.js';
import { type ApiParts, describedApi, type Exchange } from '../../described-api.js';
import { readForm } from '../../form-body.js';
import type { Reply } from '../../state.js';
import { Admission } from './admission.js';
import { faultDocument, faultPage } from './error-page.js';
import { NOT_STORED, TokenRefused, writeOAuthErrors } from './oauth-error.js';
import type { components } from './wire.gen.js';

const BASE = '/maskinporten';
/** No assertion is larger, whatever other APIs take. */
const MAX_FORM_BYTES = 64 * 1024;

/** The token endpoint of our Maskinporten, and the pages of its errors. */
export function tokenApi(parts: ApiParts, endpoint: TokenEndpoint): Api {
  const { handler, mounts } = describedApi<undefined>(parts, {
    here: import.meta.url,
    open: () => ({ request: undefined, who: undefined }),
    handlers: { hentToken: tokenHandler(parts, endpoint), lesFeil: faultHandler(endpoint) },
  });
  return {
    mounts,
    handler(ctx, next) {
      if (ctx.path === `${BASE}/token`) writeOAuthErrors(ctx, endpoint.issuer.name);
      return (handler as Exclude<Api['handler'], { use: unknown }>)(ctx, next);
    },
  };
}

function tokenHandler({ limits, refusals }: ApiParts, endpoint: TokenEndpoint) {
  const bounds = { ...limits, maxBodyBytes: Math.min(limits.maxBodyBytes, MAX_FORM_BYTES) };
  return async ({ ctx, access }: Exchange<undefined, undefined, undefined>): Promise<Reply> => {
    const form = await readForm(ctx.req, bounds);
    const admission = new Admission(refusals, `${ctx.req.socket.remoteAddress}`);
    let fault: TokenFault | undefined;
    try {
      const { store, judge, clock } = access;
      const admit: TokenParts['admit'] = (sender, standing) => admission.admit(sender, standing);
      const answer = await issueToken({ ...endpoint, store, judge, clock, admit }, { form });
      if (answer instanceof TokenFault) {
        fault = answer;
        throw admission.late(fault) ?? asRefusal(new TokenRefused(fault));
      }
      const { accessToken, expiresIn, scope } = answer;
      const body: components['schemas']['Token'] = { access_token: accessToken, token_type: 'Bearer', expires_in: expiresIn, scope };
      return { status: 200, headers: { ...NOT_STORED, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    } finally {
      admission.end(fault);
    }
  };
}

function faultHandler({ issuer }: TokenEndpoint) {
  return ({ ctx, params, query }: Exchange<undefined, undefined, { readonly lang?: 'nb' | 'en' }>): Reply => {
    const name = params['feil'] ?? '';
    if (!isFaultName(name)) throw new ProblemError('not-found', { detail: 'No error of the token endpoint has this name.' });
    const type = ctx.accepts('text/html', 'application/json', 'application/problem+json');
    if (type === 'application/json' || type === 'application/problem+json') return faultDocument(name, issuer.name, type);
    const asked = ctx.acceptsLanguages('nb', 'no', 'nn', 'en');
    return faultPage(name, query.lang ?? (asked === 'en' ? 'en' : 'nb'));
  };
}
