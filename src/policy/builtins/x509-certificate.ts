import { BuiltinError, BuiltinHalt } from './builtin.js';
import { asciiOf, bitOf, Der, type DerValue, malformed, oidOf, TAG, textOf, timeOf } from './der.js';
import { type GoUrl, parseUrl } from './go-url.js';
import { type PublicKey, publicKeyOf, signatureAlgorithmOf } from './x509-algorithms.js';
import { type Constraints, isDomain, nameConstraintsOf } from './x509-constraints.js';

/** An object identifier: as numbers as long as they fit 31 bits. */
export type Oid = readonly number[];

/** A name of X.509 with its attributes in order. */
export type Name = readonly { readonly type: Oid; readonly value: string }[];

/** An extension as it stands there. */
export interface Extension {
  readonly id: Oid;
  readonly critical: boolean;
  readonly value: Buffer;
}

/** Other names of a subject. */
export interface AlternativeNames {
  readonly dns: readonly string[];
  readonly email: readonly string[];
  /** Four or sixteen bytes. */
  readonly ip: readonly Buffer[];
  readonly uris: readonly GoUrl[];
}

/** What a certificate says (RFC 5280), read as Go's crypto/x509 reads it. */
export interface Certificate {
  readonly raw: Buffer;
  readonly rawTbs: Buffer;
  readonly rawPublicKey: Buffer;
  readonly rawSubject: Buffer;
  readonly rawIssuer: Buffer;
  readonly signature: Buffer;
  /** Go's number of the algorithm, 0 for one that it does not know. */
  readonly signatureAlgorithm: number;
  readonly publicKey: PublicKey | undefined;
  readonly version: number;
  readonly serial: bigint;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly extensions: readonly Extension[];
  readonly read: ReadExtensions;
}

/** What the extensions of a certificate say; what is not there is left out. */
export interface ReadExtensions {
  keyUsage?: number;
  basic?: { readonly isCa: boolean; readonly maxPathLength: number };
  names?: AlternativeNames;
  constraints?: Constraints;
  crls?: string[];
  authorityKeyId?: Buffer;
  subjectKeyId?: Buffer;
  policyConstraints?: { explicit?: number; mapping?: number };
  /** Go's numbers of the usages that it knows, and the others. */
  usages?: { readonly known: readonly number[]; readonly unknown: readonly Oid[] };
  policies?: readonly (readonly bigint[])[];
  mappings?: readonly (readonly [string, string])[];
  inhibitAnyPolicy?: number;
  ocsp?: string[];
  issuers?: string[];
  readonly unhandled: Oid[];
}

/** All certificates in a row of bytes. @throws BuiltinError unless they are certificates and nothing else, BuiltinHalt for more than thirty-two */
export function parseCertificates(der: Buffer): Certificate[] {
  const reader = new Der(der);
  const certificates: Certificate[] = [];
  while (!reader.isEmpty) {
    if (certificates.push(parseCertificate(reader.element(TAG.sequence))) > 32)
      throw new BuiltinHalt('at most 32 certificates are read here');
  }
  return certificates;
}

function parseCertificate({ whole, content }: DerValue): Certificate {
  const outer = new Der(content);
  const { whole: rawTbs, content: tbsContent } = outer.element(TAG.sequence);
  const outerAlgorithm = outer.content(TAG.sequence);
  const tbs = new Der(tbsContent);
  const versionBytes = tbs.optional(0xa0);
  const version = versionBytes === undefined ? 1 : Number(new Der(versionBytes).integer()) + 1;
  const serial = tbs.integer();
  const algorithm = tbs.content(TAG.sequence);
  if (version < 1 || version > 3 || serial < 0n || !algorithm.equals(outerAlgorithm)) throw malformed();
  const issuer = tbs.element(TAG.sequence);
  const validity = tbs.inside(TAG.sequence);
  const [notBefore, notAfter] = [timeOf(validity.any()), timeOf(validity.any())];
  const subject = tbs.element(TAG.sequence);
  const publicKey = tbs.element(TAG.sequence);
  if (notBefore === undefined || notAfter === undefined) throw malformed();
  const extensions = version === 1 ? [] : extensionsOf(tbs, version);
  return {
    raw: whole,
    rawTbs,
    rawPublicKey: publicKey.whole,
    rawSubject: subject.whole,
    rawIssuer: issuer.whole,
    signature: outer.bitString(),
    signatureAlgorithm: signatureAlgorithmOf(new Der(algorithm)),
    publicKey: publicKeyOf(new Der(publicKey.content)),
    version,
    serial,
    issuer: nameOf(issuer.content),
    subject: nameOf(subject.content),
    notBefore,
    notAfter,
    extensions,
    read: readExtensions(extensions),
  };
}

/** The attributes of a name. @param content of its outer sequence */
export function nameOf(content: Buffer): Name {
  return new Der(content).all().flatMap((set) => {
    if (set.tag !== TAG.set) throw malformed();
    return new Der(set.content).all().map((attribute) => {
      if (attribute.tag !== TAG.sequence) throw malformed();
      const reader = new Der(attribute.content);
      const [type, value] = [reader.oid(), textOf(reader.any())];
      if (value === undefined) throw malformed();
      return { type, value };
    });
  });
}

function extensionsOf(tbs: Der, version: number): Extension[] {
  for (const tag of [0x81, 0x82]) tbs.optional(tag);
  const wrapped = version === 3 ? tbs.optional(0xa3) : undefined;
  return wrapped === undefined ? [] : extensionList(new Der(wrapped).inside(TAG.sequence));
}

/** The extensions in a list of them, no two alike. */
export function extensionList(list: Der): Extension[] {
  const seen = new Set<string>();
  return list.all().map(({ tag, content }) => {
    if (tag !== TAG.sequence) throw malformed();
    const reader = new Der(content);
    const id = reader.oid();
    if (seen.has(id.join('.'))) throw new BuiltinError('x509: duplicate extension');
    seen.add(id.join('.'));
    return { id, critical: reader.peeks(TAG.boolean) && reader.boolean(), value: reader.content(TAG.octetString) };
  });
}

/** One reader for each extension that is known, by its identifier; what answers `false` has understood nothing. */
const READERS: Readonly<Record<string, (read: ReadExtensions, value: Der, extension: Extension) => unknown>> = {
  '2.5.29.14': (read, value, { critical }) => {
    if (critical) throw malformed();
    read.subjectKeyId = value.content(TAG.octetString);
  },
  '2.5.29.15': (read, value) => {
    const bits = value.content(TAG.bitString);
    read.keyUsage = [0, 1, 2, 3, 4, 5, 6, 7, 8].reduce((usage, bit) => usage | (bitOf(bits, bit) ? 1 << bit : 0), 0);
  },
  '2.5.29.17': (read, value) => {
    const names = alternativeNamesOf(value);
    read.names = names;
    return names.dns.length + names.email.length + names.ip.length + names.uris.length > 0;
  },
  '2.5.29.19': (read, value) => {
    const inside = value.inside(TAG.sequence);
    const isCa = inside.peeks(TAG.boolean) && inside.boolean();
    read.basic = { isCa, maxPathLength: inside.peeks(TAG.integer) ? natural(inside.integer()) : -1 };
  },
  '2.5.29.30': (read, value, { critical }) => {
    const { constraints, isUnderstood } = nameConstraintsOf(value, critical);
    read.constraints = constraints;
    return isUnderstood;
  },
  '2.5.29.31': (read, value) => {
    read.crls = sequence(value).flatMap((point) => {
      const name = point.optional(0xa0);
      const full = name === undefined ? new Der(Buffer.alloc(0)) : new Der(name).inside(0xa0);
      const uris: string[] = [];
      while (full.peeks(0x86)) uris.push(full.any().content.toString('utf8'));
      return uris;
    });
  },
  '2.5.29.32': (read, value) => {
    const policies = sequence(value).map((policy) => oidOf(policy.content(TAG.oid)));
    if (new Set(policies.map((policy) => policy.join('.'))).size < policies.length) throw malformed();
    read.policies = policies;
  },
  '2.5.29.33': (read, value) => {
    read.mappings = sequence(value).map(
      (mapping) => [oidOf(mapping.content(TAG.oid)).join('.'), oidOf(mapping.content(TAG.oid)).join('.')] as const,
    );
  },
  '2.5.29.35': (read, value, { critical }) => {
    if (critical) throw malformed();
    const keyId = value.inside(TAG.sequence).optional(0x80);
    if (keyId !== undefined) read.authorityKeyId = keyId;
  },
  '2.5.29.36': (read, value) => {
    const inside = value.inside(TAG.sequence);
    read.policyConstraints = {};
    if (inside.peeks(0x80)) read.policyConstraints.explicit = small(inside.integer(0x80));
    if (inside.peeks(0x81)) read.policyConstraints.mapping = small(inside.integer(0x81));
  },
  '2.5.29.37': (read, value) => {
    const usages = value
      .inside(TAG.sequence)
      .all()
      .map(({ whole }) => new Der(whole).oid());
    const numbered = usages.map((oid) => USAGES.indexOf(oid.join('.')));
    read.usages = { known: numbered.filter((usage) => usage >= 0), unknown: usages.filter((_, i) => (numbered[i] as number) < 0) };
  },
  '2.5.29.54': (read, value) => {
    read.inhibitAnyPolicy = small(value.integer());
  },
  '1.3.6.1.5.5.7.1.1': (read, value, { critical }) => {
    if (critical) throw malformed();
    for (const description of sequence(value)) {
      const method = description.oid().join('.');
      const uri = description.optional(0x86)?.toString('utf8');
      if (uri === undefined) continue;
      if (method === '1.3.6.1.5.5.7.48.1') read.ocsp = [...(read.ocsp ?? []), uri];
      if (method === '1.3.6.1.5.5.7.48.2') read.issuers = [...(read.issuers ?? []), uri];
    }
  },
};

/** By Go's number of each. */
const USAGES: readonly string[] = [
  '2.5.29.37.0',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((last) => `1.3.6.1.5.5.7.3.${last}`),
  '1.3.6.1.4.1.311.10.3.3',
  '2.16.840.1.113730.4.1',
  '1.3.6.1.4.1.311.2.1.22',
  '1.3.6.1.4.1.311.61.1.1',
];

function readExtensions(extensions: readonly Extension[]): ReadExtensions {
  const read: ReadExtensions = { unhandled: [] };
  for (const extension of extensions) {
    const reader = READERS[extension.id.join('.')];
    const isUnderstood = reader?.(read, new Der(extension.value), extension) !== false;
    if (extension.critical && (reader === undefined || !isUnderstood)) read.unhandled.push(extension.id);
  }
  return read;
}

/** The other names in the extension for them. */
export function alternativeNamesOf(value: Der): AlternativeNames {
  const names = { dns: [] as string[], email: [] as string[], ip: [] as Buffer[], uris: [] as GoUrl[] };
  for (const { tag, content } of value.inside(TAG.sequence).all()) {
    if (tag === 0x81) names.email.push(asciiOf(content));
    if (tag === 0x82) names.dns.push(asciiOf(content));
    if (tag === 0x86) names.uris.push(uriOf(asciiOf(content)));
    if (tag !== 0x87) continue;
    if (content.length !== 4 && content.length !== 16) throw malformed();
    names.ip.push(content);
  }
  return names;
}

function uriOf(text: string): GoUrl {
  const url = parseUrl(text);
  if (!isDomain(url.host)) throw new BuiltinError('x509: a URI with an invalid domain');
  return url;
}

function sequence(value: Der): Der[] {
  return value
    .inside(TAG.sequence)
    .all()
    .map(({ tag, content }) => {
      if (tag !== TAG.sequence) throw malformed();
      return new Der(content);
    });
}

function natural(value: bigint): number {
  if (value < 0n) throw malformed();
  return small(value);
}

function small(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) throw malformed();
  return Number(value);
}
