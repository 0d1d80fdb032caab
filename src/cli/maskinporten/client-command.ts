import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { isFault, present } from '#domain';
import type { IntegrationType } from '#maskinporten';
import { publicClientKey } from '#tokens';
import { orgnrOf, wholeNumber } from '../arguments.js';
import { type PlaceOptions, withWhere } from '../place.js';
import type { CommandPorts } from '../ports.js';
import { newKeyCommand } from './new-key.js';
import { onRegistry, printAll, printDone, REGISTRY_HELP, type RegistryOptions, withRegistry } from './on-registry.js';
import type { NewClient, SentJwk, ToldClient, ToldEnding, ToldKey } from './registry.js';

const LONGEST_SECONDS = 7200;
const ENDING_DAYS = 60;
const MOST_DAYS = 365;
const KID = ['--kid <id>', 'name of the key; default: what its file says, else its RFC 7638 thumbprint'] as const;

/** `tilgang client`: what an organisation fetches tokens with. @param done is told 1 if a key has ended */
export function clientCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('client')
    .description('the clients of an organisation, and the keys that they sign with')
    .addCommand(firstCommand(ports))
    .addCommand(newCommand(ports))
    .addCommand(listCommand(ports))
    .addCommand(showCommand(ports))
    .addCommand(turnCommand(ports, false))
    .addCommand(turnCommand(ports, true))
    .addCommand(keysCommand(ports, done));
}

interface FirstOptions extends PlaceOptions {
  readonly key: string;
  readonly name: string;
  readonly scope?: readonly string[];
  readonly kid?: string;
}

function firstCommand(ports: CommandPorts): Command {
  return withWhere(new Command('first'))
    .description(
      'register the first client of an organisation, by which it keeps its own scopes, clients and delegations (for the operator)',
    )
    .argument('<orgnr>', 'organisation number')
    .requiredOption('--key <file>', 'its public key, PEM or JWK, as the organisation has sent it')
    .option('--name <text>', 'for those who keep it', 'Selvbetjening')
    .option('--scope <scopes...>', 'what else it is to have of the scopes of this installation itself, such as ks:fiks.konsument')
    .option(...KID)
    .addHelpText(
      'after',
      `
Grants the organisation idporten:scopes.write, idporten:dcr.read, idporten:dcr.write and maskinporten:delegations.write, and what --scope
names, and registers a client with them. It changes nothing before the terms of use are signed (\`tilgang terms sign\`).

  $ tilgang client first 983744516 --key fhi.jwk.json
  $ tilgang client first 958935420 --key oslo.jwk.json --scope ks:fiks.konsument    which also reads the organisation's history`,
    )
    .action(async (text: string, options: FirstOptions, command: Command) => {
      const orgnr = orgnrOf(command, '<orgnr>', text);
      const jwk = await publicJwkOf(command, '--key', options.key, options.kid);
      const client = await onRegistry(ports, command, options, (registry) =>
        registry.firstClient({ orgnr, name: options.name, jwk, more: options.scope ?? [] }),
      );
      printDone(options, client, `registered: ${clientLine(client)}\nnext: tilgang terms sign --orgnr ${orgnr}`);
    });
}

interface NewOptions extends RegistryOptions {
  readonly name: string;
  readonly description?: string;
  readonly id?: string;
  readonly scope?: readonly string[];
  readonly key?: readonly string[];
  readonly kid?: string;
  readonly lifetime?: number;
  readonly integrationType: IntegrationType;
  readonly application?: NewClient['applicationType'];
  readonly redirectUri?: readonly string[];
  readonly postLogoutUri?: readonly string[];
}

/** Persons log in to these, and are sent back to them. */
const OF_PERSONS = ['idporten', 'api_klient'];

function newCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('new'))
    .description('register a client')
    .requiredOption('--name <text>', 'for those who keep it')
    .option('--description <text>', 'more of it')
    .option('--id <id>', 'client id; default: a UUID is made')
    .option('--scope <scopes...>', 'what it may ask tokens for: scopes that the organisation was granted, or that everybody gets')
    .option('--key <files...>', 'keys that it signs with, PEM or JWK: only the public half leaves')
    .option(...KID)
    .option('--lifetime <seconds>', 'of its tokens; default: 120', wholeNumber('seconds', 1, LONGEST_SECONDS))
    .addOption(
      new Option('--integration-type <type>', 'what it is registered for')
        .choices(['maskinporten', 'krr', ...OF_PERSONS])
        .default('maskinporten'),
    )
    .addOption(
      new Option('--application <type>', 'of one that persons log in to; a web one without --key is given a secret').choices([
        'web',
        'browser',
        'native',
      ]),
    )
    .option('--redirect-uri <uris...>', 'where persons come back to who have logged in')
    .option('--post-logout-uri <uris...>', 'where they come back to who have logged out')
    .addHelpText(
      'after',
      `${REGISTRY_HELP}

  $ tilgang client keys new --out oslo.pem
  $ tilgang client new --name 'Oslo kommune, vaksiner' --scope fhi:vaksine/oversikt.read --key oslo.jwk.json --orgnr 958935420

One that persons log in to (docs/idporten.md) is of the type idporten, or api_klient if it is to have scopes of APIs:

  $ tilgang client new --integration-type idporten --name 'Min side' --redirect-uri https://minside.oslo.example/callback --orgnr 958935420`,
    )
    .action(async (options: NewOptions, command: Command) => {
      const { key: files = [] } = options;
      if (options.kid !== undefined && files.length !== 1) command.error('error: --kid is the name of one key: give one --key');
      const keys = await Promise.all(files.map((file) => publicJwkOf(command, '--key', file, options.kid)));
      const client = await onRegistry(ports, command, options, (registry) => registry.createClient(draftOf(options), keys));
      printDone(options, client, `registered: ${clientLine(client)}\n${nextStep(client, keys.length > 0)}`);
    });
}

function draftOf({ id, name, description, scope, lifetime, integrationType, key = [], ...options }: NewOptions): NewClient {
  const { application, redirectUri, postLogoutUri } = options;
  const hasSecret = OF_PERSONS.includes(integrationType) && key.length === 0 && (application ?? 'web') === 'web';
  return present({
    id,
    name,
    description,
    integrationType,
    scopes: scope,
    accessTokenLifetime: lifetime,
    applicationType: application,
    tokenEndpointAuthMethod: hasSecret ? ('client_secret_basic' as const) : undefined,
    redirectUris: redirectUri,
    postLogoutRedirectUris: postLogoutUri,
  });
}

/** What is to be done with a client that was just made. */
function nextStep({ id, secret, integrationType }: ToldClient, hasKey: boolean): string {
  if (secret !== undefined) return `secret: ${secret}\nIt is told this once, and ends after 360 days: keep it where nobody else reads it.`;
  if (OF_PERSONS.includes(integrationType)) return 'next: persons log in to it (docs/idporten.md)';
  return hasKey ? `next: tilgang token --client ${id} --key FILE --scope …` : `next: tilgang client keys add ${id} FILE`;
}

function listCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('list'))
    .description('list the clients of an organisation, and those that it keeps for others')
    .option('--inactive', 'deactivated ones too')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (options: RegistryOptions & { inactive?: true }, command: Command) => {
      const found = await onRegistry(ports, command, options, (registry) => registry.listClients(options.inactive === true));
      printAll(options, found, clientLine, 'no client');
    });
}

function showCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('show'))
    .description('show a client with its keys')
    .argument('<client>', 'client id')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (id: string, options: RegistryOptions, command: Command) => {
      const client = await onRegistry(ports, command, options, (registry) => registry.readClient(id));
      printDone(options, client, [clientLine(client), ...(client.keys ?? []).map((key) => `  key ${keyLine(key)}`)].join('\n'));
    });
}

function turnCommand(ports: CommandPorts, active: boolean): Command {
  return withRegistry(new Command(active ? 'activate' : 'deactivate'))
    .description(
      active
        ? 'let a deactivated client have tokens again, with what it had'
        : 'let a client have no more tokens; it stays, and can be activated again',
    )
    .argument('<client>', 'client id')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (id: string, options: RegistryOptions, command: Command) => {
      const client = await onRegistry(ports, command, options, (registry) => registry.setClientActive(id, active));
      printDone(options, client, active ? `activated: ${clientLine(client)}` : `deactivated: no new tokens for ${id}`);
    });
}

function keysCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return new Command('keys')
    .description('the keys of a client')
    .addCommand(newKeyCommand())
    .addCommand(addKeyCommand(ports))
    .addCommand(listKeysCommand(ports))
    .addCommand(removeKeyCommand(ports))
    .addCommand(endingCommand(ports, done));
}

function addKeyCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('add'))
    .description('register one more key, or renew one that is registered: it counts for a year')
    .argument('<client>', 'client id')
    .argument('<file>', 'PEM or JWK; of a private key only the public half leaves')
    .option(...KID)
    .addHelpText(
      'after',
      `${REGISTRY_HELP}\nUp to five count at once: add the next one before the last one ends. The others stay as they are.`,
    )
    .action(async (id: string, file: string, options: RegistryOptions & { kid?: string }, command: Command) => {
      const jwk = await publicJwkOf(command, '<file>', file, options.kid);
      const key = await onRegistry(ports, command, options, (registry) => registry.addKey(id, jwk));
      printDone(options, key, `registered: ${keyLine(key)}`);
    });
}

function listKeysCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('list'))
    .description('list the keys of a client')
    .argument('<client>', 'client id')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (id: string, options: RegistryOptions, command: Command) => {
      const keys = await onRegistry(ports, command, options, (registry) => registry.listKeys(id));
      printAll(options, keys, keyLine, 'no key: it may sign by the certificate of its organisation (x5c)');
    });
}

function removeKeyCommand(ports: CommandPorts): Command {
  return withRegistry(new Command('remove'))
    .description('remove a key: nothing that it signs counts any more')
    .argument('<client>', 'client id')
    .argument('<kid>', 'name of the key')
    .addHelpText('after', REGISTRY_HELP)
    .action(async (id: string, kid: string, options: RegistryOptions, command: Command) => {
      await onRegistry(ports, command, options, (registry) => registry.removeKey(id, kid));
      printDone(options, { client: id, kid }, `removed: key ${kid} of ${id}`);
    });
}

function endingCommand(ports: CommandPorts, done: (exitCode: number) => void): Command {
  return withRegistry(new Command('expiring'))
    .description('list the keys of the organisation that end soon, or have ended')
    .option('--days <count>', 'how soon', wholeNumber('days', 0, MOST_DAYS), ENDING_DAYS)
    .addHelpText('after', `${REGISTRY_HELP}\nEnds with 1 if there are any, so that a watch can be set on it.`)
    .action(async (options: RegistryOptions & { days: number }, command: Command) => {
      const found = await onRegistry(ports, command, options, (registry) => registry.endingKeys(options.days));
      printAll(options, found, endingLine, `no key ends within ${options.days} days`);
      if (found.length > 0) done(1);
    });
}

/** The public half of the key of a file, as it is registered. */
async function publicJwkOf(command: Command, name: string, file: string, kid: string | undefined): Promise<SentJwk> {
  const key = await publicClientKey(await readFile(file, 'utf8'), kid);
  return isFault(key) ? command.error(`error: ${name} ${key.detail}`) : { ...key.jwk };
}

function clientLine({ id, name, orgnr, supplier, integrationType, scopes, active }: ToldClient): string {
  const kept = supplier === undefined ? '' : `, kept by ${supplier}`;
  return `${id}  ${orgnr}${kept}  ${integrationType}${active ? '' : ' (DEACTIVATED)'}  ${name}  [${scopes.join(' ')}]`;
}

function keyLine({ kid, alg, until }: ToldKey): string {
  return `${kid}${alg === undefined ? '' : ` ${alg}`}, until ${until}`;
}

function endingLine({ clientId, orgnr, ...key }: ToldEnding): string {
  return `${clientId} of ${orgnr}: key ${keyLine(key)}`;
}
