import { Command } from 'commander';
import type { CommandPorts } from './ports.js';

/** `tilgang serve`: the gateway itself, or the configuration in force. */
export function serveCommand(ports: CommandPorts): Command {
  return new Command('serve')
    .description('run the gateway until Ctrl-C or SIGTERM')
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
    .action(async (options: { printConfig?: true }) => {
      if (options.printConfig) process.stdout.write(`${JSON.stringify(ports.printableConfig(), null, 2)}\n`);
      else await ports.serve();
    });
}
