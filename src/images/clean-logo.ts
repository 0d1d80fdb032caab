import { Fault, isFault } from '#domain';
import { cleanPng, startsAsPng } from './png.js';
import { cleanSvg } from './svg.js';

/** The media types a logo may have. */
export type LogoType = 'image/png' | 'image/svg+xml';

/** A picture that may be served from our own origin, under its own type and with `X-Content-Type-Options: nosniff`. */
export interface SafeImage {
  readonly type: LogoType;
  readonly bytes: Buffer;
}

/** The largest logo, in bytes, both as uploaded and as kept. */
export const MAX_LOGO_BYTES = 131_072;

/**
 * The work of makeLogoSafe, in the thread that calls.
 * @throws Error if jsdom or DOMPurify is not installed whole
 */
export async function cleanLogo(bytes: Buffer, declared: LogoType): Promise<SafeImage | Fault> {
  if (bytes.length === 0) return new Fault('The logo is empty.');
  if (bytes.length > MAX_LOGO_BYTES) return new Fault(`A logo is at most ${MAX_LOGO_BYTES} bytes.`);
  if (startsAsPng(bytes) !== (declared === 'image/png')) return new Fault(`The content of the logo is not ${declared}.`);
  const clean = declared === 'image/png' ? cleanPng(bytes) : await cleanSvg(bytes);
  if (isFault(clean)) return clean;
  // The serializer may write more than it read (`"` in text as an entity), so the limit is held twice.
  if (clean.length > MAX_LOGO_BYTES) return new Fault(`A logo is at most ${MAX_LOGO_BYTES} bytes, also after it has been cleaned.`);
  return { type: declared, bytes: clean };
}
