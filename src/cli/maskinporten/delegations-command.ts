import { Command } from 'commander';
import { orgnrOf, periodEndOf } from '../arguments.js';
import type { CommandPorts } from '../ports.js';
import { onRegistry, printAll, printDone, REGISTRY_HELP, type RegistryOptions, withRegistry } from './on-registry.js';
import type { ToldDelegation } from './registry.js';

/** `tilgang delegations`: which suppliers act for an organisation. */
export function delegationsCommand(ports: CommandPorts): Command {
  return new Command('delegations')
    .description('let a supplier fetch tokens on behalf of an organisation, and take it back')
    .addCommand(giveCommand(ports))
    .addCommand(withdrawCommand(ports))
    .addCommand(listCommand(ports));
}

function giveCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('give'))
    .description('let a supplier act with a scope for the organisation')
    .argument('<scope>', 'one whose owner lets it be delegated here')
    .argument('<supplier>', 'organisation number')
    .option('--until <date>', 'the last day, in Norway; or an RFC 3339 date-time, until excluded')
    .addHelpText(
      'after',
      `${REGISTRY_HELP}

It may be given before the organisation has the scope itself; tokens there are only once it has. The supplier registers the scope on a client
of its own, and names the organisation in each assertion:

  $ tilgang delegations give fhi:vaksine/oversikt.read 310702641 --orgnr 958935420 --until 2027-06-30
  $ tilgang token --client 81aa… --key vendor.pem --scope fhi:vaksine/oversikt.read --consumer-org 958935420`,
    )
    .action(async (scope: string, text: string, options: RegistryOptions & { until?: string }, command: Command) => {
      const supplier = orgnrOf(command, '<supplier>', text);
      const until = periodEndOf(command, options.until);
      const given = await onRegistry(ports, command, options, (registry) => registry.giveDelegation(scope, supplier, until));
      printDone(options, given, `given: ${delegationLine(given)}`);
    });
}

function withdrawCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('withdraw'))
    .description('let a supplier act no more, from the next token on')
    .argument('<scope>', 'its name')
    .argument('<supplier>', 'organisation number')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (scope: string, text: string, options: RegistryOptions, command: Command) => {
      const supplier = orgnrOf(command, '<supplier>', text);
      await onRegistry(ports, command, options, (registry) => registry.withdrawDelegation(scope, supplier));
      printDone(options, { scope, supplier }, `withdrawn: ${supplier} gets no more tokens with ${scope} for the organisation`);
    });
}

function listCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('list'))
    .description('list what an organisation has delegated')
    .option('--got', 'what others have delegated to it, as their supplier')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (options: RegistryOptions & { got?: true }, command: Command) => {
      const found = await onRegistry(ports, command, options, (registry) => registry.listDelegations({ got: options.got === true }));
      printAll(options, found, delegationLine, 'no delegation');
    });
}

function delegationLine({ scope, consumer, supplier, active, since, until }: ToldDelegation): string {
  return `${supplier} acts with ${scope} for ${consumer}, since ${since}${until === undefined ? '' : `, until ${until}`}${active ? '' : ' (not any more)'}`;
}

/** `tilgang terms`: the terms of use, which an organisation signs before it changes anything. */
export function termsCommand(ports: CommandPorts): Command {
  return new Command('terms').description('the terms of use').addCommand(
    withRegistry(new Command('sign'))
      .description('sign the terms of use for an organisation, which it needs before it changes anything')
      .addHelpText('after', `${REGISTRY_HELP}\n\n  $ tilgang terms sign --orgnr 958935420`)
      .action(async (options: RegistryOptions, command: Command) => {
        const signed = await onRegistry(ports, command, options, (registry) => registry.signTerms());
        printDone(options, signed, `signed: ${signed.orgnr} has signed the terms of use, at ${signed.at}`);
      }),
  );
}
