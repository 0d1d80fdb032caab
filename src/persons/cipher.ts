import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OPENING = { authTagLength: TAG_BYTES } as const;

const ready = new WeakMap<Buffer, KeyObject>();

/** The key as the cipher takes it: made once, since thousands of texts of one request are opened by it. */
export function readyKey(bytes: Buffer): KeyObject {
  let key = ready.get(bytes);
  if (key === undefined) {
    key = createSecretKey(bytes);
    ready.set(bytes, key);
  }
  return key;
}

/** A text under one key (AES-256-GCM), bound to where it stands; base64url. */
export function sealedUnder(key: Buffer, text: string, boundTo: string): string {
  const nonce = nonces.next();
  const cipher = createCipheriv('aes-256-gcm', readyKey(key), nonce).setAAD(Buffer.from(boundTo));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** The text again; undefined if this key does not open it. */
export function openedBy(key: KeyObject, bytes: Buffer, boundTo: string): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), OPENING)
      .setAAD(Buffer.from(boundTo))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    // All of it comes in one piece; as bytes, since a decoder of texts for each costs as much as the opening.
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    decipher.final();
    return text.toString();
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
