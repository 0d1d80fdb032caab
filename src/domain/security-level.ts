/** How surely a person was recognised at the log-in: the assurance levels of eIDAS, weakest first. */
export type SecurityLevel = 'low' | 'substantial' | 'high';

const LEVELS: ReadonlyMap<string, SecurityLevel> = new Map([
  ['idporten-loa-low', 'low'],
  ['idporten-loa-substantial', 'substantial'],
  ['Level3', 'substantial'],
  ['idporten-loa-high', 'high'],
  ['Level4', 'high'],
]);

/** The level that the `acr` of an ID-porten token names, in its present or its former spelling; absent if it names none. */
export function securityLevelOf(acr: string): SecurityLevel | undefined {
  return LEVELS.get(acr);
}
