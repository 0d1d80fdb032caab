import { Command, InvalidArgumentError } from 'commander';
import { MOST_WORKERS } from '#serving';
import type { CommandPorts } from './ports.js';

/** `tilgang serve`: the gateway itself, or the configuration in force. */
export function serveCommand(ports: CommandPorts): Command {
  return new Command('serve')
    .description('run the gateway until Ctrl-C or SIGTERM')
    .option('--workers <n>', 'how many processes answer; auto: one for each core (default: the setting `workers`, 1)', workersOption)
    .option('--print-config', 'print the configuration in force (secrets redacted) as JSON and end')
    .addHelpText(
      'after',
      `
With TILGANG_MODE=demo the first start fills a demo world, and the gateway trusts its own demo issuers.
In production TILGANG_ISSUERS (or \`issuers\` in the file TILGANG_CONFIG) names whose tokens are accepted:

  issuers:
    - issuer: https://maskinporten.no/
      kind: maskinporten
      audience: https://tilgang.example.no

Requests in flight are answered before it ends.`,
    )
    .action(async ({ workers, printConfig }: { workers?: string; printConfig?: true }) => {
      if (workers !== undefined) ports.useWorkers(workers);
      if (printConfig) process.stdout.write(`${JSON.stringify(ports.printableConfig(), null, 2)}\n`);
      else await ports.serve();
    });
}

function workersOption(text: string): string {
  if (text === 'auto' || (/^[1-9][0-9]*$/.test(text) && Number(text) <= MOST_WORKERS)) return text;
  throw new InvalidArgumentError(`It is a whole number of processes from 1 to ${MOST_WORKERS}, or auto.`);
}
