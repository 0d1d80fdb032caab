import { type AccessCaller, type Asking, askDocument, type Decided, decide, inTurns, openBundles } from '#access';
import { present } from '#domain';
import { ProblemError } from '#problem';
import type { Api, ApiHandler } from '../api.js';
import { answered } from '../asked.js';
import { accessCaller } from '../callers.js';
import { type ApiParts, describedApi, type Exchange, type Handler } from '../described-api.js';
import type { Reply } from '../state.js';
import { isOfOpa, refuse } from './not-offered.js';
import { type Flags, inputIn, isSet, opaProblem, opaProblemReply, questionIn, type Wire, withCommon, written } from './wire.js';

/** What this API is told by the configuration. */
export interface OpaSettings {
  /** What is asked by whoever names nothing. */
  readonly defaultDecision: string;
  /** Of the program. */
  readonly version: string;
}

/** The document that answers questions of AuthZEN, by the same use case. */
const DECISION = 'tilgang/decision';

/** What fails of one of a batch alone. */
const OF_ONE: ReadonlySet<string> = new Set(['invalid-request', 'evaluation-failed']);

type Ask<Body, Query = Flags> = Exchange<AccessCaller, Body, Query>;

/** The Data API of OPA, tilgang-opa-api-v1: what may be asked is what bundles declare, and `tilgang/decision`. */
export function opaApi(parts: ApiParts, settings: OpaSettings): Api {
  const { limits } = parts;
  const { mounts, handler } = describedApi<AccessCaller>(parts, {
    here: import.meta.url,
    open: (caller, _, access) => accessCaller(caller, access),
    handlers: {
      getData: asked<undefined, Flags & { readonly input?: string }>(({ params: { path = '' }, query }, asking) =>
        document(asking, path, inputIn(query.input, limits.maxBodyDepth), query, settings),
      ),
      postData: asked<Wire<'Question'> | undefined>(({ params: { path = '' }, body, query }, asking) =>
        document(asking, path, body?.input, query, settings),
      ),
      postBatch: asked<Wire<'Batch'>>(batch),
      postDefault: asked<unknown, Pick<Flags, 'pretty'>>(async ({ body, query }, asking) => {
        const { answer } = await decided(asking, settings.defaultDecision, body, '');
        if (answer === undefined) throw new ProblemError('not-found', { detail: 'The default decision is undefined for this input.' });
        return { status: 200, ...written(answer as object, query) };
      }),
      getStatus: asked<undefined>(async ({ query, access: { judge } }, asking) => {
        const standard = { name: 'tilgang', active_revision: judge.revision };
        const own = (await openBundles(asking)).map(({ name, judge: { revision } }) => [name, { name, active_revision: revision }]);
        const bundles = Object.fromEntries([['tilgang', standard], ...own]);
        return { status: 200, ...written({ result: { labels: { version: settings.version }, bundles } }, query) };
      }),
    },
  });
  return {
    mounts,
    handler(ctx, next) {
      if (!isOfOpa(ctx.path)) return next();
      ctx.state.writesProblem = opaProblemReply;
      return (handler as ApiHandler)(ctx, async () => refuse(ctx.path));
    },
  };
}

/** Answers with the document, as OPA does: without a result where it is undefined. */
async function document(asking: Asking, path: string, input: unknown, query: Flags, { version }: OpaSettings): Promise<Reply> {
  const begun = performance.now();
  const { answer: result, decisionId } = await decided(asking, path, input, '/input');
  const judged = result === undefined ? undefined : asking.documentsOf(path);
  const bundles = { tilgang: asking.parts.judge, ...(judged && { [judged.name]: judged.judge }) };
  const body = present({
    decision_id: decisionId,
    result,
    metrics: isSet(query.metrics) ? { timer_server_handler_ns: Math.round((performance.now() - begun) * 1e6) } : undefined,
    provenance: isSet(query.provenance) ? { version, bundles: revisionsOf(bundles) } : undefined,
  });
  return { status: 200, ...written(body, query) };
}

function revisionsOf(bundles: Readonly<Record<string, { readonly revision: string }>>): object {
  return Object.fromEntries(Object.entries(bundles).map(([name, { revision }]) => [name, { revision }]));
}

/** One of a batch, as it is answered. */
interface Response {
  readonly id: string;
  readonly isFailed: boolean;
  readonly body: object;
}

/** Each of a batch by itself: what fails of one is told in its place, and alters no other. */
async function batch(
  { ctx, params: { path = '' }, body: { inputs, common_input }, query }: Ask<Wire<'Batch'>>,
  asking: Asking,
): Promise<Reply> {
  const begun = performance.now();
  const all = Object.entries(inputs);
  const responses = await inTurns(all, ([id, input]) => responseOf(asking, path, id, withCommon(common_input, input)));
  const failed = responses.filter(({ isFailed }) => isFailed).length;
  const status = failed === 0 ? 200 : failed === all.length ? 500 : 207;
  const told = ({ id, isFailed, body }: Response) => [id, status === 207 ? { ...body, http_status_code: isFailed ? '500' : '200' } : body];
  const body = present({
    batch_decision_id: ctx.state.requestId,
    metrics: isSet(query.metrics) ? { timer_server_handler_ns: Math.round((performance.now() - begun) * 1e6) } : undefined,
    responses: Object.fromEntries(responses.map(told)),
  });
  return { status, ...written(body, query) };
}

async function responseOf(asking: Asking, path: string, id: string, input: unknown): Promise<Response> {
  try {
    const { answer: result, decisionId } = await decided(asking, path, input, '/input');
    return { id, isFailed: false, body: present({ decision_id: decisionId, result }) };
  } catch (error) {
    if (!(error instanceof ProblemError) || !OF_ONE.has(error.slug)) throw error;
    return { id, isFailed: true, body: opaProblem(error) };
  }
}

/** Exactly the document of that name, or none. @param at pointer to the input in what was sent */
async function decided(asking: Asking, path: string, input: unknown, at: string): Promise<Decided<unknown>> {
  return path === DECISION ? decide(asking, questionIn(input, at)) : askDocument(asking, path, input);
}

function asked<Body, Query = Flags>(work: (exchange: Ask<Body, Query>, asking: Asking) => Promise<Reply>): Handler<AccessCaller> {
  return (exchange: Ask<Body, Query>) => answered(exchange, exchange.request, (asking) => work(exchange, asking));
}
