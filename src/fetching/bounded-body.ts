/** How a body is read: who sends it, for messages; how much of it at most; how long. */
export interface BodyBounds {
  readonly from: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * The body of an answer. The declared length is not asked: it may lie, and gzip makes it meaningless.
 * @throws Error if there is none, it has too many bytes, is not sent to its end, or the signal fires first
 */
export async function boundedBytes({ body }: Response, { from, maxBytes, signal }: BodyBounds): Promise<Buffer> {
  if (body === null) throw new Error(`${from} answers without a body`);
  const reader = body.getReader();
  const leave = (): void => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', leave, { once: true });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      if (bytes > maxBytes) throw new Error(`${from} answers with more than ${maxBytes} bytes`);
      chunks.push(value);
    }
    // A body that was left ends as one that is whole.
    signal.throwIfAborted();
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}

/** The same in UTF-8. @throws Error as boundedBytes, and of other text */
export async function boundedText(response: Response, bounds: BodyBounds): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true }).decode(await boundedBytes(response, bounds));
}
