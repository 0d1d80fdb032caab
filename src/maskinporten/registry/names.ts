import { Fault, holdsPersonNumber, isFault, type Orgnr, parseOrgnr } from '#domain';
import { looksOf } from '../entities.js';
import type { ScopeName } from '../nouns.js';

/** Of the product's own scopes, and of those that OpenID Connect has: they are handed out to nobody. */
const RESERVED: ReadonlySet<string> = new Set(['idporten', 'maskinporten', 'ks', 'krr', 'global', 'openid', 'tilgang'].map(looksOf));

/** A prefix of scopes: an organisation number, or a short name of 2 to 50 of `a-z 0-9 - _` that begins with a letter. */
export function parsePrefix(text: string): string | Fault {
  if (/^[0-9]{9}$/.test(text)) {
    const orgnr = parseOrgnr(text);
    return isFault(orgnr) ? orgnr : text;
  }
  if (!/^[a-z][a-z0-9_-]{1,49}$/.test(text))
    return new Fault('is no prefix (a-z, 0-9, "-", "_", 2 to 50, the first a letter; or an organisation number)');
  return holdsPersonNumber(text) ? new Fault('holds what looks like a person number') : text;
}

/** The same, of those that can be handed out. @param owner whose it is to be: a prefix that is an organisation number is that one's alone */
export function parseFreePrefix(text: string, owner: Orgnr): string | Fault {
  const prefix = parsePrefix(text);
  if (isFault(prefix)) return prefix;
  if (RESERVED.has(looksOf(prefix))) return new Fault('is reserved, or looks like one that is');
  return /^[0-9]/.test(prefix) && prefix !== owner ? new Fault('is the organisation number of another one') : prefix;
}

const SUBSCOPE = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,148}[A-Za-z0-9])?$/;

/** The part of a scope's name behind the colon: 1 to 150 of `A-Z a-z 0-9 . _ - /`, the first and last a letter or digit. */
export function parseSubscope(text: string): string | Fault {
  if (!SUBSCOPE.test(text)) return new Fault('is not 1 to 150 of the characters A-Z a-z 0-9 . _ - / with a letter or digit first and last');
  if (text.includes('//')) return new Fault('has two slashes beside each other');
  return holdsPersonNumber(text) ? new Fault('holds what looks like a person number') : text;
}

/** The name of a scope: `prefix:subscope`. */
export function parseScopeName(text: string): ScopeName | Fault {
  const colon = separatorIn(text);
  if (colon === -1) return new Fault('is not prefix:subscope');
  const prefix = parsePrefix(text.slice(0, colon));
  if (isFault(prefix)) return new Fault(`has a prefix that ${prefix.detail}`);
  const subscope = parseSubscope(text.slice(colon + 1));
  return isFault(subscope) ? subscope : (text as ScopeName);
}

/** The prefix of a name. */
export function prefixOf(name: ScopeName): string {
  return name.slice(0, separatorIn(name));
}

/** Whether it is written as the name of a scope of an API; those of OpenID Connect are not. */
export function hasPrefix(text: string): boolean {
  return separatorIn(text) !== -1;
}

/** The prefix of a name, and what stands behind it. */
export function partsOf(name: string): readonly [prefix: string, subscope: string] {
  const at = separatorIn(name);
  return [name.slice(0, at), name.slice(at + 1)];
}

/** Where the prefix ends; -1: there is none. ID-porten's oldest scopes, which are global, have a slash there. */
function separatorIn(text: string): number {
  const colon = text.indexOf(':');
  return colon === -1 && text.startsWith('global/') ? 'global'.length : colon;
}
