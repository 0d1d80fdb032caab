import type { Command } from 'commander';
import type { Orgnr } from '#domain';
import { optionalOrgnr } from '../arguments.js';
import type { RemotePlace } from '../gateway-call.js';
import { harmless } from '../harmless.js';
import { type PlaceOptions, remotePlaceOf, withWhere } from '../place.js';
import type { CommandPorts } from '../ports.js';
import type { Registry } from './registry.js';
import { remoteRegistry } from './remote-registry.js';

/** Where a command does its work, and for whom. */
export interface RegistryOptions extends PlaceOptions {
  readonly orgnr?: string;
}

/** Where and for whom, in the help of a command. */
export const REGISTRY_HELP = `
Works on the store of this installation, as the operator, for the organisation of --orgnr; with --url on a gateway, as whoever the token is for: a
machine acts for the organisation of its token, a person for that of --orgnr. The token is read from TILGANG_TOKEN, or from the file of --token-file
(- is standard input): never from the arguments, which everybody sees in the list of processes.`;

/** The options that say where and for whom. */
export function withRegistry(command: Command): Command {
  return withWhere(command).option('--orgnr <number>', 'for which organisation; with --url the token of a machine says it');
}

/** How a register is opened here, as the operator, and at a gateway somewhere else. @template R is closed by whoever opened it */
export interface Places<R> {
  here(ports: CommandPorts, orgnr: Orgnr | undefined): Promise<R>;
  there(place: RemotePlace, orgnr: Orgnr | undefined): R;
}

/** Opens a register where the options say, does something there, and closes it. */
export async function onPlace<R extends { close(): Promise<void> }, T>(
  ports: CommandPorts,
  command: Command,
  options: RegistryOptions,
  places: Places<R>,
  act: (register: R) => Promise<T>,
): Promise<T> {
  const orgnr = optionalOrgnr(command, '--orgnr', options.orgnr);
  const place = await remotePlaceOf(ports, command, options);
  const register = place === undefined ? await places.here(ports, orgnr) : places.there(place, orgnr);
  try {
    return await act(register);
  } finally {
    await register.close();
  }
}

/** Opens the registry of the Maskinporten side, does something there, and closes it. */
export function onRegistry<T>(
  ports: CommandPorts,
  command: Command,
  options: RegistryOptions,
  act: (registry: Registry) => Promise<T>,
): Promise<T> {
  return onPlace(ports, command, options, { here: registryHere, there: remoteRegistry }, act);
}

/** Loaded only when it is asked: no other command needs that side. */
async function registryHere(ports: CommandPorts, orgnr: Orgnr | undefined): Promise<Registry> {
  const { localRegistry } = await import('./local-registry.js');
  return localRegistry(await ports.openAccess(), orgnr);
}

/** Prints what there is: a line for each, or JSON. @param none what is said if there is nothing */
export function printAll<T>({ json }: PlaceOptions, found: readonly T[], line: (one: T) => string, none: string): void {
  if (json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else process.stdout.write(found.length === 0 ? `${none}\n` : found.map((one) => `${harmless(line(one))}\n`).join(''));
}

/** Prints what was done: a sentence, or what there is now as JSON. */
export function printDone({ json }: PlaceOptions, told: object, said: string): void {
  process.stdout.write(json ? `${JSON.stringify(told)}\n` : `${said.split('\n').map(harmless).join('\n')}\n`);
}
