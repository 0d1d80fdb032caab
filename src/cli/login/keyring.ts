import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { present } from '#domain';
import { ProblemError } from '#problem';

/** Who is logged in at a gateway, and until when. Its tokens are as good as the person until they end. */
export interface Login {
  /** The gateway's. */
  readonly origin: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly accessToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly refreshToken?: string;
}

interface Kept {
  readonly version: 1;
  /** Where commands work that name no gateway: the one that was logged in at last. */
  readonly current?: string;
  readonly logins: readonly Login[];
}

const VERSION = 1;
const NOTHING: Kept = { version: VERSION, logins: [] };
/** A command that holds the file for longer has been killed. */
const ABANDONED_MS = 60_000;
const LOOKS_MS = 50;

/** The file in which a user's logins stand, which nobody else may read. */
export class Keyring {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The login at a gateway, or the last one if none is named. @throws ProblemError `keyring-unusable` */
  async find(origin?: string): Promise<Login | undefined> {
    const { current, logins } = await this.#read();
    const wanted = origin ?? current;
    return logins.find((login) => login.origin === wanted);
  }

  /** All of them. @throws ProblemError `keyring-unusable` */
  async all(): Promise<readonly Login[]> {
    return (await this.#read()).logins;
  }

  /** Keeps it in place of the one that is there, as the one that commands work by. @throws ProblemError `keyring-unusable` */
  async keep(login: Login): Promise<void> {
    const { logins } = await this.#read();
    await this.#write({
      version: VERSION,
      current: login.origin,
      logins: [...logins.filter(({ origin }) => origin !== login.origin), login],
    });
  }

  /** Writes new tokens of a login that is there, and leaves it where it stands. @throws ProblemError `keyring-unusable` */
  async renew(login: Login): Promise<void> {
    const kept = await this.#read();
    await this.#write({ ...kept, logins: kept.logins.map((one) => (one.origin === login.origin ? login : one)) });
  }

  /** @throws ProblemError `keyring-unusable` */
  async forget(origin: string): Promise<void> {
    const { current, logins } = await this.#read();
    const left = logins.filter((login) => login.origin !== origin);
    if (left.length === 0) return rm(this.#file, { force: true });
    await this.#write(present({ version: VERSION, current: current === origin ? left.at(-1)?.origin : current, logins: left }) as Kept);
  }

  /** Does something while no other command does so: a refresh token may be used once. @throws ProblemError `keyring-unusable`, and what the work throws */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const lock = `${this.#file}.lock`;
    await this.#makeFolder();
    while (!(await this.#took(lock))) await pause(LOOKS_MS);
    try {
      return await work();
    } finally {
      await rm(lock, { force: true });
    }
  }

  async #took(lock: string): Promise<boolean> {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw this.#unusable('cannot be written', error);
      const held = await stat(lock).catch(() => undefined);
      if (held !== undefined && Date.now() - held.mtimeMs > ABANDONED_MS) await rm(lock, { force: true });
      return false;
    }
  }

  async #read(): Promise<Kept> {
    let text: string;
    try {
      const { mode, uid } = await stat(this.#file);
      if (uid !== (process.getuid?.() ?? uid)) throw this.#unusable('belongs to another user: name one of your own by TILGANG_KEYRING');
      if ((mode & 0o077) !== 0 && process.platform !== 'win32')
        throw this.#unusable('can be read by others than its owner: chmod 600 it, and log in anew if somebody may have read it');
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
      if (error instanceof ProblemError) throw error;
      throw this.#unusable('cannot be read', error);
    }
    const kept = keptIn(text);
    if (kept === undefined) throw this.#unusable('holds something else: remove it and log in anew');
    return kept;
  }

  async #write(kept: Kept): Promise<void> {
    await this.#makeFolder();
    const next = `${this.#file}.next`;
    try {
      // What lies there is a killed command's, or somebody's who wants to read it, or have another file written.
      await rm(next, { force: true });
      await writeFile(next, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
      await rename(next, this.#file);
    } catch (error) {
      throw this.#unusable('cannot be written', error);
    }
  }

  async #makeFolder(): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 }).catch((error) => {
      throw this.#unusable('cannot be written', error);
    });
  }

  #unusable(what: string, cause?: unknown): ProblemError {
    return new ProblemError('keyring-unusable', { detail: `${this.#file} ${what}`, ...present({ cause }) });
  }
}

function keptIn(text: string): Kept | undefined {
  try {
    const kept = JSON.parse(text) as Kept;
    const isWhole = ({ origin, issuer, clientId, accessToken, expiresAt }: Login): boolean =>
      [origin, issuer, clientId, accessToken].every((one) => typeof one === 'string') && typeof expiresAt === 'number';
    return kept.version === VERSION && kept.logins.every(isWhole) ? kept : undefined;
  } catch {
    return undefined;
  }
}
