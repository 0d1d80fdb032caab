import { ProblemError } from '#problem';

/** The bearer token (RFC 6750 §2.1) in a header. @param name of the header. @throws ProblemError `token-missing` */
export function bearerToken(header: string | undefined, name: string): string {
  if (header === undefined) throw new ProblemError('token-missing');
  if (header.slice(0, 7).toLowerCase() !== 'bearer ') {
    const isBare = header.trim().toLowerCase() === 'bearer';
    const detail = isBare ? 'no token after Bearer' : 'another scheme than Bearer';
    throw new ProblemError('token-missing', { detail: `The ${name} header has ${detail}; send ${name}: Bearer <token>.` });
  }
  return header.slice(7).trim();
}
