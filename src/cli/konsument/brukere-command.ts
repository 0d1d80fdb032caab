import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { dayOf, monthsBefore, present, toInstant } from '#domain';
import { appIdOf, reasonOf, wholeNumber } from '../arguments.js';
import { personNumberOf } from '../person-number-input.js';
import type { CommandPorts } from '../ports.js';
import { progress } from '../progress.js';
import { inputFormat, outputFormat } from '../tables.js';
import { personAsked } from './oppslag-command.js';
import { KONSUMENT_HELP, type KonsumentOptions, konsumentOf, listed, printEach, withKonsument } from './organisation.js';
import { accessLine, type ToldAccess } from './told-access.js';

const PERSON_HELP = `
The person number is read from standard input, never from the command line, which everybody sees in the list of processes: one line,
or typed (it is not shown) if standard input is a terminal.`;

/** `tilgang brukere`: who may use an application on behalf of the organisation, as its administrator. */
export function brukereCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('brukere')
    .description('as an administrator: give people access to an application, take it back, list it; many by a file')
    .addCommand(giveCommand(ports))
    .addCommand(withdrawCommand(ports))
    .addCommand(listCommand(ports))
    .addCommand(importCommand(ports, done))
    .addCommand(exportCommand(ports));
}

interface GiveOptions extends KonsumentOptions {
  readonly role?: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly reason?: string;
}

function giveCommand(ports: CommandPorts): Command {
  return withKonsument(new Command('give'))
    .description('give a person access')
    .argument('<App-ID>', 'the application')
    .option('--role <role...>', 'which roles; default: use')
    .option('--from <date>', 'the first day, in Norway; or an RFC 3339 date-time')
    .option('--until <date>', 'the last day, in Norway; or an RFC 3339 date-time, until excluded')
    .option('--reason <text>', 'kept in the history')
    .addHelpText(
      'after',
      `${PERSON_HELP}\n${KONSUMENT_HELP}\n\n  $ tilgang brukere give d8adb4fb-8b85-87e7-9636-7eabb041b9b4 --until 2027-06-30 < number.txt`,
    )
    .action(async (app: string, options: GiveOptions, command: Command) => {
      const { reason: begrunnelse } = reasonOf(command, options.reason);
      const brukerIdent = await personNumberOf(command);
      const { call, base } = await konsumentOf(ports, command, options);
      const json = present({ brukerIdent, roller: options.role, fra: options.from, til: options.until, begrunnelse });
      const { status, value } = await call.answered<ToldAccess>(`${base}/applikasjoner/${appIdOf(command, '<App-ID>', app)}/brukere`, {
        method: 'POST',
        json,
      });
      if (options.json) process.stdout.write(`${JSON.stringify(value)}\n`);
      else process.stdout.write(`${status === 201 ? 'given' : 'it was so already'}: ${accessLine(value, value.brukerId)}\n`);
    });
}

function withdrawCommand(ports: CommandPorts): Command {
  return withKonsument(new Command('withdraw'))
    .description('take a person’s access back; it ends with the next question')
    .argument('<App-ID>', 'the application')
    .argument('[brukerId]', 'as `brukere list` names the person; default: by person number')
    .option('--reason <text>', 'kept in the history')
    .addHelpText('after', `${PERSON_HELP}\n${KONSUMENT_HELP}`)
    .action(async (app: string, brukerId: string | undefined, options: KonsumentOptions & { reason?: string }, command: Command) => {
      const { reason: begrunnelse } = reasonOf(command, options.reason);
      const appId = appIdOf(command, '<App-ID>', app);
      const brukerIdent = brukerId === undefined ? await personNumberOf(command) : undefined;
      const { call, base } = await konsumentOf(ports, command, options);
      const id = brukerId ?? (await personAsked(call, base, brukerIdent as string)).brukerId;
      const place = `${base}/applikasjoner/${appId}/brukere/${encodeURIComponent(id)}`;
      const { status } = await call.answered(place, {}, 404);
      await call(place, {
        method: 'DELETE',
        ifMatch: true,
        ...present({ json: begrunnelse === undefined ? undefined : { begrunnelse } }),
      });
      const said = status === 404 ? 'it was so already' : 'withdrawn';
      process.stdout.write(
        options.json ? `${JSON.stringify({ brukerId: id, appId })}\n` : `${said}: ${id} has no access to ${appId} any more\n`,
      );
    });
}

interface ListOptions extends KonsumentOptions {
  readonly unusedMonths?: number;
  readonly showNumbers?: true;
}

function listCommand(ports: CommandPorts): Command {
  return withKonsument(new Command('list'))
    .description('list who may use an application')
    .argument('<App-ID>', 'the application')
    .option('--unused-months <n>', 'only access that has not been used for so long', wholeNumber('months', 1, 1200))
    .option('--show-numbers', 'name people by their numbers instead of by brukerId')
    .addHelpText('after', `${KONSUMENT_HELP}\nWhat is printed with --show-numbers or --json holds person numbers: handle it as such.`)
    .action(async (app: string, options: ListOptions, command: Command) => {
      const path = `/applikasjoner/${appIdOf(command, '<App-ID>', app)}/brukere`;
      const { call, base } = await konsumentOf(ports, command, options);
      const since =
        options.unusedMonths === undefined ? '' : `?ubruktSiden=${monthsBefore(dayOf(toInstant(Date.now())), options.unusedMonths)}`;
      const all = listed<ToldAccess, 'brukere'>(call, `${base}${path}${since}`, 'brukere');
      await printEach(options, all, (one) => accessLine(one, options.showNumbers ? one.brukerIdent : one.brukerId), 'nobody');
    });
}

interface ImportOptions extends KonsumentOptions {
  readonly format?: 'csv' | 'jsonl';
  readonly dryRun?: true;
  readonly replace?: true;
  readonly allOrNothing?: true;
}

interface ImportReport {
  readonly gitt: number;
  readonly endret: number;
  readonly uendret: number;
  readonly trukket: number;
  readonly feil: number;
  readonly feilListe: readonly { readonly linje: number; readonly felt?: string; readonly detalj: string }[];
  readonly gjenopptattEtter: number;
}

function importCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return withKonsument(new Command('import'))
    .description('give the access of a file (CSV with a header line, or JSONL)')
    .argument('<file>', 'the file; its ending .csv or .jsonl tells the format')
    .addOption(inputFormat())
    .option('--dry-run', 'check every line and say what would change; write nothing')
    .option(
      '--replace',
      'also withdraw the access, in the applications of the file, of those who stand on no line; not if a line is faulty',
    )
    .option('--all-or-nothing', 'write nothing if a line is faulty')
    .addHelpText(
      'after',
      `
Fields: app (App-ID), brukerIdent (fødselsnummer or D-number), and optionally roles (apart by blank; default: use), from, until, reason:

  app,brukerIdent,roles,until
  d8adb4fb-8b85-87e7-9636-7eabb041b9b4,018190…,use,2027-06-30

A faulty line is named by its number and left out; the others are written. Sent again, the same file goes on where it was broken off.
Ends with 1 if a line was faulty.
${KONSUMENT_HELP}`,
    )
    .action(async (file: string, options: ImportOptions, command: Command) => {
      const type = typeOf(command, file, options);
      const { size } = await stat(file);
      const { call, base } = await konsumentOf(ports, command, options);
      const query = new URLSearchParams(
        present({
          modus: options.replace && 'erstatt',
          proving: options.dryRun && 'true',
          altEllerIngenting: options.allOrNothing && 'true',
        }) as Record<string, string>,
      );
      const idempotencyKey = options.dryRun ? undefined : await keyOf(file, `${base}?${query}`);
      const sending = present({ method: 'POST', file: { type, body: bodyOf(file, size) }, idempotencyKey });
      const report = await call<ImportReport>(`${base}/import?${query}`, sending);
      if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
      else tell(report, options);
      if (report.feil > 0) done(1);
    });
}

function typeOf(command: Command, file: string, { format }: ImportOptions): string {
  const known = format ?? (['csv', 'jsonl'] as const).find((ending) => file.toLowerCase().endsWith(`.${ending}`));
  if (known === undefined) return command.error('error: the ending is neither .csv nor .jsonl; say --format');
  return known === 'csv' ? 'text/csv' : 'application/jsonl';
}

/** The same file to the same place is the same import, whoever sends it again. */
async function keyOf(file: string, where: string): Promise<string> {
  const hash = createHash('sha256').update(where);
  await pipeline(createReadStream(file), hash);
  return `import-${hash.digest('base64url')}`;
}

function bodyOf(file: string, size: number): ReadableStream<Uint8Array> {
  const bar = progress(size, 'sent', 'bytes');
  let sent = 0;
  const told = async function* (): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
        sent += chunk.byteLength;
        bar.readTo(sent);
        bar.update(sent, sent);
        yield chunk;
      }
    } finally {
      bar.stop();
    }
  };
  return Readable.toWeb(Readable.from(told())) as unknown as ReadableStream<Uint8Array>;
}

function tell(
  { gitt, endret, uendret, trukket, feil, feilListe, gjenopptattEtter }: ImportReport,
  { dryRun, replace }: ImportOptions,
): void {
  for (const { linje, felt, detalj } of feilListe)
    process.stderr.write(`line ${linje}: ${felt === undefined ? '' : `${felt} `}${detalj}\n`);
  if (feil > feilListe.length) process.stderr.write(`… ${feil - feilListe.length} more faulty lines\n`);
  if (gjenopptattEtter > 0) process.stderr.write(`went on after line ${gjenopptattEtter}\n`);
  const would = dryRun ? 'would be ' : '';
  const withdrawn = replace ? `, ${would}withdrawn ${trukket}` : '';
  process.stdout.write(`${would}given ${gitt}, ${would}changed ${endret}, unchanged ${uendret}${withdrawn}, faulty ${feil}\n`);
}

function exportCommand(ports: CommandPorts): Command {
  return withKonsument(new Command('export'))
    .description('write the access that is not withdrawn, as import takes it')
    .option('--app <App-ID>', 'only of this application')
    .addOption(outputFormat())
    .option('--out <file>', 'write there (mode 0600, must not exist) instead of to standard output')
    .addHelpText('after', `\nThe person numbers stand in the clear: handle the output as such.\n${KONSUMENT_HELP}`)
    .action(async (options: KonsumentOptions & { app?: string; format: string; out?: string }, command: Command) => {
      const app = options.app === undefined ? undefined : appIdOf(command, '<App-ID>', options.app);
      const { call, base } = await konsumentOf(ports, command, options);
      const body = await call.streamed(
        `${base}/eksport?${new URLSearchParams(present({ format: options.format, app }) as Record<string, string>)}`,
      );
      if (options.out === undefined) {
        for await (const chunk of body) process.stdout.write(chunk);
        return;
      }
      await pipeline(body, createWriteStream(options.out, { mode: 0o600, flags: 'wx' }));
    });
}
