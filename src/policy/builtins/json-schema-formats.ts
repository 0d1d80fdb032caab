import { isIP } from 'node:net';
import { BuiltinError } from './builtin.js';
import { type GoUrl, parseUrl } from './go-url.js';
import { regularExpression } from './regular-expression.js';

/** Whether a text has a format, as gojsonschema looks at it; a format that it does not know, every text has. */
export function hasFormat(format: string, text: string): boolean {
  const check = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  return check === undefined || check(text);
}

const HOST_LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9])';
const HOSTNAME = new RegExp(`^${HOST_LABEL}(?:\\.${HOST_LABEL})*$`);

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: isTime,
  'date-time': (text) => isTime(text) || isDate(text) || isDateTime(text),
  hostname: (text) => text.length < 256 && HOSTNAME.test(text),
  email: isEmail,
  'idn-email': isEmail,
  ipv4: (text) => isAddress(text) && text.includes('.'),
  ipv6: (text) => isAddress(text) && text.includes(':'),
  uri: (text) => (urlOf(text)?.scheme ?? '') !== '',
  'uri-reference': (text) => urlOf(text) !== undefined,
  iri: (text) => (urlOf(text)?.scheme ?? '') !== '',
  'iri-reference': (text) => urlOf(text) !== undefined,
  'uri-template': (text) => /^[^{]*(?:\{[^}]*\}[^{]*)*$/.test(urlOf(text)?.path ?? '{'),
  uuid: (text) => /^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$/i.test(text),
  regex: isExpression,
  'json-pointer': (text) => /^(?:\/(?:[^~/]|~0|~1)*)*$/.test(text),
  'relative-json-pointer': (text) => /^(?:0|[1-9][0-9]*)(?:#|(?:\/(?:[^~/]|~0|~1)*)*)$/.test(text),
};

function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

function urlOf(text: string): GoUrl | undefined {
  try {
    return text.includes('\\') ? undefined : parseUrl(text);
  } catch (cause) {
    if (cause instanceof BuiltinError) return undefined;
    throw cause;
  }
}

function isExpression(text: string): boolean {
  try {
    return regularExpression(text) !== undefined;
  } catch (cause) {
    if (cause instanceof BuiltinError) return false;
    throw cause;
  }
}

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(2000, Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

/** As Go reads it: an hour of one digit, and a fraction behind a dot or a comma. */
const CLOCK = '([01]?\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:[.,]\\d+)?';
const ZONE = '(?:Z|[+-](?:[01]\\d|2[0-4]):(?:[0-5]\\d|60))';
const TIME = new RegExp(`^${CLOCK}${ZONE}?$`);
const DATE_TIME = new RegExp(`^(.{10})T${CLOCK}${ZONE}$`);

function isTime(text: string): boolean {
  return TIME.test(text);
}

function isDateTime(text: string): boolean {
  return isDate(DATE_TIME.exec(text)?.[1] ?? '');
}

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\u{10ffff}-]+";
const QUOTED = '"(?:[^"\\\\\\0-\\x08\\x0a-\\x1f]|\\\\[\\t\\x20-\\x7e\\u0080-\\u{10ffff}])+"';
const ADDRESS = `(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})@(?:${ATOM}(?:\\.${ATOM})*|\\[[^[\\]\\\\]+\\])`;
const MAILBOX = new RegExp(`^[ \\t]*(?:${ADDRESS}|(?:(?:${ATOM}|${QUOTED}|\\.)[ \\t]*)*<[ \\t]*${ADDRESS}[ \\t]*>)[ \\t]*$`, 'u');

/** An address alone, or with a name before it (RFC 5322 §3.4). */
function isEmail(text: string): boolean {
  // What is longer is no address, and would take long to be looked at.
  return text.length <= 1000 && MAILBOX.test(text);
}
