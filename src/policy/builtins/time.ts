import { isArray, RegoNumber, type Term } from '../terms/index.js';
import { BuiltinError, type Builtins } from './builtin.js';
import { parseDuration } from './go-duration.js';
import { formatTime, parseTime, type WallTime, WEEKDAYS } from './go-layout.js';
import { int64At, numberAt, textAt } from './operands.js';
import { UTC, type Zone, zoneOf } from './zone.js';

/** Times: nanoseconds since 1970 in 64 bits, alone or with a zone and a layout. */
export const timeBuiltins: Builtins = {
  'time.add_date': (args) => addDate(momentAt(args, 0), int64At(args, 1), int64At(args, 2), int64At(args, 3)),
  'time.clock': (args) => {
    const { hour, minute, second } = wallTime(momentAt(args, 0));
    return [hour, minute, second].map(RegoNumber.of);
  },
  'time.date': (args) => {
    const { year, month, day } = wallTime(momentAt(args, 0));
    return [year, month, day].map(RegoNumber.of);
  },
  'time.diff': (args) => difference(momentAt(args, 0), momentAt(args, 1)).map(RegoNumber.of),
  'time.format': (args) => {
    const moment = momentAt(args, 0);
    return formatTime(wallTime(moment), layoutOf(moment.layout === '' ? 'RFC3339Nano' : moment.layout));
  },
  'time.now_ns': (_, evaluation) => RegoNumber.of(evaluation.nowNs),
  'time.parse_duration_ns': (args) => RegoNumber.of(parseDuration(textAt(args, 0))),
  'time.parse_ns': (args) => inRange(parseTime(layoutOf(textAt(args, 0)), textAt(args, 1))),
  'time.parse_rfc3339_ns': (args) => inRange(parseTime(layoutOf('RFC3339'), textAt(args, 0))),
  'time.weekday': (args) => {
    const { year, month, day } = wallTime(momentAt(args, 0));
    return WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] as string;
  },
};

/** Layouts that have a name. */
const LAYOUTS: ReadonlyMap<string, string> = new Map([
  ['ANSIC', 'Mon Jan _2 15:04:05 2006'],
  ['UnixDate', 'Mon Jan _2 15:04:05 MST 2006'],
  ['RubyDate', 'Mon Jan 02 15:04:05 -0700 2006'],
  ['RFC822', '02 Jan 06 15:04 MST'],
  ['RFC822Z', '02 Jan 06 15:04 -0700'],
  ['RFC850', 'Monday, 02-Jan-06 15:04:05 MST'],
  ['RFC1123', 'Mon, 02 Jan 2006 15:04:05 MST'],
  ['RFC1123Z', 'Mon, 02 Jan 2006 15:04:05 -0700'],
  ['RFC3339', '2006-01-02T15:04:05Z07:00'],
  ['RFC3339Nano', '2006-01-02T15:04:05.999999999Z07:00'],
]);

const SECOND = 1_000_000_000n;

interface Moment {
  readonly ns: bigint;
  readonly zone: Zone;
  readonly layout: string;
}

function layoutOf(layout: string): string {
  return LAYOUTS.get(layout) ?? layout;
}

/** `ns`, `[ns, zone]` or `[ns, zone, layout]` */
function momentAt(args: readonly Term[], place: number): Moment {
  const term = args[place] as Term;
  if (!isArray(term)) return { ns: nsOf(numberAt(args, place)), zone: UTC, layout: '' };
  if (term.length === 0) throw new BuiltinError('operand 1 must be either number (ns) or [number (ns), string (tz)]');
  return {
    ns: nsOf(numberAt(term, 0)),
    zone: term.length > 1 ? zoneNamed(textAt(term, 1)) : UTC,
    layout: term.length > 2 ? textAt(term, 2) : '',
  };
}

function nsOf(number: RegoNumber): bigint {
  const ns = number.whole;
  if (ns === undefined || ns !== BigInt.asIntN(64, ns)) throw new BuiltinError('timestamp too big');
  return ns;
}

function zoneNamed(name: string): Zone {
  if (name === '' || name === 'UTC') return UTC;
  const zone = zoneOf(name === 'Local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : name);
  if (zone === undefined) throw new BuiltinError('unknown time zone');
  return zone;
}

function wallTime({ ns, zone }: Pick<Moment, 'ns' | 'zone'>): WallTime {
  const nanosecond = ((ns % SECOND) + SECOND) % SECOND;
  const second = Number((ns - nanosecond) / SECOND);
  const { name, offset } = zone.at(second);
  const date = new Date((second + offset) * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(nanosecond),
    offset,
    zone: name,
  };
}

function inRange(ns: bigint): RegoNumber {
  if (ns !== BigInt.asIntN(64, ns)) throw new BuiltinError('time outside of valid range');
  return RegoNumber.of(ns);
}

/** 31 January and a month is 2 or 3 March, as in Go. */
function addDate(moment: Moment, years: bigint, months: bigint, days: bigint): RegoNumber {
  const { year, month, day, hour, minute, second, nanosecond } = wallTime(moment);
  const date = new Date(0);
  date.setUTCFullYear(year + Number(years), month - 1 + Number(months), day + Number(days));
  date.setUTCHours(hour, minute, second);
  if (Number.isNaN(date.getTime())) throw new BuiltinError('time outside of valid range');
  const local = date.getTime() / 1000;
  // Near a change of the clocks the offset is that of the time which was found.
  const guess = moment.zone.at(local).offset;
  const offset = guess === 0 ? 0 : moment.zone.at(local - guess).offset;
  return inRange(BigInt(local - offset) * SECOND + BigInt(nanosecond));
}

/** Years, months, days, hours, minutes and seconds between two times, both in the zone of the first. */
function difference(one: Moment, other: Moment): number[] {
  const times = [one.ns, other.ns].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map((ns) => wallTime({ ns, zone: one.zone }));
  const [from, to] = times as [WallTime, WallTime];
  let [years, months, days] = [to.year - from.year, to.month - from.month, to.day - from.day];
  let [hours, minutes, seconds] = [to.hour - from.hour, to.minute - from.minute, to.second - from.second];
  if (seconds < 0) [seconds, minutes] = [seconds + 60, minutes - 1];
  if (minutes < 0) [minutes, hours] = [minutes + 60, hours - 1];
  if (hours < 0) [hours, days] = [hours + 24, days - 1];
  if (days < 0) [days, months] = [days + new Date(Date.UTC(from.year, from.month, 0)).getUTCDate(), months - 1];
  if (months < 0) [months, years] = [months + 12, years - 1];
  return [years, months, days, hours, minutes, seconds];
}
