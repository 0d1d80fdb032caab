import { type Places, PlaceTable } from './places.js';
import { type RateLimit, rateLimit } from './rate-limit.js';

/** What bounds callers, in all processes of a gateway together. */
export interface Bounds {
  /** A limit of so many a minute for each caller. @param name the same in each process */
  rate(name: string, perMinute: number): RateLimit;
  readonly places: Places;
}

/** Those of a gateway that is one process. */
export function ownBounds(): Bounds {
  return { rate: (_name, perMinute) => rateLimit(perMinute), places: new PlaceTable() };
}
