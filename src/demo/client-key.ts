import { randomUUID } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFault } from '#domain';
import { ProblemError } from '#problem';
import { makeClientKey, type PublicClientKey, privateClientKey } from '#tokens';

/** Soon made; a real client's has more. */
const BITS = 2048;

/** The file in a data folder with the key that all machines of the demo sign with. */
export const DEMO_KEY_FILE = 'demo-client.pem';

/** What the machines of the demo sign with; the key is made if it is not there. @throws ProblemError `config-invalid` if the file holds none */
export async function openDemoClientKey(data: string): Promise<PublicClientKey> {
  const file = join(data, DEMO_KEY_FILE);
  const text = await readFile(file, 'utf8').catch(() => madeKey(file));
  const key = await privateClientKey(text);
  if (isFault(key)) throw new ProblemError('config-invalid', { detail: `${file} ${key.detail}. Move it away to get a new one.` });
  return key;
}

/** Makes the key unless another process is first. @returns what the file then holds */
async function madeKey(file: string): Promise<string> {
  const { privatePem } = await makeClientKey(BITS);
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, privatePem, { mode: 0o600, flag: 'wx' });
  // A rename would overwrite what another process has made; a link refuses to.
  await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(temporary);
  return readFile(file, 'utf8');
}
