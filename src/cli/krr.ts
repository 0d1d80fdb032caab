import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { operatorRequest } from '#access';
import { isFault } from '#domain';
import type { RowFormat } from '#files';
import { orgnrOf } from './arguments.js';
import { readPersonNumber } from './person-number-input.js';
import type { CommandPorts } from './ports.js';
import { importTable, inputFormat } from './tables.js';

/** `tilgang krr`: the contact register, as the operator. @param done is told the exit code of a command that found something wrong */
export function krrCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('krr')
    .description('keep the contact register: fill it, look at it, the certificates of mailboxes')
    .addCommand(importCommand(ports, done))
    .addCommand(showCommand(ports))
    .addCommand(statusCommand(ports))
    .addCommand(providerCommand(ports));
}

function importCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('import')
    .description('keep the persons of a file (CSV with a header line, or JSONL)')
    .argument('<file>', 'the file; its ending .csv or .jsonl tells the format')
    .addOption(inputFormat())
    .option('--dry-run', 'check every line and say what would change; write nothing')
    .addHelpText(
      'after',
      `
Fields: personidentifikator (fødselsnummer or D-number), and optionally status (AKTIV, SLETTET or IKKE_REGISTRERT; default
AKTIV), reservasjon (JA or NEI), reservasjonstidspunkt, epostadresse and mobiltelefonnummer, each with …_oppdatert and
…_sist_verifisert, postkasseadresse with postkasseleverandoeradresse, spraak (nb, nn, en or se) with spraak_oppdatert. Dates
are RFC 3339 date-times, or days. In JSONL the parts may also stand as the API answers them (kontaktinformasjon, digital_post).

  personidentifikator,epostadresse,epostadresse_oppdatert,spraak
  018190…,ola@example.org,2026-10-01,nb

A line is all that is kept of its person: what it leaves out goes. SLETTET takes everything but that, IKKE_REGISTRERT the
person too. A language that the person has chosen later than the line says stays.
A faulty line is named by its number and left out; the others are written. A line that is already so changes nothing, so
the import can be run again, also after it was interrupted: what was reported as written is durable. The gateway may run
meanwhile and tells of each person as soon as it is written. Ends with 1 if a line was faulty.`,
    )
    .action(async (file: string, options: { format?: RowFormat; dryRun?: true }, command: Command) => {
      const { importContacts } = await import('#idporten');
      const code = await importTable(ports, command, file, { ...options, verb: 'registered' }, ({ access, rows, ...told }) =>
        importContacts(access, operatorRequest(), rows, told),
      );
      if (code !== 0) done(code);
    });
}

function showCommand(ports: CommandPorts): Command {
  return new Command('show')
    .description('all that the register has of one person, as JSON')
    .addHelpText('after', '\nThe person number is read from standard input. The output holds what is about the person: handle it as such.')
    .action(async (_options: object, command: Command) => {
      const { showContact } = await import('#idporten');
      const person = await readPersonNumber();
      if (isFault(person)) command.error(`error: the person number ${person.detail}`);
      const { access, close } = await ports.openAccess();
      try {
        const { person: _, ...told } = await showContact(access, operatorRequest(), person);
        process.stdout.write(`${JSON.stringify(told, undefined, 2)}\n`);
      } finally {
        await close();
      }
    });
}

function statusCommand(ports: CommandPorts): Command {
  return new Command('status').description('how many persons the register has, and what the latest import has done').action(async () => {
    const { readRegisterStatus } = await import('#idporten');
    const { access, close } = await ports.openAccess();
    try {
      const { persons, latest } = await readRegisterStatus(access, operatorRequest());
      process.stdout.write(`persons ${persons}\n`);
      if (latest === undefined) process.stdout.write('nothing has been imported yet\n');
      else {
        const { at, lines, given, changed, unchanged, faulty } = latest;
        process.stdout.write(
          `latest import ${at}: ${lines} lines, registered ${given}, changed ${changed}, unchanged ${unchanged}, faulty ${faulty}\n`,
        );
      }
    } finally {
      await close();
    }
  });
}

function providerCommand(ports: CommandPorts): Command {
  return new Command('provider')
    .description('keep the certificate of one who runs digital mailboxes; it is told with each person who has one there')
    .argument('<organisation number>', 'as in postkasseleverandoeradresse')
    .requiredOption('--certificate <file>', 'the certificate in PEM')
    .action(async (text: string, { certificate: file }: { certificate: string }, command: Command) => {
      const { putMailboxProvider } = await import('#idporten');
      const orgnr = orgnrOf(command, 'organisation number', text);
      const certificate = await readFile(file, 'utf8');
      const { access, close } = await ports.openAccess();
      try {
        await putMailboxProvider(access, operatorRequest(), { orgnr, certificate });
        process.stdout.write(`${orgnr} has this certificate from now on\n`);
      } finally {
        await close();
      }
    });
}
