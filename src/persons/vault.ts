import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrukerId, PersonNumber } from '#domain';
import { ProblemError } from '#problem';
import { createNaming } from './naming.js';

const SECRET_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Names and seals person numbers under this installation's secrets. */
export interface PersonVault {
  /** The person's opaque name: the same number gives the same name in this installation, and in no other. */
  nameOf(person: PersonNumber): BrukerId;
  /** The number sealed with AES-256-GCM and bound to its name; base64url. */
  seal(person: PersonNumber, brukerId: BrukerId): string;
  /**
   * The number again, for whoever may see it.
   * @throws ProblemError `store-unavailable` if it was altered or sealed under another secret
   */
  unseal(sealed: string, brukerId: BrukerId): PersonNumber;
  /** A text that may hold person numbers, sealed as they are and bound to where it stands; base64url. */
  sealText(text: string, boundTo: string): string;
  /** @throws ProblemError `store-unavailable` as unseal */
  unsealText(sealed: string, boundTo: string): string;
  /** Tells texts apart that may hold person numbers, which a plain hash would let be guessed: HMAC-SHA-256, base64url. */
  fingerprintOf(text: string): string;
  /** Tells two pairs of secrets apart and betrays neither; base64url. */
  readonly fingerprint: string;
}

/** Where the two secrets are read from; absent ones live in the folder and are made at first use. */
export interface SecretFiles {
  /** 32 bytes, base64 or base64url. */
  readonly namingSecretFile?: string | undefined;
  /** 32 bytes, base64 or base64url. */
  readonly sealingSecretFile?: string | undefined;
}

const NAMING = 'person-naming.secret';
const SEALING = 'person-sealing.secret';

/** What the secrets are called in the data folder. */
export const SECRET_NAMES: readonly string[] = [NAMING, SEALING];

/**
 * Opens the vault of an installation. Missing secrets are made with mode 0600; two processes that start together agree on one.
 * @param mayMake whether missing secrets are made; not for a store that was made under others
 * @throws ProblemError `store-unavailable` if a secret cannot be read or has the wrong length
 */
export async function openPersonVault(
  folder: string,
  { namingSecretFile, sealingSecretFile }: SecretFiles = {},
  { mayMake = true }: { readonly mayMake?: boolean } = {},
): Promise<PersonVault> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const naming = await secret(namingSecretFile ?? join(folder, NAMING), mayMake && namingSecretFile === undefined);
  const sealing = await secret(sealingSecretFile ?? join(folder, SEALING), mayMake && sealingSecretFile === undefined);
  const fingerprint = [naming, sealing]
    .map((key) => createHmac('sha256', key).update('tilgang').digest('base64url').slice(0, 16))
    .join('.');
  const sealed = (text: string, boundTo: string): string => {
    const nonce = nonces.next();
    const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(boundTo));
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
  };
  const unsealed = (text: string, boundTo: string): string => {
    const bytes = Buffer.from(text, 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', sealing, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(boundTo))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw new ProblemError('store-unavailable', { detail: 'A sealed person number does not open with this sealing secret.', cause });
    }
  };
  return {
    fingerprint,
    nameOf: createNaming(naming),
    fingerprintOf: (text) => createHmac('sha256', naming).update('text\0').update(text).digest('base64url'),
    seal: (person, brukerId) => sealed(person, brukerId),
    unseal: (text, brukerId) => unsealed(text, brukerId) as PersonNumber,
    sealText: sealed,
    unsealText: unsealed,
  };
}

/** Random bytes are drawn for many nonces at a time: a draw costs more than the sealing. None is used twice. */
const nonces = (() => {
  let pool = Buffer.alloc(0);
  let at = 0;
  return {
    next(): Buffer {
      if (at === pool.length) {
        pool = randomBytes(NONCE_BYTES * 256);
        at = 0;
      }
      at += NONCE_BYTES;
      return pool.subarray(at - NONCE_BYTES, at);
    },
  };
})();

async function secret(path: string, makeIfMissing: boolean): Promise<Buffer> {
  if (makeIfMissing) await makeOnce(path);
  let bytes: Buffer;
  try {
    bytes = Buffer.from((await readFile(path, 'latin1')).trim(), 'base64');
  } catch (cause) {
    throw new ProblemError('store-unavailable', { detail: `The secret file ${path} cannot be read.`, cause });
  }
  if (bytes.length !== SECRET_BYTES) {
    throw new ProblemError('store-unavailable', { detail: `The secret file ${path} does not hold ${SECRET_BYTES} bytes in base64.` });
  }
  return bytes;
}

/** Written aside and linked into place, so that nobody reads half a secret and the first of several processes wins. */
async function makeOnce(path: string): Promise<void> {
  try {
    await readFile(path);
    return;
  } catch {
    // Not there yet (or not readable, which the reader reports).
  }
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  // Flushed before it is used: a name made under a secret that a power cut takes away would be lost with it.
  await writeFile(aside, `${randomBytes(SECRET_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(aside);
  }
}
