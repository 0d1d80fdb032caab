import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { present } from '#domain';
import { ProblemError } from '#problem';
import type { Deadlines } from './deadlines.js';

/** How much of a body is read, in bytes and levels of nesting, and how long it is waited for. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxBodyDepth: number;
  /** Time for a body to arrive, or for the next part of a file. */
  readonly bodyTimeoutMs: number;
  /** The same, for whole bodies. */
  readonly bodies: Deadlines;
  /** Largest file of an import. */
  readonly maxImportBytes: number;
  /** Largest policy bundle. */
  readonly maxBundleBytes: number;
}

/** What is taken as a JSON body. */
export interface JsonKind {
  /** The media types. */
  readonly types: readonly string[];
  /** If it may be larger than usual: in bytes, and in fields and items. */
  readonly largest?: { readonly bytes: number; readonly parts: number } | undefined;
}

/** Whether the request announces a body that is not empty. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * The JSON value in the body.
 * @throws ProblemError `unsupported-media-type`, `body-too-large`, `body-too-slow`, `malformed-json`, `nesting-too-deep`
 */
export async function readJson(request: IncomingMessage, limits: BodyLimits, { types, largest }: JsonKind): Promise<unknown> {
  mediaType(request, types);
  const { bodies, maxBodyDepth, maxBodyBytes } = limits;
  return jsonIn(
    await readBytes(request, { bodies, maxBodyBytes: Math.max(maxBodyBytes, largest?.bytes ?? 0) }),
    maxBodyDepth,
    largest?.parts,
  );
}

/** The JSON value that the bytes are. @throws ProblemError `body-too-large`, `malformed-json`, `nesting-too-deep` */
export function jsonIn(bytes: Buffer, maxDepth: number, maxParts = MAX_PARTS): unknown {
  assertShape(bytes, maxDepth, maxParts);
  if (!isUtf8(bytes)) throw new ProblemError('malformed-json', { detail: 'Its bytes are not UTF-8.' });
  const text = bytes.toString();
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own message quotes the body, so it is not even kept as the cause.
    throw new ProblemError('malformed-json', present({ detail: placeOfFault(text, (error as SyntaxError).message) }));
  }
}

/** Where the parser stopped, if its message ends in that. */
function placeOfFault(text: string, message: string): string | undefined {
  if (/^(Unexpected end of JSON input|Unterminated string)/.test(message)) return 'It ends before it is complete.';
  const [, position] = / JSON at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message) ?? [];
  if (position === undefined) return undefined;
  const lines = text.slice(0, Number(position)).split('\n');
  return `It goes wrong at line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}.`;
}

/** Media type of the body, which is one of those that are taken, and its charset. @throws ProblemError `unsupported-media-type` */
export function mediaType(
  { headers }: IncomingMessage,
  types: readonly string[],
): { readonly type: string; readonly charset: string | undefined } {
  const sent = headers['content-type'] ?? '';
  const isPlain = headers['content-encoding'] === undefined && types.includes(sent);
  if (isPlain) return { type: sent, charset: undefined }; // As nearly all clients send it.
  const [, type = '', charset] = /^([a-z]+\/[a-z0-9.+-]+)\s*(?:;\s*charset\s*=\s*"?([a-z0-9-]+)"?\s*)?;?$/i.exec(sent) ?? [];
  const known = type.toLowerCase();
  const isTaken = types.includes(known) && (!/json$/.test(known) || charset === undefined || /^utf-8$/i.test(charset));
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? ''))
    throw unsupported('Content-Encoding', 'must be left out: no body is unpacked');
  if (!isTaken) {
    const allowed = `must be ${types.join(' or ')}`;
    if (sent === '') throw unsupported('Content-Type', `is missing; it ${allowed}`);
    throw unsupported('Content-Type', types.includes(known) ? `${allowed}, with no charset but utf-8` : allowed);
  }
  return { type: known, charset: charset?.toLowerCase() };
}

function unsupported(parameter: string, detail: string): ProblemError {
  return new ProblemError('unsupported-media-type', { at: [{ pointer: '', parameter, detail }] });
}

/** The body's bytes. @throws ProblemError `body-too-large`, `body-too-slow`, `malformed-json` if it ends too early */
export function readBytes(
  request: IncomingMessage,
  { maxBodyBytes, bodies }: Pick<BodyLimits, 'maxBodyBytes' | 'bodies'>,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes);
    // It broke off before anybody read it: nothing more would be told.
    if (request.destroyed) throw new ProblemError('malformed-json', { detail: 'The body ended too early.' });
    const chunks: Buffer[] = [];
    let size = 0;
    const give = (problem: ProblemError): void => {
      bodies.end(wait);
      request.pause();
      request.off('data', take);
      reject(problem);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBodyBytes) give(tooLarge(maxBodyBytes));
      else chunks.push(chunk);
    };
    const wait = bodies.begin(() => give(new ProblemError('body-too-slow')));
    const endedEarly = (cause?: unknown): void => give(new ProblemError('malformed-json', { detail: 'The body ended too early.', cause }));
    request.on('data', take);
    request.on('end', () => {
      bodies.end(wait);
      request.off('close', endedEarly);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.on('error', endedEarly);
    request.on('close', endedEarly);
  });
}

/** A body over its limit, in bytes. */
export function tooLarge(limit: number): ProblemError {
  return new ProblemError('body-too-large', { detail: `At most ${limit} bytes are read.` });
}

/** How many fields and items are looked at: each could be faulty, and all faults are found before the first are told. */
const MAX_PARTS = 4000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Counts brackets and commas outside of strings, so that neither a parser nor a check is sent down a hole. @throws ProblemError `nesting-too-deep`, `body-too-large` */
function assertShape(bytes: Buffer, maxDepth: number, maxParts: number): void {
  let depth = 0;
  let parts = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (inString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > maxDepth) throw new ProblemError('nesting-too-deep', { detail: `At most ${maxDepth} levels are read.` });
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
    else if (byte === COMMA) {
      parts += 1;
      if (parts >= maxParts) throw new ProblemError('body-too-large', { detail: `At most ${maxParts} fields and items are read.` });
    }
  }
}
