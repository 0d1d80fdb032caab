import { newPersons } from '../../fixtures/demo-folder.js';
import type { Answer, Holder, RunningGateway } from '../../fixtures/gateway.js';

export const OSLO = '958935420';
export const BERGEN = '964338531';
export const API = '/konsument-bruker/api/v1/organisasjoner';

/** What an import tells. */
export interface Report {
  readonly linjer: number;
  readonly gitt: number;
  readonly endret: number;
  readonly uendret: number;
  readonly trukket: number;
  readonly feil: number;
  readonly feilListe: readonly { readonly linje: number; readonly felt?: string; readonly detalj: string }[];
  readonly gjenopptattEtter: number;
}

/** A report of so many lines, nothing else having happened than what is said. */
export const report = (linjer: number, said: Partial<Report> = {}): Report => ({
  linjer,
  gitt: 0,
  endret: 0,
  uendret: 0,
  trukket: 0,
  feil: said.feilListe?.length ?? 0,
  feilListe: [],
  gjenopptattEtter: 0,
  ...said,
});

const leaderOf = (orgnr: string): Holder => (orgnr === OSLO ? { client: 'oslo' } : { person: 'bergen-leder' });

/** Imports and exports of organisations at a running gateway. */
export function openDesk(gateway: RunningGateway) {
  const { send, world } = gateway;
  const appOf = (name: string): string => world.applications.find((one) => one.name.nb === name)?.id ?? '';
  const unused = newPersons(400, world);
  /** Switched on by every kommune. */
  const app = appOf('Smittevernmelding');
  const exported = (query = '', orgnr: string = OSLO, holder: Holder = leaderOf(orgnr)): Promise<Answer> =>
    send(holder, 'GET', `${API}/${orgnr}/eksport${query}`);
  /** What is exported, a text for each grant. */
  const held = async (orgnr: string = OSLO): Promise<string[]> =>
    (await exported('?format=jsonl', orgnr)).text.split('\n').filter((line) => line !== '');
  return {
    appOf,
    app,
    second: appOf('Byggesaksinnsyn'),
    /** Persons whom nobody has used before. */
    persons: (count: number): string[] => unused.splice(0, count),
    import(
      body: string | Uint8Array,
      { query = '', type = 'text/csv', holder = { client: 'oslo' } as Holder | null, orgnr = OSLO, headers = {} } = {},
    ): Promise<Answer> {
      return send(holder, 'POST', `${API}/${orgnr}/import${query}`, body, { 'Content-Type': type, ...headers });
    },
    export: exported,
    held,
    /** The person's roles in an application, by export. */
    async rolesOf(person: string, id: string = app, orgnr: string = OSLO): Promise<readonly string[] | undefined> {
      const lines = (await held(orgnr)).map((line) => JSON.parse(line) as { app: string; brukerIdent: string; roles: string[] });
      return lines.find((one) => one.brukerIdent === person && one.app === id)?.roles;
    },
  };
}

/** CSV of a header and rows. */
export const csv = (names: string, ...rows: (readonly string[])[]): string =>
  [names, ...rows.map((row) => row.join(','))].map((line) => `${line}\n`).join('');
