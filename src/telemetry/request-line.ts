/** What is logged of an answered request. The path is the template of the OpenAPI description, never the path that was sent. */
export interface RequestRecord {
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** Milliseconds from the request's head to the answer. */
  readonly durationMs: number;
  /** The organisation number that asked, once known. */
  readonly consumer?: string | undefined;
  readonly clientId?: string | undefined;
  /** The caller's trace (W3C Trace Context). */
  readonly traceparent?: string | undefined;
  /** The policy revision that judged, if one did. */
  readonly policyRevision?: string | undefined;
  /** The problem's slug, if the answer was one. */
  readonly problem?: string | undefined;
  /** What was wrong this time, masked. */
  readonly detail?: string | undefined;
}

/** The record's line as pino would write it, at level `info`. Each request is logged, and written by hand it costs less than half. */
export function requestLine(record: RequestRecord, epochMs: number, worker?: number): string {
  const { requestId, method, route, status, durationMs, clientId, consumer, traceparent, policyRevision, problem, detail } = record;
  let line =
    `{"level":"info","time":"${timeText(epochMs)}",${worker === undefined ? '' : `"worker":${worker},`}"requestId":${quoted(requestId)},"method":${quoted(method)},` +
    `"route":${quoted(route)},"status":${status},"durationMs":${durationMs}`;
  if (clientId !== undefined) line += `,"clientId":${quoted(clientId)}`;
  if (consumer !== undefined) line += `,"consumer":${quoted(consumer)}`;
  if (traceparent !== undefined) line += `,"traceparent":${quoted(traceparent)}`;
  if (policyRevision !== undefined) line += `,"policyRevision":${quoted(policyRevision)}`;
  if (problem !== undefined) line += `,"problem":${quoted(problem)}`;
  if (detail !== undefined) line += `,"detail":${quoted(detail)}`;
  return `${line},"event":"request"}\n`;
}

/** Characters that stand in JSON as they are; not all of them, but what nearly every text here is made of. */
const PLAIN = /^[\w ./:{}-]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

let secondOfText = Number.NaN;
let textOfSecond = '';

/** RFC 3339 in UTC with milliseconds. A second's text is made once. */
function timeText(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== secondOfText) {
    secondOfText = second;
    textOfSecond = new Date(second * 1000).toISOString().slice(0, -4);
  }
  return `${textOfSecond}${String(epochMs - second * 1000).padStart(3, '0')}Z`;
}
