import { Stream } from 'node:stream';
import { endsConnection } from './rest-of-body.js';
import type { Context, Reply } from './state.js';

/** Statuses that have no body and no length (RFC 9110 §6.4.1). */
const BODILESS = new Set([204, 304]);

const LONG_CHARS = 16_384;

/**
 * Writes an answer: head and body at once, unless the body is a stream. A body that is no text, bytes or stream is written as JSON. Nothing that
 * is answered may be stored on the way, unless its headers say otherwise.
 */
export function answer(ctx: Context, { status, headers = {}, body }: Reply): void {
  const { res, state } = ctx;
  if (body instanceof Stream) {
    ctx.status = status;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = body; // Before the headers: Koa sets a type of its own with it.
    ctx.set({ ...headers });
    return;
  }
  const isJson = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array);
  const text = isJson ? JSON.stringify(body) : body;
  // A long text is made bytes once: its length is asked for here, and it would be made bytes again as it is sent.
  const content = typeof text === 'string' && text.length > LONG_CHARS ? Buffer.from(text) : text;
  const head = ['X-Request-Id', state.requestId];
  if (state.traceparent !== undefined) head.push('Traceparent', state.traceparent);
  if (endsConnection(ctx.req)) head.push('Connection', 'close');
  if (headers['Cache-Control'] === undefined) head.push('Cache-Control', 'no-store');
  if (isJson && headers['Content-Type'] === undefined) head.push('Content-Type', 'application/json; charset=utf-8');
  for (const name of Object.keys(headers)) head.push(name, headers[name] as string);
  if (!BODILESS.has(status)) head.push('Content-Length', String(content === undefined ? 0 : Buffer.byteLength(content)));
  ctx.respond = false;
  res.statusCode = status; // Logged, also if the client has left.
  if (res.destroyed) return;
  res.writeHead(status, head);
  res.end(content);
}

/** Whether something has been answered, or is about to be. */
export function isAnswered(ctx: Context): boolean {
  return ctx.respond === false || ctx.headerSent || ctx.body !== undefined || ctx.status !== 404;
}
