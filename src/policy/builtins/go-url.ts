import { isIPv4, isIPv6 } from 'node:net';
import { BuiltinError } from './builtin.js';

/** What Go's url.Parse finds in a text; absent parts are empty. */
export interface GoUrl {
  readonly scheme: string;
  /** What follows a scheme without a slash. */
  readonly opaque: string;
  /** Who stands before the `@`, as Go would write it; `undefined` if there is none. */
  readonly user: string | undefined;
  /** With its port. */
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  /** As it is written, if that is not how Go would write `path`. */
  readonly rawPath: string;
  /** A scheme, and a path without two slashes before it. */
  readonly omitHost: boolean;
  /** A `?` with nothing behind it. */
  readonly forceQuery: boolean;
  readonly rawQuery: string;
  readonly fragment: string;
  /** As it is written, if that is not how Go would write `fragment`. */
  readonly rawFragment: string;
}

/** Bytes of ASCII that stand for themselves, by where they stand (Go's net/url, encoding_table.go). */
const SAFE = {
  path: /^[A-Za-z0-9$&+,\-./:;=@_~]$/,
  fragment: /^[A-Za-z0-9!$&'()*+,\-./:;=?@_~]$/,
  user: /^[A-Za-z0-9$&+,\-.;=_~]$/,
  host: /^[A-Za-z0-9!"$&'()*+,\-.:;<=>[\]_~]$/,
  query: /^[A-Za-z0-9\-._~]$/,
} as const;

/** Go's url.QueryEscape. */
export function queryEscape(text: string): string {
  return escape(text, 'query').replaceAll('%20', '+');
}

/** Go's url.QueryUnescape. @throws BuiltinError for a `%` without two hexadecimal digits */
export function queryUnescape(text: string): string {
  return unescape(text.replaceAll('+', ' '));
}

/** Go's url.Parse (1.26). @throws BuiltinError for what it refuses */
export function parseUrl(text: string): GoUrl {
  const [before, fragment] = cut(text, '#');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are refused
  if (/[\u0000-\u001f\u007f]/.test(before)) throw new BuiltinError('invalid control character in URL');
  const url = { ...EMPTY, ...fragmentParts(fragment) };
  if (before === '*') return { ...url, path: '*' };
  const { scheme, rest } = splitScheme(before);
  const forceQuery = rest.indexOf('?') === rest.length - 1 && rest !== '';
  const [hierarchy, rawQuery] = cut(rest, '?');
  const found = { ...url, scheme: scheme.toLowerCase(), forceQuery, rawQuery };
  if (!hierarchy.startsWith('/')) {
    if (scheme !== '') return { ...found, opaque: hierarchy };
    if ((hierarchy.split('/', 1)[0] as string).includes(':')) throw new BuiltinError('first path segment in URL cannot contain colon');
  }
  const hasAuthority = hierarchy.startsWith('//') && (scheme !== '' || !hierarchy.startsWith('///'));
  if (!hasAuthority) return { ...found, omitHost: scheme !== '' && hierarchy.startsWith('/'), ...pathParts(hierarchy) };
  const slash = hierarchy.indexOf('/', 2);
  const authority = slash < 0 ? hierarchy.slice(2) : hierarchy.slice(2, slash);
  const host = hostOf(found.scheme, authority);
  return { ...found, user: userOf(authority), host, ...hostParts(host), ...pathParts(slash < 0 ? '' : hierarchy.slice(slash)) };
}

const EMPTY: GoUrl = {
  scheme: '',
  opaque: '',
  user: undefined,
  host: '',
  hostname: '',
  port: '',
  path: '',
  rawPath: '',
  omitHost: false,
  forceQuery: false,
  rawQuery: '',
  fragment: '',
  rawFragment: '',
};

/** The path as it goes over the wire. */
export function escapedPath({ path, rawPath }: Pick<GoUrl, 'path' | 'rawPath'>): string {
  if (rawPath !== '' && /^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]%/]*$/.test(rawPath)) return rawPath;
  return path === '*' ? '*' : escape(path, 'path');
}

/** The URL as a text, as Go writes it. */
export function urlText(url: GoUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const query = url.forceQuery || url.rawQuery !== '' ? `?${url.rawQuery}` : '';
  const fragment = url.fragment === '' ? '' : `#${url.rawFragment || escape(url.fragment, 'fragment')}`;
  return `${scheme}${url.opaque === '' ? authorityAndPath(url) : url.opaque}${query}${fragment}`;
}

function authorityAndPath(url: GoUrl): string {
  const { scheme, host, user } = url;
  const path = escapedPath(url);
  const hasAuthority = host !== '' || user !== undefined;
  const hasSlashes = hasAuthority || (scheme !== '' && !url.omitHost && url.path !== '');
  const authority = `${hasSlashes ? '//' : ''}${user === undefined ? '' : `${user}@`}${escape(host, 'host')}`;
  if (path !== '' && !path.startsWith('/') && host !== '') return `${authority}/${path}`;
  // What could be read as a scheme must not stand first.
  return scheme === '' && authority === '' && path.split('/')[0]?.includes(':') ? `./${path}` : `${authority}${path}`;
}

/** A reference as it is meant where the base stands (RFC 3986 §5.2), as Go's ResolveReference has it. */
export function resolvedUrl(base: GoUrl, reference: GoUrl): GoUrl {
  const { scheme, host, user, path } = reference;
  const url = { ...reference, scheme: scheme || base.scheme };
  if (scheme !== '' || host !== '' || user !== undefined) return { ...url, ...pathParts(resolvedPath(escapedPath(reference), '')) };
  if (reference.opaque !== '') return { ...url, host: '', path: '' };
  const isSame = path === '' && !reference.forceQuery && reference.rawQuery === '';
  const query = isSame ? { rawQuery: base.rawQuery } : {};
  const fragment = isSame && reference.fragment === '' ? { fragment: base.fragment, rawFragment: base.rawFragment } : {};
  const merged = { ...url, ...query, ...fragment };
  if (path === '' && base.opaque !== '') return { ...merged, opaque: base.opaque, user: undefined, host: '', path: '' };
  return { ...merged, host: base.host, user: base.user, ...pathParts(resolvedPath(escapedPath(base), escapedPath(reference))) };
}

function resolvedPath(base: string, reference: string): string {
  const relative = reference === '' ? base : base.slice(0, base.lastIndexOf('/') + 1) + reference;
  const full = reference.startsWith('/') ? reference : relative;
  if (full === '') return '';
  const kept: string[] = [];
  const parts = full.split('/');
  for (const [i, part] of parts.entries()) {
    if (part === '..') kept.pop();
    if (part !== '.' && part !== '..') kept.push(part);
    else if (i === parts.length - 1) kept.push('');
  }
  return `/${kept.join('/').replace(/^\//, '')}`;
}

function cut(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function splitScheme(text: string): { scheme: string; rest: string } {
  if (text.startsWith(':')) throw new BuiltinError('missing protocol scheme');
  const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text) ?? [];
  return scheme === undefined ? { scheme: '', rest: text } : { scheme, rest: text.slice(scheme.length + 1) };
}

function pathParts(written: string): Pick<GoUrl, 'path' | 'rawPath'> {
  const bytes = unescapedBytes(written);
  return { path: bytes.toString('utf8'), rawPath: escapeBytes(bytes, 'path') === written ? '' : written };
}

function fragmentParts(written: string): Pick<GoUrl, 'fragment' | 'rawFragment'> {
  const bytes = unescapedBytes(written);
  return { fragment: bytes.toString('utf8'), rawFragment: escapeBytes(bytes, 'fragment') === written ? '' : written };
}

function userOf(authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  if (at < 0) return undefined;
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new BuiltinError('invalid userinfo');
  const [name, password] = cut(user, ':').map((part) => escape(unescape(part), 'user'));
  return user.includes(':') ? `${name}:${password}` : name;
}

function hostOf(scheme: string, authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) throw new BuiltinError('invalid IP-literal');
  return bracket === 0 ? addressOf(host) : nameOf(scheme, host);
}

function nameOf(scheme: string, host: string): string {
  const first = host.indexOf(':');
  if (first >= 0) {
    const isStrict = scheme === 'http' || scheme === 'https';
    assertPort(host.slice(isStrict ? first : host.lastIndexOf(':')));
  }
  return unescapeHost(host);
}

/** `[address]:port`, as RFC 3986 and RFC 6874 (`%25zone`) have it. */
function addressOf(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new BuiltinError("missing ']' in host");
  const port = host.slice(close + 1);
  assertPort(port);
  const inner = host.slice(1, close);
  const zone = inner.indexOf('%25');
  const address = zone < 0 ? unescapeHost(inner) : unescapeHost(inner.slice(0, zone)) + unescapeZone(inner.slice(zone));
  const [plain, name] = cut(address, '%');
  if (isIPv4(plain) || !isIPv6(plain) || (address.includes('%') && name === '')) throw new BuiltinError('invalid host');
  return `[${address}]${port}`;
}

function assertPort(port: string): void {
  if (!/^(:[0-9]*)?$/.test(port)) throw new BuiltinError('invalid port after host');
}

function unescapeHost(text: string): string {
  // In a host only bytes beyond ASCII are escaped, and `%` itself.
  if (/%(?!25)[0-7][0-9a-fA-F]/.test(text)) throw new BuiltinError('invalid URL escape in host');
  assertHostLetters(text.replace(/%[0-9a-fA-F]{2}/g, ''));
  return unescape(text);
}

function unescapeZone(text: string): string {
  assertHostLetters(unescape(text.replace(/%25|%20/g, '')));
  return unescape(text);
}

function assertHostLetters(text: string): void {
  const strange = [...text].some((char) => char < '\u0080' && char !== '%' && !SAFE.host.test(char));
  if (strange) throw new BuiltinError('invalid character in host name');
}

/** As Go's URL.Hostname and URL.Port. */
function hostParts(host: string): Pick<GoUrl, 'hostname' | 'port'> {
  const [, name = host, port = ''] = /^(.*):([0-9]*)$/s.exec(host) ?? [];
  return { hostname: name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name, port };
}

function escape(text: string, where: keyof typeof SAFE): string {
  return escapeBytes(Buffer.from(text, 'utf8'), where);
}

function escapeBytes(bytes: Uint8Array, where: keyof typeof SAFE): string {
  const letter = (byte: number): string => {
    const char = String.fromCharCode(byte);
    return SAFE[where].test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  };
  return Array.from(bytes, letter).join('');
}

function unescape(text: string): string {
  return text.includes('%') ? unescapedBytes(text).toString('utf8') : text;
}

function unescapedBytes(text: string): Buffer {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw new BuiltinError('invalid URL escape');
  const bytes = Buffer.from(text, 'utf8');
  let size = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    const isEscape = bytes[i] === 0x25;
    bytes[size] = isEscape ? Number.parseInt(bytes.toString('latin1', i + 1, i + 3), 16) : (bytes[i] as number);
    size += 1;
    if (isEscape) i += 2;
  }
  return bytes.subarray(0, size);
}
