import { oneOf, section, setting } from '#settings';

/** What is logged. */
export const telemetrySettings = section('Log', {
  logLevel: setting(oneOf('debug', 'info', 'warn', 'error', 'silent'), {
    fallback: 'info',
    about: 'Least level that is logged; requests are `info`.',
  }),
});
