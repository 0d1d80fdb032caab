import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { exportGrants, type ImportReport, importGrants } from '#access';
import { isFault, parseAppId, parseOrgnr } from '#domain';
import { type GrantFormat, grantRows, grantWriter } from './grant-files.js';
import { type CommandPorts, FILE_FAULT } from './ports.js';
import { progress } from './progress.js';

const FORMATS: readonly GrantFormat[] = ['csv', 'jsonl'];
/** Faulty lines that are printed; the rest is counted. */
const FAULTS_SHOWN = 1000;

export function grantsCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('grants')
    .description('import and export grants')
    .addCommand(importCommand(ports, done))
    .addCommand(exportCommand(ports));
}

function importCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('import')
    .description('give the grants of a file (CSV with a header line, or JSONL)')
    .argument('<file>', 'the file; its ending .csv or .jsonl tells the format')
    .addOption(new Option('--format <format>', 'if the ending does not tell').choices(FORMATS))
    .option('--dry-run', 'check every line and say what would change; write nothing')
    .option('--stop-at-fault', 'end at the first faulty line (the lines before it are written)')
    .addHelpText(
      'after',
      `
Fields: app (App-ID), brukerIdent (fødselsnummer or D-number), kommune (kommunenummer) or orgnr (organisation number),
and optionally roles (apart by blank, comma, semicolon or bar; default: use), from, until (a date, whole days in Norway,
until included; or an RFC 3339 date-time, until excluded).

  app,brukerIdent,kommune,roles,from,until
  3f0c…,018190…,0301,use,2026-01-01,2026-12-31

  {"app":"3f0c…","brukerIdent":"018190…","orgnr":"958935420","roles":["use"]}

A faulty line is named by its number and left out; the others are written. A line that is already so changes nothing, so
the import can be run again, also after it was interrupted: what was reported as written is durable.
The gateway may run meanwhile and sees each grant once it is written. Ends with 1 if a line was faulty.`,
    )
    .action(async (file: string, options: { format?: GrantFormat; dryRun?: true; stopAtFault?: true }, command: Command) => {
      const format = options.format ?? FORMATS.find((known) => file.toLowerCase().endsWith(`.${known}`));
      if (format === undefined) command.error('error: the ending is neither .csv nor .jsonl; say --format');
      const size = await stat(file).catch((error: Error) => command.error(`error: ${error.message}`, { code: FILE_FAULT }));
      const { access, close } = await ports.openAccess();
      const bar = progress(size.size, options.dryRun === true ? 'checked' : 'written');
      let shown = 0;
      let report: ImportReport;
      try {
        report = await importGrants(access, grantRows(file, format, bar.readTo), {
          actor: 'operator',
          dryRun: options.dryRun === true,
          stopAtFault: options.stopAtFault === true,
          onFault: ({ line, field, detail }) => {
            shown += 1;
            if (shown <= FAULTS_SHOWN) bar.print(`line ${line}: ${field === undefined ? '' : `${field} `}${detail}`);
            else if (shown === FAULTS_SHOWN + 1) bar.print('… more faulty lines are counted only');
          },
          onWritten: ({ lines, given, changed, unchanged }) => bar.update(lines, given + changed + unchanged),
        });
      } finally {
        bar.stop();
        await close();
      }
      process.stdout.write(`${summary(report, options.dryRun === true)}\n`);
      if (report.faulty > 0) done(1);
    });
}

function summary({ given, changed, unchanged, faulty, stopped }: ImportReport, dryRun: boolean): string {
  const would = dryRun ? 'would be ' : '';
  const end = stopped ? '; stopped at the faulty line' : '';
  return `${would}given ${given}, ${would}changed ${changed}, unchanged ${unchanged}, faulty ${faulty}${end}`;
}

function exportCommand(ports: CommandPorts): Command {
  return new Command('export')
    .description('write all grants that are not withdrawn, as import takes them')
    .option('--app <App-ID>', 'only of this application')
    .option('--orgnr <number>', 'only of this konsument')
    .addOption(new Option('--format <format>', 'form of the lines').choices(FORMATS).default('csv'))
    .option('--out <file>', 'write there (mode 0600, must not exist) instead of to standard output')
    .addHelpText('after', '\nThe person numbers stand in the clear: handle the output as such.')
    .action(async (options: { app?: string; orgnr?: string; format: GrantFormat; out?: string }, command: Command) => {
      const appId = options.app === undefined ? undefined : parseAppId(options.app);
      if (isFault(appId)) command.error(`error: --app ${appId.detail}`);
      const konsument = options.orgnr === undefined ? undefined : parseOrgnr(options.orgnr);
      if (isFault(konsument)) command.error(`error: --orgnr ${konsument.detail}`);
      const { access, close } = await ports.openAccess();
      const out = options.out === undefined ? process.stdout : createWriteStream(options.out, { mode: 0o600, flags: 'wx' });
      try {
        if (out !== process.stdout)
          await once(out, 'open').catch((error: Error) => command.error(`error: ${error.message}`, { code: FILE_FAULT }));
        const write = grantWriter(options.format);
        out.write(write.head);
        const only = { ...(appId === undefined ? {} : { appId }), ...(konsument === undefined ? {} : { konsument }) };
        for await (const grant of exportGrants(access, only)) if (!out.write(write.line(grant))) await once(out, 'drain');
        if (out !== process.stdout) {
          out.end();
          await once(out, 'finish');
        }
      } finally {
        await close();
      }
    });
}
