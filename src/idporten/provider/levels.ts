import { type SecurityLevel, securityLevelOf } from '#domain';

/** The levels that a client may ask for, weakest first, as tokens name them. */
export const ACR_VALUES = ['idporten-loa-low', 'idporten-loa-substantial', 'idporten-loa-high'] as const;

const ORDER: readonly SecurityLevel[] = ['low', 'substantial', 'high'];

/** The level of a login as a number that is larger the stronger it is; 0 for what names none. */
export function strengthOf(acr: string | undefined): number {
  const level = acr === undefined ? undefined : securityLevelOf(acr);
  return level === undefined ? 0 : ORDER.indexOf(level) + 1;
}

/** The weakest level that `acr_values` is content with (OpenID Connect Core 1.0 §3.1.2.1), as tokens name it; undefined: none is asked for. 'unknown': none that is asked for is known. */
export function leastLevel(acrValues: string | undefined): string | undefined | 'unknown' {
  const asked = (acrValues ?? '').split(' ').filter((value) => value !== '');
  if (asked.length === 0) return undefined;
  const strengths = asked.map(strengthOf).filter((strength) => strength > 0);
  return strengths.length === 0 ? 'unknown' : ACR_VALUES[Math.min(...strengths) - 1];
}
