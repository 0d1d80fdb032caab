import { Command } from 'commander';
import { type AccessParts, type ClosingReport, closeOrganisation, importOrganisations, listOrganisations, operatorRequest } from '#access';
import { type Organisation, type Orgnr, present } from '#domain';
import type { RowFormat } from '#files';
import { orgnrOf, reasonOf } from './arguments.js';
import type { CommandPorts } from './ports.js';
import { registered } from './registered.js';
import { importTable, inputFormat, outputFormat, writeTable } from './tables.js';

type Done = (exitCode: number) => void;
interface EndingOptions {
  readonly reason?: string;
  readonly yes?: true;
}

const COLUMNS = ['orgnr', 'name', 'kommunenummer', 'fiksOrgId', 'roles'];
const YES = ['--yes', 'do it; without this it is only said what would be done'] as const;

/** `tilgang orgs`: which organisations there are, and how they end. */
export function orgsCommand(ports: CommandPorts, done: Done): Command {
  return new Command('orgs')
    .description('import, list, merge and close organisations')
    .addCommand(importCommand(ports, done))
    .addCommand(listCommand(ports))
    .addCommand(mergeCommand(ports, done))
    .addCommand(closeCommand(ports, done));
}

function importCommand(ports: CommandPorts, done: Done): Command {
  return new Command('import')
    .description('register the organisations of a file (CSV with a header line, or JSONL)')
    .argument('<file>', 'the file; its ending .csv or .jsonl tells the format')
    .addOption(inputFormat())
    .option('--dry-run', 'check every line and say what would change; write nothing')
    .addHelpText(
      'after',
      `
Fields: orgnr, name, and optionally kommunenummer, fiksOrgId (the tenant id, a UUID; if left out it is kept, or made) and
roles (konsument, tilbyder, both apart by blank, comma, semicolon or bar, or none; default: konsument).

  orgnr,name,kommunenummer,fiksOrgId,roles
  958935420,Oslo kommune,0301,,konsument
  983744516,Folkehelseinstituttet,,,tilbyder

A line replaces what is registered under its number. A faulty line is named by its number and left out; the others are
written. A line that is already so changes nothing, so the import can be run again. Ends with 1 if a line was faulty.`,
    )
    .action(async (file: string, options: { format?: RowFormat; dryRun?: true }, command: Command) => {
      const code = await importTable(
        ports,
        command,
        file,
        { ...options, verb: 'registered' },
        ({ access, rows, ...told }) => importOrganisations(access, operatorRequest(), rows, told),
        options.dryRun ? ports.tryAccess : ports.makeAccess,
      );
      if (code !== 0) done(code);
    });
}

function listCommand(ports: CommandPorts): Command {
  return new Command('list')
    .description('write all organisations, as import takes them')
    .addOption(outputFormat())
    .action(async ({ format }: { format: RowFormat }) => {
      const { access, close } = await ports.openAccess();
      try {
        await writeTable({ format }, COLUMNS, listed(access));
      } finally {
        await close();
      }
    });
}

async function* listed(access: AccessParts): AsyncGenerator<object> {
  for await (const organisation of await listOrganisations(access, operatorRequest())) {
    yield { ...organisation, roles: rolesOf(organisation) };
  }
}

/** An empty field would be read as the default. */
function rolesOf({ mayBeKonsument, mayBeTilbyder }: Organisation): readonly string[] {
  if (!mayBeKonsument && !mayBeTilbyder) return ['none'];
  return [...(mayBeKonsument ? ['konsument'] : []), ...(mayBeTilbyder ? ['tilbyder'] : [])];
}

function mergeCommand(ports: CommandPorts, done: Done): Command {
  return new Command('merge')
    .description('end an organisation whose grants and activations go on in another one')
    .argument('<from>', 'organisation number of the one that ends')
    .requiredOption('--into <orgnr>', 'organisation number of the one that goes on; it must be registered')
    .option('--reason <text>', 'why; kept in the history')
    .option(...YES)
    .addHelpText(
      'after',
      `
Each person who has access for the first organisation has it for the second instead, on the same terms. Where the second has
given access itself, the two become one that gives what both gave; where no one grant does, the second's stays as it is and the
report names the person. What the second has switched off stays off, and is named too. The first is konsument until its grants
have moved, so nobody is without meanwhile; if it was interrupted, repeat it. Administrators do not move: appoint them
(tilgang admin appoint).

Of Maskinporten, its prefixes and scopes, what it was granted and has delegated, and its clients with their keys move: from then
on their tokens name the second. Scopes of this installation itself do not, as administrators do not: begin anew with
tilgang client first. What the second has revoked or withdrawn stays so. The gateway may run meanwhile.

  $ tilgang orgs merge 942110464 --into 958935420 --reason 'sammenslåing'         what would be done; ends with 1
  $ tilgang orgs merge 942110464 --into 958935420 --reason 'sammenslåing' --yes`,
    )
    .action(async (from: string, options: EndingOptions & { into: string }, command: Command) => {
      const orgnr = orgnrOf(command, '<from>', from);
      await end(ports, done, command, orgnr, options, orgnrOf(command, '--into', options.into));
    });
}

function closeCommand(ports: CommandPorts, done: Done): Command {
  return new Command('close')
    .description('end an organisation: its grants, scopes, clients, accesses and delegations')
    .argument('<orgnr>', 'organisation number')
    .option('--reason <text>', 'why; kept in the history')
    .option(...YES)
    .addHelpText(
      'after',
      '\nIts clients get no token from then on, and its scopes give none. May be repeated after an interruption; the gateway may run meanwhile. It cannot be opened again.',
    )
    .action((text: string, options: EndingOptions, command: Command) =>
      end(ports, done, command, orgnrOf(command, '<orgnr>', text), options, undefined),
    );
}

async function end(
  ports: CommandPorts,
  done: Done,
  command: Command,
  orgnr: Orgnr,
  options: EndingOptions,
  into: Orgnr | undefined,
): Promise<void> {
  const dryRun = options.yes !== true;
  const told = present({ dryRun, into, ...reasonOf(command, options.reason) });
  const { access, close } = await ports.openAccess();
  try {
    for (const one of into === undefined ? [orgnr] : [orgnr, into]) {
      if ((await registered(access, one)) !== undefined) continue;
      process.stderr.write(`tilgang: no organisation ${one} is registered; \`tilgang orgs list\` lists them\n`);
      return done(1);
    }
    // Loaded only where it is used.
    const [{ maskinportenEnding }, { systembrukerEnding }] = await Promise.all([import('#maskinporten'), import('#systembruker')]);
    const how = { ...told, sides: [maskinportenEnding, systembrukerEnding] };
    const { old, successor, report, lessened, ownApplications, ofSides } = await closeOrganisation(access, operatorRequest(), orgnr, how);
    const ended = `${old.name} (${orgnr})`;
    const what = successor === undefined ? `${ended} closed` : `${ended} merged into ${successor.name} (${into})`;
    process.stdout.write(`${dryRun ? 'would be done: ' : ''}${what}\n${countsOf(report, successor !== undefined)}`);
    for (const [what, count] of ofSides) process.stdout.write(`  ${what}: ${count}\n`);
    for (const { appId, brukerId } of lessened) {
      const who = brukerId === undefined ? `nobody has access in ${appId}: switched off by ${into}` : `${brukerId} in ${appId}`;
      process.stdout.write(`  has less than before: ${who}\n`);
    }
    if (ownApplications > 0) process.stdout.write(`  applications that it has registered, left as they are: ${ownApplications}\n`);
    if (!dryRun) return;
    process.stdout.write('Nothing has been changed. Add --yes to do it.\n');
    done(1);
  } finally {
    await close();
  }
}

function countsOf({ withdrawn, moved, kept, joined, lessened, activated, leftOff }: ClosingReport, isMerge: boolean): string {
  if (!isMerge) return `  grants withdrawn: ${withdrawn}\n`;
  return `  grants moved: ${moved}, held there already: ${kept}\n  applications switched on: ${activated}\n${told('grants joined with one held there', joined)}${told('grants that gave more than one held there, which stays', lessened)}${told('applications that stay switched off', leftOff)}`;
}

function told(what: string, count: number): string {
  return count === 0 ? '' : `  ${what}: ${count}\n`;
}
