import { Expected, integer, optional, type Reader, section, setting, text } from '#settings';

const MIB = 2 ** 20;

/** What the store's promises rest on, and the only value of each that keeps them; without a word of it the program says so itself. */
const PROMISED: Readonly<Record<string, string>> = {
  w: 'majority',
  journal: 'true',
  readconcernlevel: 'majority',
  readpreference: 'primary',
  retrywrites: 'true',
  retryreads: 'true',
};

/** A connection string that names its database. */
const mongodbUri: Reader<string> = {
  type: 'connection string',
  read(written) {
    const given = text.read(written);
    if (!/^mongodb(\+srv)?:\/\/[^/]+\/[^/?]+(\?.*)?$/.test(given)) {
      throw new Expected(
        'a connection string that names its database, such as mongodb://db1.example.no,db2.example.no/tilgang?replicaSet=rs0',
      );
    }
    for (const [option, value] of new URLSearchParams(given.split('?')[1])) {
      const promised = PROMISED[option.toLowerCase()];
      if (promised !== undefined && value !== promised) throw new Expected(`without ${option}, or with ${option}=${promised}`);
    }
    return given;
  },
};

/** Where documents are kept, and how much the embedded store may take. */
export const storageSettings = section('Store', {
  mongodbUri: optional(mongodbUri, {
    otherwise: 'the embedded store',
    about: 'MongoDB in place of the embedded store, for more than one machine: a connection string that names its database.',
    isSecret: true,
  }),
  storeMapBytes: setting(integer(16 * MIB, 2 ** 46), {
    fallback: 64 * 1024 * MIB,
    about:
      'How large the data file of the embedded store may grow, in bytes; at the bound changes are refused (`store-full`) and reads go on.',
  }),
});
