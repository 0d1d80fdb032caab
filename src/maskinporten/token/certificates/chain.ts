import { X509Certificate } from 'node:crypto';
import { isFault, type Orgnr, parseOrgnr } from '#domain';
import { attributesOf, type Decoded, decoded } from './decoded.js';
import { keepsConstraints } from './names.js';

/** A chain whose signatures lead to a root that is trusted here: its own certificate first, the root last. */
export type Chain = readonly [Decoded, ...Decoded[]];

/** What is wrong with a chain: it cannot be read at all, or it is not to be trusted. */
export class ChainFault {
  readonly is: 'unreadable' | 'untrusted';
  readonly detail: string;

  constructor(is: ChainFault['is'], detail: string) {
    this.is = is;
    this.detail = detail;
  }
}

function untrusted(detail: string): ChainFault {
  return new ChainFault('untrusted', detail);
}

/**
 * The chain that was sent, to a root. Each certificate is to be signed by the next one (RFC 7515 §4.1.6), the last one by a root, or be one: no other path
 * is looked for. Signatures are verified from the root downwards, so that nothing of a certificate is looked at, nor a key used, that nobody has vouched for.
 */
export function linkedChain(sent: readonly string[], roots: readonly X509Certificate[]): Chain | ChainFault {
  const certificates = sent.map(opened);
  if (certificates.includes(undefined)) return new ChainFault('unreadable', 'one of its texts is no certificate');
  const path = certificates as X509Certificate[];
  const isRoot = (one: X509Certificate): boolean => roots.some(({ raw }) => raw.equals(one.raw));
  const end = path.findIndex(isRoot);
  if (end === -1) {
    const last = path.at(-1) as X509Certificate;
    const root = roots.find((one) => isSignedBy(last, one));
    if (root === undefined) return untrusted('it leads to no root that is trusted in this environment');
    path.push(root);
  }
  // One that is trusted here for itself ends the path: who has issued it makes no difference.
  else path.splice(end + 1);
  if (path.length < 2) return untrusted('a root is no certificate of an organisation');
  for (let at = path.length - 2; at >= 0; at -= 1) {
    if (!isSignedBy(path[at] as X509Certificate, path[at + 1] as X509Certificate))
      return untrusted('its certificates are not signed one by the next');
  }
  const chain: Decoded[] = [];
  for (const one of path) {
    const read = decoded(one);
    if (typeof read === 'string') return untrusted(`a certificate of it ${read}`);
    chain.push(read);
  }
  return chain as unknown as Chain;
}

function opened(base64: string): X509Certificate | undefined {
  const der = Buffer.from(base64, 'base64');
  try {
    const certificate = new X509Certificate(der);
    // OpenSSL reads no further than it must; and it would take PEM.
    return certificate.raw.equals(der) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** What is wrong with a linked chain at a moment, by RFC 5280 §6.1 but for revocation; policies are any. */
export function chainFault(chain: Chain, nowMs: number): ChainFault | undefined {
  const [leaf, ...authorities] = chain;
  if (chain.some(({ notBefore, notAfter }) => nowMs < notBefore || nowMs > notAfter))
    return untrusted('a certificate of it is not valid now');
  if (leaf.isAuthority) return untrusted('it is a certificate of an authority');
  if (leaf.keyUsage?.digitalSignature !== true) return untrusted('its key is not for digital signatures');
  const { asymmetricKeyType, asymmetricKeyDetails } = leaf.x509.publicKey;
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  if (asymmetricKeyType !== 'rsa' || bits < 2048 || bits > 8192) return untrusted('its key is not RSA with 2048 to 8192 bits');
  let between = 0;
  for (const [at, authority] of authorities.entries()) {
    if (!authority.isAuthority || authority.keyUsage?.keyCertSign === false)
      return untrusted('a certificate of it is not one of an authority');
    if (authority.pathLength !== undefined && between > authority.pathLength)
      return untrusted('there are more authorities in it than one of them allows');
    // Those that an authority has issued to itself do not count (RFC 5280 §4.2.1.9).
    if (!authority.parsed.subject.isEqual(authority.parsed.issuer)) between += 1;
    if (!chain.slice(0, at + 1).every((below) => keepsConstraints(below, authority)))
      return untrusted('a name in it is not one that its authority may vouch for');
  }
  return undefined;
}

const SERIAL_NUMBER = '2.5.4.5';
const ORGANIZATION_IDENTIFIER = '2.5.4.97';

/**
 * The organisation that a certificate is issued to: `NTRNO-` and its number as organizationIdentifier (ETSI EN 319 412-1 §5.1.4), or the number as
 * serialNumber. Two that differ are none.
 */
export function orgnrOf({ parsed: { subject } }: Decoded): Orgnr | undefined {
  const numbers = [...attributesOf(subject, ORGANIZATION_IDENTIFIER), ...attributesOf(subject, SERIAL_NUMBER)].flatMap((text) => {
    const orgnr = parseOrgnr(text.replace(/^NTRNO-/, ''));
    return isFault(orgnr) ? [] : [orgnr];
  });
  return new Set(numbers).size === 1 ? numbers[0] : undefined;
}
