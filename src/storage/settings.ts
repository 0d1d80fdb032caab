import { integer, section, setting } from '#settings';

const MIB = 2 ** 20;

/** How much the embedded store may take. */
export const storageSettings = section('Store', {
  storeMapBytes: setting(integer(16 * MIB, 2 ** 46), {
    fallback: 64 * 1024 * MIB,
    about:
      'Address space that the embedded store maps at first, in bytes; the file takes what it holds, and more is mapped when it grows past this.',
  }),
});
