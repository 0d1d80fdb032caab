import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Certificate } from './x509-certificate.js';
import type { Subtrees } from './x509-constraints.js';

/** What a chain must be good for, beside being whole. */
export interface ChainRequest {
  readonly nowMs: number;
  readonly dnsName: string;
  /** Go's numbers of the usages, one of which must be allowed; none means that of a server. */
  readonly usages: readonly number[];
}

/** How many signatures one answer may cost, as in Go. */
const MAX_SIGNATURES = 100;
const ANY_USAGE = 0;
const SERVER = 1;

/**
 * The first chain from the last certificate over those between to the first one, which is trusted; `undefined` if none holds.
 * As Go's Verify (RFC 5280 §6.1), with one thing more: where a certificate demands an explicit policy there is no chain, since policies are not followed here.
 */
export function verifiedChain(certificates: readonly Certificate[], request: ChainRequest): Certificate[] | undefined {
  const [root, leaf] = [certificates[0], certificates.at(-1)];
  if (root === undefined || leaf === undefined || certificates.length < 2) return undefined;
  if (!isValid(leaf, 'leaf', [], request) || (request.dnsName !== '' && !isNamed(leaf, request.dnsName))) return undefined;
  const chains = root.raw.equals(leaf.raw) ? [[leaf]] : new Search(root, certificates.slice(1, -1), request).chainsFrom([leaf]);
  return chains.find((chain) => isGoodFor(chain, request.usages) && keepsConstraints(chain) && !demandsPolicy(chain));
}

class Search {
  readonly #root: Certificate;
  readonly #between: readonly Certificate[];
  readonly #request: ChainRequest;
  #signatures = 0;

  constructor(root: Certificate, between: readonly Certificate[], request: ChainRequest) {
    this.#root = root;
    this.#between = between;
    this.#request = request;
  }

  chainsFrom(chain: readonly Certificate[]): Certificate[][] {
    const last = chain.at(-1) as Certificate;
    const roots = this.#parents(last, [this.#root], 'root', chain).map((root) => [...chain, root]);
    return [...roots, ...this.#parents(last, this.#between, 'between', chain).flatMap((parent) => this.chainsFrom([...chain, parent]))];
  }

  #parents(child: Certificate, candidates: readonly Certificate[], as: Place, chain: readonly Certificate[]): Certificate[] {
    const likely = candidates
      .filter((candidate) => candidate.rawSubject.equals(child.rawIssuer))
      .sort((a, b) => keyIdOrder(child, a) - keyIdOrder(child, b));
    return likely.filter((candidate) => {
      this.#signatures += 1;
      if (this.#signatures > MAX_SIGNATURES || candidate.publicKey === undefined || chain.some((other) => isSame(other, candidate)))
        return false;
      return isSignedBy(child, candidate) && isValid(candidate, as, chain, this.#request);
    });
  }
}

type Place = 'leaf' | 'between' | 'root';

function keyIdOrder(child: Certificate, parent: Certificate): number {
  const [wanted, given] = [child.read.authorityKeyId?.toString('hex') ?? '', parent.read.subjectKeyId?.toString('hex') ?? ''];
  if (wanted === given) return 0;
  return wanted === '' || given === '' ? 1 : 2;
}

function isSame(a: Certificate, b: Certificate): boolean {
  const names = ({ extensions }: Certificate): string =>
    extensions.find(({ id }) => id.join('.') === '2.5.29.17')?.value.toString('hex') ?? '';
  return a.rawSubject.equals(b.rawSubject) && a.rawPublicKey.equals(b.rawPublicKey) && names(a) === names(b);
}

/** MD5 and SHA-1 sign nothing any more. */
const WEAK: ReadonlySet<number> = new Set([0, 1, 2, 3, 7, 8, 9]);
const MAY_SIGN = 1 << 5;

function isSignedBy(child: Certificate, parent: Certificate): boolean {
  const { basic, keyUsage = 0 } = parent.read;
  if (basic === undefined ? parent.version === 3 : !basic.isCa) return false;
  if ((keyUsage !== 0 && (keyUsage & MAY_SIGN) === 0) || WEAK.has(child.signatureAlgorithm)) return false;
  try {
    return new X509Certificate(child.raw).verify(new X509Certificate(parent.raw).publicKey);
  } catch {
    return false;
  }
}

function isValid(certificate: Certificate, as: Place, chain: readonly Certificate[], { nowMs }: ChainRequest): boolean {
  const { unhandled, basic } = certificate.read;
  if (unhandled.length > 0 || nowMs < Date.parse(certificate.notBefore) || nowMs > Date.parse(certificate.notAfter)) return false;
  if (as === 'between' && basic?.isCa !== true) return false;
  return basic === undefined || basic.maxPathLength < 0 || chain.length - 1 <= basic.maxPathLength;
}

/** RFC 5280 §4.2.1.12: a usage is crossed out by a certificate that lists others only. */
function isGoodFor(chain: readonly Certificate[], wanted: readonly number[]): boolean {
  if (wanted.includes(ANY_USAGE)) return true;
  let left = wanted.length === 0 ? [SERVER] : [...wanted];
  for (const { read } of chain) {
    const { known = [], unknown = [] } = read.usages ?? {};
    if (known.length + unknown.length === 0 || known.includes(ANY_USAGE)) continue;
    left = left.filter((usage) => known.includes(usage));
  }
  return left.length > 0;
}

function demandsPolicy(chain: readonly Certificate[]): boolean {
  return chain.some(({ read }) => read.policyConstraints?.explicit !== undefined);
}

/** Whether all names of those below an authority are such as it may certify. */
function keepsConstraints(chain: readonly Certificate[]): boolean {
  return chain.every((authority, place) => {
    const { constraints } = authority.read;
    if (constraints === undefined) return true;
    return chain.slice(0, place).every((certificate) => hasNamesWithin(certificate, constraints.permitted, constraints.excluded));
  });
}

function hasNamesWithin({ read }: Certificate, permitted: Subtrees, excluded: Subtrees): boolean {
  const names = read.names ?? { dns: [], email: [], ip: [], uris: [] };
  const keeps = <N, S>(
    all: readonly N[],
    allowed: readonly S[],
    forbidden: readonly S[],
    matches: (name: N, subtree: S) => boolean,
  ): boolean =>
    all.every(
      (name) =>
        !forbidden.some((subtree) => matches(name, subtree)) && (allowed.length === 0 || allowed.some((subtree) => matches(name, subtree))),
    );
  const hosts = names.uris.map(({ host }) => host.replace(/:[0-9]*$/, ''));
  // A URI with an address or none for its host cannot be told to keep them.
  if (permitted.uri.length + excluded.uri.length > 0 && hosts.some((host) => host === '' || isIP(host.replace(/^\[|\]$/g, '')) !== 0))
    return false;
  return (
    keeps(names.dns, permitted.dns, excluded.dns, isBelow) &&
    keeps(names.email, permitted.email, excluded.email, isMailboxIn) &&
    keeps(names.ip, permitted.ip, excluded.ip, isIn) &&
    keeps(hosts, permitted.uri, excluded.uri, isBelow)
  );
}

function isBelow(name: string, constraint: string): boolean {
  const [low, domain] = [name.toLowerCase(), constraint.toLowerCase()];
  if (domain === '') return true;
  // A wildcard stands for all names in its place, also for one that a longer constraint names.
  const plain = low.startsWith('*.') ? low.slice(2) : low;
  if (domain.startsWith('.')) return plain.endsWith(domain) || (low.startsWith('*.') && `.${plain}` === domain);
  return plain === domain || plain.endsWith(`.${domain}`);
}

function isMailboxIn(mailbox: string, constraint: string): boolean {
  const at = mailbox.lastIndexOf('@');
  if (at < 0) return false;
  const [local, host] = [mailbox.slice(0, at), mailbox.slice(at + 1)];
  if (!constraint.includes('@')) return isBelow(host, constraint);
  const wanted = constraint.lastIndexOf('@');
  return local === constraint.slice(0, wanted) && host.toLowerCase() === constraint.slice(wanted + 1).toLowerCase();
}

function isIn(address: Buffer, { address: network, mask }: { readonly address: Buffer; readonly mask: Buffer }): boolean {
  return address.length === network.length && address.every((byte, i) => (byte & (mask[i] ?? 0)) === ((network[i] ?? 0) & (mask[i] ?? 0)));
}

/** RFC 6125 §6.4 as Go has it: an address among the addresses, a name among the names, a star for the whole first label. */
function isNamed({ read }: Certificate, name: string): boolean {
  const names = read.names ?? { dns: [], ip: [] };
  const bare = name.replace(/^\[(.+)\]$/, '$1');
  if (isIP(bare) !== 0) return names.ip.some((address) => bytesOf(bare).equals(mapped(address)));
  const wanted = name.toLowerCase();
  const labels = wanted.replace(/\.$/, '').split('.');
  const isHost = labels.every((label) => /^[a-z0-9_][a-z0-9_-]*$/.test(label));
  return names.dns.some((pattern) => {
    const parts = pattern.toLowerCase().split('.');
    const isPattern = parts.every((label, i) => /^[a-z0-9_][a-z0-9_-]*$/.test(label) || (i === 0 && label === '*' && parts.length > 1));
    if (!isHost || !isPattern) return wanted !== '' && wanted !== '.' && pattern.toLowerCase() === wanted;
    return parts.length === labels.length && parts.every((label, i) => label === labels[i] || (i === 0 && label === '*'));
  });
}

/** The sixteen bytes of an address. */
function bytesOf(address: string): Buffer {
  if (isIP(address) === 4) return mapped(Buffer.from(address.split('.').map(Number)));
  const [head = '', tail] = address.split('::');
  const groups = (part: string): string[] =>
    part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? dotted(group) : [group.padStart(4, '0')]));
  const [left, right] = [groups(head), groups(tail ?? '')];
  return Buffer.from([...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0000'), ...right].join(''), 'hex');
}

function dotted(text: string): string[] {
  const hex = Buffer.from(text.split('.').map(Number)).toString('hex');
  return [hex.slice(0, 4), hex.slice(4)];
}

function mapped(address: Buffer): Buffer {
  return address.length === 4 ? Buffer.concat([Buffer.from('00000000000000000000ffff', 'hex'), address]) : address;
}
