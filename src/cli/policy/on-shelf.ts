import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { folderMetadata } from '#authoring';
import { type AppId, isFault, parseAppId, parseWebAddress } from '#domain';
import type { CommandPorts } from '../ports.js';
import { readSecretInput } from '../secret-input.js';
import { type LocalShelf, localShelf } from './local-shelf.js';
import { remoteShelf } from './remote-shelf.js';
import type { Shelf } from './shelf.js';

/** Where a command does its work, and for which application. */
export interface WhereOptions {
  readonly app?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

/** How the token of a gateway is given. */
export const WHERE_HELP = `
Works on the store of this installation, as the operator; with --url on a gateway, as whoever the token is for. The token is read from
TILGANG_TOKEN, or from the file of --token-file (- is standard input): never from the arguments, which everybody sees in the list of processes.`;

/** Which application a command is about. */
export const APP = ['--app <App-ID>', 'the application; default: the one of .manifest in this folder'] as const;
/** For what a machine reads. */
export const JSON_OPTION = ['--json', 'JSON for a machine'] as const;

/** The options that name a gateway. */
export function withGateway(command: Command): Command {
  return command
    .option('--url <url>', 'a gateway, such as https://tilgang.example.no, in place of the store of this installation')
    .option('--token-file <file>', 'where the bearer token for it stands; - is standard input');
}

/** The options that say where, of what a machine may read. */
export function withWhere(command: Command): Command {
  return withGateway(command).option(...JSON_OPTION);
}

/** The same, for what is about an application. */
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
  { url, tokenFile }: WhereOptions,
  act: (shelf: Shelf) => Promise<T>,
): Promise<T> {
  const shelf = await opened(ports, command, url, tokenFile);
  try {
    return await act(shelf);
  } finally {
    await shelf.close();
  }
}

async function opened(ports: CommandPorts, command: Command, url: string | undefined, tokenFile: string | undefined): Promise<Shelf> {
  if (url === undefined) {
    if (tokenFile !== undefined) command.error('error: --token-file is for a gateway: name it by --url');
    return localShelf(await ports.openAccess());
  }
  const isLoopback = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?\/?$/.test(url);
  const address = isLoopback ? url : parseWebAddress(url);
  if (isFault(address)) command.error(`error: --url ${address.detail}; or http:// of this machine`);
  const token =
    tokenFile === undefined
      ? ports.bearerToken
      : tokenFile === '-'
        ? await readSecretInput('Token')
        : (await readFile(tokenFile, 'utf8')).trim();
  if (token === undefined || token === '')
    command.error('error: a token is missing: put it into TILGANG_TOKEN, or name a file by --token-file');
  return remoteShelf({ origin: url.replace(/\/$/, ''), token: token as string });
}
