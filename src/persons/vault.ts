import { createHmac, hkdfSync } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrukerId, PersonNumber } from '#domain';
import { ProblemError } from '#problem';
import { sealedUnder } from './cipher.js';
import { createNaming } from './naming.js';
import type { SealedText } from './opening-thread.js';
import { openedUnder, SealingKeys } from './sealing-keys.js';
import { makeOnce, readKeys, type SecretKey } from './secret-files.js';

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
  /** Many texts in their order, opened beside what else is done meanwhile. @throws ProblemError `store-unavailable` as unseal */
  unsealTexts(all: readonly SealedText[]): Promise<readonly string[]>;
  /** What is handed out and comes back, such as a place in the log: nobody else can read it or make one up. It opens for as long as the installation lives. */
  sealToken(text: string, boundTo: string): string;
  /** Undefined for what this installation has not sealed for that. */
  openToken(token: string, boundTo: string): string | undefined;
  /** Tells texts apart that may hold person numbers, which a plain hash would let be guessed: HMAC-SHA-256, base64url. */
  fingerprintOf(text: string): string;
  /** Tells naming secrets apart and betrays none; base64url. */
  readonly namingId: string;
  /** What is sealed with. */
  readonly keys: SealingKeys;
}

/** Where the two secrets are read from; absent ones live in the folder and are made at first use. */
export interface SecretFiles {
  /** 32 bytes, base64 or base64url. */
  readonly namingSecretFile?: string | undefined;
  /** 32 bytes a line, base64 or base64url: all open, one seals. */
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
  if (namingSecretFile === undefined || sealingSecretFile === undefined) await mkdir(folder, { recursive: true, mode: 0o700 });
  const namingFile = namingSecretFile ?? join(folder, NAMING);
  const sealingFile = sealingSecretFile ?? join(folder, SEALING);
  if (mayMake && namingSecretFile === undefined) await makeOnce(namingFile);
  const naming = onlyKey(namingFile);
  if (mayMake && sealingSecretFile === undefined) await makeOnce(sealingFile);
  const tokens = { id: '', bytes: Buffer.from(hkdfSync('sha256', naming.bytes, '', 'tilgang tokens', 32)) };
  const keys = new SealingKeys({ path: sealingFile, isOwn: sealingSecretFile === undefined });
  return {
    namingId: naming.id,
    keys,
    nameOf: createNaming(naming.bytes),
    fingerprintOf: (text) => createHmac('sha256', naming.bytes).update('text\0').update(text).digest('base64url'),
    seal: (person, brukerId) => keys.seal(person, brukerId),
    unseal: (text, brukerId) => keys.unseal(text, brukerId) as PersonNumber,
    sealText: (text, boundTo) => keys.seal(text, boundTo),
    unsealText: (sealed, boundTo) => keys.unseal(sealed, boundTo),
    unsealTexts: (all) => keys.unsealMany(all),
    sealToken: (text, boundTo) => sealedUnder(tokens.bytes, text, boundTo),
    openToken: (token, boundTo) => openedUnder(tokens, Buffer.from(token, 'base64url'), boundTo)?.text,
  };
}

/** @throws ProblemError `store-unavailable` for a file of several keys */
function onlyKey(path: string): SecretKey {
  const [key, ...others] = readKeys(path);
  if (others.length === 0) return key as SecretKey;
  throw new ProblemError('store-unavailable', {
    detail: `The secret file ${path} holds several keys. The naming secret is one for ever: under another every person would be somebody else.`,
  });
}
