import { optional, path, section } from '#settings';

/** Where the two secrets of the vault come from. */
export const personSettings = section(
  'Persons',
  {
    namingSecretFile: optional(path, {
      otherwise: 'made in the data folder',
      about: 'File with 32 bytes in base64: the HMAC key that names persons. Goes together with `sealingSecretFile`.',
      isSecret: true,
    }),
    sealingSecretFile: optional(path, {
      otherwise: 'made in the data folder',
      about:
        'File with 32 bytes in base64: the AES-256 key that seals person numbers; during a rotation a line for each key. Goes together with `namingSecretFile`.',
      isSecret: true,
    }),
  },
  ({ namingSecretFile, sealingSecretFile }) =>
    (namingSecretFile === undefined) === (sealingSecretFile === undefined)
      ? []
      : [{ pointer: '/namingSecretFile', detail: 'namingSecretFile and sealingSecretFile go together: give both or none' }],
);
