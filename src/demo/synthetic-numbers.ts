import { createHash } from 'node:crypto';
import { isFault, type Orgnr, type PersonNumber, parseOrgnr, withCheckDigits } from '#domain';

/** A number in [0, 1), the next of its row. */
export type Random = () => number;

/** A row of numbers that depends on the seed alone (mulberry32): for demo data, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The organisation number of an invented organisation: valid, beginning with 3; Enhetsregisteret gives out only 8 and 9. */
export function syntheticOrgnr(name: string): Orgnr {
  for (let attempt = 0; ; attempt += 1) {
    const digest = createHash('sha256').update(`${name}#${attempt}`).digest();
    const stem = `3${String(digest.readUInt32BE(0) % 10_000_000).padStart(7, '0')}`;
    for (let check = 0; check < 10; check += 1) {
      const orgnr = parseOrgnr(`${stem}${check}`);
      if (!isFault(orgnr)) return orgnr;
    }
  }
}

/** The fødselsnummer of an invented person born 1940-1999: valid, with 80 added to the month (Skatteetaten's synthetic range). */
export function syntheticPersonNumber(random: Random): PersonNumber {
  const digits = (value: number, width: number): string => String(value).padStart(width, '0');
  for (;;) {
    const day = 1 + Math.floor(random() * 28);
    const month = 81 + Math.floor(random() * 12);
    const year = 40 + Math.floor(random() * 60);
    const stem = `${digits(day, 2)}${digits(month, 2)}${digits(year, 2)}${digits(Math.floor(random() * 500), 3)}`;
    const number = withCheckDigits(stem);
    if (!isFault(number)) return number;
  }
}
