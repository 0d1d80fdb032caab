import { integer, listOf, network, oneOf, optional, section, setting, type ValuesOf } from '#settings';

/** Our own systembruker side. */
export const systembrukerSettings = section('Systembruker', {
  systembruker: optional(oneOf('on', 'off'), {
    otherwise: 'as `maskinporten`',
    about:
      'Whether vendors register systems here and businesses let them act as system users. It needs `maskinporten`, whose clients the systems name.',
  }),
  webhookNetworks: setting(listOf(network), {
    fallback: [],
    fallbackText: 'none',
    about:
      'Private networks in which vendors may be told what becomes of their requests and system users. In a demo the own machine is, besides.',
  }),
  systemRequestDays: setting(integer(1, 365), {
    fallback: 180,
    about:
      'For how many days a request for a system user, or for a change of one, can be answered. Counts for those that are made from then on.',
  }),
});

/** The values of the section. */
export type SystembrukerSettings = ValuesOf<(typeof systembrukerSettings)['settings']>;
