import { type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as asn1js from 'asn1js';
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  CertificateRevocationList,
  Extension,
  Extensions,
  GeneralName,
  GeneralSubtree,
  NameConstraints,
  RelativeDistinguishedNames,
  RevokedCertificate,
  Time,
} from 'pkijs';
import type { Orgnr } from '#domain';

const DAY = 86_400_000;
const DIGITAL_SIGNATURE = 0x80;
const CERT_SIGN = 0x04;
const CRL_SIGN = 0x02;

/** A certificate authority of the tests. */
export interface Authority {
  readonly certificate: Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

interface Terms {
  readonly issuer?: Authority;
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Bits of the first byte; null leaves the extension out. */
  readonly keyUsage?: number | null;
  readonly critical?: string;
}

type Names = readonly (readonly [type: string, value: string])[];

const ORGANISATION = '2.5.4.10';
const COMMON_NAME = '2.5.4.3';

export interface AuthorityTerms extends Terms {
  readonly pathLength?: number;
  readonly isAuthority?: boolean;
  /** Organisations (O) of the names that it may vouch for, and may not. */
  readonly permitted?: readonly string[];
  readonly excluded?: readonly string[];
  /** Its own organisation. */
  readonly organisation?: string;
}

/** @param now the moment around which it is valid */
export async function authority(name: string, now: number, terms: AuthorityTerms = {}): Promise<Authority> {
  const {
    pathLength,
    isAuthority = true,
    permitted = [],
    excluded = [],
    organisation = 'Test CA',
    keyUsage = CERT_SIGN | CRL_SIGN,
  } = terms;
  const keys = (await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const basic = new BasicConstraints({ cA: isAuthority, ...(pathLength === undefined ? {} : { pathLenConstraint: pathLength }) });
  const extensions = [extension('2.5.29.19', basic.toSchema(), true)];
  if (permitted.length + excluded.length > 0) {
    const constraints = new NameConstraints({
      ...(permitted.length === 0 ? {} : { permittedSubtrees: permitted.map(subtree) }),
      ...(excluded.length === 0 ? {} : { excludedSubtrees: excluded.map(subtree) }),
    });
    extensions.push(extension('2.5.29.30', constraints.toSchema(), true));
  }
  const subject: Names = [
    [ORGANISATION, organisation],
    [COMMON_NAME, name],
  ];
  const certificate = await issued(subject, keys.publicKey, {
    ...terms,
    now,
    keyUsage,
    extensions,
    ...(terms.issuer ?? { own: keys.privateKey }),
  });
  return { certificate, keys };
}

export interface LeafTerms extends Terms {
  readonly organisation?: string;
  readonly attributes?: Names;
}

/** An organisation's certificate, by default with `NTRNO-` and its number as organizationIdentifier. */
export async function organisationCertificate(
  orgnr: Orgnr,
  key: KeyObject,
  now: number,
  { issuer, organisation = 'Kommune', attributes = [['2.5.4.97', `NTRNO-${orgnr}`]], keyUsage = DIGITAL_SIGNATURE, ...terms }: LeafTerms,
): Promise<Certificate> {
  const spki = (await import('node:crypto')).createPublicKey(key).export({ type: 'spki', format: 'der' });
  const publicKey = await webcrypto.subtle.importKey('spki', spki, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['verify']);
  const subject: Names = [[ORGANISATION, organisation], ...attributes];
  return issued(subject, publicKey, { ...terms, now, keyUsage, extensions: [], ...(issuer as Authority) });
}

interface Issuing extends Terms {
  readonly now: number;
  readonly extensions: readonly Extension[];
  readonly certificate?: Certificate;
  readonly keys?: webcrypto.CryptoKeyPair;
  readonly own?: webcrypto.CryptoKey;
}

async function issued(subject: Names, publicKey: webcrypto.CryptoKey, issuing: Issuing): Promise<Certificate> {
  const { now, notBefore = now - 10 * DAY, notAfter = now + 10 * DAY, keyUsage, extensions, critical } = issuing;
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1js.Integer({ valueHex: positive(randomBytes(8)) });
  certificate.subject = nameOf(subject);
  certificate.issuer = issuing.certificate?.subject ?? nameOf(subject);
  certificate.notBefore = new Time({ type: 0, value: new Date(notBefore) });
  certificate.notAfter = new Time({ type: 0, value: new Date(notAfter) });
  certificate.extensions = [...extensions];
  if (typeof keyUsage === 'number') {
    const bits = new asn1js.BitString({ valueHex: new Uint8Array([keyUsage]).buffer, unusedBits: 1 });
    certificate.extensions.push(extension('2.5.29.15', bits, true));
  }
  if (critical !== undefined) certificate.extensions.push(extension(critical, new asn1js.Null(), true));
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  await certificate.sign((issuing.keys?.privateKey ?? issuing.own) as webcrypto.CryptoKey, 'SHA-256');
  return certificate;
}

function positive(bytes: Buffer): ArrayBuffer {
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x01, 0);
  return new Uint8Array(bytes).buffer;
}

function nameOf(parts: Names): RelativeDistinguishedNames {
  return new RelativeDistinguishedNames({
    typesAndValues: parts.map(([type, value]) => new AttributeTypeAndValue({ type, value: new asn1js.Utf8String({ value }) })),
  });
}

function subtree(organisation: string): GeneralSubtree {
  return new GeneralSubtree({ base: new GeneralName({ type: 4, value: nameOf([[ORGANISATION, organisation]]) }) });
}

function extension(extnID: string, value: asn1js.BaseBlock, critical: boolean): Extension {
  return new Extension({ extnID, critical, extnValue: value.toBER(false) });
}

/** @param days from when and until when, from now */
export async function revocationList(
  { certificate, keys }: Authority,
  revoked: readonly Certificate[],
  now: number,
  days: readonly [number, number] = [-1, 1],
): Promise<string> {
  const list = new CertificateRevocationList();
  list.version = 1;
  list.issuer = certificate.subject;
  list.thisUpdate = new Time({ type: 0, value: new Date(now + days[0] * DAY) });
  list.nextUpdate = new Time({ type: 0, value: new Date(now + days[1] * DAY) });
  const revocationDate = new Time({ type: 0, value: new Date(now - 2 * DAY) });
  if (revoked.length > 0)
    list.revokedCertificates = revoked.map(({ serialNumber }) => new RevokedCertificate({ userCertificate: serialNumber, revocationDate }));
  list.crlExtensions = new Extensions({ extensions: [extension('2.5.29.20', new asn1js.Integer({ value: 1 }), false)] });
  await list.sign(keys.privateKey, 'SHA-256');
  return pem('X509 CRL', list.toSchema(true).toBER(false));
}

/** The same with so many others before them. */
export function longRevocationList(issuer: Authority, revoked: readonly Certificate[], now: number, others: number): Promise<string> {
  const many = Array.from({ length: others }, () => ({ serialNumber: new asn1js.Integer({ valueHex: positive(randomBytes(16)) }) }));
  return revocationList(issuer, [...(many as Certificate[]), ...revoked], now);
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

export function certificatePem(certificate: Certificate): string {
  return pem('CERTIFICATE', certificate.toSchema(true).toBER(false));
}

/** What stands in `x5c`. */
export function x5c(...certificates: readonly (Certificate | Authority)[]): string[] {
  return certificates.map((one) => Buffer.from(('keys' in one ? one.certificate : one).toSchema(true).toBER(false)).toString('base64'));
}

/** Folders with roots and lists, as they are configured. */
export function trustFolders(folder: string, roots: readonly Authority[], lists: Readonly<Record<string, string>>) {
  const [certificateRoots, certificateRevocationLists] = [join(folder, 'roots'), join(folder, 'lists')];
  for (const one of [certificateRoots, certificateRevocationLists]) mkdirSync(one, { recursive: true });
  for (const [at, root] of roots.entries()) writeFileSync(join(certificateRoots, `${at}.pem`), certificatePem(root.certificate));
  for (const [name, text] of Object.entries(lists)) writeFileSync(join(certificateRevocationLists, `${name}.crl`), text);
  return { certificateRoots, certificateRevocationLists };
}
