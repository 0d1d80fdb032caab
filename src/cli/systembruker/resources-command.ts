import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { operatorRequest } from '#access';
import { type CommandPorts, FILE_FAULT } from '../ports.js';
import { wholeList } from '../whole-list.js';

/** `tilgang resources`: the services that rights of system users are about, and the packages of them, as the operator. */
export function resourcesCommand(ports: CommandPorts): Command {
  return new Command('resources')
    .description('the services and packages that system users are given')
    .addCommand(importCommand(ports))
    .addCommand(exportCommand(ports));
}

function importCommand(ports: CommandPorts): Command {
  return new Command('import')
    .description('register the services and packages of a file (JSON)')
    .argument('<file>')
    .addHelpText(
      'after',
      `
Of a service: id, owner (organisation number), type, title and description (each nb, nn, en), actions, and optionally delegable
(default true), givenBy (organisasjonsadministrator), level (high), onlyFor (organisation numbers), active (default true).
Of a package: name, title, description, resources (ids), assignable, delegable, active.

  {"resources":[{"id":"mva","owner":"974761076","type":"Default","title":{"nb":"Mva","nn":"Mva","en":"VAT"},…,"actions":["read"]}],
   "packages":[{"name":"skattnaering","resources":["mva"],"assignable":true,…}]}

All of the file is looked at before anything is written. What it does not name stays; what is so already is not changed, so the
import can be run again. To take a service out of use, import it with "active": false. The gateway may run meanwhile.`,
    )
    .action(async (file: string, _options: object, command: Command) => {
      const { importCatalogue } = await import('#systembruker');
      const text = await readFile(file, 'utf8');
      const catalogue = parsed(text) ?? command.error('error: the file is not JSON', { code: FILE_FAULT });
      const { access, close } = await ports.openAccess();
      try {
        const { resources, packages } = await importCatalogue(access, operatorRequest(), catalogue);
        process.stdout.write(`registered: ${resources} services, ${packages} packages\n`);
      } finally {
        await close();
      }
    });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function exportCommand(ports: CommandPorts): Command {
  return new Command('export').description('write those that are in use, as import takes them').action(async () => {
    const { listPackages, listResources } = await import('#systembruker');
    const { access, close } = await ports.openAccess();
    try {
      const request = operatorRequest();
      const [resources, packages] = await Promise.all([
        wholeList((range) => listResources(access, request, range)),
        wholeList((range) => listPackages(access, request, range)),
      ]);
      const catalogue = { resources: resources.map(({ value }) => value), packages: packages.map(({ value }) => value) };
      process.stdout.write(`${JSON.stringify(catalogue, null, 2)}\n`);
    } finally {
      await close();
    }
  });
}
