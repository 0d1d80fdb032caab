import { Command } from 'commander';
import { operatorRequest } from '#access';
import type { RowFormat } from '#files';
import type { CommandPorts } from './ports.js';
import { importTable, inputFormat } from './tables.js';

/** `tilgang relations`: what the registers say of whose client somebody is. */
export function relationsCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('relations').description('take in whose clients organisations are, for agents').addCommand(
    new Command('import')
      .description('take in the relations of a file (CSV with a header line, or JSONL)')
      .argument('<file>', 'the file; its ending .csv or .jsonl tells the format')
      .addOption(inputFormat())
      .option('--dry-run', 'check every line and say what would change; write nothing')
      .addHelpText(
        'after',
        `
Fields: provider (who acts: the accountant, auditor or business manager), client (organisation numbers both), packages (names of access
packages that come with it, apart by blank, comma, semicolon or bar) and optionally until (a day, inside, or a moment, outside).

  provider,client,packages,until
  991825827,912345678,regnskapsforer-lonn regnskapsforer-med-signeringsrettighet,
  991825827,923456789,,

A line replaces what is known of its pair; without packages the relation is over, and agents act for the client no more. Relations that are
not in the file stay. A faulty line is named by its number and left out. A line that is already so changes nothing, so the import can be
run again. Ends with 1 if a line was faulty.`,
      )
      .action(async (file: string, options: { format?: RowFormat; dryRun?: true }, command: Command) => {
        const code = await importTable(
          ports,
          command,
          file,
          { ...options, verb: 'registered' },
          // Loaded only where it is used.
          async ({ access, rows, ...told }) => (await import('#systembruker')).importRelations(access, operatorRequest(), rows, told),
          options.dryRun ? ports.tryAccess : ports.makeAccess,
        );
        if (code !== 0) done(code);
      }),
  );
}
