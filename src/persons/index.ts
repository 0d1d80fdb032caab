// How a person number is named and sealed at rest: the number itself is never stored, logged or put in a path.
// The secrets live here and leave in no form but sealed under a passphrase, for a backup. What a person may do is decided elsewhere.
// The rooms that meet a person number (access, tokens' callers, CLI) may call; it knows #problem and #domain only.
export type { SealedText } from './opening-thread.js';
export { putSecrets, type SealedSecrets, sealSecrets, secretPaths, unsealSecrets } from './sealed-secrets.js';
export type { SealingFile, SealingKeys } from './sealing-keys.js';
export { openPersonVault, type PersonVault, SECRET_NAMES, type SecretFiles } from './vault.js';
