import type { IncomingMessage } from 'node:http';
import { ProblemError } from '#problem';
import { type BodyLimits, tooLarge } from './json-body.js';

/** After so many times the time for a part, a file has to have come at some speed. */
const PATIENCE = 6;
/** What any line holds; the largest file of 32 MiB is thus there within 35 minutes. */
const LEAST_BYTES_PER_SECOND = 16 * 1024;

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

const SLAB_BYTES = 1024 * 1024;

/**
 * A body that is read more than once: kept while it is read for the first time, which is to its end or not at all.
 * Copied together, since a chunk may hold far more memory than the bytes that it has.
 */
export function keptChunks(source: AsyncIterable<Buffer>): () => AsyncIterable<Buffer> {
  const slabs: Buffer[] = [];
  let free = Buffer.alloc(0);
  const keep = (chunk: Buffer): void => {
    for (let at = 0; at < chunk.length; ) {
      if (free.length === 0) {
        free = Buffer.allocUnsafeSlow(SLAB_BYTES);
        slabs.push(free);
      }
      const copied = chunk.copy(free, 0, at);
      free = free.subarray(copied);
      at += copied;
    }
  };
  let isKept = false;
  async function* first(): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      keep(chunk);
      yield chunk;
    }
    isKept = true;
  }
  async function* again(): AsyncGenerator<Buffer> {
    for (const [at, slab] of slabs.entries()) yield at === slabs.length - 1 ? slab.subarray(0, SLAB_BYTES - free.length) : slab;
  }
  return () => (isKept ? again() : first());
}
