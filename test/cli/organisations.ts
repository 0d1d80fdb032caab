import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { demoWorld, syntheticOrgnr } from '#demo';
import { toInstant } from '#domain';
import type { CommandResult, runCommand } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';

export const world = demoWorld(toInstant(Date.now()));
export const { appId } = world.first;
export const NEW = syntheticOrgnr('Ny kommune');
export const OTHER = syntheticOrgnr('Annen kommune');
export const UNKNOWN = syntheticOrgnr('Finnes ikke');
export const OSLO = '958935420';
/** Registers NEW. */
export const NEW_FILE = `orgnr,name,kommunenummer\n${NEW},Ny kommune,9001\n`;

const person = world.persons.find(({ expected }) => expected.some((one) => one.appId === appId && one.kommuner.length > 0));
const kommune = person?.expected.find((one) => one.appId === appId)?.kommuner[0];
/** Somebody with access to the first application, and an organisation that it is for. */
export const brukerIdent = person?.brukerIdent as string;
export const FROM = world.organisations.find(({ kommunenummer }) => kommunenummer === kommune)?.orgnr as string;

interface Commands {
  readonly env: Readonly<Record<string, string>>;
  orgs(...args: readonly string[]): Promise<CommandResult>;
  /** Writes a file and answers where it is. */
  file(name: string, text: string): string;
  /** All events, as `audit events` prints them. */
  events(): Promise<string>;
  /** `audit verify` finds nothing. */
  whole(): Promise<void>;
}

/** The commands on a data folder, inside this process or as `run` runs them. */
export function commandsIn(t: Test, data: string, run: typeof runCommand = runInside): Commands {
  const env = { TILGANG_MODE: 'demo', TILGANG_DATA: data };
  return {
    env,
    orgs: (...args: readonly string[]) => run(['orgs', ...args], env),
    file(name: string, text: string): string {
      writeFileSync(join(data, name), text);
      return join(data, name);
    },
    events: async () => (await run(['audit', 'events'], env)).stdout,
    async whole() {
      t.match(await run(['audit', 'verify'], env), { code: 0, stdout: /^[0-9]+ events, [0-9]+ documents: whole\n$/ });
    },
  };
}
