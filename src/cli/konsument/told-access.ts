/** Access as the konsument API tells it (`Bruker`), as far as commands show it. */
export interface ToldAccess {
  readonly brukerId: string;
  readonly brukerIdent: string;
  readonly appId: string;
  readonly roller: readonly string[];
  readonly fra?: string;
  readonly til?: string;
  readonly gjelder: readonly string[];
  readonly hindringer: readonly string[];
  readonly sistBrukt?: string;
}

/** One line for a person at a terminal. @param who what names the person */
export function accessLine({ roller, fra, til, gjelder, hindringer, sistBrukt }: ToldAccess, who: string): string {
  const period = [fra && `from ${fra}`, til && `until ${til}`].filter(Boolean).join(' ');
  const now =
    gjelder.length === roller.length ? 'gives all of it now' : `gives ${gjelder.join(' ') || 'nothing'} now (${hindringer.join(', ')})`;
  return [who, roller.join(' '), period, now, sistBrukt && `last used ${sistBrukt}`].filter(Boolean).join('  ');
}
