// Organisation certificates (x5c): which chains are trusted, for which organisation. pkijs reads certificates and revocation lists, OpenSSL (node:crypto)
// verifies signatures, the rules of RFC 5280 for the one path that is sent are ours (0064).
// Loaded only where roots are configured. The token endpoint asks; the gateway opens.
import type { CertificateJudge } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import type { CertificateOptions } from './open-certificates.js';

export type { CertificateOptions } from './open-certificates.js';

/** Where no roots are configured nobody comes with a certificate. */
const none: CertificateJudge = {
  judge: async () => new TokenFault('MP-120', { detail: 'organisation certificates are not accepted in this environment' }),
};

/** The judge of certificates as it is configured. @throws ProblemError `config-invalid` that names the file that cannot be used */
export async function tokenCertificates({
  certificateRoots,
  ...rest
}: Omit<CertificateOptions, 'certificateRoots'> & { readonly certificateRoots?: string | undefined }): Promise<CertificateJudge> {
  if (certificateRoots === undefined) return none;
  const { openCertificates } = await import('./open-certificates.js');
  return openCertificates({ certificateRoots, ...rest });
}
