import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { isFault, parseWebAddress } from '#domain';
import type { RemotePlace } from './gateway-call.js';
import { Keyring } from './login/keyring.js';
import { loggedInPlace } from './login/session.js';
import type { CommandPorts } from './ports.js';
import { readSecretInput } from './secret-input.js';

const MISSING = 'error: a token is missing: log in there (`tilgang login`), put it into TILGANG_TOKEN, or name a file by --token-file';

/** Where a command does its work. */
export interface PlaceOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?\/?$/;

/** The address of a gateway as it is typed: https, or http on this machine. @returns what is wrong with it, if it is none */
export function gatewayOrigin(text: string): { readonly origin: string } | { readonly detail: string } {
  const address = LOOPBACK.test(text) ? text : parseWebAddress(text);
  return isFault(address) ? { detail: `${address.detail}; or http:// of this machine` } : { origin: text.replace(/\/$/, '') };
}

/** How the token of a gateway is given. */
export const WHERE_HELP = `
Works on the store of this installation, as the operator; with --url on a gateway, as whoever the token is for. The token is read from
TILGANG_TOKEN, or from the file of --token-file (- is standard input): never from the arguments, which everybody sees in the list of processes.
Without either it is that of whoever has logged in there (\`tilgang login\`).`;

/** For what a machine reads. */
export const JSON_OPTION = ['--json', 'JSON for a machine'] as const;

/** The options that name a gateway. @param instead what is worked on without them */
export function withGateway(command: Command, instead = 'the store of this installation'): Command {
  return command
    .option('--url <url>', `a gateway, such as https://tilgang.example.no, in place of ${instead}`)
    .option('--token-file <file>', 'where the bearer token for it stands; - is standard input');
}

/** The options that say where, of what a machine may read. */
export function withWhere(command: Command): Command {
  return withGateway(command).option(...JSON_OPTION);
}

/** The gateway that is meant, and the token for it; `undefined`: the store of this installation. */
export async function remotePlaceOf(
  ports: Pick<CommandPorts, 'bearerToken' | 'keyringFile'>,
  command: Command,
  { url, tokenFile }: PlaceOptions,
): Promise<RemotePlace | undefined> {
  if (url === undefined) {
    if (tokenFile !== undefined) command.error('error: --token-file is for a gateway: name it by --url');
    return undefined;
  }
  const address = gatewayOrigin(url);
  if (!('origin' in address)) return command.error(`error: --url ${address.detail}`);
  const { origin } = address;
  const token = await tokenGiven(ports, tokenFile);
  if (token === undefined) return (await loggedInPlace(new Keyring(ports.keyringFile), origin)) ?? command.error(MISSING);
  return token === '' ? command.error(MISSING) : { origin, token };
}

/** The gateway that is meant, or the one that was logged in at last, and the token for it. */
export async function gatewayOf(
  ports: Pick<CommandPorts, 'bearerToken' | 'keyringFile'>,
  command: Command,
  options: PlaceOptions,
): Promise<RemotePlace> {
  if (options.url !== undefined || options.tokenFile !== undefined || ports.bearerToken !== undefined) {
    return (await remotePlaceOf(ports, command, options)) ?? command.error('error: a token is for a gateway: name it by --url');
  }
  const place = await loggedInPlace(new Keyring(ports.keyringFile));
  return (
    place ??
    command.error(
      'error: nobody is logged in: `tilgang login https://…` first, or name the gateway by --url and put a token into TILGANG_TOKEN',
    )
  );
}

async function tokenGiven({ bearerToken }: Pick<CommandPorts, 'bearerToken'>, tokenFile: string | undefined): Promise<string | undefined> {
  if (tokenFile === undefined) return bearerToken;
  return tokenFile === '-' ? readSecretInput('Token') : (await readFile(tokenFile, 'utf8')).trim();
}
