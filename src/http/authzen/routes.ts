import {
  type AccessCaller,
  type AdminRequest,
  Asking,
  evaluate,
  evaluateAll,
  searchActions,
  searchResources,
  searchSubjects,
} from '#access';
import type { Api } from '../api.js';
import { answered } from '../asked.js';
import { accessCaller, adminRequest } from '../callers.js';
import { type ApiParts, describedApi, type Exchange, type Handler } from '../described-api.js';
import type { Reply } from '../state.js';
import { asForwarded, forwarded } from './forward.js';
import { foundOut, itemsIn, pageIn, questionIn, type SentEvaluation, soleIn, type Wire } from './wire.js';

/** Whoever asks: about access, and, for lists of persons, to administer. */
interface Asker {
  readonly access: AccessCaller;
  readonly admin: AdminRequest;
  readonly who: string;
}

type Ask<Body> = Exchange<Asker, Body, unknown>;

/** The OpenID AuthZEN Authorization API 1.0, tilgang-authzen-api-v1. */
export function authzenApi(parts: ApiParts): Api {
  const { mounts, handler } = describedApi<Asker>(parts, {
    here: import.meta.url,
    open(caller, requestId, access) {
      const { request, who } = accessCaller(caller, access);
      return { request: { access: request, admin: adminRequest(caller, requestId, access), who }, who };
    },
    handlers: {
      evaluation: asked<SentEvaluation>(({ body }, asking) => evaluate(asking, questionIn(body))),
      evaluations: asked<Wire<'EvaluationsRequest'>>(answerAll),
      searchSubject: asked<Wire<'SubjectSearchRequest'>>(async ({ request: { admin, who }, body }, asking) =>
        foundOut(await searchSubjects(asking, admin, questionIn(body), pageIn(body.page), who)),
      ),
      searchResource: asked<Wire<'ResourceSearchRequest'>>(async ({ request: { who }, body }, asking) =>
        foundOut(await searchResources(asking, questionIn(body), pageIn(body.page), who)),
      ),
      searchAction: asked<Wire<'ActionSearchRequest'>>(async ({ request: { who }, body }, asking) =>
        foundOut(await searchActions(asking, questionIn(body), pageIn(body.page), who)),
      ),
      forward: ({ ctx, access, request }) => forwarded(ctx, new Asking(access, request.access), parts.verifier),
    },
  });
  return { mounts, handler: (ctx, next) => handler(asForwarded(ctx), next) };
}

/** Without a list it is one question, and answered as one (AuthZEN 1.0 §7.1). */
async function answerAll({ body }: Ask<Wire<'EvaluationsRequest'>>, asking: Asking): Promise<object> {
  if (body.evaluations === undefined || body.evaluations.length === 0) return evaluate(asking, soleIn(body));
  return { evaluations: await evaluateAll(asking, itemsIn(body), body.options?.evaluations_semantic ?? 'execute_all') };
}

function asked<Body>(work: (exchange: Ask<Body>, asking: Asking) => Promise<object>): Handler<Asker> {
  return async (exchange: Ask<Body>): Promise<Reply> => {
    return { status: 200, body: await answered(exchange, exchange.request.access, (asking) => work(exchange, asking)) };
  };
}
