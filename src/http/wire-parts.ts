import type { PageRange } from '#access';
import {
  type Application,
  type ApplicationState,
  type Instant,
  isFault,
  type PersonNumber,
  parsePeriodEnd,
  parsePeriodStart,
  parsePersonNumber,
  parseReason,
} from '#domain';
import { ProblemError } from '#problem';

/** The states of an application on the wire. */
export const STATES = { draft: 'utkast', active: 'aktiv', retired: 'avviklet' } as const satisfies Record<ApplicationState, string>;

/** What every reader of an application is told of it. */
export function describedApplication({ id, tilbyder, name, description, url, state, roles }: Application) {
  return { appId: id, tilbyder, navn: { ...name }, beskrivelse: { ...description }, url, tilstand: STATES[state], roller: [...roles] };
}

/** @throws ProblemError `invalid-request` */
export function personNumber(brukerIdent: string): PersonNumber {
  const person = parsePersonNumber(brukerIdent);
  if (isFault(person)) throw invalid('/brukerIdent', person.detail);
  return person;
}

/** @param at pointer to what holds the period. @throws ProblemError `invalid-request` */
export function periodOf(
  { fra, til }: { readonly fra?: string | undefined; readonly til?: string | undefined },
  at = '',
): { readonly from?: Instant; readonly until?: Instant } {
  const from = fra === undefined ? undefined : parsePeriodStart(fra);
  const until = til === undefined ? undefined : parsePeriodEnd(til);
  if (isFault(from)) throw invalid(`${at}/fra`, from.detail);
  if (isFault(until)) throw invalid(`${at}/til`, until.detail);
  if (from !== undefined && until !== undefined && until <= from) throw invalid(`${at}/til`, 'is not after fra');
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}

/** @throws ProblemError `invalid-request` */
export function reasonOf(body: { readonly begrunnelse?: string | undefined } | undefined): { readonly reason?: string } {
  if (body?.begrunnelse === undefined) return {};
  const reason = parseReason(body.begrunnelse);
  if (isFault(reason)) throw invalid('/begrunnelse', reason.detail);
  return { reason };
}

/** A moment. @param parameter the query parameter that holds it; absent if the body does, as `tidspunkt`. @throws ProblemError `invalid-request` */
export function momentOf(text: string, parameter?: string): Instant {
  const at = text.length > 10 ? parsePeriodStart(text) : undefined;
  if (at !== undefined && !isFault(at)) return at;
  const where = parameter === undefined ? { pointer: '/tidspunkt' } : { pointer: '', parameter };
  throw new ProblemError('invalid-request', { at: [{ ...where, detail: 'is no RFC 3339 date-time with offset' }] });
}

export function rangeOf({ antall = 100, markor }: { readonly antall?: number; readonly markor?: string }): PageRange {
  return { limit: antall, ...(markor === undefined ? {} : { cursor: markor }) };
}

export function neste(next: string | undefined): { readonly neste?: string } {
  return next === undefined ? {} : { neste: next };
}

export function invalid(pointer: string, detail: string): ProblemError {
  return new ProblemError('invalid-request', { at: [{ pointer, detail }] });
}
