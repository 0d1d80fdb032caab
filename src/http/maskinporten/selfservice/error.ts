import type { ProblemError } from '#problem';
import type { Reply } from '../../state.js';
import type { Wire } from './wire.js';

/** A problem in the body that Maskinporten's own self-service API answers with. @param nowMs milliseconds since the epoch */
export function errorOf(problem: ProblemError, requestId: string, nowMs: number): Reply {
  const { status } = problem.entry;
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
    error_description: described(problem),
  };
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}

/** The one text of the body: what is wrong this time, else what it is and what to do. */
function described({ entry, detail, at }: ProblemError): string {
  return detail ?? (at.length === 0 ? `${entry.title} ${entry.remedy}` : entry.title);
}
