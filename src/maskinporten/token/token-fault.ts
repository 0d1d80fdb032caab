import { type FaultEntry, type FaultName, faultCatalogue } from './fault-catalogue.js';

/** What is wrong with a token request: an entry of the catalogue, with what its text is filled with. Never what was sent, but for names of known scopes. */
export class TokenFault {
  readonly name: FaultName;
  /** The entry's words of this time. */
  readonly description: string;

  constructor(name: FaultName, values: Readonly<Record<string, string>> = {}) {
    this.name = name;
    this.description = faultCatalogue[name].text.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? '');
  }

  get entry(): FaultEntry {
    return faultCatalogue[this.name];
  }
}

/** That a part of the assertion is not as it must be (MP-011). */
export function malformed(detail: string): TokenFault {
  return new TokenFault('MP-011', { detail });
}
