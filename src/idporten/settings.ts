import { integer, oneOf, optional, section, setting, type ValuesOf } from '#settings';
import { eidFaults, eidSettings } from './eid/settings.js';

/** Our own ID-porten. */
export const idportenSettings = section(
  'ID-porten',
  {
    idporten: optional(oneOf('on', 'off'), {
      otherwise: '`on` in demo mode, else `off`',
      about:
        'Whether the gateway is an ID-porten: persons then log in at it, and it answers from its contact register. In production it needs `publicUrl`, which its name is made of.',
    }),
    loginHistoryDays: setting(integer(550, 3660), {
      fallback: 1096,
      about:
        'How many days it is remembered who has logged in where and how surely. Not below 18 months, which questions about the level of logins reach back.',
    }),
    ssoIdleMinutes: setting(integer(1, 1440), {
      fallback: 30,
      about: 'For how many minutes somebody who has logged in stays so without logging in to anything else.',
    }),
    ssoMaxMinutes: setting(integer(1, 1440), {
      fallback: 120,
      about: 'For how many minutes after it a login is good for other clients at most.',
    }),
    ...eidSettings,
  },
  eidFaults,
);

/** The values of the section. */
export type IdportenSettings = ValuesOf<(typeof idportenSettings)['settings']>;
