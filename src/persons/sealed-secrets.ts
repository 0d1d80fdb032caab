import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '#problem';
import { SECRET_NAMES, type SecretFiles } from './vault.js';

/** RFC 7914: N, r and p; 128 MiB and some half a second for each guess. */
const COST = { n: 2 ** 17, r: 8, p: 1 };
const MAX_MEMORY = 2 ** 28;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Shorter ones are guessed. */
const LEAST_PASSPHRASE = 12;

/** The secrets of a vault under a passphrase: a key by scrypt, AES-256-GCM. Texts are base64url. */
export interface SealedSecrets {
  readonly kdf: 'scrypt';
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly nonce: string;
  readonly sealed: string;
}

/** Where the secrets of an installation are, each by the name that it has in a data folder. */
export function secretPaths(folder: string, { namingSecretFile, sealingSecretFile }: SecretFiles): ReadonlyMap<string, string> {
  const named = [namingSecretFile, sealingSecretFile];
  return new Map(SECRET_NAMES.map((name, i) => [name, named[i] ?? join(folder, name)]));
}

/** The secrets of these files sealed under a passphrase. @throws ProblemError `copy-refused` if that is too short, `store-unavailable` if a file cannot be read */
export async function sealSecrets(paths: ReadonlyMap<string, string>, passphrase: string): Promise<SealedSecrets> {
  if ([...passphrase].length < LEAST_PASSPHRASE) {
    throw new ProblemError('copy-refused', { detail: `the passphrase has less than ${LEAST_PASSPHRASE} characters: take a longer one` });
  }
  const secrets: Record<string, string> = {};
  for (const [name, path] of paths) {
    secrets[name] = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new ProblemError('store-unavailable', { detail: `The secret file ${path} cannot be read.`, cause });
    });
  }
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return {
    kdf: 'scrypt',
    ...COST,
    salt: salt.toString('base64url'),
    nonce: nonce.toString('base64url'),
    sealed: sealed.toString('base64url'),
  };
}

/** The secrets, by the name that each has in a data folder. @throws ProblemError `copy-refused` if the passphrase is another one */
export async function unsealSecrets(sealed: SealedSecrets, passphrase: string): Promise<Readonly<Record<string, string>>> {
  // Whoever has written the file says what a try costs.
  const { kdf, n, r, p } = sealed;
  if (kdf !== 'scrypt' || n !== COST.n || r !== COST.r || p !== COST.p) {
    throw new ProblemError('copy-refused', {
      detail: 'the secrets are sealed in another way than this program does: take the program that wrote them',
    });
  }
  try {
    const [salt, nonce, bytes] = [sealed.salt, sealed.nonce, sealed.sealed].map((text) => Buffer.from(text, 'base64url')) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    const decipher = createDecipheriv('aes-256-gcm', await keyOf(passphrase, salt), nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(0, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    return JSON.parse(text) as Readonly<Record<string, string>>;
  } catch (cause) {
    throw new ProblemError('copy-refused', {
      detail: 'the secrets do not open with this passphrase: give the one that they were sealed under',
      cause,
    });
  }
}

/**
 * Puts secrets into a data folder, which has none; flushed, with mode 0600.
 * @returns takes away again what was put
 */
export async function putSecrets(folder: string, secrets: Readonly<Record<string, string>>): Promise<() => Promise<void>> {
  const put: string[] = [];
  const takeAway = async (): Promise<void> => {
    for (const path of put) await unlink(path);
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    for (const [name, text] of Object.entries(secrets)) {
      if (!SECRET_NAMES.includes(name)) continue;
      const path = join(folder, name);
      const file = await open(path, 'wx', 0o600);
      put.push(path);
      // A power cut must not take away what the store has been restored under.
      await file
        .appendFile(text)
        .then(() => file.sync())
        .finally(() => file.close());
    }
    return takeAway;
  } catch (error) {
    await takeAway();
    throw error;
  }
}

/** What is typed on one keyboard and on another is one passphrase. */
function keyOf(passphrase: string, salt: Buffer): Promise<Buffer> {
  const { n, r, p } = COST;
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, { N: n, r, p, maxmem: MAX_MEMORY }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
