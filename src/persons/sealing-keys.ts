import { ProblemError } from '#problem';
import { openedBy, readyKey, sealedUnder } from './cipher.js';
import { OpeningThread, type SealedText } from './opening-thread.js';
import { newKey, readKeys, replaceFile, type SecretKey, writeNewFile } from './secret-files.js';

/** A value that no key opens may be under one that has come into the file: it is read again, but not for each of many such values. */
const READ_AGAIN_MS = 1000;
/** So many texts are worth the way to the thread and back. */
const MANY = 50;

/** Where sealing keys are kept. */
export interface SealingFile {
  readonly path: string;
  /** It lies in the data folder, so that a command may change it; else it is the operator's, who puts it there. */
  readonly isOwn: boolean;
}

/**
 * The keys that values are sealed under (AES-256-GCM): one seals, all open. Keys that were known stay known until the process ends, so that what was read
 * while they counted opens.
 */
export class SealingKeys {
  readonly file: SealingFile;
  readonly #keys: SecretKey[];
  #current: SecretKey;
  #readMs = performance.now();
  #assertMay: () => void = () => {};
  readonly #thread = new OpeningThread();

  /** @throws ProblemError `store-unavailable` if the file cannot be read */
  constructor(file: SealingFile) {
    this.file = file;
    this.#keys = [...readKeys(file.path)];
    this.#current = this.#keys[0] as SecretKey;
  }

  /** What the keys that open are called: never the keys themselves. */
  known(): readonly string[] {
    return this.#keys.map(({ id }) => id);
  }

  /** Which one seals: the first of the file, unless another one was named. */
  get current(): string {
    return this.#current.id;
  }

  /** From now on this one seals. @throws TypeError if it is not known */
  use(id: string): void {
    const key = this.#keys.find((one) => one.id === id);
    if (key === undefined) throw new TypeError('a key that is not known cannot seal');
    this.#current = key;
  }

  /** From now on nothing is sealed while this throws. */
  guard(assertMay: () => void): void {
    this.#assertMay = assertMay;
  }

  /** Gets to know the keys that have come into the file. @throws ProblemError `store-unavailable` if it cannot be read */
  reload(): void {
    this.#readMs = performance.now();
    for (const key of readKeys(this.file.path)) if (!this.known().includes(key.id)) this.#keys.push(key);
  }

  /** The keys that are in the file now. @throws ProblemError `store-unavailable` if it cannot be read */
  inFile(): readonly string[] {
    return readKeys(this.file.path).map(({ id }) => id);
  }

  /** Puts a new key into the file, behind the others. @returns what it is called */
  async add(): Promise<string> {
    const key = newKey();
    await replaceFile(this.file.path, [...readKeys(this.file.path), key]);
    this.reload();
    return key.id;
  }

  /** Writes the keys of the file and a new one to another file, which must not be there. @throws an error of the system */
  async addInto(path: string): Promise<void> {
    await writeNewFile(path, [...readKeys(this.file.path), newKey()]);
  }

  /** Takes keys out of the file. */
  async drop(ids: readonly string[]): Promise<void> {
    const left = readKeys(this.file.path).filter(({ id }) => !ids.includes(id));
    await replaceFile(this.file.path, left);
  }

  /** A text sealed and bound to where it stands; base64url. @throws what a guard throws */
  seal(text: string, boundTo: string): string {
    this.#assertMay();
    return sealedUnder(this.#current.bytes, text, boundTo);
  }

  /** The text again, and what it was sealed under; undefined if no key opens it. */
  open(sealed: string, boundTo: string): { readonly text: string; readonly id: string } | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    const known = this.#keys.length;
    const found = openedUnder(this.#current, bytes, boundTo) ?? first(this.#keys, bytes, boundTo);
    if (found !== undefined || performance.now() - this.#readMs < READ_AGAIN_MS) return found;
    try {
      this.reload();
    } catch {
      // What the file was read for before still counts.
    }
    return first(this.#keys.slice(known), bytes, boundTo);
  }

  /** The same text under the key that seals; as it is if it is sealed so already; undefined if no key opens it. */
  renewed(sealed: string, boundTo: string): string | undefined {
    const found = this.open(sealed, boundTo);
    if (found === undefined) return undefined;
    return found.id === this.current ? sealed : this.seal(found.text, boundTo);
  }

  /** @throws ProblemError `store-unavailable` if no key opens it */
  unseal(sealed: string, boundTo: string): string {
    const found = this.open(sealed, boundTo);
    if (found !== undefined) return found.text;
    throw new ProblemError('store-unavailable', { detail: 'A sealed person number does not open with this sealing secret.' });
  }

  /**
   * Many texts in their order, opened in a thread while this one goes on; the few, and those that it does not open, here.
   * @throws ProblemError `store-unavailable` if no key opens one
   */
  async unsealMany(all: readonly SealedText[]): Promise<readonly string[]> {
    const keys = [...new Set([this.#current, ...this.#keys])].map(({ bytes }) => readyKey(bytes));
    const opened = all.length < MANY ? [] : await this.#thread.open(keys, all).catch(() => []);
    return all.map(({ sealed, boundTo }, i) => opened[i] ?? this.unseal(sealed, boundTo));
  }
}

type Opened = ReturnType<SealingKeys['open']>;

function first(keys: readonly SecretKey[], bytes: Buffer, boundTo: string): Opened {
  for (const key of keys) {
    const found = openedUnder(key, bytes, boundTo);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What was sealed under a key; undefined if this one does not open it. */
export function openedUnder({ id, bytes: key }: SecretKey, bytes: Buffer, boundTo: string): Opened {
  const text = openedBy(readyKey(key), bytes, boundTo);
  return text === undefined ? undefined : { text, id };
}
