import { integer, oneOf, optional, path, setting, type ValuesOf } from '#settings';

/** What the operator sets for tokens; part of the section of the room. */
export const tokenSettings = {
  assertionSeconds: setting(integer(1, 180), {
    fallback: 120,
    about: 'Most seconds between `iat` and `exp` of an assertion (JWT grant) that a client sends for a token.',
  }),
  unknownClaims: setting(oneOf('refuse', 'ignore'), {
    fallback: 'refuse',
    about: 'What becomes of an assertion with a claim that is not known here.',
  }),
  certificateRoots: optional(path, {
    otherwise: 'none: x5c is not accepted',
    about: 'A PEM file, or a folder of such, with the roots that organisation certificates (`x5c`) are issued under in this environment.',
  }),
  certificateRevocationLists: optional(path, {
    otherwise: 'none',
    about:
      'A file, or a folder of such, with the revocation lists (CRL, as PEM or DER) of all issuers of those certificates. Read again when they change.',
  }),
  certificateRevocation: setting(oneOf('required', 'if-known'), {
    fallback: 'required',
    about:
      'Whether a certificate counts whose issuer has no revocation list here that is in date. `required`: no (MP-120); `if-known`: yes, unless a list, however old, has it.',
  }),
};

/** What does not go together. */
export function tokenFaults({ certificateRoots, certificateRevocationLists, certificateRevocation }: ValuesOf<typeof tokenSettings>) {
  const faults: { readonly pointer: string; readonly detail: string }[] = [];
  if (certificateRoots === undefined && certificateRevocationLists !== undefined)
    faults.push({ pointer: '/certificateRevocationLists', detail: 'certificateRevocationLists is of no use without certificateRoots' });
  if (certificateRoots !== undefined && certificateRevocationLists === undefined && certificateRevocation === 'required') {
    faults.push({
      pointer: '/certificateRevocationLists',
      detail:
        'certificateRevocationLists is needed with certificateRoots: without lists every certificate is refused (or set certificateRevocation to if-known)',
    });
  }
  return faults;
}
