import { Command, InvalidArgumentError } from 'commander';
import type { CommandPorts } from './ports.js';

const LONGEST_SECONDS = 86_400;

/** `tilgang token`: a bearer token of the demo issuers. */
export function tokenCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  const seconds = (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > LONGEST_SECONDS) {
      throw new InvalidArgumentError(`It is a whole number of seconds from 1 to ${LONGEST_SECONDS}.`);
    }
    return value;
  };
  return new Command('token')
    .description('print a bearer token of the demo issuers')
    .option('--client <id>', 'a machine: a client of the demo world (Maskinporten-like token)')
    .option('--person <id>', 'a person of the demo world, such as person-001 (ID-porten-like token)')
    .option('--lifetime <seconds>', 'how long it is valid', seconds, 3600)
    .addHelpText(
      'after',
      `
The token is signed with the demo key in the data folder; only a gateway in demo mode on that folder accepts it.
\`tilgang demo\` lists clients and persons.

  $ curl -H "Authorization: Bearer $(tilgang token --client fhi)" …`,
    )
    .action(async ({ client, person, lifetime }: { client?: string; person?: string; lifetime: number }, command: Command) => {
      if ((client === undefined) === (person === undefined)) command.error('error: give either --client or --person');
      const token = await ports.demoToken(client === undefined ? { person: person as string } : { client }, lifetime);
      if (token === undefined) {
        const kind = client === undefined ? 'person' : 'client';
        process.stderr.write(`tilgang: the demo world has no such ${kind}; \`tilgang demo\` lists them\n`);
        done(1);
        return;
      }
      process.stdout.write(`${token}\n`);
    });
}
