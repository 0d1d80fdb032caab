import { Command, Option } from 'commander';
import { present } from '#domain';
import { orgnrOf, wholeNumber } from '../arguments.js';
import type { CommandPorts } from '../ports.js';
import { onRegistry, printAll, printDone, REGISTRY_HELP, type RegistryOptions, withRegistry } from './on-registry.js';
import type { NewScope, ScopeChange, ToldScope } from './registry.js';

const LONGEST_SECONDS = 7200;
const INTEGRATION_TYPES = ['maskinporten', 'api_klient', 'idporten', 'krr'] as const;

/** `tilgang scopes`: what API providers let others do. */
export function scopesCommand(ports: CommandPorts): Command {
  return new Command('scopes')
    .description('the scopes of API providers, and the prefixes that the operator hands out for them')
    .addCommand(prefixCommand(ports))
    .addCommand(newCommand(ports))
    .addCommand(changeCommand(ports))
    .addCommand(listCommand(ports))
    .addCommand(showCommand(ports))
    .addCommand(turnCommand(ports, false))
    .addCommand(turnCommand(ports, true));
}

function prefixCommand(ports: CommandPorts): Command {
  return new Command('prefix')
    .description('hand out, take back and list the first parts of the names of scopes')
    .addCommand(
      withRegistry(new Command('hand-out'))
        .description('let an organisation make scopes under a prefix (for the operator)')
        .argument('<prefix>', 'such as fhi')
        .argument('<orgnr>', 'organisation number of the API provider')
        .addHelpText('after', '\n  $ tilgang scopes prefix hand-out fhi 983744516')
        .action(async (prefix: string, text: string, options: RegistryOptions, command: Command) => {
          const owner = orgnrOf(command, '<orgnr>', text);
          await onRegistry(ports, command, options, (registry) => registry.handOutPrefix(prefix, owner));
          printDone(options, { prefix, owner }, `handed out: ${owner} makes scopes under ${prefix}:`);
        }),
    )
    .addCommand(
      withRegistry(new Command('take-back'))
        .description('take a prefix back, under which there are no active scopes (for the operator)')
        .argument('<prefix>')
        .action(async (prefix: string, options: RegistryOptions, command: Command) => {
          await onRegistry(ports, command, options, (registry) => registry.withdrawPrefix(prefix));
          printDone(options, { prefix }, `taken back: nobody makes scopes under ${prefix}: any more`);
        }),
    )
    .addCommand(
      withRegistry(new Command('list'))
        .description('list the prefixes that are handed out')
        .action(async (options: RegistryOptions, command: Command) => {
          const found = await onRegistry(ports, command, options, (registry) => registry.prefixes());
          printAll(options, found, ({ prefix, owner }) => `${prefix}  ${owner}`, 'no prefix is handed out');
        }),
    );
}

interface NewOptions extends RegistryOptions {
  readonly description: string;
  readonly longDescription?: string;
  readonly private?: true;
  readonly forAll?: true;
  readonly maxAge?: number;
  readonly delegation?: string | true;
  readonly audience?: string;
  readonly integrationType?: NewScope['allowedIntegrationTypes'];
  readonly consent?: true;
}

function newCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('new'))
    .description('make a scope under a prefix of the organisation')
    .argument('<scope>', 'prefix:name, such as fhi:vaksine/oversikt.read')
    .requiredOption('--description <text>', 'as a person is told of it')
    .option('--long-description <text>', 'more of it')
    .option('--private', 'listed for its owner and those who have it alone')
    .option('--for-all', 'every organisation gets tokens with it, without being granted it')
    .option('--max-age <seconds>', 'how long its tokens live at most', wholeNumber('seconds', 1, LONGEST_SECONDS))
    .option(
      '--delegation [issuer]',
      'those who have it may let a supplier act for them: by this gateway, or by the delegation source of that name',
    )
    .option('--audience <uri>', '`aud` of each token with it, whether or not the client asks for one')
    .addOption(new Option('--integration-type <type...>', 'which clients may have it; default: all').choices(INTEGRATION_TYPES))
    .option('--consent', 'who logs in is asked for a yes to it; without, the login carries it (docs/idporten.md)')
    .addHelpText(
      'after',
      `${REGISTRY_HELP}\n\n  $ tilgang scopes new fhi:vaksine/oversikt.read --description 'Lese vaksinasjonsdekningen' --delegation`,
    )
    .action(async (name: string, options: NewOptions, command: Command) => {
      const { description, longDescription, maxAge, delegation, audience, integrationType } = options;
      const scope = await onRegistry(ports, command, options, (registry) =>
        registry.createScope(
          present({
            name,
            description,
            longDescription,
            visibility: options.private ? ('PRIVATE' as const) : undefined,
            accessibleForAll: options.forAll,
            atMaxAge: maxAge,
            delegationSource: delegation === true ? 'own' : delegation,
            enforcedAudience: audience,
            allowedIntegrationTypes: integrationType,
            requiresUserConsent: options.consent,
          }),
        ),
      );
      const next = scope.accessibleForAll ? 'every organisation gets tokens with it' : `next: tilgang access grant ${scope.name} ORGNR`;
      printDone(options, scope, `made: ${scopeLine(scope)}\n${next}`);
    });
}

interface ChangeOptions extends RegistryOptions {
  readonly description?: string;
  readonly longDescription?: string | false;
  readonly private?: true;
  readonly public?: true;
  readonly forAll?: boolean;
  readonly maxAge?: number;
  readonly delegation?: string | boolean;
  readonly audience?: string | false;
  readonly integrationType?: NewScope['allowedIntegrationTypes'];
  readonly anyIntegrationType?: true;
  readonly consent?: boolean;
}

function changeCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('change'))
    .description('change some of the terms of a scope; the others stay, and so does its name')
    .argument('<scope>', 'its name')
    .option('--description <text>', 'as a person is told of it')
    .option('--long-description <text>', 'more of it')
    .option('--no-long-description', 'no more of it')
    .addOption(new Option('--public', 'listed openly').conflicts('private'))
    .option('--private', 'listed for its owner and those who have it alone')
    .option('--for-all', 'every organisation gets tokens with it, without being granted it')
    .option('--no-for-all', 'only those get tokens with it who were granted it')
    .option(
      '--max-age <seconds>',
      'how long its tokens live at most; 0: as long as the client has it',
      wholeNumber('seconds', 0, LONGEST_SECONDS),
    )
    .option('--delegation [issuer]', 'those who have it may let a supplier act for them: by this gateway, or by the source of that name')
    .option('--no-delegation', 'nobody acts for another with it')
    .option('--audience <uri>', '`aud` of each token with it')
    .option('--no-audience', 'no `aud` but what the client asks for')
    .addOption(new Option('--integration-type <type...>', 'which clients may have it').choices(INTEGRATION_TYPES))
    .addOption(new Option('--any-integration-type', 'all clients may').conflicts('integrationType'))
    .option('--consent', 'who logs in is asked for a yes to it')
    .option('--no-consent', 'the login carries it')
    .addHelpText('after', `${REGISTRY_HELP}\n\n  $ tilgang scopes change fhi:vaksine/oversikt.read --max-age 30 --no-delegation`)
    .action(async (name: string, options: ChangeOptions, command: Command) => {
      const change = changeOf(options);
      if (Object.keys(change).length === 0)
        command.error('error: name what is to change: --description, --max-age, --delegation … (--help lists them)');
      const scope = await onRegistry(ports, command, options, (registry) => registry.changeScope(name, change));
      printDone(options, scope, `changed: ${scopeLine(scope)}`);
    });
}

function changeOf({ description, longDescription, maxAge, delegation, audience, forAll, ...options }: ChangeOptions): ScopeChange {
  const visibility = options.public ? 'PUBLIC' : options.private ? 'PRIVATE' : undefined;
  return present({
    description,
    longDescription: longDescription === false ? null : longDescription,
    visibility,
    accessibleForAll: forAll,
    atMaxAge: maxAge,
    delegationSource: delegation === false ? null : delegation === true ? 'own' : delegation,
    enforcedAudience: audience === false ? null : audience,
    allowedIntegrationTypes: options.anyIntegrationType ? [] : options.integrationType,
    requiresUserConsent: options.consent,
  } as const);
}

function listCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('list'))
    .description('list the scopes of an organisation, or those that are listed openly')
    .option('--open', 'those of all providers that are listed openly')
    .option('--inactive', 'retired ones too')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (options: RegistryOptions & { open?: true; inactive?: true }, command: Command) => {
      const filter = { open: options.open === true, inactive: options.inactive === true };
      const found = await onRegistry(ports, command, options, (registry) => registry.listScopes(filter));
      printAll(options, found, scopeLine, 'no scope');
    });
}

function showCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('show'))
    .description('show one scope')
    .argument('<scope>', 'its name')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (name: string, options: RegistryOptions, command: Command) => {
      const scope = await onRegistry(ports, command, options, (registry) => registry.readScope(name));
      printDone(options, scope, scopeLine(scope));
    });
}

function turnCommand(ports: CommandPorts, active: boolean): Command {
  return withRegistry(new Command(active ? 'revive' : 'retire'))
    .description(
      active
        ? 'let there be tokens with a retired scope again, for those who had it'
        : 'let there be no new tokens with a scope; what was granted stays, for when it is revived',
    )
    .argument('<scope>', 'its name')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (name: string, options: RegistryOptions, command: Command) => {
      const scope = await onRegistry(ports, command, options, (registry) => registry.setScopeActive(name, active));
      printDone(options, scope, active ? `revived: ${name}` : `retired: no new tokens with ${name}`);
    });
}

function scopeLine({
  name,
  owner,
  description,
  visibility,
  active,
  accessibleForAll,
  atMaxAge,
  delegationSource,
  enforcedAudience,
  requiresUserConsent,
}: ToldScope): string {
  const marks = [
    active ? undefined : 'RETIRED',
    visibility === 'PUBLIC' ? undefined : visibility.toLowerCase(),
    accessibleForAll ? 'for all' : undefined,
    requiresUserConsent ? 'by consent' : undefined,
    atMaxAge === 0 ? undefined : `${atMaxAge} s at most`,
    delegationSource === undefined ? undefined : `delegated by ${delegationSource}`,
    enforcedAudience === undefined ? undefined : `for ${enforcedAudience}`,
  ].filter((mark) => mark !== undefined);
  return `${name}  ${owner ?? 'of this installation'}${marks.length === 0 ? '' : `  (${marks.join(', ')})`}  ${description}`;
}
