/** Bytes of a metadata or key document, at most. */
export const MAX_DOCUMENT_BYTES = 256 * 1024;

/**
 * The JSON value at the URL. No redirect is followed: a trusted issuer could otherwise be made to send us into our own network.
 * @throws Error if there is no connection, no 200, too many bytes, no JSON, or the signal fires first.
 */
export async function fetchJson(url: string, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { redirect: 'error', signal, headers: { accept: 'application/json' } });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url} answers ${response.status}`);
  }
  return JSON.parse(await boundedText(response, url));
}

/** The body of an answer, in UTF-8. @throws Error if it has none, too many bytes or other text, or is not sent to its end */
export async function boundedText({ body }: Response, url: string): Promise<string> {
  if (body === null) throw new Error(`${url} answers without a body`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the body. The declared length is not asked: it may lie, and gzip makes it meaningless.
    if (bytes > MAX_DOCUMENT_BYTES) throw new Error(`${url} answers with more than ${MAX_DOCUMENT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}
