import type { IncomingMessage } from 'node:http';
import { ProblemError } from '#problem';

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxBodyDepth: number;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The JSON value in the body.
 * @throws ProblemError `unsupported-media-type`, `body-too-large`, `malformed-json`, `nesting-too-deep`
 */
export async function readJson(request: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  const { headers } = request;
  if (!isJson(headers['content-type']) || !/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    throw new ProblemError('unsupported-media-type');
  }
  if (Number(headers['content-length'] ?? 0) > limits.maxBodyBytes) throw tooLarge(limits);
  const bytes = await readBytes(request, limits);
  if (isDeeperThan(bytes, limits.maxBodyDepth)) {
    throw new ProblemError('nesting-too-deep', { detail: `At most ${limits.maxBodyDepth} levels are read.` });
  }
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    // The parser's own message quotes the body, so it is not even kept as the cause.
    throw new ProblemError('malformed-json');
  }
}

function isJson(type: string | undefined): boolean {
  if (type === 'application/json') return true;
  return type !== undefined && /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?;?$/i.test(type);
}

function readBytes(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limits.maxBodyBytes) {
        request.pause();
        request.off('data', take);
        reject(tooLarge(limits));
        return;
      }
      chunks.push(chunk);
    };
    const endedEarly = (): void => reject(new ProblemError('malformed-json', { detail: 'The body ended too early.' }));
    request.on('data', take);
    request.on('end', () => {
      // `close` follows each request; an error made there for nobody would cost its stack trace.
      request.off('close', endedEarly);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.on('error', (cause) => reject(new ProblemError('malformed-json', { detail: 'The body ended too early.', cause })));
    request.on('close', endedEarly);
  });
}

function tooLarge({ maxBodyBytes }: BodyLimits): ProblemError {
  return new ProblemError('body-too-large', { detail: `At most ${maxBodyBytes} bytes are read.` });
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts brackets outside of strings, so that a parser is never sent down a hole. */
function isDeeperThan(bytes: Buffer, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (inString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}
