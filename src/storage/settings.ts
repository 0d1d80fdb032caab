import { integer, section, setting } from '#settings';

const MIB = 2 ** 20;

/** How much the embedded store may take. */
export const storageSettings = section('Store', {
  storeMapBytes: setting(integer(16 * MIB, 2 ** 46), {
    fallback: 64 * 1024 * MIB,
    about:
      'How large the data file of the embedded store may grow, in bytes; at the bound changes are refused (`store-full`) and reads go on.',
  }),
});
