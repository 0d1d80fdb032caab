import { present } from '#domain';
import { bitsOf, booleanOf, Der, type DerValue, integerOf, malformed, oidOf, TAG, textOf, timeOf } from './der.js';
import { type GoUrl, urlText } from './go-url.js';
import { KEY_NUMBERS, type PublicKey, publicKeyOf, signatureAlgorithmOf } from './x509-algorithms.js';
import {
  type AlternativeNames,
  alternativeNamesOf,
  type Certificate,
  type Extension,
  extensionList,
  type Name,
  nameOf,
} from './x509-certificate.js';
import type { Subtrees } from './x509-constraints.js';

// What Go's encoding/json writes for the types of crypto/x509, as values that termOf takes: names of fields as they are in Go, bytes in base64.

/** A certificate, with its URIs as texts too unless told otherwise. */
export function certificateValue(certificate: Certificate, withTexts: boolean): object {
  const { read } = certificate;
  const { policyConstraints, inhibitAnyPolicy = 0 } = read;
  const { explicit, mapping } = policyConstraints ?? {};
  return {
    Raw: bytes(certificate.raw),
    RawTBSCertificate: bytes(certificate.rawTbs),
    RawSubjectPublicKeyInfo: bytes(certificate.rawPublicKey),
    RawSubject: bytes(certificate.rawSubject),
    RawIssuer: bytes(certificate.rawIssuer),
    Signature: bytes(certificate.signature),
    SignatureAlgorithm: certificate.signatureAlgorithm,
    ...keyFields(certificate.publicKey),
    Version: certificate.version,
    SerialNumber: certificate.serial,
    Issuer: nameValue(certificate.issuer),
    Subject: nameValue(certificate.subject),
    NotBefore: certificate.notBefore,
    NotAfter: certificate.notAfter,
    KeyUsage: read.keyUsage ?? 0,
    Extensions: list(certificate.extensions.map(extensionValue)),
    ExtraExtensions: null,
    UnhandledCriticalExtensions: list(read.unhandled),
    ExtKeyUsage: list(read.usages?.known),
    UnknownExtKeyUsage: list(read.usages?.unknown),
    BasicConstraintsValid: read.basic !== undefined,
    IsCA: read.basic?.isCa ?? false,
    MaxPathLen: read.basic?.maxPathLength ?? 0,
    MaxPathLenZero: read.basic?.maxPathLength === 0,
    SubjectKeyId: bytes(read.subjectKeyId),
    AuthorityKeyId: bytes(read.authorityKeyId),
    OCSPServer: list(read.ocsp),
    IssuingCertificateURL: list(read.issuers),
    ...namesValue(read.names),
    ...present({ URIStrings: withTexts ? list(read.names?.uris.map(urlText)) : undefined }),
    PermittedDNSDomainsCritical: read.constraints?.critical ?? false,
    ...subtreesValue('Permitted', read.constraints?.permitted),
    ...subtreesValue('Excluded', read.constraints?.excluded),
    CRLDistributionPoints: list(read.crls),
    PolicyIdentifiers: read.policies?.filter((oid) => oid.every((part) => part < 2n ** 31n)) ?? null,
    Policies: list(read.policies?.map((oid) => oid.join('.'))),
    InhibitAnyPolicy: inhibitAnyPolicy,
    InhibitAnyPolicyZero: read.inhibitAnyPolicy === 0,
    InhibitPolicyMapping: mapping ?? 0,
    InhibitPolicyMappingZero: mapping === 0,
    RequireExplicitPolicy: explicit ?? 0,
    RequireExplicitPolicyZero: explicit === 0,
    PolicyMappings: list(read.mappings?.map(([issuer, subject]) => ({ IssuerDomainPolicy: issuer, SubjectDomainPolicy: subject }))),
  };
}

/** A request for a certificate (RFC 2986). @throws BuiltinError for what is none */
export function requestValue(der: Buffer): object {
  const reader = new Der(der);
  const { whole, content } = reader.element(TAG.sequence);
  const outer = new Der(content);
  const { whole: rawTbs, content: tbsContent } = outer.element(TAG.sequence);
  const algorithm = outer.inside(TAG.sequence);
  const tbs = new Der(tbsContent);
  const version = tbs.integer();
  const [subject, publicKey] = [tbs.element(TAG.sequence), tbs.element(TAG.sequence)];
  const attributes = tbs.isEmpty ? [] : new Der(tbs.content(0xa0)).all();
  const extensions = attributes.flatMap(requestedExtensions);
  if (!reader.isEmpty || new Set(extensions.map(({ id }) => id.join('.'))).size < extensions.length) throw malformed();
  const names = extensions.findLast(({ id }) => id.join('.') === '2.5.29.17');
  return {
    Raw: bytes(whole),
    RawTBSCertificateRequest: bytes(rawTbs),
    RawSubjectPublicKeyInfo: bytes(publicKey.whole),
    RawSubject: bytes(subject.whole),
    Version: version,
    Signature: bytes(outer.bitString()),
    SignatureAlgorithm: signatureAlgorithmOf(algorithm),
    ...keyFields(publicKeyOf(new Der(publicKey.content))),
    Subject: nameValue(nameOf(subject.content)),
    Attributes: list(attributes.flatMap(attributeValue)),
    Extensions: list(extensions.map(extensionValue)),
    ExtraExtensions: null,
    ...namesValue(names === undefined ? undefined : alternativeNamesOf(new Der(names.value))),
  };
}

/** A public key with the fields of Go's type for it. */
function publicKeyValue(key: PublicKey): unknown {
  switch (key.kind) {
    case 'rsa':
      return { N: key.n, E: key.e };
    case 'dsa':
      return { P: key.p, Q: key.q, G: key.g, Y: key.y };
    case 'ecdsa':
      return { Curve: {}, X: key.x, Y: key.y };
    default:
      return bytes(key.bytes);
  }
}

function keyFields(key: PublicKey | undefined): object {
  return { PublicKeyAlgorithm: key === undefined ? 0 : KEY_NUMBERS[key.kind], PublicKey: key === undefined ? null : publicKeyValue(key) };
}

function bytes(buffer: Buffer | undefined): string | null {
  return buffer?.toString('base64') ?? null;
}

/** Go has no empty list here: it has none. */
function list<T>(items: readonly T[] | undefined): readonly T[] | null {
  return items === undefined || items.length === 0 ? null : items;
}

function extensionValue({ id, critical, value }: Extension): object {
  return { Id: id, Critical: critical, Value: bytes(value) };
}

const LISTED: Readonly<Record<string, string>> = {
  '2.5.4.6': 'Country',
  '2.5.4.10': 'Organization',
  '2.5.4.11': 'OrganizationalUnit',
  '2.5.4.7': 'Locality',
  '2.5.4.8': 'Province',
  '2.5.4.9': 'StreetAddress',
  '2.5.4.17': 'PostalCode',
};

function nameValue(name: Name): object {
  const of = (wanted: string): string[] => name.flatMap(({ type, value }) => (type.join('.') === wanted ? [value] : []));
  return {
    ...Object.fromEntries(Object.entries(LISTED).map(([oid, field]) => [field, list(of(oid))])),
    SerialNumber: of('2.5.4.5').at(-1) ?? '',
    CommonName: of('2.5.4.3').at(-1) ?? '',
    Names: list(name.map(({ type, value }) => ({ Type: type, Value: value }))),
    ExtraNames: null,
  };
}

function namesValue(names: AlternativeNames | undefined): object {
  return {
    DNSNames: list(names?.dns),
    EmailAddresses: list(names?.email),
    IPAddresses: list(names?.ip.map(addressText)),
    URIs: list(names?.uris.map(urlValue)),
  };
}

function urlValue({ scheme, opaque, user, host, path, rawPath, omitHost, forceQuery, rawQuery, fragment, rawFragment }: GoUrl): object {
  return {
    Scheme: scheme,
    Opaque: opaque,
    User: user === undefined ? null : {},
    Host: host,
    Path: path,
    RawPath: rawPath,
    OmitHost: omitHost,
    ForceQuery: forceQuery,
    RawQuery: rawQuery,
    Fragment: fragment,
    RawFragment: rawFragment,
  };
}

function subtreesValue(prefix: 'Permitted' | 'Excluded', subtrees: Subtrees | undefined): object {
  return {
    [`${prefix}DNSDomains`]: list(subtrees?.dns),
    [`${prefix}IPRanges`]: list(subtrees?.ip.map(({ address, mask }) => ({ IP: addressText(address), Mask: bytes(mask) }))),
    [`${prefix}EmailAddresses`]: list(subtrees?.email),
    [`${prefix}URIDomains`]: list(subtrees?.uri),
  };
}

/** An address of four or sixteen bytes as Go writes it: one that only wraps four bytes as these. */
export function addressText(address: Buffer): string {
  const isMapped = address.length === 16 && address.subarray(0, 12).toString('hex') === '00000000000000000000ffff';
  if (address.length === 4 || isMapped) return [...address.subarray(-4)].join('.');
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16));
  const zeros = [
    ...groups
      .map((group) => (group === '0' ? '0' : '1'))
      .join('')
      .matchAll(/0{2,}/g),
  ];
  const longest = zeros.reduce<RegExpMatchArray | undefined>(
    (best, run) => (best === undefined || run[0].length > best[0].length ? run : best),
    undefined,
  );
  if (longest === undefined) return groups.join(':');
  const start = longest.index ?? 0;
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + longest[0].length).join(':')}`;
}

function requestedExtensions({ content }: DerValue): Extension[] {
  const reader = new Der(content);
  if (!reader.peeks(TAG.oid) || reader.oid().join('.') !== '1.2.840.113549.1.9.14' || !reader.peeks(TAG.set)) return [];
  return extensionList(new Der(reader.content(TAG.set)).inside(TAG.sequence));
}

/** An attribute whose values are lists of pairs of a type and a value; others Go leaves out. */
function attributeValue({ content }: DerValue): object[] {
  try {
    const reader = new Der(content);
    const type = reader.oid();
    const values = new Der(reader.content(TAG.set)).all().map(({ tag, content: pairs }) => {
      if (tag !== TAG.sequence) throw malformed();
      return new Der(pairs).all().map(({ tag: pairTag, content: pair }) => {
        if (pairTag !== TAG.sequence) throw malformed();
        const inside = new Der(pair);
        return { Type: inside.oid(), Value: anyValue(inside.any()) };
      });
    });
    return [{ Type: type, Value: values }];
  } catch {
    return [];
  }
}

/** A value of any of the kinds that Go reads without being told which. */
function anyValue(value: DerValue): unknown {
  const { tag, content } = value;
  const text = textOf(value) ?? timeOf(value);
  if (text !== undefined) return text;
  if (tag === TAG.boolean) return booleanOf(content);
  if (tag === TAG.integer) return integerOf(content);
  if (tag === TAG.oid) return oidOf(content);
  if (tag === TAG.octetString) return bytes(content);
  if (tag !== TAG.bitString) return null;
  bitsOf(content);
  return { Bytes: bytes(content.subarray(1)), BitLength: 8 * (content.length - 1) - (content[0] ?? 0) };
}
