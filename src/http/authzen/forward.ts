import { type Asking, asRefusal, evaluate, MayNotAsk } from '#access';
import { isFault, parseAppId, parseRole, present } from '#domain';
import { ProblemError } from '#problem';
import type { PersonCaller, TokenVerifier } from '#tokens';
import { bearerToken } from '../bearer-token.js';
import type { Context, Reply } from '../state.js';
import { refusalOf } from '../tilgang/wire.js';

/** What the proxy asks: all of it in one header, so that a client can add nothing to it. */
export const QUESTION = 'Tilgang-Question';
/** Names of the question; the others say which organisation. */
const NEEDED = ['application', 'role', 'client'] as const;
const NAMES: readonly string[] = [...NEEDED, 'kommune', 'orgnr', 'fiksOrgId'];
const MAX_CHARACTERS = 1000;

interface Question {
  readonly application: string;
  readonly role: string;
  /** Whom the person's token must have been issued to: another's application must not pass it on as its own. */
  readonly client: string;
  /** Which organisation; nothing: any. */
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * May the person behind the request that a proxy holds back go on? The status is the answer: 200, 401 (log in), 403 (no); whatever else is none.
 * Of that request only the person's token counts: its path, its method and what it says of itself are the proxy's to look at.
 * @throws ProblemError `invalid-request` for a question that is none; `token-missing`, `token-invalid`, `token-expired` for the person's token;
 *   `proxy-not-accepted` if the proxy may ask nothing
 */
export async function forwarded({ req }: Context, asking: Asking, verifier: TokenVerifier): Promise<Reply> {
  const { application, role, client, properties } = questionIn(req.headersDistinct[QUESTION.toLowerCase()]);
  const { pid, acr } = await personIn(req.headersDistinct['authorization'], client, verifier);
  const question = {
    subject: { type: 'person', id: pid },
    action: { name: role },
    resource: { type: 'application', id: application, properties },
    context: present({ acr }),
  };
  try {
    const { decision } = await evaluate(asking, question);
    return { status: decision ? 200 : 403 };
  } catch (error) {
    if (!(error instanceof MayNotAsk)) throw error;
    const { message } = refusalOf(error.reasons);
    throw asRefusal(new ProblemError('proxy-not-accepted', { detail: message }));
  }
}

/** @throws ProblemError `invalid-request`: the proxy's configuration is wrong, and nothing is guessed */
function questionIn(sent: readonly string[] = []): Question {
  const [text] = sent;
  if (text === undefined) throw unfit('is missing');
  if (sent.length > 1) throw unfit('must be sent once');
  if (text.length > MAX_CHARACTERS) throw unfit(`must have at most ${MAX_CHARACTERS} characters`);
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (!NAMES.includes(name)) throw unfit(`has another name than ${NAMES.join(', ')}`);
    if (values.has(name)) throw unfit(`has ${name} twice`);
    // What a variable of the proxy left empty is not to mean any.
    if (value === '') throw unfit(`has ${name} without a value`);
    values.set(name, value);
  }
  const [application, role, client] = NEEDED.map((name) => {
    const value = values.get(name);
    values.delete(name);
    if (value === undefined) throw unfit(`has no ${name}`);
    return value;
  }) as [string, string, string];
  if (isFault(parseAppId(application))) throw unfit('must name the application by its App-ID');
  if (isFault(parseRole(role))) throw unfit('must name a role');
  return { application, role, client, properties: Object.fromEntries(values) };
}

function unfit(detail: string): ProblemError {
  return new ProblemError('invalid-request', { at: [{ pointer: '', parameter: QUESTION, detail }] });
}

/** @throws ProblemError `token-missing`, `token-invalid`, `token-expired`, `issuer-unavailable` */
async function personIn(sent: readonly string[] = [], client: string, verifier: TokenVerifier): Promise<PersonCaller> {
  // Who is let in by one must not be taken for the other by the application.
  if (sent.length > 1) throw new ProblemError('token-missing', { detail: 'The header Authorization must be sent once.' });
  const caller = await verifier.verify(bearerToken(sent[0], 'Authorization'));
  if (caller.kind !== 'person') throw new ProblemError('token-invalid', { detail: 'The token is a machine’s, not a person’s.' });
  if (caller.clientId !== client) throw new ProblemError('token-invalid', { detail: 'The token was issued to another client.' });
  return caller;
}

const PATH = '/access/v1/forward';

/**
 * The request as it is described. Envoy asks with the method, path and query of the request that it holds back, the path behind that of the operation
 * (`path_prefix`): none of them is a part of the question.
 */
export function asForwarded(ctx: Context): Context {
  if (!ctx.path.startsWith(`${PATH}/`)) return ctx;
  ctx.url = PATH;
  if (ctx.method !== 'HEAD') ctx.method = 'GET';
  return ctx;
}
