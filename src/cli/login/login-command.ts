import { Command } from 'commander';
import { toInstant } from '#domain';
import { wholeNumber } from '../arguments.js';
import { harmless } from '../harmless.js';
import { gatewayOrigin } from '../place.js';
import type { CommandPorts } from '../ports.js';
import { Keyring } from './keyring.js';
import { loginServiceOf } from './login-service.js';

const WAIT_MS = 10 * 60_000;

interface LoginOptions {
  readonly issuer?: string;
  readonly clientId?: string;
  readonly port: number;
  readonly browser: boolean;
}

/** `tilgang login`: a person, in the browser. */
export function loginCommand({ keyringFile, openBrowser }: CommandPorts): Command {
  return new Command('login')
    .description('log in at a gateway, in the browser, so that the commands of an administrator work there')
    .argument('[url]', 'the gateway, such as https://tilgang.example.no; default: the one that was logged in at last')
    .option('--issuer <url>', 'where people log in; default: what the gateway says')
    .option('--client-id <id>', 'the client of the command line there; default: what the gateway says')
    .option('--port <port>', 'where the browser comes back to on this machine; 0 takes a free one', wholeNumber('port', 0, 65_535), 0)
    .option('--no-browser', 'only print the address to open')
    .addHelpText(
      'after',
      `
Opens the page where people log in; the browser comes back to a port of this machine (RFC 8252), so it has to run here, or the port
(--port) has to be forwarded. What is kept stands in the user's keyring file, which nobody else can read, and is refreshed by itself:

  $ tilgang login https://tilgang.example.no
  $ tilgang applikasjoner list
  $ tilgang logout`,
    )
    .action(async (url: string | undefined, options: LoginOptions, command: Command) => {
      const keyring = new Keyring(keyringFile);
      const last = url ?? (await keyring.find())?.origin;
      if (last === undefined) return command.error('error: [url] is missing: name the gateway');
      const address = gatewayOrigin(last);
      if (!('origin' in address)) return command.error(`error: [url] ${address.detail}`);
      const { origin } = address;
      const service = await loginServiceOf(origin, options);
      const { logIn } = await import('./at-issuer.js');
      const open = (page: string): void => {
        process.stderr.write(`Log in at:\n\n${harmless(page)}\n\n`);
        if (options.browser) openBrowser(page);
      };
      const login = await logIn({ ...service, origin, port: options.port, open, waitMs: WAIT_MS });
      await keyring.alone(() => keyring.keep(login));
      const end = login.refreshToken === undefined ? `until ${toInstant(login.expiresAt)}` : 'until you log out, or do nothing for long';
      process.stdout.write(`logged in at ${origin}, ${end}\n`);
    });
}

/** `tilgang logout`. */
export function logoutCommand({ keyringFile }: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('logout')
    .description('log out: end the tokens at their issuer, and forget them here')
    .argument('[url]', 'the gateway; default: the one that was logged in at last')
    .option('--all', 'at all gateways')
    .action(async (url: string | undefined, { all }: { readonly all?: true }, command: Command) => {
      const keyring = new Keyring(keyringFile);
      const address = url === undefined ? undefined : gatewayOrigin(url);
      if (address !== undefined && !('origin' in address)) return command.error(`error: [url] ${address.detail}`);
      const one = await keyring.find(address?.origin);
      const logins = all ? await keyring.all() : one === undefined ? [] : [one];
      if (logins.length === 0) process.stdout.write('nobody is logged in\n');
      const { revoked } = await import('./at-issuer.js');
      for (const login of logins) {
        const fault = await keyring.alone(async () => {
          const failed = await revoked(login).then(
            () => undefined,
            (error: Error) => error,
          );
          await keyring.forget(login.origin);
          return failed;
        });
        process.stdout.write(`logged out at ${login.origin}\n`);
        if (fault === undefined) continue;
        process.stderr.write(
          `tilgang: ${login.issuer} could not be told: what was kept here is gone, a copy of it is good until it ends\n`,
        );
        done(1);
      }
    });
}
