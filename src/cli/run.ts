import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { maskPersonNumbers } from '#domain';
import { ProblemError } from '#problem';
import { adminCommand } from './admin.js';
import { auditCommand } from './audit.js';
import { backupCommand, restoreCommand } from './backup.js';
import { decisionsCommand } from './decisions.js';
import { demoCommand } from './demo.js';
import { doctorCommand } from './doctor.js';
import { grantsCommand } from './grants.js';
import { harmless } from './harmless.js';
import { issuerCommand } from './issuer.js';
import { applikasjonerCommand } from './konsument/applikasjoner-command.js';
import { brukereCommand } from './konsument/brukere-command.js';
import { hendelserCommand } from './konsument/hendelser-command.js';
import { oppslagCommand } from './konsument/oppslag-command.js';
import { krrCommand } from './krr.js';
import { loginCommand, logoutCommand } from './login/login-command.js';
import { loginsCommand } from './logins.js';
import { accessCommand } from './maskinporten/access-command.js';
import { clientCommand } from './maskinporten/client-command.js';
import { delegationsCommand, termsCommand } from './maskinporten/delegations-command.js';
import { scopesCommand } from './maskinporten/scopes-command.js';
import { orgsCommand } from './orgs.js';
import { policyCommand } from './policy/policy-command.js';
import { type CommandPorts, FILE_FAULT } from './ports.js';
import { relationsCommand } from './relations.js';
import { secretsCommand } from './secrets.js';
import { serveCommand } from './serve.js';
import { storeCommand } from './store-copy.js';
import { resourcesCommand } from './systembruker/resources-command.js';
import { systemUsersCommand } from './systembruker/system-users-command.js';
import { systemsCommand } from './systembruker/systems-command.js';
import { tokenCommand } from './token.js';
import { whyCommand } from './why.js';

/** Commander repeats the words that are off; what is typed in the wrong place may be a person number. */
const WITHOUT_NUMBERS: OutputConfiguration = { outputError: (text, write) => write(maskPersonNumbers(text)) };

/** In the order in which the help lists them. */
const COMMANDS = [
  serveCommand,
  demoCommand,
  tokenCommand,
  orgsCommand,
  adminCommand,
  grantsCommand,
  loginCommand,
  logoutCommand,
  applikasjonerCommand,
  brukereCommand,
  oppslagCommand,
  hendelserCommand,
  scopesCommand,
  accessCommand,
  delegationsCommand,
  termsCommand,
  clientCommand,
  resourcesCommand,
  systemsCommand,
  systemUsersCommand,
  relationsCommand,
  krrCommand,
  loginsCommand,
  policyCommand,
  whyCommand,
  auditCommand,
  decisionsCommand,
  secretsCommand,
  issuerCommand,
  storeCommand,
  backupCommand,
  restoreCommand,
  doctorCommand,
];

/**
 * Runs one command.
 * @param args the arguments after the program's name
 * @returns the exit code: 0 done, 1 it could not be done or found something wrong, 2 the words of the call are off
 */
export async function runCli(args: readonly string[], ports: CommandPorts): Promise<number> {
  let exitCode = 0;
  const done = (code: number): void => {
    exitCode = code;
  };
  const program = new Command('tilgang')
    .description('Authorization gateway: may this one do that, for whom?')
    .version(ports.version)
    .option('--config <file>', 'where settings are read from (YAML or JSON) instead of TILGANG_CONFIG')
    .hook('preAction', () => {
      const { config } = program.opts<{ config?: string }>();
      if (config !== undefined) ports.useConfig(config);
    })
    .exitOverride()
    .configureOutput(WITHOUT_NUMBERS)
    .addHelpText(
      'after',
      `
First steps:
  $ make run                               start a demo gateway; it prints a curl line to paste
  $ tilgang demo | less                    see who may do what in the demo world
  $ tilgang token --client fhi             a bearer token for that machine
  $ tilgang grants import grants.csv --dry-run
  $ tilgang admin appoint 958935420        the first administrator of an organisation; asks for the person
  $ tilgang login https://…                as an administrator, in the browser; then brukere, oppslag, hendelser, applikasjoner
  $ tilgang policy new rules               a folder to write an application's own rules in
  $ tilgang client keys new --out my.pem   a key pair for a client of the Maskinporten side (docs/maskinporten.md)

Settings come from TILGANG_… variables and the file of --config or TILGANG_CONFIG; see docs/configuration.md.`,
    );
  for (const command of COMMANDS) {
    program.addCommand(command(ports, done));
  }
  inheriting(program, program.name());
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.code === FILE_FAULT ? 1 : error.exitCode === 0 ? 0 : 2;
    const said = error instanceof ProblemError ? problemText(error) : systemFault(error);
    if (said === undefined) throw error;
    // Some of it others have said, such as an issuer.
    process.stderr.write(`tilgang: ${maskPersonNumbers(said).split('\n').map(harmless).join('\n')}\n`);
    return 1;
  }
  return exitCode;
}

/** A system's error about a file, a folder or an address, in one sentence; whatever else is thrown is a fault of the program. */
function systemFault(error: unknown): string | undefined {
  const { code, syscall, path, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return undefined;
  const why: Readonly<Record<string, string>> = {
    EACCES: 'this user may not use it: give it to the user that runs the command',
    EPERM: 'this user may not use it: give it to the user that runs the command',
    ENOENT: 'it is not there: check the name',
    EEXIST: 'it is there already: name another one',
    ENOTDIR: 'a part of its name is no folder: check the name',
    EISDIR: 'it is a folder: name a file',
    EROFS: 'it lies on a disk that cannot be written: name another place',
    ENOSPC: 'the disk is full: make room',
  };
  return why[code] === undefined ? message : `${path ?? 'the file'}: ${why[code]} (${code})`;
}

/** What went wrong and what to do, for a person at a terminal. */
function problemText({ slug, message, detail, entry, at, cause }: ProblemError): string {
  const lines = [`${message} (${slug})`];
  if (at.length > 1 || detail === undefined)
    lines.push(...at.map((one) => `  - ${one.pointer === '' ? '' : `${one.pointer} `}${one.detail}`));
  if (cause instanceof Error) lines.push(`  cause: ${cause.message}`);
  lines.push(`  ${entry.remedy}`);
  return lines.join('\n');
}

/** Every command says of wrong words what is wrong and where its help is, and nothing else. */
function inheriting(command: Command, called: string): void {
  command
    .exitOverride()
    .configureOutput(WITHOUT_NUMBERS)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError(`\`${called} --help\` says what it takes.`);
  for (const sub of command.commands) inheriting(sub, `${called} ${sub.name()}`);
}
