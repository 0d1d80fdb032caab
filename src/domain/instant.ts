import { DateTime } from 'luxon';
import { Fault } from './fault.js';

declare const brand: unique symbol;

/**
 * A moment in UTC, always written `YYYY-MM-DDTHH:mm:ss.sssZ` (24 characters, years 0000-9999),
 * so that the order of the texts is the order of the moments, in TypeScript and in Rego alike.
 */
export type Instant = string & { readonly [brand]: 'Instant' };

/** Milliseconds of a day of 24 hours; a day in Norway may have 23 or 25. */
export const DAY_MS = 86_400_000;

/** A day in Norway, `YYYY-MM-DD`: the order of the texts is that of the days. */
export type Day = string & { readonly [brand]: 'Day' };

let lastMs = 0;
let lastInstant = new Date(lastMs).toISOString() as Instant;

/** The Instant of milliseconds since the epoch. */
export function toInstant(epochMs: number): Instant {
  // Many decisions fall into one millisecond, and writing a date costs more than reading the clock.
  if (epochMs !== lastMs) {
    lastInstant = new Date(epochMs).toISOString() as Instant;
    lastMs = epochMs;
  }
  return lastInstant;
}

let hourOfDay = '';
let dayOfHour = '' as Day;

/** The day that a moment falls into in Norway. */
export function dayOf(at: Instant): Day {
  // Days begin on the hour, and most that is asked is of one.
  const hour = at.slice(0, 13);
  if (hour !== hourOfDay) {
    dayOfHour = DateTime.fromISO(at, { zone: 'Europe/Oslo' }).toFormat('yyyy-MM-dd') as Day;
    hourOfDay = hour;
  }
  return dayOfHour;
}

/** The same day of the month so many months earlier, or the last one of that month. */
export function monthsBefore(day: Day, months: number): Day {
  return DateTime.fromISO(day).minus({ months }).toFormat('yyyy-MM-dd') as Day;
}

/** A date as a day. */
export function parseDay(text: string): Day | Fault {
  return DATE.test(text) && DateTime.fromISO(text).isValid ? (text as Day) : new Fault('is no date (YYYY-MM-DD)');
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
// The calendar would take hour 24 and an offset of 99:99; RFC 3339 §5.6 does not.
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T(?!24)\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

/** When a period begins: an RFC 3339 date-time, or a date, which means that day's first moment in Norway. */
export function parsePeriodStart(text: string): Instant | Fault {
  return parse(text, 0);
}

/** When a period is over (exclusive): an RFC 3339 date-time, or a date, whose whole day in Norway is still inside. */
export function parsePeriodEnd(text: string): Instant | Fault {
  return parse(text, 1);
}

function parse(text: string, wholeDays: number): Instant | Fault {
  const isDate = DATE.test(text);
  if (!isDate && !DATE_TIME.test(text)) return new Fault('is neither a date (YYYY-MM-DD) nor an RFC 3339 date-time with offset');
  const moment = isDate ? DateTime.fromISO(text, { zone: 'Europe/Oslo' }).plus({ days: wholeDays }) : DateTime.fromISO(text);
  if (!moment.isValid) return new Fault('is no day or time of the calendar');
  const { year } = moment.toUTC();
  return year >= 0 && year <= 9999 ? toInstant(moment.toMillis()) : new Fault('is outside the years 0000-9999');
}
