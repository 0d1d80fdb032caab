import type { X509Certificate } from 'node:crypto';
import {
  AltName,
  type AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  type Extension,
  type GeneralName,
  NameConstraints,
  type RelativeDistinguishedNames,
} from 'pkijs';
import { present } from '#domain';

/** A certificate as the rules of RFC 5280 read it. */
export interface Decoded {
  /** OpenSSL's: signatures and keys. */
  readonly x509: X509Certificate;
  /** pkijs's: names and extensions. */
  readonly parsed: Certificate;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Absent: it has no such extension. */
  readonly keyUsage?: KeyUsage;
  readonly isAuthority: boolean;
  /** How many authorities may stand between it and the last certificate; absent: any number. */
  readonly pathLength?: number;
  readonly nameConstraints?: NameConstraints;
  readonly alternativeNames: readonly GeneralName[];
}

/** What a key is for (RFC 5280 §4.2.1.3). */
export interface KeyUsage {
  readonly digitalSignature: boolean;
  readonly keyCertSign: boolean;
  readonly cRLSign: boolean;
}

const KEY_USAGE = '2.5.29.15';
const ALTERNATIVE_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const NAME_CONSTRAINTS = '2.5.29.30';
/** Whose critical form changes nothing of what is asked here: issuer's names, lists' places, policies (any is taken), extended key usage, key identifiers. */
const HARMLESS = ['2.5.29.14', '2.5.29.18', '2.5.29.31', '2.5.29.32', '2.5.29.35', '2.5.29.37'];
const KNOWN: ReadonlySet<string> = new Set([KEY_USAGE, ALTERNATIVE_NAME, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, ...HARMLESS]);
/** Of signatures that are still worth something: SHA-2 with RSA (and PSS) or ECDSA, EdDSA. */
const SIGNATURES: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.10',
  '1.2.840.113549.1.1.11',
  '1.2.840.113549.1.1.12',
  '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2',
  '1.2.840.10045.4.3.3',
  '1.2.840.10045.4.3.4',
  '1.3.101.112',
  '1.3.101.113',
]);

/** Reads a certificate that OpenSSL has read. @returns what is wrong with it, as the end of a sentence, if anything is */
export function decoded(x509: X509Certificate): Decoded | string {
  let parsed: Certificate;
  try {
    parsed = Certificate.fromBER(x509.raw);
  } catch {
    return 'cannot be read';
  }
  const extensions = parsed.extensions ?? [];
  if (parsed.version !== 2) return 'is not of version 3';
  if (!SIGNATURES.has(parsed.signatureAlgorithm.algorithmId)) return 'is signed by an algorithm that is not taken';
  if (new Set(extensions.map(({ extnID }) => extnID)).size !== extensions.length) return 'has an extension twice';
  if (extensions.some(({ extnID, critical }) => critical && !KNOWN.has(extnID))) return 'has a critical extension that is not known here';
  const keyUsage = keyUsageOf(find(extensions, KEY_USAGE));
  const basic = partOf(find(extensions, BASIC_CONSTRAINTS), BasicConstraints);
  const nameConstraints = partOf(find(extensions, NAME_CONSTRAINTS), NameConstraints);
  const names = partOf(find(extensions, ALTERNATIVE_NAME), AltName);
  if (keyUsage === null || basic === null || nameConstraints === null || names === null) return 'has an extension that cannot be read';
  const length = basic?.pathLenConstraint;
  if (length !== undefined && typeof length !== 'number') return 'has a path length that cannot be read';
  return present({
    x509,
    parsed,
    notBefore: parsed.notBefore.value.getTime(),
    notAfter: parsed.notAfter.value.getTime(),
    isAuthority: basic?.cA === true,
    alternativeNames: names?.altNames ?? [],
    keyUsage,
    pathLength: length,
    nameConstraints,
  });
}

function find(extensions: readonly Extension[], id: string): Extension | undefined {
  return extensions.find(({ extnID }) => extnID === id);
}

/** The extension's value; null if it is there and is none. */
function partOf<T>(extension: Extension | undefined, type: new () => T): T | null | undefined {
  if (extension === undefined) return undefined;
  return extension.parsedValue instanceof type ? extension.parsedValue : null;
}

function keyUsageOf(extension: Extension | undefined): KeyUsage | null | undefined {
  if (extension === undefined) return undefined;
  const bits = (extension.parsedValue as { readonly valueBlock?: { readonly valueHexView?: Uint8Array } } | undefined)?.valueBlock
    ?.valueHexView;
  const first = bits?.[0];
  if (first === undefined) return null;
  return { digitalSignature: (first & 0x80) !== 0, keyCertSign: (first & 0x04) !== 0, cRLSign: (first & 0x02) !== 0 };
}

/** The values of an attribute of a name, as texts. */
export function attributesOf(name: RelativeDistinguishedNames, type: string): readonly string[] {
  return name.typesAndValues.flatMap((one: AttributeTypeAndValue) =>
    one.type === type ? [String((one.value as { readonly valueBlock?: { readonly value?: unknown } }).valueBlock?.value ?? '')] : [],
  );
}
