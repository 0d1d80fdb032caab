import { BuiltinError } from './builtin.js';

/** What a time shows in some zone. */
export interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** Seconds east of Greenwich. */
  readonly offset: number;
  /** `CEST` */
  readonly zone: string;
}

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
/** As Go writes them, Sunday first. */
export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The parts of a layout of Go's time.Format that are no literal. */
const PARTS =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm|[-Z]070000|[-Z]07:00:00|[-Z]0700|[-Z]07:00|[-Z]07|[.,](?:0+|9+)(?![0-9])/g;

/** A layout in its pieces: literal, part, literal, …, literal. */
function piecesOf(layout: string): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (const match of layout.matchAll(PARTS)) {
    pieces.push(layout.slice(at, match.index), match[0]);
    at = match.index + match[0].length;
  }
  return [...pieces, layout.slice(at)];
}

/** Go's Time.Format. */
export function formatTime(time: WallTime, layout: string): string {
  return piecesOf(layout)
    .map((piece, i) => (i % 2 === 0 ? piece : written(time, piece)))
    .join('');
}

function written(time: WallTime, part: string): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const hour12 = time.hour % 12 === 0 ? 12 : time.hour % 12;
  switch (part) {
    case '2006':
      return String(time.year).padStart(4, '0');
    case '06':
      return two(time.year % 100);
    case 'January':
      return MONTHS[time.month - 1] as string;
    case 'Jan':
      return (MONTHS[time.month - 1] as string).slice(0, 3);
    case '01':
      return two(time.month);
    case '1':
      return String(time.month);
    case 'Monday':
      return weekdayOf(time);
    case 'Mon':
      return weekdayOf(time).slice(0, 3);
    case '2':
      return String(time.day);
    case '_2':
      return String(time.day).padStart(2, ' ');
    case '02':
      return two(time.day);
    case '__2':
      return String(dayOfYear(time)).padStart(3, ' ');
    case '002':
      return String(dayOfYear(time)).padStart(3, '0');
    case '15':
      return two(time.hour);
    case '3':
      return String(hour12);
    case '03':
      return two(hour12);
    case '4':
      return String(time.minute);
    case '04':
      return two(time.minute);
    case '5':
      return String(time.second);
    case '05':
      return two(time.second);
    case 'PM':
      return time.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return time.hour >= 12 ? 'pm' : 'am';
    case 'MST':
      return time.zone;
    default:
      return /^[.,]/.test(part) ? fraction(time.nanosecond, part) : offset(time.offset, part);
  }
}

function fraction(nanosecond: number, part: string): string {
  const digits = String(nanosecond)
    .padStart(9, '0')
    .slice(0, part.length - 1)
    .padEnd(part.length - 1, '0');
  if (part[1] === '0') return part.charAt(0) + digits;
  const short = digits.replace(/0+$/, '');
  return short === '' ? '' : part.charAt(0) + short;
}

function offset(seconds: number, part: string): string {
  if (seconds === 0 && part.startsWith('Z')) return 'Z';
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const two = (number: number): string => String(number).padStart(2, '0');
  const colon = part.includes(':') ? ':' : '';
  const text = `${seconds <= -60 ? '-' : '+'}${two(Math.floor(minutes / 60))}`;
  if (part.length === 3) return text;
  const withMinutes = `${text}${colon}${two(minutes % 60)}`;
  return part.length < 7 ? withMinutes : `${withMinutes}${colon}${two(Math.abs(seconds) % 60)}`;
}

function weekdayOf(time: WallTime): string {
  return WEEKDAYS[new Date(Date.UTC(time.year, time.month - 1, time.day)).getUTCDay()] as string;
}

function dayOfYear({ year, month, day }: WallTime): number {
  return (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / 86_400_000 + 1;
}

/** What a text says of a time; what it does not say is undefined. */
interface Read {
  year: number;
  month?: number;
  day?: number;
  dayOfYear?: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half?: 'am' | 'pm';
  offset?: number;
  /** Said by its name, which counts before any offset. */
  isUtc?: true;
}

/** Go's time.Parse: nanoseconds since 1970. Abbreviations of zones but UTC say nothing, as in Go where the clock is UTC. @throws BuiltinError */
export function parseTime(layout: string, text: string): bigint {
  const read: Read = { year: 0, hour: 0, minute: 0, second: 0, nanosecond: 0 };
  const pieces = piecesOf(layout);
  let rest = text;
  for (const [i, piece] of pieces.entries()) {
    // Without a fraction in the layout, one is read behind the seconds all the same.
    rest = i % 2 === 0 ? skipLiteral(rest, piece) : readPart(rest, piece, read, isFraction(pieces[i + 2] ?? ''));
  }
  if (rest !== '') throw mismatch();
  return nanosecondsOf(read);
}

function mismatch(): BuiltinError {
  return new BuiltinError('the text is no such time');
}

function isFraction(part: string): boolean {
  return /^[.,]/.test(part);
}

/** Runs of blanks are alike. */
function skipLiteral(text: string, literal: string): string {
  let [at, i] = [0, 0];
  while (i < literal.length) {
    if (literal[i] === ' ') {
      if (at < text.length && text[at] !== ' ') throw mismatch();
      while (literal[i] === ' ') i += 1;
      while (text[at] === ' ') at += 1;
    } else {
      if (text[at] !== literal[i]) throw mismatch();
      at += 1;
      i += 1;
    }
  }
  return text.slice(at);
}

/** What is left of the text. */
function readPart(text: string, part: string, read: Read, hasFraction: boolean): string {
  switch (part) {
    case '2006':
      return take(text, /^[0-9]{4}/, (digits) => {
        read.year = Number(digits);
      });
    case '06':
      return take(text, /^[0-9]{2}/, (digits) => {
        read.year = Number(digits) + (Number(digits) >= 69 ? 1900 : 2000);
      });
    case 'January':
      return takeName(text, MONTHS, (month) => {
        read.month = month;
      });
    case 'Jan':
      return takeName(text, MONTHS.map(short), (month) => {
        read.month = month;
      });
    case 'Monday':
      return takeName(text, WEEKDAYS, () => {});
    case 'Mon':
      return takeName(text, WEEKDAYS.map(short), () => {});
    case '__2':
    case '002':
      return take(text, part === '002' ? /^[0-9]{3}/ : /^ {0,2}[0-9]{1,3}/, (digits) => {
        read.dayOfYear = Number(digits);
      });
    case 'PM':
    case 'pm':
      return take(text, part === 'PM' ? /^[AP]M/ : /^[ap]m/, (half) => {
        read.half = half.toLowerCase() as 'am' | 'pm';
      });
    case 'MST':
      return takeZone(text, read);
    default:
      return isFraction(part) ? takeFraction(text, part, read) : readNumber(text, part, read, hasFraction);
  }
}

const short = (name: string): string => name.slice(0, 3);

function readNumber(text: string, part: string, read: Read, hasFraction: boolean): string {
  const two = part.length === 2 && part.startsWith('0') ? /^[0-9]{2}/ : part === '_2' ? /^ ?[0-9]{1,2}/ : /^[0-9]{1,2}/;
  const within = (low: number, high: number, set: (number: number) => void): string =>
    take(text, two, (digits) => {
      if (Number(digits) < low || Number(digits) > high) throw new BuiltinError('the time is out of range');
      set(Number(digits));
    });
  switch (part) {
    case '1':
    case '01':
      return within(1, 12, (number) => Object.assign(read, { month: number }));
    case '2':
    case '_2':
    case '02':
      return within(0, 99, (number) => Object.assign(read, { day: number }));
    case '15':
      return within(0, 23, (number) => Object.assign(read, { hour: number }));
    case '3':
    case '03':
      return within(0, 12, (number) => Object.assign(read, { hour: number }));
    case '4':
    case '04':
      return within(0, 59, (number) => Object.assign(read, { minute: number }));
    case '5':
    case '05': {
      const rest = within(0, 59, (number) => Object.assign(read, { second: number }));
      return hasFraction || !/^[.,][0-9]/.test(rest) ? rest : takeFraction(rest, '.9', read);
    }
    default:
      return takeOffset(text, part, read);
  }
}

function take(text: string, pattern: RegExp, use: (found: string) => void): string {
  const found = pattern.exec(text)?.[0];
  if (found === undefined) throw mismatch();
  use(found);
  return text.slice(found.length);
}

/** Counted from 1; upper and lower case are alike. */
function takeName(text: string, names: readonly string[], use: (number: number) => void): string {
  const i = names.findIndex((name) => text.slice(0, name.length).toLowerCase() === name.toLowerCase());
  if (i < 0) throw mismatch();
  use(i + 1);
  return text.slice((names[i] as string).length);
}

/** Digits beyond nanoseconds are read and dropped. */
function takeFraction(text: string, part: string, read: Read): string {
  if (part[1] === '9' && !/^[.,][0-9]/.test(text)) return text;
  const pattern = part[1] === '9' ? /^[.,][0-9]+/ : new RegExp(`^[.,][0-9]{${part.length - 1}}`);
  return take(text, pattern, (found) => {
    read.nanosecond = Number(found.slice(1, 10).padEnd(9, '0'));
  });
}

const OFFSETS: Readonly<Record<string, RegExp>> = {
  '07': /^([+-])([0-9]{2})/,
  '0700': /^([+-])([0-9]{2})([0-9]{2})/,
  '07:00': /^([+-])([0-9]{2}):([0-9]{2})/,
  '070000': /^([+-])([0-9]{2})([0-9]{2})([0-9]{2})/,
  '07:00:00': /^([+-])([0-9]{2}):([0-9]{2}):([0-9]{2})/,
};

function takeOffset(text: string, part: string, read: Read): string {
  if (part.startsWith('Z') && text.startsWith('Z')) {
    read.isUtc = true;
    return text.slice(1);
  }
  const [found, sign, ...numbers] = (OFFSETS[part.slice(1)] as RegExp).exec(text) ?? [];
  if (found === undefined) throw mismatch();
  const [hours = 0, minutes = 0, seconds = 0] = numbers.map((number) => Number(number ?? 0));
  if (hours > 24 || minutes > 60 || seconds > 60) throw new BuiltinError('the time zone offset is out of range');
  const offset = (hours * 60 + minutes) * 60 + seconds;
  read.offset = sign === '-' ? -offset : offset;
  return text.slice(found.length);
}

/** A run of letters that looks like an abbreviation (Go's parseTimeZone), or `GMT+2`; of what they say, Go heeds UTC only. */
function takeZone(text: string, read: Read): string {
  if (text.startsWith('UTC')) {
    read.isUtc = true;
    return text.slice(3);
  }
  const [match, gmt = '', offset = ''] = /^(GMT)?([+-][0-9]+)?/.exec(text) ?? [];
  if (match !== '') {
    const isOffset = offset !== '' && Math.abs(Number(offset)) <= 23;
    if (gmt === '' && !isOffset) throw mismatch();
    return text.slice(gmt.length + (isOffset ? offset.length : 0));
  }
  const [zone] = /^(?:ChST|MeST|WITA(?![A-Z])|[A-Z]{4}T(?![A-Z])|[A-Z]{3}T(?![A-Z])|[A-Z]{3}(?![A-Z]))/.exec(text) ?? [];
  if (zone === undefined) throw mismatch();
  return text.slice(zone.length);
}

function nanosecondsOf(read: Read): bigint {
  const hour = read.half === 'pm' && read.hour < 12 ? read.hour + 12 : read.half === 'am' && read.hour === 12 ? 0 : read.hour;
  const { month, day } = dateOf(read);
  const date = new Date(0);
  date.setUTCFullYear(read.year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw new BuiltinError('the day is out of range');
  date.setUTCHours(hour, read.minute, read.second);
  const offset = read.isUtc === true ? 0 : (read.offset ?? 0);
  return (BigInt(date.getTime() / 1000) - BigInt(offset)) * 1_000_000_000n + BigInt(read.nanosecond);
}

function dateOf({ year, month, day, dayOfYear }: Read): { month: number; day: number } {
  if (dayOfYear === undefined) return { month: month ?? 1, day: day ?? 1 };
  const date = new Date(0);
  date.setUTCFullYear(year, 0, dayOfYear);
  const found = { month: date.getUTCMonth() + 1, day: date.getUTCDate() };
  const isLast = date.getUTCFullYear() === year && dayOfYear >= 1;
  if (!isLast || (month ?? found.month) !== found.month || (day ?? found.day) !== found.day)
    throw new BuiltinError('the day of the year is out of range');
  return found;
}
