import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '#problem';
import { type RevocationList, revocationListIn } from './revocation.js';

/** What chains are judged by. Another object is another trust: what was judged by the one before no longer counts. */
export interface Trust {
  readonly roots: readonly X509Certificate[];
  readonly lists: readonly RevocationList[];
}

/** Where it lies; see settings.ts. */
export interface TrustPlaces {
  readonly certificateRoots: string;
  readonly certificateRevocationLists?: string | undefined;
}

/** Reads roots and lists. @throws ProblemError `config-invalid` that names the file that is no such */
export async function readTrust({ certificateRoots, certificateRevocationLists }: TrustPlaces): Promise<Trust> {
  const roots: X509Certificate[] = [];
  for (const file of await filesOf(certificateRoots, 'certificateRoots')) {
    const found = pemsIn(await readFile(file), 'CERTIFICATE');
    if (found.length === 0) throw unusable('certificateRoots', file, 'holds no certificate in PEM');
    for (const der of found) roots.push(await read(() => new X509Certificate(der), 'certificateRoots', file));
  }
  const lists: RevocationList[] = [];
  if (certificateRevocationLists !== undefined) {
    for (const file of await filesOf(certificateRevocationLists, 'certificateRevocationLists')) {
      const bytes = await readFile(file);
      const pems = bytes.includes('-----BEGIN X509 CRL-----') ? pemsIn(bytes, 'X509 CRL') : [];
      for (const der of pems.length === 0 ? [bytes] : pems)
        lists.push(await read(() => revocationListIn(der), 'certificateRevocationLists', file));
    }
  }
  return { roots, lists };
}

/** Which files there are, and which content they have, as far as the file system tells. */
export async function trustMark({ certificateRoots, certificateRevocationLists }: TrustPlaces): Promise<string> {
  const files = [
    ...(await filesOf(certificateRoots, 'certificateRoots')),
    ...(certificateRevocationLists === undefined ? [] : await filesOf(certificateRevocationLists, 'certificateRevocationLists')),
  ];
  const marks = await Promise.all(
    files.map(async (file) => {
      const { mtimeMs, size, ino } = await stat(file);
      return [file, mtimeMs, size, ino];
    }),
  );
  return JSON.stringify(marks);
}

async function filesOf(place: string, setting: string): Promise<readonly string[]> {
  try {
    if (!(await stat(place)).isDirectory()) return [place];
    const names = await readdir(place);
    return names
      .filter((name) => !name.startsWith('.'))
      .sort()
      .map((name) => join(place, name));
  } catch (error) {
    throw unusable(setting, place, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function pemsIn(bytes: Buffer, label: string): readonly Buffer<ArrayBuffer>[] {
  const pem = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g');
  return [...bytes.toString('latin1').matchAll(pem)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
}

async function read<T>(reading: () => T | Promise<T>, setting: string, file: string): Promise<T> {
  try {
    return await reading();
  } catch (error) {
    throw unusable(setting, file, `cannot be used (${(error as Error).message})`);
  }
}

function unusable(setting: string, file: string, detail: string): ProblemError {
  return new ProblemError('config-invalid', { detail: `${setting}: ${file} ${detail}` });
}
