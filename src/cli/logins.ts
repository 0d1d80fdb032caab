import { Command } from 'commander';
import { operatorRequest } from '#access';
import { isFault } from '#domain';
import type { Blocking, IdportenParts } from '#idporten';
import { reasonOf } from './arguments.js';
import { readPersonNumber } from './person-number-input.js';
import type { CommandPorts } from './ports.js';

/** `tilgang logins`: persons whose logins count for nothing. */
export function loginsCommand(ports: CommandPorts): Command {
  return new Command('logins')
    .description('block a person, and unblock')
    .addCommand(blockCommand(ports, 'block', 'have the logins of a person count for nothing', ['blocked', 'was blocked already']))
    .addCommand(blockCommand(ports, 'unblock', 'have them count again', ['unblocked', 'was not blocked']));
}

function blockCommand(
  ports: CommandPorts,
  name: 'block' | 'unblock',
  description: string,
  [done, nothing]: readonly [done: string, nothing: string],
): Command {
  return new Command(name)
    .description(description)
    .option('--reason <text>', 'kept in the history')
    .addHelpText('after', '\nThe person number is read from standard input.')
    .action(async ({ reason }: { reason?: string }, command: Command) => {
      const { blockPerson, unblockPerson } = await import('#idporten');
      const person = await readPersonNumber();
      if (isFault(person)) command.error(`error: the person number ${person.detail}`);
      const blocking: Blocking = { person, ...reasonOf(command, reason) };
      const { access, close } = await ports.openAccess();
      try {
        const parts: IdportenParts = access;
        const isNew = await (name === 'block' ? blockPerson : unblockPerson)(parts, operatorRequest(), blocking);
        process.stdout.write(`${isNew ? done : nothing}\n`);
      } finally {
        await close();
      }
    });
}
