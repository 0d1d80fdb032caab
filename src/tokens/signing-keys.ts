import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { ProblemError } from '#problem';

/** Maskinporten's algorithm. */
const ALGORITHM = 'RS256';
/** Maskinporten has 4096; 2048 makes the demo start at once and its tokens short. */
const MODULUS_BITS = 2048;
const FILE = 'signing-key.json';

/** The public half of a signing key (RFC 7517). */
export interface PublicJwk {
  readonly kty: 'RSA';
  /** The key's RFC 7638 thumbprint (SHA-256). */
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'RS256';
  readonly n: string;
  readonly e: string;
}

/** Our own signing keys. The private members stay in the file and in here. */
export interface SigningKeys {
  /** What `jwks_uri` answers (RFC 7517 §5). */
  jwks(): { readonly keys: readonly PublicJwk[] };
  /** The claims as a compact JWT with `iat` and `exp`; `now` in milliseconds since the epoch. */
  sign(claims: object, times: { readonly expiresInSeconds: number; readonly now: number }): Promise<string>;
}

/**
 * Opens the signing key of the folder, making both if they are not there. Processes that start together get the same key.
 * @throws ProblemError `config-invalid` if the file is there and is no RSA private key; file system errors as they are.
 */
export async function openSigningKeys(folder: string): Promise<SigningKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, FILE);
  const jwk = privateJwk((await textOf(file)) ?? (await createKeyFile(folder, file)), file);
  const key = await importJWK(jwk, ALGORITHM).catch((): never => {
    throw unusable(file);
  });
  const kid = await calculateJwkThumbprint(jwk, 'sha256');
  const published: PublicJwk = Object.freeze({ kty: 'RSA', kid, use: 'sig', alg: ALGORITHM, n: jwk.n, e: jwk.e });
  return {
    jwks: () => ({ keys: [published] }),
    sign(claims, { expiresInSeconds, now }) {
      const iat = Math.floor(now / 1000);
      return new SignJWT({ ...claims, iat, exp: iat + expiresInSeconds }).setProtectedHeader({ alg: ALGORITHM, kid }).sign(key);
    },
  };
}

/** Writes a new key unless another process is first; answers what the file then holds. */
async function createKeyFile(folder: string, file: string): Promise<string> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { modulusLength: MODULUS_BITS, extractable: true });
  const temporary = join(folder, `.${FILE}.${randomUUID()}`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(JSON.stringify(await exportJWK(privateKey)));
    await handle.sync();
    // A rename would overwrite the key of a process that was faster; a link refuses to, and shows the whole file or none.
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await handle.close();
    await unlink(temporary);
  }
  return readFile(file, 'utf8');
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function privateJwk(text: string, file: string): JWK & { n: string; e: string } {
  let jwk: JWK | null;
  try {
    jwk = JSON.parse(text) as JWK | null;
  } catch {
    // The parser's message quotes the text, which is a secret: no cause.
    throw unusable(file);
  }
  if (jwk?.kty !== 'RSA' || typeof jwk.d !== 'string' || typeof jwk.n !== 'string' || typeof jwk.e !== 'string') throw unusable(file);
  return { ...jwk, n: jwk.n, e: jwk.e };
}

function unusable(file: string): ProblemError {
  return new ProblemError('config-invalid', { detail: `${file} is not an RSA private key (JWK); move it away to get a new one.` });
}
