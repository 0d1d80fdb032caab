import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasBody } from './json-body.js';

/** So much of an unread body is thrown away for the sake of the connection, which then goes on. */
const SHORT_REST_BYTES = 65_536;

/** Whether an answer ends the connection: more of the request's body may follow than is worth reading. */
export function endsConnection(request: IncomingMessage): boolean {
  if (request.complete || !hasBody(request)) return false;
  const { headers, readableFlowing } = request;
  // What has been begun and left is too large or too slow already, and who expects 100 may send the body or not (RFC 9110 §10.1.1).
  const isLeft = readableFlowing !== null || headers.expect !== undefined;
  return isLeft || headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > SHORT_REST_BYTES;
}

/** Has 100 answered (RFC 9110 §15.2.1) once the body is read: whoever is refused need not send it. */
export function continueWhenRead(request: IncomingMessage, response: ServerResponse): void {
  const read = request._read;
  request._read = (size) => {
    request._read = read;
    if (!response.headersSent) response.writeContinue();
    read.call(request, size);
  };
}

/** Has whoever reads the body told that it ended too early, and keeps the connection, which the answer goes over. */
export function breakOff(request: IncomingMessage): void {
  request._destroy = (_error, done) => done(null);
  request.destroy();
}
