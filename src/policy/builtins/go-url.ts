import { BuiltinError } from './builtin.js';

/** A URL as Go's net/url takes it apart. */
export interface GoUrl {
  readonly scheme: string;
  readonly opaque: string;
  /** With what stands for the password; `undefined` if there is no `@`. */
  readonly user: string | undefined;
  readonly host: string;
  readonly path: string;
  /** The path as it was written, where that is not how it would be written; else empty. */
  readonly rawPath: string;
  readonly omitHost: boolean;
  readonly forceQuery: boolean;
  readonly rawQuery: string;
  readonly fragment: string;
  readonly rawFragment: string;
}

type Mode = 'path' | 'host' | 'zone' | 'user' | 'fragment';

/** @throws BuiltinError for what Go takes for no URL */
export function parseGoUrl(text: string): GoUrl {
  if (/[\0-\x1f\x7f]/.test(text)) throw invalid();
  const [before, , rest] = cut(text, '#');
  const url = parseReference(before);
  const [fragment, rawFragment] = decodedParts(rest, 'fragment');
  return { ...url, fragment, rawFragment };
}

/** The path as it goes over the wire. */
export function escapedPath({ path, rawPath }: Pick<GoUrl, 'path' | 'rawPath'>): string {
  if (rawPath !== '' && /^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]%/]*$/.test(rawPath)) return rawPath;
  return path === '*' ? '*' : escaped(path, 'path');
}

/** The URL as a text, as Go writes it. */
export function urlText(url: GoUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  const query = url.forceQuery || url.rawQuery !== '' ? `?${url.rawQuery}` : '';
  const fragment = url.fragment === '' ? '' : `#${url.rawFragment || escaped(url.fragment, 'fragment')}`;
  return `${scheme}${url.opaque === '' ? authorityAndPath(url) : url.opaque}${query}${fragment}`;
}

function authorityAndPath(url: GoUrl): string {
  const { scheme, host, user } = url;
  const path = escapedPath(url);
  const hasAuthority = host !== '' || user !== undefined;
  const hasSlashes = hasAuthority || (scheme !== '' && !url.omitHost && url.path !== '');
  const authority = `${hasSlashes ? '//' : ''}${user === undefined ? '' : `${user}@`}${escaped(host, 'host')}`;
  if (path !== '' && !path.startsWith('/') && host !== '') return `${authority}/${path}`;
  // What could be read as a scheme must not stand first.
  return scheme === '' && authority === '' && path.split('/')[0]?.includes(':') ? `./${path}` : `${authority}${path}`;
}

/** A reference as it is meant where the base stands (RFC 3986 §5.2), as Go's ResolveReference has it. */
export function resolvedUrl(base: GoUrl, reference: GoUrl): GoUrl {
  const { scheme, host, user, path } = reference;
  const url = { ...reference, scheme: scheme || base.scheme };
  if (scheme !== '' || host !== '' || user !== undefined) return { ...url, ...pathOf(resolvedPath(escapedPath(reference), '')) };
  if (reference.opaque !== '') return { ...url, host: '', path: '' };
  const isSame = path === '' && !reference.forceQuery && reference.rawQuery === '';
  const query = isSame ? { rawQuery: base.rawQuery } : {};
  const fragment = isSame && reference.fragment === '' ? { fragment: base.fragment, rawFragment: base.rawFragment } : {};
  if (path === '' && base.opaque !== '') return { ...url, ...query, ...fragment, opaque: base.opaque, user: undefined, host: '', path: '' };
  return { ...url, ...query, ...fragment, host: base.host, user: base.user, ...pathOf(resolvedPath(escapedPath(base), escapedPath(reference))) };
}

function pathOf(text: string): Pick<GoUrl, 'path' | 'rawPath'> {
  const [path, rawPath] = decodedParts(text, 'path');
  return { path, rawPath };
}

function resolvedPath(base: string, reference: string): string {
  const full = reference === '' ? base : reference.startsWith('/') ? reference : base.slice(0, base.lastIndexOf('/') + 1) + reference;
  if (full === '') return '';
  const kept: string[] = [];
  const parts = full.split('/');
  parts.forEach((part, i) => {
    const isLast = i === parts.length - 1;
    if (part === '..') kept.pop();
    if (part !== '.' && part !== '..') kept.push(part);
    else if (isLast) kept.push('');
  });
  return `/${kept.join('/').replace(/^\//, '')}`;
}

function parseReference(text: string): Omit<GoUrl, 'fragment' | 'rawFragment'> {
  const nothing = { opaque: '', user: undefined, host: '', omitHost: false, rawPath: '' };
  if (text === '*') return { ...nothing, scheme: '', path: '*', forceQuery: false, rawQuery: '' };
  const [scheme, afterScheme] = schemeOf(text);
  const forceQuery = afterScheme.endsWith('?') && afterScheme.indexOf('?') === afterScheme.length - 1;
  const [rest, , rawQuery] = forceQuery ? [afterScheme.slice(0, -1), '', ''] : cut(afterScheme, '?');
  const common = { ...nothing, scheme, forceQuery, rawQuery };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...common, opaque: rest, path: '' };
    // What could be read as a scheme is none.
    if (rest.split('/')[0]?.includes(':')) throw invalid();
  }
  if ((scheme !== '' || !rest.startsWith('///')) && rest.startsWith('//')) {
    const slash = rest.indexOf('/', 2);
    const end = slash < 0 ? rest.length : slash;
    const [path, rawPath] = decodedParts(rest.slice(end), 'path');
    return { ...common, ...authorityOf(rest.slice(2, end)), path, rawPath };
  }
  const [path, rawPath] = decodedParts(rest, 'path');
  return { ...common, path, rawPath, omitHost: scheme !== '' && rest.startsWith('/') };
}

function schemeOf(text: string): [string, string] {
  const colon = text.search(/[^A-Za-z0-9+.-]/);
  if (colon < 0 || text[colon] !== ':') return ['', text];
  if (colon === 0) throw invalid();
  return /^[A-Za-z]/.test(text) ? [text.slice(0, colon).toLowerCase(), text.slice(colon + 1)] : ['', text];
}

function authorityOf(text: string): { user: string | undefined; host: string } {
  const at = text.lastIndexOf('@');
  const host = hostOf(text.slice(at + 1));
  if (at < 0) return { user: undefined, host };
  const user = text.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw invalid();
  const [name, colon, password] = cut(user, ':');
  return { user: [name, password].map((part) => escaped(unescaped(part, 'user'), 'user')).join(colon), host };
}

function hostOf(text: string): string {
  if (text.startsWith('[')) {
    const close = text.lastIndexOf(']');
    if (close < 0 || !isPort(text.slice(close + 1))) throw invalid();
    const zone = text.slice(0, close).indexOf('%25');
    const address = zone < 0 ? unescaped(text.slice(0, close), 'host') : unescaped(text.slice(0, zone), 'host');
    return `${address}${zone < 0 ? '' : unescaped(text.slice(zone, close), 'zone')}${unescaped(text.slice(close), 'host')}`;
  }
  const colon = text.lastIndexOf(':');
  if (colon >= 0 && (!isPort(text.slice(colon)) || text.indexOf(':') !== colon)) throw invalid();
  return unescaped(text, 'host');
}

function isPort(text: string): boolean {
  return /^(?::[0-9]*)?$/.test(text);
}

/** The text without its escapes, and itself where its escapes are not those that we would write. */
function decodedParts(text: string, mode: Mode): [string, string] {
  const plain = unescaped(text, mode);
  return [plain, text === escaped(plain, mode) ? '' : text];
}

function unescaped(text: string, mode: Mode): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw invalid();
  // In a host only what is no ASCII may be escaped, and the zone's percent sign.
  if (mode === 'host' && /%(?!25)[0-7]/.test(text)) throw invalid();
  if ((mode === 'host' || mode === 'zone') && /[\0-\x20"\\^`{|}/?#]/.test(mode === 'host' ? text.replace(/[<>"]/g, '') : text)) throw invalid();
  if (!text.includes('%')) return text;
  const bytes = Buffer.from(text, 'utf8').toString('latin1').replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

const PLAIN: Readonly<Record<Mode, RegExp>> = {
  path: /[^A-Za-z0-9\-_.~$&+,/:;=@!*'()]/g,
  host: /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/g,
  zone: /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/g,
  user: /[^A-Za-z0-9\-_.~$&+,;=]/g,
  fragment: /[^A-Za-z0-9\-_.~$&+,/:;=?@!*'()]/g,
};

function escaped(text: string, mode: Mode): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return bytes.replace(PLAIN[mode], (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

function cut(text: string, at: string): [string, string, string] {
  const place = text.indexOf(at);
  return place < 0 ? [text, '', ''] : [text.slice(0, place), at, text.slice(place + 1)];
}

function invalid(): BuiltinError {
  return new BuiltinError('no URL');
}
