import { Command } from 'commander';
import { exportGrants, importGrants, operatorRequest, unusedGrants } from '#access';
import { type AppId, dayOf, isFault, monthsBefore, type Orgnr, parseAppId, present, toInstant } from '#domain';
import type { RowFormat } from '#files';
import { optionalOrgnr, wholeNumber } from './arguments.js';
import type { CommandPorts } from './ports.js';
import { importTable, inputFormat, outputFormat, writeTable } from './tables.js';

const UNUSED_COLUMNS = ['app', 'orgnr', 'brukerId', 'roles', 'givenAt', 'lastUsed'];
const COLUMNS = ['app', 'brukerIdent', 'kommune', 'orgnr', 'roles', 'from', 'until', 'reason'];

/** `tilgang grants`: access by the file, as the operator. @param done is told the exit code of a command that found something wrong */
export function grantsCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('grants')
    .description('import and export grants, and list those that are not used')
    .addCommand(importCommand(ports, done))
    .addCommand(exportCommand(ports))
    .addCommand(unusedCommand(ports));
}

function importCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('import')
    .description('give the grants of a file (CSV with a header line, or JSONL)')
    .argument('<file>', 'the file; its ending .csv or .jsonl tells the format')
    .addOption(inputFormat())
    .option('--dry-run', 'check every line and say what would change; write nothing')
    .option('--stop-at-fault', 'end at the first faulty line (the lines before it are written)')
    .addHelpText(
      'after',
      `
Fields: app (App-ID), brukerIdent (fødselsnummer or D-number), kommune (kommunenummer) or orgnr (organisation number),
and optionally roles (apart by blank, comma, semicolon or bar; default: use), from, until (a date, whole days in Norway,
until included; or an RFC 3339 date-time, until excluded), reason (kept in the history).

  app,brukerIdent,kommune,roles,from,until
  3f0c…,018190…,0301,use,2026-01-01,2026-12-31

  {"app":"3f0c…","brukerIdent":"018190…","orgnr":"958935420","roles":["use"]}

A faulty line is named by its number and left out; the others are written. A line that is already so changes nothing, so
the import can be run again, also after it was interrupted: what was reported as written is durable.
The gateway may run meanwhile and sees each grant once it is written. Ends with 1 if a line was faulty.`,
    )
    .action(async (file: string, options: { format?: RowFormat; dryRun?: true; stopAtFault?: true }, command: Command) => {
      const code = await importTable(ports, command, file, options, ({ access, rows, ...told }) =>
        importGrants(access, operatorRequest(), rows, { ...told, stopAtFault: options.stopAtFault === true }),
      );
      if (code !== 0) done(code);
    });
}

function exportCommand(ports: CommandPorts): Command {
  return new Command('export')
    .description('write all grants that are not withdrawn, as import takes them')
    .option('--app <App-ID>', 'only of this application')
    .option('--orgnr <number>', 'only of this konsument')
    .addOption(outputFormat())
    .option('--out <file>', 'write there (mode 0600, must not exist) instead of to standard output')
    .addHelpText('after', '\nThe person numbers stand in the clear: handle the output as such.')
    .action(async (options: Chosen, command: Command) => {
      const { orgnr = 'all', appId } = onlyOf(options, command);
      const { access, close } = await ports.openAccess();
      try {
        await writeTable(options, COLUMNS, await exportGrants(access, operatorRequest(), { orgnr, ...present({ appId }) }));
      } finally {
        await close();
      }
    });
}

interface Chosen {
  readonly app?: string;
  readonly orgnr?: string;
  readonly format: RowFormat;
  readonly out?: string;
}

function onlyOf({ app, orgnr }: Chosen, command: Command): { readonly appId?: AppId; readonly orgnr?: Orgnr } {
  const appId = app === undefined ? undefined : parseAppId(app);
  if (isFault(appId)) command.error(`error: --app ${appId.detail}`);
  return present({ appId, orgnr: optionalOrgnr(command, '--orgnr', orgnr) });
}

function unusedCommand(ports: CommandPorts): Command {
  return new Command('unused')
    .description('list the grants that are not withdrawn and have not been used for so long')
    .option('--months <n>', 'for how many months', wholeNumber('months', 1, 1200), 6)
    .option('--app <App-ID>', 'only of this application')
    .option('--orgnr <number>', 'only of this konsument')
    .addOption(outputFormat())
    .option('--out <file>', 'write there (mode 0600, must not exist) instead of to standard output')
    .addHelpText(
      'after',
      `
A grant is used when its application asks about the person and is told the konsument. The day of the last time (lastUsed, in
Norway) is some minutes behind; a grant without one was never used, as far as is known: neither what was given later than that nor
what was before uses were noted is listed. Konsumenter see their own by \`ubruktSiden\` of their API. No person number is shown.`,
    )
    .action(async (options: Chosen & { readonly months: number }, command: Command) => {
      const only = onlyOf(options, command);
      const since = monthsBefore(dayOf(toInstant(Date.now())), options.months);
      const { access, close } = await ports.openAccess();
      try {
        await writeTable(options, UNUSED_COLUMNS, await unusedGrants(access, operatorRequest(), only, since));
      } finally {
        await close();
      }
    });
}
