import { Command } from 'commander';
import { present } from '#domain';
import { orgnrOf } from '../arguments.js';
import { onPlace, printAll, printDone, REGISTRY_HELP, type RegistryOptions, withRegistry } from '../maskinporten/on-registry.js';
import type { CommandPorts } from '../ports.js';
import { remoteSystemUsers } from './remote-system-users.js';
import type { SystemUsers, ToldUser, UserAct } from './system-users.js';

/** `tilgang system-users`: what vendors ask customers for, and what customers let their systems do. */
export function systemUsersCommand(ports: CommandPorts): Command {
  return new Command('system-users')
    .description('system users (systembrukere): what customers let the systems of vendors do for them')
    .addCommand(listCommand(ports))
    .addCommand(showCommand(ports))
    .addCommand(requestsCommand(ports))
    .addCommand(askCommand(ports))
    .addCommand(scopesCommand(ports))
    .addCommand(actCommand(ports, 'withdraw', 'withdraw a request of the vendor’s: its place is free for another one', 'withdrawn'))
    .addCommand(actCommand(ports, 'give-back', 'give back a system user that the vendor needs no more', 'given back'))
    .addCommand(actCommand(ports, 'deactivate', 'stop one for the time being: no token, no decision', 'stopped'))
    .addCommand(actCommand(ports, 'activate', 'let one go on that was stopped', 'goes on'))
    .addCommand(actCommand(ports, 'delete', 'end one for good, for the customer', 'deleted'));
}

interface OfSystem extends RegistryOptions {
  readonly system?: string;
}

const OF_SYSTEM = ['--system <id>', 'those of a system; without it those of the organisation of --orgnr'] as const;

function listCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('list'))
    .description('list the system users of a system, or of a customer')
    .option(...OF_SYSTEM)
    .addHelpText('after', REGISTRY_HELP)
    .action(async (options: OfSystem, command: Command) => {
      assertWhose(command, options);
      const found = await onUsers(ports, command, options, (users) => users.list(options.system));
      printAll(options, found, lineOf, 'there is no system user');
    });
}

function requestsCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('requests'))
    .description('list what a system has asked customers for, or what waits for a customer’s answer')
    .option(...OF_SYSTEM)
    .addHelpText('after', REGISTRY_HELP)
    .action(async (options: OfSystem, command: Command) => {
      assertWhose(command, options);
      const found = await onUsers(ports, command, options, (users) => users.requests(options.system));
      printAll(options, found, lineOf, 'there is no request');
    });
}

function assertWhose(command: Command, { system, orgnr }: OfSystem): void {
  if (system === undefined && orgnr === undefined) command.error('error: name a system by --system, or the customer by --orgnr');
}

function showCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('show'))
    .description('tell of a system user, or a request for one, and what has become of it')
    .argument('<id>', 'its id, which is that of the request')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (id: string, options: RegistryOptions, command: Command) => {
      const { user, history } = await onUsers(ports, command, options, (users) => users.show(id));
      const lines = [lineOf(user), ...history.map(({ at, action, side }) => `  ${at}  ${action}  by the ${side}`)];
      printDone(options, { ...user, history }, lines.join('\n'));
    });
}

interface AskOptions extends RegistryOptions {
  readonly system: string;
  readonly right?: readonly string[];
  readonly package?: readonly string[];
  readonly agent?: true;
  readonly externalRef?: string;
  readonly title?: string;
  readonly redirect?: string;
}

function askCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('ask'))
    .description('ask a customer for a system user, as its vendor; prints where the customer answers')
    .argument('<customer>', 'organisation number')
    .requiredOption('--system <id>', 'the vendor’s system')
    .option('--right <service...>', 'ids of services, of those that the system may ask for')
    .option('--package <name...>', 'names of packages, of those that the system may ask for')
    .option('--agent', 'one that acts for clients of the customer: it has packages alone')
    .option('--external-ref <ref>', 'the vendor’s own name for it: needed for a second one of the same system and customer')
    .option('--title <text>', 'what the customer sees; default: the name of the system')
    .option('--redirect <url>', 'where the person is sent who has answered')
    .addHelpText(
      'after',
      `${REGISTRY_HELP}\n\n  $ tilgang system-users ask 911825805 --system 991825827_regnskap --right mva --url https://…`,
    )
    .action(async (text: string, options: AskOptions, command: Command) => {
      const customer = orgnrOf(command, '<customer>', text);
      if (options.url === undefined) command.error('error: a vendor asks: name the gateway by --url, with a token of the vendor’s');
      const { system, right: rights = [], package: packages = [], agent = false, externalRef, title, redirect: redirectUrl } = options;
      const asked = present({ system, customer, rights, packages, agent, externalRef, title, redirectUrl });
      const { user, isNew } = await onUsers(ports, command, options, (users) => users.ask(asked));
      const done = isNew ? 'asked' : 'stands already, as it was asked then';
      printDone(options, user, `${done}: ${lineOf(user)}\n  is answered at ${user.confirmUrl ?? ''}`);
    });
}

function scopesCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('scopes'))
    .description('let the client of a system of one’s own have more scopes; those that it has stay')
    .argument('<id>', 'of the system user')
    .argument('<scope...>', 'scopes that the organisation has been granted')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (id: string, scopes: readonly string[], options: RegistryOptions, command: Command) => {
      if (options.url === undefined)
        command.error('error: a person of the organisation does: name the gateway by --url, with a token of the person’s');
      if (options.orgnr === undefined) command.error('error: name the organisation by --orgnr');
      const told = await onUsers(ports, command, options, (users) => users.addScopes(id, scopes));
      printDone(options, told, `client ${told.clientId} has ${told.scopes.join(' ')}`);
    });
}

const ACTS_AT_ONCE: ReadonlySet<UserAct> = new Set(['activate', 'deactivate']);

function actCommand(ports: CommandPorts, act: UserAct, about: string, done: string): Command {
  const command = withRegistry(new Command(act)).description(about).argument('<id>');
  if (!ACTS_AT_ONCE.has(act)) command.option('--yes', 'do it; without this it is only said what would be done');
  return command
    .addHelpText('after', REGISTRY_HELP)
    .action(async (id: string, options: RegistryOptions & { readonly yes?: true }, self: Command) => {
      const isMeant = ACTS_AT_ONCE.has(act) || options.yes === true;
      const user = await onUsers(ports, self, options, async (users) => {
        const { user } = await users.show(id);
        if (isMeant) await users.act(act, user);
        return ACTS_AT_ONCE.has(act) ? (await users.show(id)).user : user;
      });
      printDone(
        options,
        { id: user.id, done: isMeant },
        isMeant ? `${done}: ${lineOf(user)}` : `would be ${done} (--yes does it): ${lineOf(user)}`,
      );
    });
}

function lineOf({ id, type, title, system, customer, externalRef, status, rights, packages }: ToldUser): string {
  const name = externalRef === customer ? customer : `${customer} (${externalRef})`;
  return [id, status, type, title, `of ${name}`, `in ${system}`, [...rights, ...packages].join(', ')].join('  ');
}

function onUsers<T>(ports: CommandPorts, command: Command, options: RegistryOptions, act: (users: SystemUsers) => Promise<T>): Promise<T> {
  return onPlace(ports, command, options, { here: usersHere, there: remoteSystemUsers }, act);
}

/** Loaded only when it is asked: no other command needs that side. */
async function usersHere(ports: CommandPorts, orgnr: Parameters<typeof remoteSystemUsers>[1]): Promise<SystemUsers> {
  const { localSystemUsers } = await import('./local-system-users.js');
  return localSystemUsers(await ports.openAccess(), orgnr);
}
