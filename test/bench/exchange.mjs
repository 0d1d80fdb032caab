// Requests over connections that are kept, without what a general client costs: the generator shares two cores with the server.
import { once } from 'node:events';
import { connect } from 'node:net';

const TIME_LIMIT_MS = 300_000;
const HEAD_END = Buffer.from('\r\n\r\n');

/** The bytes of a request. @param requestId what the gateway's log is to call it */
export function requestBytes(method, path, token, body, { type = 'application/json', requestId } = {}) {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1'];
  if (requestId !== undefined) lines.push(`X-Request-ID: ${requestId}`);
  if (token !== undefined) lines.push(`Authorization: Bearer ${token}`);
  if (body !== undefined) lines.push(`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`);
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return body === undefined ? head : Buffer.concat([head, Buffer.from(body)]);
}

/** A connection that asks one thing at a time; only answers with a Content-Length are understood. */
export async function openConnection(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect', { signal: AbortSignal.timeout(5000) });
  socket.setTimeout(TIME_LIMIT_MS, () => socket.destroy(new Error('no answer in time')));
  let waiting;
  let came = Buffer.alloc(0);
  const fail = (error) => waiting?.reject(error ?? new Error('the connection was closed'));
  socket.on('error', fail);
  socket.on('close', () => fail());
  socket.on('data', (chunk) => {
    came = came.length === 0 ? chunk : Buffer.concat([came, chunk]);
    const end = came.indexOf(HEAD_END);
    if (end < 0) return;
    const head = came.toString('latin1', 0, end);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) return fail(new Error('an answer without Content-Length'));
    const whole = end + HEAD_END.length + Number(length);
    if (came.length < whole) return;
    const body = came.subarray(end + HEAD_END.length, whole);
    came = came.subarray(whole);
    waiting.resolve({ status: Number(head.slice(9, 12)), body });
  });
  return {
    ask: (bytes) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(bytes);
      }),
    close: () => socket.destroy(),
  };
}

/**
 * Asks each once, over so many connections, each with one question at a time.
 * @throws Error if one is answered with another status
 */
export async function askAll(port, questions, connections, status) {
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(port)));
  const times = [];
  const bodies = [];
  let at = 0;
  const started = performance.now();
  try {
    await Promise.all(
      open.map(async ({ ask }) => {
        while (at < questions.length) {
          const own = at;
          at += 1;
          const begun = performance.now();
          const answer = await ask(questions[own]);
          times.push(performance.now() - begun);
          if (answer.status !== status) throw new Error(`answered ${answer.status} instead of ${status}: ${answer.body}`);
          bodies[own] = answer.body;
        }
      }),
    );
  } finally {
    for (const { close } of open) close();
  }
  return { seconds: (performance.now() - started) / 1000, times, bodies };
}

/** Median, 99th percentile and greatest. */
export function spread(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return { p50: at(0.5), p99: at(0.99), most: sorted.at(-1) };
}
