import { type AccessCaller, Asking, asRefusal, evaluateAll, MayNotAsk } from '#access';
import { ProblemError } from '#problem';
import { systemUserKinds } from '#systembruker';
import type { Api } from '../../../api.js';
import { accessCaller } from '../../../callers.js';
import { type ApiParts, describedApi, type Exchange } from '../../../described-api.js';
import type { Reply } from '../../../state.js';
import { questionsIn } from './request.js';
import { askedBy, itemsOf, responseOf } from './wire.js';

/** Altinn's decision point, for questions about system users: AuthZEN's in another form. */
export function xacmlApi(parts: ApiParts): Api {
  return describedApi<AccessCaller>(parts, {
    here: import.meta.url,
    open: (caller, _, access) => accessCaller(caller, access),
    handlers: { authorize },
  });
}

async function authorize({ access, request, body }: Exchange<AccessCaller, unknown, unknown>): Promise<Reply> {
  const questions = questionsIn(body);
  const asked = questions.map(askedBy);
  try {
    const items = itemsOf(asked);
    // Whoever may ask nothing is told so, also where there is nothing to be asked.
    if (items.length === 0) await systemUserKinds.decide({ parts: access, caller: request }, []);
    const outcomes = await evaluateAll(new Asking(access, request, {}), items, 'execute_all');
    return { status: 200, body: responseOf(questions, asked, outcomes) };
  } catch (error) {
    throw error instanceof MayNotAsk ? asRefusal(refusalOf(error.reasons)) : error;
  }
}

const SCOPE = 'altinn:authorization/authorize';

/** Why the caller may ask nothing here. */
function refusalOf([reason]: readonly string[]): ProblemError {
  if (reason === 'caller_not_machine') return new ProblemError('caller-not-a-machine');
  const detail = `The token lacks the scope ${SCOPE}: have it granted, register it on the client, and fetch a new token.`;
  return new ProblemError('scope-missing', { scope: SCOPE, detail });
}
