import { type ProblemError, problemDetails } from '#problem';
import type { Reply } from '../../state.js';
import type { Wire } from './wire.js';

/** A problem in the body that Maskinporten's own self-service API answers with. @param nowMs milliseconds since the epoch */
export function errorOf(problem: ProblemError, requestId: string, nowMs: number): Reply {
  const { status } = problem.entry;
  const { title, detail = title } = problemDetails(problem, requestId);
  const body: Wire<'Error'> = {
    status,
    timestamp: new Date(nowMs).toISOString(),
    correlation_id: requestId,
    errors: problem.at.map(({ pointer, parameter, detail: errorMessage }) => ({
      errorMessage,
      isFieldError: true,
      objectName: parameter === undefined ? 'body' : 'request',
      fieldIdentifier: parameter ?? pointer,
    })),
    error: problem.slug,
    error_description: detail,
  };
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}
