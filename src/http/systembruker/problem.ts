import { type FieldFault, type ProblemError, problemDetails } from '#problem';
import { fieldFault, SystembrukerFault } from '#systembruker';
import type { Reply } from '../state.js';

/** A problem in the form of Altinn's (Altinn.Authorization.ProblemDetails), or as everywhere here (RFC 9457) if Altinn has no code for it. */
export function altinnProblem(problem: ProblemError, requestId: string): Reply {
  return {
    status: problem.entry.status,
    headers: { 'Content-Type': 'application/problem+json' },
    body: JSON.stringify(bodyOf(problem, requestId)),
  };
}

function bodyOf(problem: ProblemError, requestId: string): object {
  if (problem instanceof SystembrukerFault) {
    const { fields, extensions } = problem;
    return { ...extensions, ...told(problem.code, problem), ...(fields.length > 0 && { validationErrors: fields }), requestId };
  }
  if (problem.slug !== 'invalid-request') return problemDetails(problem, requestId);
  return { ...told('STD-00000', problem), validationErrors: problem.at.map(formFault), requestId };
}

function told(code: string, { entry: { title, status }, detail }: ProblemError): object {
  const about = { type: `urn:altinn:error:${code}`, title, status, code };
  return detail === undefined ? about : { ...about, detail };
}

/** What the description asks of a field. */
function formFault({ pointer, parameter, detail }: FieldFault): object {
  return fieldFault('TILGANG.VLD-00000', parameter === undefined ? pointer : `?${parameter}`, detail);
}
