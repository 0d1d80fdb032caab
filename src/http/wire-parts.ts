import { checkPast, type PageRange } from '#access';
import {
  type Application,
  type ApplicationState,
  type Fault,
  type Instant,
  isFault,
  type PersonNumber,
  parsePeriodEnd,
  parsePeriodStart,
  parsePersonNumber,
  parseReason,
  present,
  type SecurityLevel,
  toInstant,
} from '#domain';
import { invalid, invalidParameter, ProblemError } from '#problem';

/** The states of an application on the wire. */
export const STATES = { draft: 'utkast', active: 'aktiv', retired: 'avviklet' } as const satisfies Record<ApplicationState, string>;

/** Levels of a log-in on the wire. */
const LEVELS = { lavt: 'low', betydelig: 'substantial', hoyt: 'high' } as const satisfies Record<string, SecurityLevel>;

/** The level of a log-in that was sent, if one was. */
export function levelIn(sikkerhetsniva: keyof typeof LEVELS | undefined): SecurityLevel | undefined {
  return sikkerhetsniva === undefined ? undefined : LEVELS[sikkerhetsniva];
}

/** A level of a log-in as it is sent, if there is one. */
export function levelOut(level: SecurityLevel | undefined): keyof typeof LEVELS | undefined {
  return (Object.keys(LEVELS) as (keyof typeof LEVELS)[]).find((name) => LEVELS[name] === level);
}

/** What every reader of an application is told of it. */
export function describedApplication({ id, tilbyder, name, description, url, state, roles }: Application) {
  return { appId: id, tilbyder, navn: { ...name }, beskrivelse: { ...description }, url, tilstand: STATES[state], roller: [...roles] };
}

/** The person number that was sent. @throws ProblemError `invalid-request` */
export function personNumber(brukerIdent: string): PersonNumber {
  return sound('/brukerIdent', parsePersonNumber(brukerIdent));
}

/** The period that was sent. @param at pointer to what holds it. @throws ProblemError `invalid-request` */
export function periodOf(
  { fra, til }: { readonly fra?: string | undefined; readonly til?: string | undefined },
  at = '',
): { readonly from?: Instant; readonly until?: Instant } {
  const from = fra === undefined ? undefined : sound(`${at}/fra`, parsePeriodStart(fra));
  const until = til === undefined ? undefined : sound(`${at}/til`, parsePeriodEnd(til));
  if (from !== undefined && until !== undefined && until <= from) throw invalid(`${at}/til`, 'must be later than fra');
  return present({ from, until });
}

/** Why something is done, as it was sent. @throws ProblemError `invalid-request` */
export function reasonOf(body: { readonly begrunnelse?: string | undefined } | undefined): { readonly reason?: string } {
  return body?.begrunnelse === undefined ? {} : { reason: sound('/begrunnelse', parseReason(body.begrunnelse)) };
}

/** A moment. @param parameter the query parameter that holds it; absent if the body does, as `tidspunkt`. @throws ProblemError `invalid-request` */
export function momentOf(text: string, parameter?: string): Instant {
  const at = text.length > 10 ? parsePeriodStart(text) : undefined;
  if (at !== undefined && !isFault(at)) return at;
  const where = parameter === undefined ? { pointer: '/tidspunkt' } : { pointer: '', parameter };
  throw new ProblemError('invalid-request', {
    at: [{ ...where, detail: 'must be an RFC 3339 date-time with offset, such as 2026-01-31T12:00:00Z (in a query + is %2B)' }],
  });
}

/**
 * A moment in the past. @param nowMs what the clock shows. @param parameter see momentOf. @throws ProblemError `invalid-request`
 */
export function pastIn(text: string, nowMs: number, parameter?: string): Instant {
  const at = momentOf(text, parameter);
  checkPast(at, toInstant(nowMs), parameter === undefined ? { pointer: '/tidspunkt' } : { pointer: '', parameter });
  return at;
}

/** Which part of a list a query asks for. */
export function rangeOf({ antall = 100, markor }: { readonly antall?: number; readonly markor?: string }): PageRange {
  return present({ limit: antall, cursor: markor });
}

/** The parameter that lists go on by, and what tells it. */
export interface CursorParameter {
  readonly parameter: string;
  readonly told: string;
}

const MARKOR: CursorParameter = { parameter: 'markor', told: '`neste` of the page before' };

/** What the store says of a cursor that is none of its own, said of the parameter that sent it; anything else as it is. */
export function byParameter(error: unknown, { parameter, told }: CursorParameter = MARKOR): unknown {
  if (!(error instanceof ProblemError) || error.reason !== 'cursor-foreign') return error;
  return invalidParameter(parameter, `must be ${told}, as it was told; the first page has none`);
}

/** Where a list goes on, on the wire. */
export function neste(next: string | undefined): { readonly neste?: string } {
  return present({ neste: next });
}

/** What a field was read as. @param pointer JSON pointer to it. @throws ProblemError `invalid-request` if it was read as a fault */
export function sound<T>(pointer: string, read: T | Fault): T {
  if (isFault(read)) throw invalid(pointer, read.detail);
  return read as T;
}
