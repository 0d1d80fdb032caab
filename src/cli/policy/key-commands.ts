import { readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { makeKeyPair, readPrivateKey, readPublicKey, signTarball } from '#authoring';
import { isFault, parseAppId, parseKeyId, present, toInstant } from '#domain';
import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '#policy';
import { optionalOrgnr, periodEndOf, reasonOf } from '../arguments.js';
import { JSON_OPTION, WHERE_HELP, withWhere } from '../place.js';
import type { CommandPorts } from '../ports.js';
import { APP, applicationOf, onShelf, say, type WhereOptions } from './on-shelf.js';
import type { KeyOwner, Shelf, ShelvedKey } from './shelf.js';

interface KeyOptions {
  readonly kid?: string;
  readonly algorithm?: SignatureAlgorithm;
}

const KID = ['--kid <id>', 'id of the key; default: the name of its file without endings'] as const;

function algorithmOption(): Option {
  return new Option('--algorithm <name>', 'default: the ES of the curve, RS256 for RSA').choices(SIGNATURE_ALGORITHMS);
}

/** The id that a key is registered and used under. */
function kidOf(command: Command, file: string, kid: string | undefined): string {
  const id = parseKeyId(kid ?? basename(file).replace(/(\.pub)?\.pem$/, ''));
  return isFault(id) ? command.error(`error: --kid ${id.detail}`) : id;
}

/** `tilgang policy sign`. */
export function signCommand(): Command {
  return new Command('sign')
    .description('sign a bundle')
    .argument('[bundle]', 'the file; the signature is put into it', 'bundle.tar.gz')
    .requiredOption('--key <file>', 'the private key, PEM without passphrase')
    .option(...KID)
    .addOption(algorithmOption())
    .option('--scope <App-ID>', 'for a key that is registered for one application alone')
    .option(...JSON_OPTION)
    .action(async (file: string, options: KeyOptions & { key: string; scope?: string; json?: true }, command: Command) => {
      const scope = options.scope === undefined ? undefined : parseAppId(options.scope);
      if (isFault(scope)) command.error(`error: --scope ${scope.detail}`);
      const kid = kidOf(command, options.key, options.kid);
      const key = readPrivateKey(await readFile(options.key, 'utf8'), options.algorithm);
      const signed = await signTarball(await readFile(file), key, { kid, scope, now: Date.now() });
      await writeFile(file, signed);
      const { algorithm } = key;
      say(options, present({ file: resolve(file), kid, algorithm, scope }), `signed ${basename(file)}: key ${kid}, ${algorithm}\n`);
    });
}

/** `tilgang policy keys`. */
export function keysCommand(ports: CommandPorts): Command {
  return new Command('keys')
    .description('the keys that bundles are signed by')
    .addCommand(newKeyCommand())
    .addCommand(addCommand(ports))
    .addCommand(listCommand(ports))
    .addCommand(revokeCommand(ports));
}

function newKeyCommand(): Command {
  return new Command('new')
    .description('make a pair of keys')
    .argument(
      '<file>',
      'where the private key goes, such as rules-2026.pem (mode 0600, must not exist); the public one goes beside it as .pub.pem',
    )
    .addOption(algorithmOption().default('ES256'))
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `
The same by openssl:

  $ openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out rules-2026.pem
  $ openssl pkey -in rules-2026.pem -pubout -out rules-2026.pub.pem`,
    )
    .action(async (file: string, options: { algorithm: SignatureAlgorithm; json?: true }, command: Command) => {
      const { algorithm } = options;
      const kid = kidOf(command, file, undefined);
      const { privatePem, publicPem } = makeKeyPair(algorithm);
      const publicFile = `${file.replace(/\.pem$/, '')}.pub.pem`;
      await writeFile(resolve(file), privatePem, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') command.error('error: the file is there already: name another one');
        throw error;
      });
      await writeFile(resolve(publicFile), publicPem);
      const made = `made the key ${kid} (${algorithm}): ${file} is private, keep it; ${publicFile} is public\n`;
      say(options, { kid, algorithm, privateFile: file, publicFile }, `${made}next: tilgang policy keys add ${publicFile}\n`);
    });
}

type OwnedOptions = WhereOptions & { readonly orgnr?: string; readonly operator?: true };

/** The options that say whose keys. */
function withOwner(command: Command): Command {
  return withWhere(command)
    .option('--orgnr <number>', 'whose keys: organisation number of the tilbyder; default: that of the application')
    .option(APP[0], 'an application of the tilbyder; default: the one of .manifest in this folder')
    .option('--operator', "the operator's keys, which sign for every application");
}

async function ownerOf(command: Command, options: OwnedOptions, shelf: Shelf): Promise<KeyOwner> {
  if (options.operator) return 'operator';
  return optionalOrgnr(command, '--orgnr', options.orgnr) ?? shelf.ownerOf(await applicationOf(command, options));
}

function addCommand(ports: CommandPorts): Command {
  return withOwner(new Command('add'))
    .description('register a public key: what it signs may then be pushed')
    .argument('<file>', 'PEM; of a private key only the public half is registered')
    .option(...KID)
    .addOption(algorithmOption())
    .option('--scope <App-ID>', 'it signs for this application alone')
    .option('--until <date>', 'the last day, in Norway; or an RFC 3339 date-time, until excluded')
    .addHelpText('after', `${WHERE_HELP}\nSeveral keys count at once: add the next one before the last one ends.`)
    .action(async (file: string, options: OwnedOptions & KeyOptions & { scope?: string; until?: string }, command: Command) => {
      const scope = options.scope === undefined ? undefined : parseAppId(options.scope);
      if (isFault(scope)) command.error(`error: --scope ${scope.detail}`);
      const until = periodEndOf(command, options.until);
      if (until !== undefined && until <= toInstant(Date.now())) command.error('error: --until is over already');
      const kid = kidOf(command, file, options.kid);
      const { algorithm, key } = readPublicKey(await readFile(file, 'utf8'), options.algorithm);
      await onShelf(ports, command, options, async (shelf) => {
        const owner = await ownerOf(command, options, shelf);
        await shelf.addKey(owner, present({ kid, algorithm, jwk: key.export({ format: 'jwk' }) as Record<string, unknown>, scope, until }));
        const added = present({ owner, kid, algorithm, scope, until });
        say(options, added, `registered: key ${kid} (${algorithm}) of ${owner}, in ${shelf.where}\n`);
      });
    });
}

function listCommand(ports: CommandPorts): Command {
  return withOwner(new Command('list'))
    .description('list the keys')
    .addHelpText('after', WHERE_HELP)
    .action(async (options: OwnedOptions, command: Command) => {
      const keys = await onShelf(ports, command, options, async (shelf) => shelf.keys(await ownerOf(command, options, shelf)));
      say(options, keys, keys.length === 0 ? 'no key\n' : keys.map(keyLine).join(''));
    });
}

function keyLine({ kid, algorithm, scope, until, isRevoked }: ShelvedKey): string {
  const scoped = scope === undefined ? '' : `, for ${scope} alone`;
  return `${kid} ${algorithm}${scoped}${until === undefined ? '' : `, until ${until}`}${isRevoked ? ', revoked' : ''}\n`;
}

function revokeCommand(ports: CommandPorts): Command {
  return withOwner(new Command('revoke'))
    .description('revoke a key at once, such as one that was stolen: nothing that it has signed is pushed or activated any more')
    .argument('<kid>', 'id of the key')
    .option('--reason <text>', 'why; kept in the history')
    .addHelpText('after', WHERE_HELP)
    .action(async (kid: string, options: OwnedOptions & { reason?: string }, command: Command) => {
      const { reason } = reasonOf(command, options.reason);
      await onShelf(ports, command, options, async (shelf) => {
        const owner = await ownerOf(command, options, shelf);
        await shelf.revokeKey(owner, kid, reason);
        say(options, { owner, kid, isRevoked: true }, `revoked: key ${kid} of ${owner}, in ${shelf.where}\n`);
      });
    });
}
