import { type KeyObject, sign } from 'node:crypto';

/** What is to be signed, with an RSA or P-256 key. */
export interface SigningTask {
  readonly key: KeyObject;
  readonly text: string;
}

/** The signature of a JWS (RFC 7518 §3.3, §3.4), in base64url; in the thread that calls. Of P-256 it is both numbers side by side, not ASN.1. */
export function signature({ key, text }: SigningTask): string {
  return sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}
