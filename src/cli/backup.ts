import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { present } from '#domain';
import type { CommandPorts, KeepingOptions } from './ports.js';
import { readSecretInput } from './secret-input.js';
import { tellFar } from './tell-far.js';

type Done = (exitCode: number) => void;

interface SecretOptions {
  readonly withSecrets?: true;
  readonly passphraseFile?: string;
}

/** `tilgang backup`: the configured store in one file. */
export function backupCommand(ports: CommandPorts, done: Done): Command {
  return withPassphrase(new Command('backup'), 'seal the person secrets into the file, under a passphrase')
    .description('write the whole store into a file; the gateway may run meanwhile')
    .argument('<file>', 'the file; one that is there is replaced once the new one is whole')
    .addHelpText(
      'after',
      `
The file is as the store was at one moment, compressed, with mode 0600, and the same for both kinds of store: what was kept from one
can be restored into the other. It holds what the store holds, so keep it as safe; person numbers are in it as the store has them, sealed.
Without the person secrets nobody in it can be found again: keep those apart, or seal them in with --with-secrets.
The passphrase comes from standard input, or the first line of --passphrase-file.

  $ tilgang backup /backup/tilgang-2026-11-27.backup
  $ tilgang backup /backup/whole.backup --with-secrets --passphrase-file /run/secrets/backup`,
    )
    .action(async (file: string, options: SecretOptions, command: Command) => {
      const report = await kept(command, options, (how) => ports.backup(file, how));
      if (report === undefined) return done(1);
      const { events, secretsAt } = report;
      process.stdout.write(`${events} events written to ${file}\n`);
      if (options.withSecrets === true) process.stdout.write('The person secrets are in it, sealed under the passphrase.\n');
      else {
        process.stdout.write('The person secrets are not in it. Without them it is of no use: keep these files too, elsewhere.\n');
        for (const path of secretsAt) process.stdout.write(`  ${path}\n`);
      }
    });
}

/** `tilgang restore`: the store of a backup where there is none. */
export function restoreCommand(ports: CommandPorts, done: Done): Command {
  return withPassphrase(new Command('restore'), 'the person secrets are in the file: put them into the data folder, which has none')
    .description('bring the store of a backup back, to where there is none')
    .argument('<file>', 'what `tilgang backup` has written')
    .addHelpText(
      'after',
      `
The store is made where the configuration says (TILGANG_DATA, or TILGANG_MONGODB_URI), and there must be none. The person secrets must lie
where they are configured to be, and be those of the backup. Each event is checked as it is written, and all of it at the end, before anybody can
open it; a file that was cut short or altered is refused, and nothing of it stays. A backup from before a rotation of the sealing secret
needs the key of then: on a line of the file before the one that seals now, or alone.

  $ TILGANG_DATA=./data-again tilgang restore /backup/tilgang-2026-11-27.backup`,
    )
    .action(async (file: string, options: SecretOptions, command: Command) => {
      const report = await kept(command, options, (how) => ports.restore(file, how));
      if (report === undefined) return done(1);
      const { events, documents, kind, at } = report;
      process.stdout.write(`${events} events, ${documents} documents of a ${kind} store restored, as of ${at}: whole\n`);
    });
}

function withPassphrase(command: Command, about: string): Command {
  return command.option('--with-secrets', about).option('--passphrase-file <file>', 'with --with-secrets: where the passphrase stands');
}

/** Runs it with the passphrase that was asked for; Ctrl-C and SIGTERM end it, and nothing of it stays. */
async function kept<R>(
  command: Command,
  { withSecrets, passphraseFile }: SecretOptions,
  action: (options: KeepingOptions) => Promise<R>,
): Promise<R | undefined> {
  if (passphraseFile !== undefined && withSecrets !== true) command.error('error: --passphrase-file goes with --with-secrets');
  const passphrase = withSecrets === true ? await passphraseFrom(command, passphraseFile) : undefined;
  const over = new AbortController();
  const stop = (): void => over.abort(new Error('it was told to stop'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const far = tellFar();
  try {
    return await action({ ...present({ passphrase }), told: far.told, over: over.signal });
  } catch (error) {
    if (!over.signal.aborted) throw error;
    process.stderr.write('tilgang: stopped; nothing of it is left\n');
    return undefined;
  } finally {
    far.stop();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  }
}

async function passphraseFrom(command: Command, file: string | undefined): Promise<string> {
  const given = file === undefined ? await readSecretInput('Passphrase') : await readFile(file, 'utf8');
  // Blanks around it are nobody's, whichever way it comes.
  const passphrase = (given.trim().split(/\r?\n/)[0] as string).trim();
  return passphrase === ''
    ? command.error('error: the passphrase is missing: give it on standard input or in --passphrase-file')
    : passphrase;
}
