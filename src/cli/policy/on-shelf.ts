import type { Command } from 'commander';
import { folderMetadata } from '#authoring';
import { type AppId, isFault, parseAppId } from '#domain';
import { type PlaceOptions, remotePlaceOf, withWhere } from '../place.js';
import type { CommandPorts } from '../ports.js';
import { type LocalShelf, localShelf } from './local-shelf.js';
import { remoteShelf } from './remote-shelf.js';
import type { Shelf } from './shelf.js';

/** Where a command does its work, and for which application. */
export interface WhereOptions extends PlaceOptions {
  readonly app?: string;
}

/** Which application a command is about. */
export const APP = ['--app <App-ID>', 'the application; default: the one of .manifest in this folder'] as const;

/** The options that say where and for which application. */
export function withApplication(command: Command): Command {
  return withWhere(command.option(...APP));
}

/** Says what came of a command: a machine the value, a person the lines. */
export function say({ json }: { readonly json?: true | undefined }, value: unknown, lines: string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : lines);
}

/** The application that is meant. @param metadata says it if the option does not; by default the policy folder that this is */
export async function applicationOf(
  command: Command,
  { app }: WhereOptions,
  metadata: { readonly application?: string } | undefined = undefined,
): Promise<AppId> {
  const named = app ?? (metadata ?? (await folderMetadata('.'))).application;
  if (named === undefined)
    command.error('error: --app is missing: neither it nor metadata.tilgang.application of the .manifest names the application');
  const appId = parseAppId(named as string);
  return isFault(appId) ? command.error(`error: --app ${appId.detail}`) : appId;
}

/** Opens the store of this installation as the operator, does there what no gateway lets its callers do, and closes it. */
export async function onStore<T>(ports: CommandPorts, act: (shelf: LocalShelf) => Promise<T>): Promise<T> {
  const shelf = localShelf(await ports.openAccess());
  return act(shelf).finally(() => shelf.close());
}

/** Opens the shelf, does something there, and closes it. */
export async function onShelf<T>(
  ports: CommandPorts,
  command: Command,
  options: WhereOptions,
  act: (shelf: Shelf) => Promise<T>,
): Promise<T> {
  const place = await remotePlaceOf(ports, command, options);
  const shelf = place === undefined ? localShelf(await ports.openAccess()) : remoteShelf(place);
  try {
    return await act(shelf);
  } finally {
    await shelf.close();
  }
}
