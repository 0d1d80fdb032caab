import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { ProblemError } from '#problem';
import { newKey, readKeys, replaceFile, type SecretKey, writeNewFile } from './secret-files.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** A value that no key opens may be under one that has come into the file: it is read again, but not for each of many such values. */
const READ_AGAIN_MS = 1000;

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
}

const OPENING = { authTagLength: TAG_BYTES } as const;

const ready = new WeakMap<Buffer, KeyObject>();

/** The key as the cipher takes it: made once, since thousands of texts of one request are opened by it. */
function readyKey(bytes: Buffer): KeyObject {
  let key = ready.get(bytes);
  if (key === undefined) {
    key = createSecretKey(bytes);
    ready.set(bytes, key);
  }
  return key;
}

/** A text under one key, bound to where it stands; base64url. */
export function sealedUnder(key: Buffer, text: string, boundTo: string): string {
  const nonce = nonces.next();
  const cipher = createCipheriv('aes-256-gcm', readyKey(key), nonce).setAAD(Buffer.from(boundTo));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
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
  try {
    const decipher = createDecipheriv('aes-256-gcm', readyKey(key), bytes.subarray(0, NONCE_BYTES), OPENING)
      .setAAD(Buffer.from(boundTo))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    // All of it comes in one piece; as bytes, since a decoder of texts for each costs as much as the opening.
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    decipher.final();
    return { text: text.toString(), id };
  } catch {
    return undefined;
  }
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
