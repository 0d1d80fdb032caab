import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { present } from '#domain';
import { within } from '#fetching';
import type { DecisionSettings } from '../settings.js';
import { fileOf, keepPlace, placeIn, type Segment, segmentsIn, sizeOf } from './segments.js';

/** What an uploader works with. */
export interface UploadOptions {
  readonly folder: string;
  /** Whose segments are sent. */
  readonly owner: string;
  readonly settings: DecisionSettings;
  readonly url: string;
  readonly tell: (event: string, facts: Readonly<Record<string, string | number>>) => void;
  readonly fetch: typeof globalThis.fetch;
  /** What is written to now, and how far. */
  readonly current: () => { readonly segment: Segment; readonly size: number } | undefined;
}

/** How sending goes. */
export interface UploadState {
  readonly state: 'ok' | 'failing';
  /** Why, while it fails. */
  readonly cause?: string;
  readonly sent: number;
  /** Events that the collector took none of, however few were sent. */
  readonly tooLarge: number;
}

/** Whole lines of a segment, as they stand there. */
interface Chunk {
  readonly segment: Segment;
  readonly bytes: Buffer;
  /** Where each line ends, behind its newline. */
  readonly ends: readonly number[];
}

const compress = promisify(gzip);
const ANSWERS_WITHIN_MS = 30_000;
/** Whoever stops does not wait longer for a collector. */
const LEAVES_MS = 500;
/** So much larger is what is compressed, to begin with; it is learnt. */
const FIRST_RATIO = 6;
const LEAST_RATIO = 1;
const MOST_READ = 16 * 1024 * 1024;
const [NEWLINE, OPENING, CLOSING, COMMA, END] = [...Buffer.from('\n{},]')] as [number, number, number, number, number];

class TooLarge extends Error {}

/**
 * Sends a process's segments to a collector, in their order, each from where the last sending ended: what the collector has not taken is sent again, also by
 * the process that comes after. An event can so arrive twice, and none is lost while the segments are there.
 */
export class Upload {
  readonly #options: UploadOptions;
  readonly #over = new AbortController();
  readonly #cut = new AbortController();
  readonly #places = new Map<string, number>();
  #running: Promise<void> | undefined;
  #ratio = FIRST_RATIO;
  #cause: string | undefined;
  #sent = 0;
  #tooLarge = 0;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#running = this.#run();
  }

  /** What is under way gets a moment: an answer that is not heard means sending again. */
  async end(): Promise<void> {
    this.#over.abort();
    const late = setTimeout(() => this.#cut.abort(), LEAVES_MS);
    await this.#running;
    clearTimeout(late);
  }

  state(): UploadState {
    const cause = this.#cause;
    const state: UploadState['state'] = cause === undefined ? 'ok' : 'failing';
    return present({ state, cause, sent: this.#sent, tooLarge: this.#tooLarge });
  }

  async #run(): Promise<void> {
    const { decisionLogMinDelayMs: least, decisionLogMaxDelayMs: most } = this.#options.settings;
    let pauseMs = least;
    while (!this.#over.signal.aborted) {
      try {
        const chunk = await this.#nextChunk();
        if (chunk !== undefined) await this.#send(chunk);
        this.#goesWell();
        pauseMs = least;
        if (chunk !== undefined) continue;
      } catch (error) {
        if (this.#over.signal.aborted) return;
        this.#fails(error);
        pauseMs = Math.min(most, pauseMs * 2);
      }
      await delay(pauseMs, undefined, { signal: this.#over.signal, ref: false }).catch(() => {});
    }
  }

  #goesWell(): void {
    if (this.#cause !== undefined) this.#options.tell('decision log sent again', { sent: this.#sent });
    this.#cause = undefined;
  }

  #fails(error: unknown): void {
    const cause = causeOf(error);
    if (this.#cause === undefined) this.#options.tell('decision log not sent', { cause });
    this.#cause = cause;
  }

  /** The oldest lines that have not been sent; `undefined` if there are none. */
  async #nextChunk(): Promise<Chunk | undefined> {
    const { folder, owner, current, settings } = this.#options;
    for (const segment of await segmentsIn(folder)) {
      if (segment.owner !== owner) continue;
      const place = this.#places.get(segment.name) ?? (await placeIn(folder, segment, 'sent'));
      this.#places.set(segment.name, place);
      const written = current();
      const size = written?.segment.name === segment.name ? written.size : ((await sizeOf(folder, segment)) ?? 0);
      if (place >= size) continue;
      const wanted = Math.min(MOST_READ, Math.floor(settings.decisionLogUploadBytes * this.#ratio));
      const chunk = await linesAt(join(folder, fileOf(segment)), segment, place, size, wanted);
      if (chunk !== undefined) return chunk;
      if (written?.segment.name === segment.name) continue;
      // Half a line, that nobody will end.
      this.#places.set(segment.name, size);
      await keepPlace(folder, segment, 'sent', size);
    }
    return undefined;
  }

  /** Sends the lines, in halves if they are too many. @throws Error if the collector does not take them */
  async #send({ segment, bytes, ends }: Chunk): Promise<void> {
    const begin = this.#places.get(segment.name) ?? 0;
    for (let sent = 0; sent < ends.length && !this.#cut.signal.aborted; ) {
      let count = ends.length - sent;
      const from = sent === 0 ? 0 : (ends[sent - 1] as number);
      while (!(await this.#sendAtOnce(bytes, from, ends.slice(sent, sent + count)))) {
        if (count === 1) {
          this.#tooLarge += 1;
          this.#options.tell('decision log event too large', { events: this.#tooLarge });
          break;
        }
        this.#ratio = Math.max(LEAST_RATIO, this.#ratio * 0.7);
        count = Math.ceil(count / 2);
      }
      sent += count;
      const place = begin + (ends[sent - 1] as number);
      this.#places.set(segment.name, place);
      await keepPlace(this.#options.folder, segment, 'sent', place);
    }
  }

  /** @returns false: they are too many for one sending. @throws Error if they were not taken */
  async #sendAtOnce(bytes: Buffer, from: number, ends: readonly number[]): Promise<boolean> {
    const { settings } = this.#options;
    const array = arrayOf(bytes, from, ends);
    // Quick rather than small: it is done beside decisions.
    const body = await compress(array, { level: constants.Z_BEST_SPEED });
    if (body.length > settings.decisionLogUploadBytes && ends.length > 1) return false;
    try {
      await this.#post(body);
    } catch (error) {
      if (error instanceof TooLarge) return false;
      throw error;
    }
    this.#sent += ends.length;
    if (body.length < settings.decisionLogUploadBytes / 2) this.#ratio = Math.min(50, this.#ratio * 1.1);
    return true;
  }

  async #post(body: Buffer): Promise<void> {
    const { url, fetch, settings } = this.#options;
    const { decisionLogPartition: partition, decisionLogTokenFile: tokenFile } = settings;
    const headers: Record<string, string> = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
    if (tokenFile !== undefined) headers['Authorization'] = `Bearer ${await tokenIn(tokenFile)}`;
    const ask = (signal: AbortSignal): Promise<Response> =>
      fetch(`${url}/logs${partition === undefined ? '' : `/${partition}`}`, {
        method: 'POST',
        headers,
        body: body as Uint8Array<ArrayBuffer>,
        // Whoever answers for the collector does not send the log, and its token, elsewhere.
        redirect: 'manual',
        signal,
      });
    const response = await within(ANSWERS_WITHIN_MS, ask, this.#cut.signal);
    await response.body?.cancel();
    if (response.status === 413) throw new TooLarge();
    if (!response.ok) throw new Error(`it answers ${response.status}`);
  }
}

async function tokenIn(file: string): Promise<string> {
  const token = (await readFile(file, 'utf8')).trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('decisionLogTokenFile holds no token');
  return token;
}

/** Whole lines of a segment from a place on, about so many bytes of them and at least one; `undefined` if there is none yet. */
async function linesAt(path: string, segment: Segment, place: number, size: number, wanted: number): Promise<Chunk | undefined> {
  const file = await open(path);
  try {
    for (let length = Math.min(wanted, size - place); ; length = Math.min(length * 4, size - place)) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, place);
      const bytes = buffer.subarray(0, bytesRead);
      const ends: number[] = [];
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, end + 1)) ends.push(end + 1);
      if (ends.length > 0) return { segment, bytes, ends };
      if (length >= size - place) return undefined;
    }
  } finally {
    await file.close();
  }
}

/** The lines as a JSON array, without making texts of them; one that is no JSON would spoil all those that are sent with it. */
function arrayOf(bytes: Buffer, from: number, ends: readonly number[]): Buffer {
  const begins = [from, ...ends];
  const sound = ends.flatMap((end, i) => {
    const begin = begins[i] as number;
    return bytes[begin] === OPENING && bytes[end - 2] === CLOSING ? [bytes.subarray(begin, end)] : [];
  });
  const array = Buffer.concat([Buffer.from('['), ...sound]);
  let at = 0;
  for (const { length } of sound) {
    at += length;
    array[at] = COMMA;
  }
  if (sound.length === 0) return Buffer.from('[]');
  array[at] = END;
  return array;
}

/** What an operator can make something of: the system's code, or what the collector has answered. */
function causeOf(error: unknown): string {
  const { cause, name, message } = error as Error & { readonly cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError') return `it has not answered in ${ANSWERS_WITHIN_MS / 1000} s`;
  return cause?.code ?? (error as NodeJS.ErrnoException).code ?? message;
}
