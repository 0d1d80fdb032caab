import { isIP } from 'node:net';
import { asciiOf, Der, malformed, TAG } from './der.js';

/** Names that are allowed, or that are not (RFC 5280 §4.2.1.10). */
export interface Subtrees {
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly ip: readonly { readonly address: Buffer; readonly mask: Buffer }[];
  readonly uri: readonly string[];
}

/** Which names an authority may certify. */
export interface Constraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
  readonly critical: boolean;
}

/** The constraints in their extension, and with them whether all kinds of names in them are known */
export function nameConstraintsOf(value: Der, critical: boolean): { constraints: Constraints; isUnderstood: boolean } {
  const inside = value.inside(TAG.sequence);
  const [permitted, excluded] = [inside.optional(0xa0), inside.optional(0xa1)];
  if (!value.isEmpty || !inside.isEmpty || (permitted?.length ?? 0) + (excluded?.length ?? 0) === 0) throw malformed();
  const [allowed, forbidden] = [subtreesOf(permitted), subtreesOf(excluded)];
  return {
    constraints: { permitted: allowed.subtrees, excluded: forbidden.subtrees, critical },
    isUnderstood: allowed.isUnderstood && forbidden.isUnderstood,
  };
}

/** Whether a text can stand for a domain: empty, or of labels that are not. */
export function isDomain(text: string): boolean {
  return text === '' || (/^[\x21-\x7e]*$/.test(text) && text.split('.').every((label) => label !== ''));
}

function subtreesOf(content: Buffer | undefined): { subtrees: Subtrees; isUnderstood: boolean } {
  const subtrees = { dns: [] as string[], email: [] as string[], ip: [] as { address: Buffer; mask: Buffer }[], uri: [] as string[] };
  let isUnderstood = true;
  for (const { tag, content: subtree } of content === undefined ? [] : new Der(content).all()) {
    if (tag !== TAG.sequence) throw malformed();
    const { tag: kind, content: name } = new Der(subtree).any();
    if (kind === 0x82) subtrees.dns.push(domain(name));
    else if (kind === 0x81) subtrees.email.push(name.includes('@') ? asciiOf(name) : domain(name));
    else if (kind === 0x86) subtrees.uri.push(isIP(asciiOf(name)) === 0 ? domain(name) : fail());
    else if (kind === 0x87) subtrees.ip.push(network(name));
    else isUnderstood = false;
  }
  return { subtrees, isUnderstood };
}

function domain(content: Buffer): string {
  const text = asciiOf(content);
  return isDomain(text.startsWith('.') ? text.slice(1) || '..' : text) ? text : fail();
}

function network(content: Buffer): { address: Buffer; mask: Buffer } {
  if (content.length !== 8 && content.length !== 32) throw malformed();
  const [address, mask] = [content.subarray(0, content.length / 2), content.subarray(content.length / 2)];
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? { address, mask } : fail();
}

function fail(): never {
  throw malformed();
}
