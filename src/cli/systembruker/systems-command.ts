import { Command } from 'commander';
import { operatorRequest } from '#access';
import { type Orgnr, present } from '#domain';
import type { Asking, SentSystem } from '#systembruker';
import { caller } from '../gateway-call.js';
import { onPlace, printAll, printDone, REGISTRY_HELP, type RegistryOptions, withRegistry } from '../maskinporten/on-registry.js';
import type { CommandPorts } from '../ports.js';
import { wholeList } from '../whole-list.js';

/** A system, as far as a command tells of it. */
interface ToldSystem {
  readonly id: string;
  readonly name: string;
  readonly isVisible: boolean;
  readonly rights: readonly string[];
  readonly packages: readonly string[];
}

/** A system, all of it. */
interface WholeSystem extends ToldSystem {
  readonly clientIds: readonly string[];
  readonly redirectUrls: readonly string[];
  readonly isDeleted: boolean;
}

/** The system register, here or at a gateway somewhere else. */
interface SystemRegister {
  list(): Promise<readonly ToldSystem[]>;
  show(id: string): Promise<WholeSystem>;
  make(sent: SentSystem): Promise<void>;
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}

/** `tilgang systems`: a vendor's systems. */
export function systemsCommand(ports: CommandPorts): Command {
  return new Command('systems')
    .description('the systems of vendors, which customers let act for them')
    .addCommand(listCommand(ports))
    .addCommand(showCommand(ports))
    .addCommand(newCommand(ports))
    .addCommand(deleteCommand(ports));
}

function listCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('list'))
    .description('list the systems that are not deleted')
    .action(async (options: RegistryOptions, command: Command) => {
      const found = await onRegister(ports, command, options, (register) => register.list());
      printAll(options, found, lineOf, 'there is no system');
    });
}

function showCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('show'))
    .description('tell what is kept of a system')
    .argument('<system>', 'its id, such as 991825827_regnskap')
    .action(async (id: string, options: RegistryOptions, command: Command) => {
      const system = await onRegister(ports, command, options, (register) => register.show(id));
      const lines = [
        `${lineOf(system)}${system.isDeleted ? '  (deleted)' : ''}`,
        ...system.clientIds.map((client) => `  client ${client}`),
        ...system.redirectUrls.map((url) => `  sends back to ${url}`),
      ];
      printDone(options, system, lines.join('\n'));
    });
}

interface NewOptions extends RegistryOptions {
  readonly name: string;
  readonly description: string;
  readonly right?: readonly string[];
  readonly package?: readonly string[];
  readonly client?: readonly string[];
  readonly redirect?: readonly string[];
  readonly hidden?: true;
}

function newCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('new'))
    .description('register a system')
    .argument('<system>', '<organisation number of the vendor>_<name>, such as 991825827_regnskap; used once for ever')
    .requiredOption('--name <text>', 'what it is called, in all three languages')
    .requiredOption('--description <text>', 'what it does, in all three languages')
    .option('--right <service...>', 'ids of services that it may ask for, such as mva')
    .option('--package <name...>', 'names of packages that it may ask for, such as skattnaering')
    .option('--client <id...>', 'clients of the vendor by which it fetches tokens')
    .option('--redirect <url...>', 'where customers may be sent back to')
    .option('--hidden', 'customers cannot choose it themselves')
    .addHelpText(
      'after',
      `${REGISTRY_HELP}\n\n  $ tilgang systems new 991825827_regnskap --name Regnskap --description 'Fører regnskap.' --right mva`,
    )
    .action(async (id: string, options: NewOptions, command: Command) => {
      if (!/^[0-9]{9}_./.test(id)) command.error('error: <system> is the organisation number of the vendor, _ and a name');
      await onRegister(ports, command, options, (register) => register.make(sentOf(id, options)));
      printDone(options, { id }, `registered: ${id}`);
    });
}

function sentOf(id: string, options: NewOptions): SentSystem {
  const { name, description, right = [], package: packages = [], client = [], redirect = [] } = options;
  return {
    id,
    vendor: `0192:${id.split('_', 1)[0]}`,
    name: { nb: name, nn: name, en: name },
    description: { nb: description, nn: description, en: description },
    rights: right.map((value) => ({ resource: [{ id: 'urn:altinn:resource', value }] })),
    packages: packages.map((one) => `urn:altinn:accesspackage:${one}`),
    clientIds: client,
    redirectUrls: redirect,
    isVisible: options.hidden !== true,
  };
}

function deleteCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('delete'))
    .description('delete a system for ever: its system users get no tokens any more, its id is not used again')
    .argument('<system>')
    .option('--yes', 'do it; without this it is only said what would be done')
    .action(async (id: string, options: RegistryOptions & { readonly yes?: true }, command: Command) => {
      const system = await onRegister(ports, command, options, async (register) => {
        const found = await register.show(id);
        if (options.yes) await register.remove(id);
        return found;
      });
      printDone(
        options,
        { id, deleted: options.yes === true },
        options.yes ? `deleted: ${lineOf(system)}` : `would delete (--yes does it): ${lineOf(system)}`,
      );
    });
}

function lineOf({ id, name, isVisible, rights, packages }: ToldSystem): string {
  return [id, name, isVisible ? 'can be chosen' : 'hidden', [...rights, ...packages].join(', ')].join('  ');
}

function onRegister<T>(
  ports: CommandPorts,
  command: Command,
  options: RegistryOptions,
  act: (register: SystemRegister) => Promise<T>,
): Promise<T> {
  return onPlace(ports, command, options, { here: localRegister, there: (place) => remoteRegister(caller(place)) }, act);
}

/** The store of this installation, as the operator. */
async function localRegister(ports: CommandPorts, orgnr: Orgnr | undefined): Promise<SystemRegister> {
  const { createSystem, deleteSystem, listOwnSystems, readOwnSystem } = await import('#systembruker');
  const { access, close } = await ports.openAccess();
  const request: Asking = { ...operatorRequest(), ...present({ orgnr }) };
  const told = ({ value }: Awaited<ReturnType<typeof readOwnSystem>>): WholeSystem => ({
    id: value.id,
    name: value.name.nb,
    isVisible: value.isVisible,
    rights: value.rights.flatMap(({ resources }) => resources),
    packages: value.packages,
    clientIds: value.clientIds,
    redirectUrls: value.redirectUrls,
    isDeleted: value.deleted !== undefined,
  });
  return {
    list: async () => (await wholeList((range) => listOwnSystems(access, request, range))).map(told),
    show: async (id) => told(await readOwnSystem(access, request, id)),
    make: async (sent) => void (await createSystem(access, request, sent)),
    remove: async (id) => void (await deleteSystem(access, request, id)),
    close,
  };
}

interface WireSystem {
  readonly id?: string;
  readonly systemId?: string;
  readonly name: { readonly nb: string };
  readonly isVisible: boolean;
  readonly rights: readonly { readonly resource: readonly { readonly value: string }[] }[];
  readonly accessPackages: readonly { readonly urn: string }[];
  readonly clientId?: readonly string[];
  readonly allowedRedirectUrls?: readonly string[];
  readonly isDeleted?: boolean;
}

const BASE = '/authentication/api/v1/systemregister/vendor';

/** A gateway somewhere else, over the register's API. */
function remoteRegister(call: ReturnType<typeof caller>): SystemRegister {
  const at = (id: string): string => `${BASE}/${encodeURIComponent(id)}`;
  return {
    list: async () => (await call<readonly WireSystem[]>(BASE)).map(systemIn),
    show: async (id) => systemIn(await call<WireSystem>(at(id))),
    async make({ vendor, packages, clientIds: clientId, redirectUrls: allowedRedirectUrls, ...sent }) {
      const json = {
        ...sent,
        vendor: { authority: 'iso6523-actorid-upis', ID: vendor },
        accessPackages: packages.map((urn) => ({ urn })),
        clientId,
        allowedRedirectUrls,
      };
      await call(BASE, { method: 'POST', json });
    },
    async remove(id) {
      await call(at(id), { method: 'DELETE' });
    },
    close: async () => {},
  };
}

function systemIn(wire: WireSystem): WholeSystem {
  return {
    id: wire.id ?? wire.systemId ?? '',
    name: wire.name.nb,
    isVisible: wire.isVisible,
    rights: wire.rights.flatMap(({ resource }) => resource.map(({ value }) => value)),
    packages: wire.accessPackages.map(({ urn }) => urn.split(':').at(-1) ?? ''),
    clientIds: wire.clientId ?? [],
    redirectUrls: wire.allowedRedirectUrls ?? [],
    isDeleted: wire.isDeleted === true,
  };
}
