import { Command } from 'commander';
import type { CommandPorts } from './ports.js';
import { tellFar } from './tell-far.js';

/** `tilgang store` with `copy`: a store moved to where it goes on. */
export function storeCommand(ports: CommandPorts): Command {
  return new Command('store').description('move the store').addCommand(copyCommand(ports));
}

function copyCommand(ports: CommandPorts): Command {
  return new Command('copy')
    .description('copy a store into another place, as it is: documents, history, revisions, hashes')
    .argument('<from>', 'a data folder, a connection string, or env:NAME for the variable that holds one')
    .argument('<to>', 'the same; there is no store, or one that was copied from there before')
    .addHelpText(
      'after',
      `
A connection string names its database. With a password in it, put it into a variable: arguments are seen by everybody on the machine.

The gateway may run on FROM meanwhile: the copy is then as FROM was a moment ago. To move without losing a change, copy; then stop
the gateways of FROM and copy again, which takes only what came since; then start them on TO. A copy that was broken off goes on where
it was when it is called again, and nobody can open it before it is whole. At the end the history of TO is verified, and each document compared
with that of FROM. The person secrets are not in the store: they go from one data folder to the other by hand.

  $ tilgang store copy ./data env:NEW_STORE      NEW_STORE=mongodb://tilgang:…@db1.example.no/tilgang
  $ tilgang store copy env:NEW_STORE ./data-again`,
    )
    .action(async (from: string, to: string) => {
      const far = tellFar();
      const { events, documents, copied, isStill } = await ports.copyStore([from, to], far.told).finally(far.stop);
      process.stdout.write(`${copied} events copied; TO has ${events} events, ${documents} documents: whole, and equal to FROM\n`);
      if (isStill) return;
      process.stdout.write('FROM has been written to since: stop its gateways and copy once more, which takes only what came since.\n');
    });
}
