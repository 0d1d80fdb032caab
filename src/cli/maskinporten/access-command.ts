import { Command } from 'commander';
import { optionalOrgnr, orgnrOf, periodEndOf } from '../arguments.js';
import type { CommandPorts } from '../ports.js';
import { onRegistry, printAll, printDone, REGISTRY_HELP, type RegistryOptions, withRegistry } from './on-registry.js';
import type { AccessFilter, ToldAccess } from './registry.js';

/** `tilgang access`: which organisations may have tokens with a scope. */
export function accessCommand(ports: CommandPorts): Command {
  return new Command('access')
    .description('grant scopes to organisations, and take them back')
    .addCommand(grantCommand(ports))
    .addCommand(revokeCommand(ports))
    .addCommand(listCommand(ports));
}

function grantCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('grant'))
    .description('let an organisation have tokens with a scope')
    .argument('<scope>', 'its name')
    .argument('<consumer>', 'organisation number')
    .option('--until <date>', 'the last day, in Norway; or an RFC 3339 date-time, until excluded')
    .addHelpText(
      'after',
      `${REGISTRY_HELP}

The scopes of this installation itself (\`tilgang scopes list --open\`, idporten:…, maskinporten:…) are granted by the operator alone:

  $ tilgang access grant fhi:vaksine/oversikt.read 958935420
  $ tilgang access grant idporten:scopes.write 983744516       FHI keeps its scopes itself
  $ tilgang access grant idporten:dcr.write 958935420          Oslo keeps its clients itself`,
    )
    .action(async (scope: string, text: string, options: RegistryOptions & { until?: string }, command: Command) => {
      const consumer = orgnrOf(command, '<consumer>', text);
      const until = periodEndOf(command, options.until);
      const access = await onRegistry(ports, command, options, (registry) => registry.grantAccess(scope, consumer, until));
      printDone(options, access, `granted: ${accessLine(access)}`);
    });
}

function revokeCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('revoke'))
    .description('let an organisation have no more tokens with a scope, from the next one on')
    .argument('<scope>', 'its name')
    .argument('<consumer>', 'organisation number')
    .addHelpText('after', `${REGISTRY_HELP}\nTokens that are out live to their end: two minutes as a rule.`)
    .action(async (scope: string, text: string, options: RegistryOptions, command: Command) => {
      const consumer = orgnrOf(command, '<consumer>', text);
      await onRegistry(ports, command, options, (registry) => registry.revokeAccess(scope, consumer));
      printDone(options, { scope, consumer }, `revoked: ${consumer} gets no more tokens with ${scope}`);
    });
}

function listCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('list'))
    .description('list who has a scope, or which scopes an organisation has')
    .argument('[scope]', 'one of the own: who has it')
    .option('--consumer <orgnr>', 'which of the own scopes that organisation has')
    .addHelpText('after', `${REGISTRY_HELP}\nWithout a scope and --consumer: which scopes the organisation has been granted.`)
    .action(async (scope: string | undefined, options: RegistryOptions & { consumer?: string }, command: Command) => {
      const consumer = optionalOrgnr(command, '--consumer', options.consumer);
      if (scope !== undefined && consumer !== undefined) command.error('error: give either a scope or --consumer');
      const filter: AccessFilter = scope !== undefined ? { scope } : consumer !== undefined ? { consumer } : { got: true };
      const found = await onRegistry(ports, command, options, (registry) => registry.listAccesses(filter));
      printAll(options, found, accessLine, 'no access');
    });
}

function accessLine({ scope, owner, consumer, state, until }: ToldAccess): string {
  const end = until === undefined ? '' : `, until ${until}`;
  return `${consumer} has ${scope}${owner === undefined ? '' : ` of ${owner}`}${end}${state === 'APPROVED' ? '' : ` (${state}: gives no tokens)`}`;
}
