import { present } from '#domain';
import { within } from '#fetching';
import { ProblemError } from '#problem';

/** A gateway, and the token of whoever works on it. */
export interface RemotePlace {
  readonly origin: string;
  readonly token: string;
}

/** What is sent. */
export interface Sending {
  readonly method?: string;
  readonly json?: object;
  readonly tarball?: Uint8Array;
  /** A file, as it comes. */
  readonly file?: { readonly type: string; readonly body: ReadableStream<Uint8Array> };
  readonly idempotencyKey?: string;
  /** Whatever is there is changed: who types a command has not read a revision. */
  readonly ifMatch?: true;
}

/** An answer that came well. */
export interface Answered<T> {
  readonly status: number;
  readonly value: T;
  /** Path and query of the next page (RFC 8288), if there is one. */
  readonly next?: string;
}

/** Long: a bundle is compiled and tried before it is taken. */
const DEADLINE_MS = 60_000;
/** The gateway ends one that stands still. */
const FILE_DEADLINE_MS = 3_600_000;

/** Asks a gateway; what it refuses is thrown as `gateway-refused`, in its words. */
export interface Call {
  <T>(path: string, sending?: Sending): Promise<T>;
  /** @param absent 404 is answered with it too, without a value */
  answered<T>(path: string, sending?: Sending, absent?: 404): Promise<Answered<T>>;
  /** The body as it comes, however long that takes. */
  streamed(path: string): Promise<AsyncIterable<Uint8Array>>;
}

/** For a gateway, with the token. */
export function caller({ origin, token }: RemotePlace): Call {
  const head = { Authorization: `Bearer ${token}` };
  const unreachable = (cause: Error): never => {
    throw refusedThere(`cannot be reached: look whether ${origin} is its address, and whether it runs`, cause.cause ?? cause);
  };
  const answered = async <T>(path: string, sending: Sending = {}, absent?: 404): Promise<Answered<T>> => {
    const ask = async (signal: AbortSignal) => {
      const response = await fetch(`${origin}${path}`, { ...requestOf(sending, head), signal });
      return { response, text: await response.text() };
    };
    const { response, text } = await within(sending.file === undefined ? DEADLINE_MS : FILE_DEADLINE_MS, ask).catch(unreachable);
    if (response.status === absent) return { status: response.status, value: undefined as T };
    if (!response.ok) throw problemOf(origin, response.status, text);
    const next = nextIn(origin, response.headers.get('Link'));
    return { status: response.status, value: (text === '' ? undefined : parsed(origin, text)) as T, ...present({ next }) };
  };
  const call = async <T>(path: string, sending?: Sending): Promise<T> => (await answered<T>(path, sending)).value;
  const streamed = async (path: string): Promise<AsyncIterable<Uint8Array>> => {
    const ask = (signal: AbortSignal) => fetch(`${origin}${path}`, { ...requestOf({}, head), signal });
    const response = await within(DEADLINE_MS, ask).catch(unreachable);
    if (!response.ok || response.body === null) throw problemOf(origin, response.status, await response.text());
    return response.body;
  };
  return Object.assign(call, { answered, streamed });
}

function requestOf(
  { method = 'GET', json, tarball, file, ifMatch, idempotencyKey }: Sending,
  head: Readonly<Record<string, string>>,
): RequestInit {
  const type = file?.type ?? (tarball !== undefined ? 'application/gzip' : json === undefined ? undefined : 'application/json');
  const body = file?.body ?? tarball ?? (json === undefined ? undefined : JSON.stringify(json));
  const headers = { ...head, ...present({ 'Content-Type': type, 'If-Match': ifMatch && '*', 'Idempotency-Key': idempotencyKey }) };
  // A body that comes in parts is sent in parts (Fetch: `duplex`).
  return { method, headers, redirect: 'error', ...present({ body, duplex: file && 'half' }) } as RequestInit;
}

function parsed(origin: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw strange(origin);
  }
}

/** RFC 9457, or as Maskinporten's self-service has it. */
interface Problem {
  /** As the systembruker side tells them: there the detail says what to do, and the title what is wrong. */
  readonly code?: string;
  readonly validationErrors?: readonly { readonly title: string; readonly detail?: string; readonly paths?: readonly string[] }[];
  readonly title?: string;
  readonly detail?: string;
  readonly error_description?: string;
  readonly errors?: readonly {
    readonly pointer?: string;
    readonly parameter?: string;
    readonly detail?: string;
    readonly fieldIdentifier?: string;
    readonly errorMessage?: string;
  }[];
}

function placeOf({ pointer, parameter, detail, fieldIdentifier, errorMessage }: NonNullable<Problem['errors']>[number]): string {
  return [pointer || parameter || fieldIdentifier, detail ?? errorMessage].filter((part) => part !== undefined && part !== '').join(' ');
}

function fieldOf({ title, detail = title, paths = [] }: NonNullable<Problem['validationErrors']>[number]): string {
  return [paths.join(', '), detail.replace(/\.$/, '')].filter((part) => part !== '').join(': ');
}

/** Of links to other pages only those on the same gateway are followed: the token goes with them. */
function nextIn(origin: string, link: string | null): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next\b/.exec(link ?? '')?.[1];
  if (target === undefined || !URL.canParse(target, origin)) return undefined;
  const url = new URL(target, origin);
  return url.origin === new URL(origin).origin ? `${url.pathname}${url.search}` : undefined;
}

/** What the gateway says is wrong, in one sentence with its places. */
function problemOf(origin: string, status: number, text: string): ProblemError {
  const problem = parsed(origin, text) as Problem;
  const { code, title, detail } = problem;
  const told = [...(code === undefined ? [] : [title]), detail].filter((part) => part !== undefined).join(' ');
  const said = told || (title ?? problem.error_description);
  if (typeof said !== 'string') throw strange(origin);
  const fields = (problem.validationErrors ?? []).map(fieldOf);
  const places = [...(problem.errors ?? []).map(placeOf), ...fields]
    .filter((place) => place !== said)
    .map((place) => `; ${place}`)
    .join('');
  // A sentence that goes on has no full stop.
  return refusedThere(`answered ${status}: ${places === '' ? said : said.replace(/\.$/, '')}${places}`);
}

/** For an answer that no gateway gives. */
export function strange(origin: string): ProblemError {
  return refusedThere(`does not answer as one: look whether ${origin} is its address`);
}

/** For what a gateway does not do. @param what goes on from `The gateway` */
export function refusedThere(what: string, cause?: unknown): ProblemError {
  return new ProblemError('gateway-refused', { detail: `The gateway ${what}`, ...present({ cause }) });
}
