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

/** Asks a gateway; what it refuses is thrown as `gateway-refused`, in its words. */
export interface Call {
  <T>(path: string, sending?: Sending): Promise<T>;
  answered<T>(path: string, sending?: Sending): Promise<Answered<T>>;
}

/** For a gateway, with the token. */
export function caller({ origin, token }: RemotePlace): Call {
  const answered = async <T>(path: string, { method = 'GET', json, tarball, ifMatch }: Sending = {}): Promise<Answered<T>> => {
    const type = tarball !== undefined ? 'application/gzip' : json === undefined ? undefined : 'application/json';
    const headers = { Authorization: `Bearer ${token}`, ...present({ 'Content-Type': type, 'If-Match': ifMatch && '*' }) };
    const body = tarball ?? (json === undefined ? undefined : JSON.stringify(json));
    const sent = {
      method,
      headers: headers as Record<string, string>,
      redirect: 'error' as const,
      ...present({ body: body as string | undefined }),
    };
    const { response, text } = await within(DEADLINE_MS, async (signal) => {
      const response = await fetch(`${origin}${path}`, { ...sent, signal });
      return { response, text: await response.text() };
    }).catch((cause: Error) => {
      throw refusedThere(`cannot be reached: look whether ${origin} is its address, and whether it runs`, cause.cause ?? cause);
    });
    if (!response.ok) throw problemOf(origin, response.status, text);
    const next = nextIn(origin, response.headers.get('Link'));
    return { status: response.status, value: (text === '' ? undefined : parsed(origin, text)) as T, ...present({ next }) };
  };
  return Object.assign(async <T>(path: string, sending?: Sending): Promise<T> => (await answered<T>(path, sending)).value, { answered });
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
  readonly title?: string;
  readonly detail?: string;
  readonly error_description?: string;
  readonly errors?: readonly {
    readonly pointer?: string;
    readonly detail?: string;
    readonly fieldIdentifier?: string;
    readonly errorMessage?: string;
  }[];
}

function placeOf({ pointer, detail, fieldIdentifier, errorMessage }: NonNullable<Problem['errors']>[number]): string {
  return [pointer ?? fieldIdentifier, detail ?? errorMessage].filter((part) => part !== undefined && part !== '').join(' ');
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
  const said = problem.detail ?? problem.title ?? problem.error_description;
  if (typeof said !== 'string') throw strange(origin);
  const places = (problem.errors ?? [])
    .map(placeOf)
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
