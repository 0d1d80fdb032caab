import { CertificateRevocationList, CRLDistributionPoints, type GeneralName, IssuingDistributionPoint } from 'pkijs';
import type { Decoded } from './decoded.js';

/** A revocation list, read. */
export interface RevocationList {
  readonly parsed: CertificateRevocationList;
  /** Serial numbers in hexadecimal. */
  readonly revoked: ReadonlySet<string>;
  readonly thisUpdate: number;
  /** Absent: it says nothing of when the next comes, and is never in date. */
  readonly nextUpdate?: number;
  readonly scope?: IssuingDistributionPoint;
}

const DELTA = '2.5.29.27';
const SCOPE = '2.5.29.28';
/** Numbers, names of keys, where more is found: none changes which certificates are revoked. */
const HARMLESS: ReadonlySet<string> = new Set(['2.5.29.20', '2.5.29.35', '2.5.29.18', '2.5.29.46', '1.3.6.1.5.5.7.1.1', SCOPE]);
const DISTRIBUTION_POINTS = '2.5.29.31';

/** Reads a list. @throws Error for what is none, is a delta, an indirect one, or one of some reasons alone */
export function revocationListIn(der: Buffer<ArrayBuffer>): RevocationList {
  const parsed = CertificateRevocationList.fromBER(der);
  const extensions = parsed.crlExtensions?.extensions ?? [];
  if (extensions.some(({ extnID }) => extnID === DELTA)) throw new Error('it is a delta');
  if (extensions.some(({ extnID, critical }) => critical && !HARMLESS.has(extnID)))
    throw new Error('it has a critical extension that is not known');
  const scope = extensions.find(({ extnID }) => extnID === SCOPE)?.parsedValue as unknown;
  if (scope !== undefined && !(scope instanceof IssuingDistributionPoint)) throw new Error('its scope cannot be read');
  if (scope !== undefined && (scope.indirectCRL || scope.onlyContainsAttributeCerts || scope.onlySomeReasons !== undefined))
    throw new Error('it is indirect, of attribute certificates or of some reasons alone');
  const revoked = new Set(
    (parsed.revokedCertificates ?? []).map(({ userCertificate }) => serialOf(userCertificate.valueBlock.valueHexView)),
  );
  return {
    parsed,
    revoked,
    thisUpdate: parsed.thisUpdate.value.getTime(),
    ...(parsed.nextUpdate !== undefined && { nextUpdate: parsed.nextUpdate.value.getTime() }),
    ...(scope !== undefined && { scope }),
  };
}

/** What lists say of a certificate; `until` is when that is no longer known, in milliseconds since the epoch. */
export type Standing = { readonly is: 'revoked' | 'unknown' } | { readonly is: 'good'; readonly until: number };

/** How a certificate stands in the lists of its issuer. One list that has it is enough, however old: what is revoked stays so. */
export async function standingOf(
  certificate: Decoded,
  issuer: Decoded,
  lists: readonly RevocationList[],
  nowMs: number,
): Promise<Standing> {
  const serial = serialOf(certificate.parsed.serialNumber.valueBlock.valueHexView);
  let until: number | undefined;
  for (const list of lists) {
    if (!list.parsed.issuer.isEqual(certificate.parsed.issuer)) continue;
    if (issuer.keyUsage?.cRLSign === false || !(await isSignedBy(list, issuer))) continue;
    if (list.revoked.has(serial)) return { is: 'revoked' };
    const { thisUpdate, nextUpdate = 0 } = list;
    if (thisUpdate <= nowMs && nowMs < nextUpdate && covers(list, certificate)) until = Math.max(until ?? 0, nextUpdate);
  }
  return until === undefined ? { is: 'unknown' } : { is: 'good', until };
}

function isSignedBy({ parsed }: RevocationList, issuer: Decoded): Promise<boolean> {
  return parsed.verify({ issuerCertificate: issuer.parsed }).catch(() => false);
}

/** Whether a list would have the certificate, if it was revoked: some are of users or authorities alone, or of those that name its place. */
function covers({ scope }: RevocationList, { parsed, isAuthority }: Decoded): boolean {
  if (scope === undefined) return true;
  if (isAuthority ? scope.onlyContainsUserCerts : scope.onlyContainsCACerts) return false;
  if (scope.distributionPoint === undefined) return true;
  const places = addressesIn(scope.distributionPoint);
  const named = parsed.extensions?.find(({ extnID }) => extnID === DISTRIBUTION_POINTS)?.parsedValue as unknown;
  if (!(named instanceof CRLDistributionPoints)) return false;
  return named.distributionPoints.some(({ distributionPoint }) => [...addressesIn(distributionPoint)].some((one) => places.has(one)));
}

function addressesIn(point: unknown): ReadonlySet<string> {
  if (!Array.isArray(point)) return new Set();
  return new Set((point as readonly GeneralName[]).flatMap(({ type, value }) => (type === 6 ? [String(value)] : [])));
}

/** An integer without what only keeps it from being negative. */
function serialOf(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(00)+(?=..)/, '');
}
