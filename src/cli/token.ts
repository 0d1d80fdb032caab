import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { isFault, present } from '#domain';
import { privateClientKey, requestToken, secureUrl } from '#tokens';
import { optionalOrgnr, wholeNumber } from './arguments.js';
import { harmless } from './harmless.js';
import type { CommandPorts } from './ports.js';

type Done = (exitCode: number) => void;

const LONGEST_SECONDS = 86_400;
const DEMO_SECONDS = 3600;

interface TokenOptions {
  readonly client?: string;
  readonly person?: string;
  readonly lifetime?: number;
  readonly key?: string;
  readonly kid?: string;
  readonly scope?: readonly string[];
  readonly resource?: readonly string[];
  readonly consumerOrg?: string;
  readonly onBehalfOf?: string;
  readonly systemUser?: string;
  readonly externalRef?: string;
  readonly certificate?: string;
  readonly issuer?: string;
  readonly json?: true;
}

/** What is nothing without a key. */
const OF_THE_GRANT = {
  kid: '--kid',
  scope: '--scope',
  resource: '--resource',
  consumerOrg: '--consumer-org',
  onBehalfOf: '--on-behalf-of',
  systemUser: '--system-user',
  externalRef: '--external-ref',
  certificate: '--certificate',
  issuer: '--issuer',
  json: '--json',
};

/** `tilgang token`: a bearer token, by a client's own key from any Maskinporten, or for one of the demo world. @param done is told 1 if there is none */
export function tokenCommand(ports: CommandPorts, done: Done): Command {
  return new Command('token')
    .description('print a bearer token: fetched by a key (Maskinporten), or of the demo world')
    .option('--client <id>', 'the client: of the registered ones with --key, else of the demo world')
    .option('--key <file>', 'its private key, PEM or JWK: the token is fetched by the JWT-bearer grant')
    .option('--scope <scopes...>', 'what the token is to be for')
    .option('--resource <uri...>', 'which API it is for (`aud` of the token)')
    .option('--consumer-org <orgnr>', 'on whose behalf, if that organisation has delegated the scopes')
    .option('--on-behalf-of <value>', 'the same by the older way: a value that is registered on the client (iss_onbehalfof)')
    .option('--system-user <orgnr>', 'as the system user of that organisation (systembruker)')
    .option('--external-ref <ref>', 'which one, if it was asked for by an externalRef')
    .option(
      '--certificate <file>',
      'organisation certificate of the key with its chain, PEM, its own first: for a client without registered keys',
    )
    .option('--issuer <url>', 'which Maskinporten; default: the one of this installation', issuerOf)
    .option('--kid <id>', 'the name of the key at the client; default: what its file says, else its RFC 7638 thumbprint')
    .option('--json', 'the whole answer, as JSON')
    .option('--person <id>', 'a person of the demo world, such as person-001 (ID-porten-like token)')
    .option(
      '--lifetime <seconds>',
      `how long a token of the demo world is valid (default: ${DEMO_SECONDS})`,
      wholeNumber('seconds', 1, LONGEST_SECONDS),
    )
    .addHelpText(
      'after',
      `
By a key, from any Maskinporten; the key itself goes nowhere:

  $ tilgang token --client 5f0c… --key oslo.pem --scope fhi:vaksine.read
  $ tilgang token --client 5f0c… --key oslo.pem --scope fhi:vaksine.read --issuer https://test.maskinporten.no/
  $ tilgang token --client 81aa… --key vendor.pem --scope fhi:vaksine.read --consumer-org 958935420
  $ tilgang token --client 81aa… --key vendor.pem --scope skatteetaten:mva.write --system-user 911825805

Of the demo world, without a key; \`tilgang demo\` lists clients and persons. It is signed with the key of the demo's own
issuers, which its gateway has made, for the gateway that was started last over the data folder, unless TILGANG_PORT or TILGANG_PUBLIC_URL names another.

  $ curl -H "Authorization: Bearer $(tilgang token --client fhi)" …`,
    )
    .action(async (options: TokenOptions, command: Command) => {
      if (options.key !== undefined) return byGrant(ports, done, command, options as TokenOptions & { key: string });
      const stray = Object.entries(OF_THE_GRANT).find(([name]) => name in options);
      if (stray !== undefined) command.error(`error: ${stray[1]} is for a token by a key: give --key as well`);
      return ofDemoWorld(ports, done, command, options);
    });
}

function issuerOf(text: string): string {
  if (secureUrl(text) === undefined || /[?#]/.test(text))
    throw new InvalidArgumentError('It is an https:// address without query and fragment; http:// only on this machine.');
  return text;
}

async function byGrant(ports: CommandPorts, done: Done, command: Command, options: TokenOptions & { readonly key: string }): Promise<void> {
  const { client: clientId, scope: scopes, resource } = options;
  for (const name of ['person', 'lifetime'] as const) {
    if (name in options) command.error(`error: --${name} is for a token of the demo world: leave it or --key out`);
  }
  if (clientId === undefined) return command.error('error: --client is missing: whose key is it?');
  if (scopes === undefined) return command.error('error: --scope is missing: what is the token to be for?');
  const consumerOrg = optionalOrgnr(command, '--consumer-org', options.consumerOrg);
  const orgnr = optionalOrgnr(command, '--system-user', options.systemUser);
  const { externalRef } = options;
  if (externalRef !== undefined && orgnr === undefined)
    command.error('error: --external-ref is of a system user: name its owner by --system-user');
  const systemUser = orgnr && present({ orgnr, externalRef });
  const key = await privateClientKey(await readFile(options.key, 'utf8'), options.kid);
  if (isFault(key)) return command.error(`error: --key ${key.detail}`);
  const chain = options.certificate === undefined ? undefined : certificatesIn(command, await readFile(options.certificate, 'utf8'));
  const { onBehalfOf } = options;
  const issuer = options.issuer ?? (await ports.ownIssuer());
  const answer = await requestToken(
    present({ issuer, clientId, key, chain, scope: scopes.join(' '), resource, consumerOrg, onBehalfOf, systemUser, now: Date.now() }),
  );
  if ('refused' in answer) {
    const { refused } = answer;
    const why = [refused.error, refused.description].filter((one) => one !== undefined).join(': ');
    const lines = [
      `${refused.issuer} gives no token (${refused.status})${why === '' ? '' : `: ${why}`}`,
      ...(refused.uri === undefined ? [] : [refused.uri]),
    ];
    process.stderr.write(`tilgang: ${lines.map(harmless).join('\n  ')}\n`);
    return done(1);
  }
  process.stdout.write(`${options.json ? JSON.stringify(answer.body) : answer.accessToken}\n`);
}

/** The certificates of a PEM file, as x5c has them (RFC 7515 §4.1.6). */
function certificatesIn(command: Command, pem: string): readonly string[] {
  const found = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  if (found.length === 0) command.error('error: --certificate holds no certificate in PEM');
  return found.map(([, body = '']) => body.replace(/\s/g, ''));
}

async function ofDemoWorld(
  ports: CommandPorts,
  done: Done,
  command: Command,
  { client, person, lifetime = DEMO_SECONDS }: TokenOptions,
): Promise<void> {
  if ((client === undefined) === (person === undefined)) command.error('error: give either --client or --person');
  const token = await ports.demoToken(client === undefined ? { person: person as string } : { client }, lifetime);
  if (token === undefined) {
    const kind = client === undefined ? 'person' : 'client';
    const key = client === undefined ? '' : '; a client that was registered needs --key';
    process.stderr.write(`tilgang: the demo world has no such ${kind}; \`tilgang demo\` lists them${key}\n`);
    return done(1);
  }
  process.stdout.write(`${token}\n`);
}
