import { isFault, type Orgnr, parseOrgnr } from '#domain';
import { Expected, integer, oneOf, optional, type Reader, section, setting, text, type ValuesOf } from '#settings';
import { tokenFaults, tokenSettings } from './token/settings.js';

const organisationNumber: Reader<Orgnr> = {
  type: 'organisation number',
  read(written) {
    const orgnr = parseOrgnr(text.read(typeof written === 'number' ? String(written) : written));
    if (isFault(orgnr)) throw new Expected('an organisation number: nine digits, of which the last is a check digit');
    return orgnr;
  },
};

/** Our own Maskinporten. */
export const maskinportenSettings = section(
  'Maskinporten',
  {
    maskinporten: optional(oneOf('on', 'off'), {
      otherwise: '`on` in demo mode, else `off`',
      about:
        'Whether the gateway is a Maskinporten: it then issues tokens, and trusts its own for its own APIs. In production it needs `publicUrl`, which its name is made of.',
    }),
    operatorOrgnr: optional(organisationNumber, {
      otherwise: 'none',
      about: 'Organisation number of whoever runs the gateway: the owner of the scopes of its own APIs.',
    }),
    issuerAlgorithm: setting(oneOf('RS256', 'ES256'), {
      fallback: 'RS256',
      about:
        'What the issuer signs with: RS256 with 4096 bits as Maskinporten has it (in demo mode 2048), or ES256, whose tokens are shorter and cost far less. It counts for keys that are made from then on; `tilgang issuer rotate` makes one.',
    }),
    issuerKeyDays: setting(integer(2, 3650), {
      fallback: 90,
      about: 'How many days a key of the issuer signs. The next one is published a day ahead.',
    }),
    ...tokenSettings,
  },
  tokenFaults,
);

/** The values of the section. */
export type MaskinportenSettings = ValuesOf<(typeof maskinportenSettings)['settings']>;
