/** What a JWT says in a claim, before anybody has verified it: good for a name to look something up by, and for nothing else. Absent if it is no JWT, or the claim no text. */
export function unverifiedClaim(token: string, name: string): string | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Readonly<Record<string, unknown>>;
    const value = claims[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
