import type { IncomingMessage } from 'node:http';
import { ProblemError } from '#problem';
import { type BodyLimits, tooLarge } from './json-body.js';

/** After so many times the time for a part, a file has to have come at some speed. */
const PATIENCE = 6;
const LEAST_BYTES_PER_SECOND = 1024;

/**
 * A large body as it arrives; whoever reads slowly slows the sender.
 * @throws ProblemError `body-too-large`, `body-too-slow` if the next part does not come in time, `malformed-http` if it ends too early
 */
export async function* bodyChunks(
  request: IncomingMessage,
  { maxImportBytes, bodyTimeoutMs }: Pick<BodyLimits, 'maxImportBytes' | 'bodyTimeoutMs'>,
): AsyncGenerator<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxImportBytes) throw tooLarge(maxImportBytes);
  // Not destroyed when it is left early: the answer goes over the same socket.
  const chunks = request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let size = 0;
  let waitedMs = 0;
  for (;;) {
    const startedMs = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ProblemError('body-too-slow')), bodyTimeoutMs);
    });
    const next = await Promise.race([chunks.next(), late])
      .catch((cause: unknown) => {
        throw cause instanceof ProblemError ? cause : new ProblemError('malformed-http', { detail: 'The body ended too early.', cause });
      })
      .finally(() => clearTimeout(timer));
    if (next.done === true) return;
    waitedMs += performance.now() - startedMs;
    size += next.value.length;
    if (size > maxImportBytes) throw tooLarge(maxImportBytes);
    if (waitedMs > PATIENCE * bodyTimeoutMs && size < (waitedMs / 1000) * LEAST_BYTES_PER_SECOND) throw new ProblemError('body-too-slow');
    yield next.value;
  }
}
