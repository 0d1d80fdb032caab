import { Command } from 'commander';
import { wholeNumber } from './arguments.js';
import type { CommandPorts } from './ports.js';

const LONGEST_SECONDS = 86_400;

/** `tilgang token`: a bearer token of the demo issuers. */
export function tokenCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('token')
    .description('print a bearer token of the demo issuers')
    .option('--client <id>', 'a machine: a client of the demo world (Maskinporten-like token)')
    .option('--person <id>', 'a person of the demo world, such as person-001 (ID-porten-like token)')
    .option('--lifetime <seconds>', 'how long it is valid', wholeNumber('seconds', 1, LONGEST_SECONDS), 3600)
    .addHelpText(
      'after',
      `
The token is signed with the key of the demo's own issuers, which its gateway has made; only a gateway of that demo accepts it.
It is for the gateway that was started last over the data folder, unless TILGANG_PORT or TILGANG_PUBLIC_URL names another.
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
