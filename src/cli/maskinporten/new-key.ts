import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { isFault } from '#domain';
import { LEAST_KEY_BITS, makeClientKey } from '#tokens';
import { wholeNumber } from '../arguments.js';

const MOST_BITS = 8192;
const DEFAULT_BITS = 4096;

/** `tilgang client keys new`. */
export function newKeyCommand(): Command {
  return new Command('new')
    .description('make the key pair of a client, on this machine; only the public half is ever registered')
    .requiredOption(
      '--out <file>',
      'where the private key goes, such as oslo.pem (mode 0600, must not exist); the public one goes beside it as .jwk.json',
    )
    .option('--bits <count>', 'of the RSA key', wholeNumber('bits', LEAST_KEY_BITS, MOST_BITS), DEFAULT_BITS)
    .option('--kid <id>', 'name of the key; default: its RFC 7638 thumbprint, which every command finds out from the key itself')
    .addHelpText(
      'after',
      `
The same by openssl; \`tilgang client keys add\` takes what it makes:

  $ openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out oslo.pem
  $ openssl pkey -in oslo.pem -pubout -out oslo.pub.pem`,
    )
    .action(async ({ out, bits, kid }: { out: string; bits: number; kid?: string }, command: Command) => {
      if (kid !== undefined) await assertKid(command, kid);
      const { privatePem, jwk } = await makeClientKey(bits, kid);
      const publicFile = `${out.replace(/\.pem$/, '')}.jwk.json`;
      await writeNew(command, out, privatePem, 0o600);
      await writeNew(command, publicFile, `${JSON.stringify(jwk)}\n`, 0o644);
      process.stdout.write(
        `made the key ${jwk.kid} (RSA, ${bits} bits): ${out} is private, keep it; ${publicFile} is public\nnext: tilgang client new … --key ${publicFile}, or tilgang client keys add CLIENT ${publicFile}\n`,
      );
    });
}

/** Loaded only when a name is given: no other command needs that side. */
async function assertKid(command: Command, text: string): Promise<void> {
  const { parseKid } = await import('#maskinporten');
  const kid = parseKid(text);
  if (isFault(kid)) command.error(`error: --kid ${kid.detail}`);
}

async function writeNew(command: Command, file: string, text: string, mode: number): Promise<void> {
  await writeFile(resolve(file), text, { mode, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') command.error(`error: ${file} is there already: name another file`);
    throw error;
  });
}
