import type { CertificateJudge } from '../parts.js';
import { TokenFault } from '../token-fault.js';

/** Where no roots are configured nobody comes with a certificate. */
export const noCertificates: CertificateJudge = {
  judge: async () => new TokenFault('MP-120', { detail: 'organisation certificates are not accepted in this environment' }),
};
