import { readFile } from 'node:fs/promises';
import { present } from '#domain';
import { boundedBytes, within } from '#fetching';
import { type Finding, MAX_BYTES, type PolicySource, tagOf } from './source.js';

/** A whole answer has to be there by then, beside what the server was asked to wait: one that sends a byte a second does not hold us. */
const ANSWERS_WITHIN_MS = 30_000;
/** Content type by which a server says that it waits (OPA, "Bundle Service API", long polling). */
const LONG_POLLING = 'application/vnd.openpolicyagent.bundles';

/**
 * Asks a bundle server by OPA's protocol: `If-None-Match`, `Prefer`, 304. No redirect is followed: what is configured is where bundles come from.
 * @throws Error if there is no connection, another status, too many bytes, or no whole answer in time
 */
export function askServer(
  source: PolicySource,
  known: string | undefined,
  signal: AbortSignal,
  withinMs = ANSWERS_WITHIN_MS,
): Promise<Finding> {
  return within(withinMs + source.waitSeconds * 1000, (over) => ask(source, known, over), signal);
}

async function ask(source: PolicySource, known: string | undefined, signal: AbortSignal): Promise<Finding> {
  const { url = '', waitSeconds } = source;
  const response = await fetch(url, {
    redirect: 'error',
    signal,
    headers: present({
      accept: `${LONG_POLLING}, application/gzip, application/octet-stream, */*;q=0.1`,
      authorization: await authorizationOf(source),
      'if-none-match': known,
      prefer: waitSeconds > 0 ? `modes=snapshot;wait=${waitSeconds}` : 'modes=snapshot',
    }) as Record<string, string>,
  });
  if (response.status === 304) {
    if (known !== undefined) return 'unchanged';
    throw new Error('it answers 304 although it was asked without a tag');
  }
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`it answers ${response.status}`);
  }
  const bytes = await boundedBytes(response, { from: 'it', maxBytes: MAX_BYTES, signal });
  const given = response.headers.get('etag');
  const tag = given ?? tagOf(bytes);
  // A server may send another bundle under the tag of the last one: what it sends says more than how it calls it.
  if (given === null && tag === known) return 'unchanged';
  return { bytes, tag, waits: waitSeconds > 0 && response.headers.get('content-type') === LONG_POLLING };
}

async function authorizationOf({ tokenFile }: PolicySource): Promise<string | undefined> {
  return tokenFile === undefined ? undefined : `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
}
