import { Command } from 'commander';
import { examine } from './examine.js';
import type { CommandPorts } from './ports.js';

const MARK = { ok: 'ok     ', warning: 'WARNING', fault: 'FAULT  ' } as const;

/** `tilgang doctor`: what is wrong with the installation. */
export function doctorCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('doctor')
    .description('say what is wrong with this installation and how to mend it')
    .option('--json', 'one JSON object per finding')
    .addHelpText('after', '\nChanges nothing. Ends with 1 if there is a fault, with 0 if there are at most warnings.')
    .action(async ({ json }: { json?: true }) => {
      let faults = 0;
      for await (const check of examine(ports)) {
        if (check.state === 'fault') faults += 1;
        if (json) process.stdout.write(`${JSON.stringify(check)}\n`);
        else {
          process.stdout.write(`${MARK[check.state]} ${check.name}: ${check.found}\n`);
          if (check.remedy !== undefined) process.stdout.write(`        ${check.remedy}\n`);
        }
      }
      if (faults > 0) done(1);
    });
}
