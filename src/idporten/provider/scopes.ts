/** Scopes that are for the login alone: they belong to no API. */
export const PLAIN_SCOPES: readonly string[] = ['openid', 'profile'];
