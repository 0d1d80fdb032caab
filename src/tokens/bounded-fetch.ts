import { boundedText } from '#fetching';

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
  return JSON.parse(await boundedText(response, { from: url, maxBytes: MAX_DOCUMENT_BYTES, signal }));
}
