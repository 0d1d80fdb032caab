import { brotliDecompressSync } from 'node:zlib';
import { ZONES } from './zones.gen.js';

/** What clocks of a zone show at some time. */
export interface ZoneTime {
  /** `CEST` */
  readonly name: string;
  /** Seconds east of Greenwich. */
  readonly offset: number;
}

/** A time zone of IANA. */
export interface Zone {
  /** @param second since 1970, UTC */
  at(second: number): ZoneTime;
}

/** The zone without rules. */
export const UTC: Zone = { at: () => ({ name: 'UTC', offset: 0 }) };

const loaded = new Map<string, Zone>();
let index: ReadonlyMap<string, Buffer> | undefined;

/** A zone by its name, in exactly these letters; `undefined` if there is none. */
export function zoneOf(name: string): Zone | undefined {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  index ??= unpack(brotliDecompressSync(Buffer.from(ZONES, 'base64')));
  const bytes = index.get(name);
  if (bytes === undefined) return undefined;
  const zone = readZone(bytes);
  loaded.set(name, zone);
  return zone;
}

function unpack(all: Buffer): ReadonlyMap<string, Buffer> {
  const size = all.readUInt32BE(0);
  const groups = JSON.parse(all.toString('utf8', 4, 4 + size)) as [number, ...string[]][];
  const zones = new Map<string, Buffer>();
  let at = 4 + size;
  for (const [length, ...names] of groups) {
    for (const name of names) zones.set(name, all.subarray(at, at + length));
    at += length;
  }
  return zones;
}

interface Kind extends ZoneTime {
  readonly isDst: boolean;
}

/** TZif, version 2 and later (RFC 9636 §3); what comes after the last change of the clocks is a rule at its end. */
function readZone(bytes: Buffer): Zone {
  const counts = (at: number): number[] => [0, 1, 2, 3, 4, 5].map((i) => bytes.readUInt32BE(at + 20 + i * 4));
  const [utcs = 0, stds = 0, leaps = 0, times = 0, types = 0, chars = 0] = counts(0);
  // The same with times of 32 bits comes first.
  const second = 44 + times * 5 + types * 6 + chars + leaps * 8 + stds + utcs;
  const [utcs2 = 0, stds2 = 0, leaps2 = 0, times2 = 0, types2 = 0, chars2 = 0] = counts(second);
  const start = second + 44;
  const typesAt = start + times2 * 9;
  const namesAt = typesAt + types2 * 6;
  const kinds = Array.from({ length: types2 }, (_, i): Kind => {
    const at = typesAt + i * 6;
    const nameAt = namesAt + bytes.readUInt8(at + 5);
    return {
      offset: bytes.readInt32BE(at),
      isDst: bytes.readUInt8(at + 4) === 1,
      name: bytes.toString('latin1', nameAt, bytes.indexOf(0, nameAt)),
    };
  });
  const changes = Array.from({ length: times2 }, (_, i) => ({
    second: Number(bytes.readBigInt64BE(start + i * 8)),
    kind: kinds[bytes.readUInt8(start + times2 * 8 + i)] as Kind,
  }));
  const rule = readRule(bytes.toString('latin1', namesAt + chars2 + leaps2 * 12 + stds2 + utcs2).trim());
  return zoneWith(kinds, changes, rule);
}

interface Change {
  readonly second: number;
  readonly kind: Kind;
}

function zoneWith(kinds: readonly Kind[], changes: readonly Change[], rule: Zone | undefined): Zone {
  const before = firstKind(kinds, changes);
  const lastSecond = changes.at(-1)?.second ?? -Infinity;
  return {
    at(second) {
      if (second >= lastSecond) return rule?.at(second) ?? changes.at(-1)?.kind ?? before;
      let [low, high] = [-1, changes.length];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if ((changes[middle] as Change).second <= second) low = middle;
        else high = middle;
      }
      return changes[low]?.kind ?? before;
    },
  };
}

/** What was before the first change, as Go chooses it. */
function firstKind(kinds: readonly Kind[], changes: readonly Change[]): Kind {
  const [first] = kinds as [Kind];
  if (changes.every(({ kind }) => kind !== first)) return first;
  const firstChange = changes[0]?.kind;
  if (firstChange?.isDst === true) {
    const earlier = kinds.slice(0, kinds.indexOf(firstChange)).findLast((kind) => !kind.isDst);
    if (earlier !== undefined) return earlier;
  }
  return kinds.find((kind) => !kind.isDst) ?? first;
}

const NAME = '(<[^>]+>|[A-Za-z]{3,})';
const OFFSET = '([+-]?[0-9:]+)';
const RULE = new RegExp(`^${NAME}${OFFSET}(?:${NAME}${OFFSET}?,([^,]+),([^,]+))?$`);

/** `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX.1-2017 §8.3) */
function readRule(text: string): Zone | undefined {
  const [match, stdName = '', stdOffset = '', dstName, dstOffset, from = '', to = ''] = RULE.exec(text) ?? [];
  if (match === undefined) return undefined;
  const plainName = (name: string): string => name.replace(/[<>]/g, '');
  const std = { name: plainName(stdName), offset: -seconds(stdOffset) };
  if (dstName === undefined) return { at: () => std };
  const dst = { name: plainName(dstName), offset: dstOffset === undefined ? std.offset + 3600 : -seconds(dstOffset) };
  const [begins, ends] = [secondOfYear(from), secondOfYear(to)];
  return {
    at(second) {
      const year = new Date(second * 1000).getUTCFullYear();
      const [start, end] = [begins(year) - std.offset, ends(year) - dst.offset];
      const isBetween = second >= Math.min(start, end) && second < Math.max(start, end);
      return isBetween === start < end ? dst : std;
    },
  };
}

function seconds(text: string): number {
  const [hours = 0, minutes = 0, rest = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  return (text.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + rest);
}

/** When a day of a rule begins, or its hour, as a clock there shows it, in seconds since 1970. */
function secondOfYear(rule: string): (year: number) => number {
  const [day = '', time = '2'] = rule.split('/');
  const after = seconds(time);
  const [, month, week, weekday] = /^M([0-9]+)\.([0-9]+)\.([0-9]+)$/.exec(day)?.map(Number) ?? [];
  if (month !== undefined) return (year) => weekdayOf(year, month, week as number, weekday as number) + after;
  // `J60` is 1 March in every year; a bare 59 counts 29 February.
  const isJulian = day.startsWith('J');
  const number = Number(day.replace('J', ''));
  return (year) => {
    const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
    const days = isJulian ? number - 1 + (isLeap && number >= 60 ? 1 : 0) : number;
    return Date.UTC(year, 0, 1) / 1000 + days * 86400 + after;
  };
}

/** The so-manieth such weekday of a month; the fifth is the last. */
function weekdayOf(year: number, month: number, week: number, weekday: number): number {
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  let day = 1 + ((weekday - first + 7) % 7) + (week - 1) * 7;
  if (day > length) day -= 7;
  return Date.UTC(year, month - 1, day) / 1000;
}
