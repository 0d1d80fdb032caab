import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { isFault, parseWebAddress } from '#domain';
import type { RemotePlace } from './gateway-call.js';
import type { CommandPorts } from './ports.js';
import { readSecretInput } from './secret-input.js';

/** Where a command does its work. */
export interface PlaceOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

/** How the token of a gateway is given. */
export const WHERE_HELP = `
Works on the store of this installation, as the operator; with --url on a gateway, as whoever the token is for. The token is read from
TILGANG_TOKEN, or from the file of --token-file (- is standard input): never from the arguments, which everybody sees in the list of processes.`;

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

/** The gateway that is meant, and the token for it; `undefined`: the store of this installation. */
export async function remotePlaceOf(
  ports: Pick<CommandPorts, 'bearerToken'>,
  command: Command,
  { url, tokenFile }: PlaceOptions,
): Promise<RemotePlace | undefined> {
  if (url === undefined) {
    if (tokenFile !== undefined) command.error('error: --token-file is for a gateway: name it by --url');
    return undefined;
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
    return command.error('error: a token is missing: put it into TILGANG_TOKEN, or name a file by --token-file');
  return { origin: url.replace(/\/$/, ''), token };
}
