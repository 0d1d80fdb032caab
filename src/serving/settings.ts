import { Expected, integer, type Reader, section, setting, type ValuesOf } from '#settings';
import { coresAllowed } from './cores.js';

/** More processes than that are a slip of the pen. */
export const MOST_WORKERS = 64;

const number = integer(1, MOST_WORKERS);

const workers: Reader<number | 'auto'> = {
  type: 'integer | auto',
  read(written) {
    if (written === 'auto') return written;
    try {
      return number.read(written);
    } catch (error) {
      throw error instanceof Expected ? new Expected(`${error.message}, or auto`) : error;
    }
  },
};

/** By how many processes a gateway is served. */
export const servingSettings = section('Processes', {
  workers: setting(workers, {
    fallback: 1,
    about:
      'How many processes answer, on one port and over one store; `auto` is one for each core that the process may use. The option `--workers` of `tilgang serve` goes before it.',
  }),
});

/** So many processes. */
export function workerCount({ workers }: ValuesOf<(typeof servingSettings)['settings']>): number {
  return workers === 'auto' ? Math.min(MOST_WORKERS, coresAllowed()) : workers;
}
