import { Command } from 'commander';
import type { CommandPorts } from './ports.js';

/** `tilgang demo`: the demo world as JSON. */
export function demoCommand(ports: CommandPorts): Command {
  return new Command('demo')
    .description('print the demo world as JSON: organisations, applications, persons, administrators, clients')
    .addHelpText(
      'after',
      `
Every person is synthetic (month + 80). \`persons[].expected\` tells, per application, for which organisations the person
has access as the world is filled; a person without access to an application has no entry for it. \`administrators[]\` are those
who administer an organisation, with their roles; \`tilgang token --person\` takes their ids, such as oslo-leder.

  $ tilgang demo | jq '.applications[] | {id, name, state}'
  $ tilgang demo | jq '.persons[0]'
  $ tilgang demo | jq '.administrators[] | {id, orgnr, roles}'`,
    )
    .action(async () => {
      process.stdout.write(`${JSON.stringify(await ports.demoWorld())}\n`);
    });
}
