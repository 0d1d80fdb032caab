import { Command, Option } from 'commander';
import { type AccessParts, appointAdministrator, listAdministrators, operatorRequest, removeAdministrator } from '#access';
import { ADMIN_ROLES, type AdminRole, isFault, type Orgnr, parsePeriodEnd, present, toInstant } from '#domain';
import type { RowFormat } from '#files';
import { orgnrOf, reasonOf } from './arguments.js';
import { readPersonNumber } from './person-number-input.js';
import type { CommandPorts } from './ports.js';
import { registered } from './registered.js';
import { outputFormat, writeTable } from './tables.js';

type Done = (exitCode: number) => void;

const COLUMNS = ['brukerId', 'roles', 'since', 'until', 'by', 'reason', 'applications', 'mayGive'];
const STDIN_HELP = `
The person number is read from standard input, never from the command line, which everybody sees in the list of processes:
one line, or typed (it is not shown) if standard input is a terminal.`;

/** `tilgang admin`: who administers an organisation. */
export function adminCommand(ports: CommandPorts, done: Done): Command {
  return new Command('admin')
    .description('appoint, remove and list the administrators of an organisation')
    .addCommand(appointCommand(ports, done))
    .addCommand(removeCommand(ports, done))
    .addCommand(listCommand(ports, done));
}

function appointCommand(ports: CommandPorts, done: Done): Command {
  return new Command('appoint')
    .description('make a person an administrator: the first one, who appoints the others in the interface')
    .argument('<orgnr>', 'organisation number')
    .addOption(
      new Option('--role <role...>', 'what the person may administer').choices(ADMIN_ROLES).default(['organisasjonsadministrator']),
    )
    .option('--until <date>', 'the last day, in Norway; or an RFC 3339 date-time, until excluded')
    .option('--reason <text>', 'why; kept in the history')
    .addHelpText(
      'after',
      `${STDIN_HELP}

  $ tilgang admin appoint 958935420
  $ tilgang admin appoint 958935420 --role tilgangsadministrator --until 2027-06-30 < number.txt

Who is an administrator already gets these roles and this end instead, without limits to applications or roles.
Done again it changes nothing. The gateway may run meanwhile.`,
    )
    .action(async (text: string, options: { role: AdminRole[]; until?: string; reason?: string }, command: Command) => {
      const orgnr = orgnrOf(command, '<orgnr>', text);
      const until = options.until === undefined ? undefined : parsePeriodEnd(options.until);
      if (isFault(until)) command.error(`error: --until ${until.detail}`);
      if (until !== undefined && until <= toInstant(Date.now())) command.error('error: --until is over already');
      const roles = ADMIN_ROLES.filter((role) => options.role.includes(role));
      const terms = present({ roles, until, ...reasonOf(command, options.reason) });
      const person = await readPersonNumber();
      if (isFault(person)) return refuse(done, `the person number ${person.detail}`);
      await forOrganisation(ports, done, orgnr, async (access, name) => {
        const { view, isNew, isWritten, strands } = await appointAdministrator(access, operatorRequest(), orgnr, person, terms);
        const how = isNew ? 'appointed' : isWritten ? 'changed' : 'unchanged';
        process.stdout.write(`${how}: ${view.assignment.brukerId} is ${roles.join(', ')} of ${name} (${orgnr})\n`);
        if (strands) warnOfNobody(orgnr);
      });
    });
}

function removeCommand(ports: CommandPorts, done: Done): Command {
  return new Command('remove')
    .description('remove an administrator, the last one too')
    .argument('<orgnr>', 'organisation number')
    .addHelpText('after', `${STDIN_HELP}\n\nSomebody who is none is no fault. The gateway may run meanwhile.`)
    .action(async (text: string, _options: object, command: Command) => {
      const orgnr = orgnrOf(command, '<orgnr>', text);
      const person = await readPersonNumber();
      if (isFault(person)) return refuse(done, `the person number ${person.detail}`);
      await forOrganisation(ports, done, orgnr, async (access, name) => {
        const whose = { orgnr, brukerId: access.vault.nameOf(person) };
        const { wasOne, strands } = await removeAdministrator(access, operatorRequest(), whose, 'any', undefined);
        const how = wasOne ? 'removed: is an administrator no more' : 'unchanged: is no administrator';
        process.stdout.write(`${how} of ${name} (${orgnr})\n`);
        if (strands) warnOfNobody(orgnr);
      });
    });
}

function listCommand(ports: CommandPorts, done: Done): Command {
  return new Command('list')
    .description('list the administrators of an organisation')
    .argument('<orgnr>', 'organisation number')
    .option('--show-numbers', 'with the person numbers in the clear: handle the output as such')
    .addOption(outputFormat())
    .addHelpText('after', '\n`by` is `operator` or the brukerId of whoever appointed the person. Who is removed is not listed.')
    .action(async (text: string, { showNumbers, format }: { showNumbers?: true; format: RowFormat }, command: Command) => {
      const orgnr = orgnrOf(command, '<orgnr>', text);
      await forOrganisation(ports, done, orgnr, async (access) => {
        const columns = showNumbers === true ? ['brukerIdent', ...COLUMNS] : COLUMNS;
        await writeTable({ format }, columns, listed(access, orgnr, showNumbers === true));
      });
    });
}

async function* listed(access: AccessParts, orgnr: Orgnr, showNumbers: boolean): AsyncGenerator<object> {
  for (const { assignment, person } of await listAdministrators(access, operatorRequest(), orgnr)) {
    const { brukerId, sealed: _, from, givenAt, givenBy, ...shown } = assignment;
    yield present({ brukerIdent: showNumbers ? person : undefined, ...shown, brukerId, since: from ?? givenAt, by: givenBy });
  }
}

/** What the operator may do, and nobody in the organisation could undo. */
function warnOfNobody(orgnr: Orgnr): void {
  process.stderr.write(
    `tilgang: WARNING: ${orgnr} has no organisasjonsadministrator without limits left, so nobody there can appoint anybody: \`tilgang admin appoint ${orgnr}\` appoints one\n`,
  );
}

/** Opens the store for a registered organisation. */
async function forOrganisation(
  ports: CommandPorts,
  done: Done,
  orgnr: Orgnr,
  act: (access: AccessParts, name: string) => Promise<void>,
): Promise<void> {
  const { access, close } = await ports.openAccess();
  try {
    const organisation = await registered(access, orgnr);
    if (organisation === undefined) refuse(done, `no organisation ${orgnr} is registered; \`tilgang orgs list\` lists them`);
    else await act(access, organisation.name);
  } finally {
    await close();
  }
}

function refuse(done: Done, why: string): void {
  process.stderr.write(`tilgang: ${why}\n`);
  done(1);
}
