import type { IncomingMessage } from 'node:http';
import { ProblemError } from '#problem';
import { type BodyLimits, mediaType, readBytes } from './json-body.js';

const FORM = 'application/x-www-form-urlencoded';

/**
 * The parameters of a form in their order, as they were sent: one that stands twice is there twice.
 * @throws ProblemError `unsupported-media-type`, `body-too-large`, `body-too-slow`, `malformed-http` if it ends too early
 */
export async function readForm(request: IncomingMessage, limits: Pick<BodyLimits, 'maxBodyBytes' | 'bodies'>): Promise<URLSearchParams> {
  const { charset = 'utf-8' } = mediaType(request, [FORM]);
  if (charset !== 'utf-8') {
    throw new ProblemError('unsupported-media-type', {
      at: [{ pointer: '', parameter: 'Content-Type', detail: 'must have no charset but utf-8' }],
    });
  }
  return new URLSearchParams((await readBytes(request, limits)).toString());
}
