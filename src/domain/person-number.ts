import { Fault } from './fault.js';

declare const brand: unique symbol;

/**
 * A fødselsnummer or D-number, real or synthetic, in the clear. It never goes into a log, an error, a URL or the store:
 * #persons turns it into a BrukerId and a sealed value.
 */
export type PersonNumber = string & { readonly [brand]: 'PersonNumber' };

/** Of each month in a leap year. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** What a month is written with. */
const OFFSETS = [0, 40, 65, 80];
const K1 = [3, 7, 6, 1, 8, 9, 4, 5, 2];
const K2 = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
/** What the first control digit may leave, modulus 11. Numbers given from 2032 on leave any of these, those given before leave 0. */
const K1_REMAINDERS: ReadonlySet<number> = new Set([0, 1, 2, 3]);

/**
 * Eleven digits: a day (+40 for a D-number), a month (+40, +65 or +80 for a synthetic person, +80 being Skatteetaten's),
 * a two-digit year, an individual number and two control digits, modulus 11, by Skatteetaten's rule of 2032, which numbers given before keep too.
 * By that rule the individual number no longer tells the century.
 */
export function parsePersonNumber(text: string): PersonNumber | Fault {
  if (!/^[0-9]{11}$/.test(text)) return new Fault('is not eleven digits');
  if (!beginsWithDate(text)) return new Fault('does not begin with a date');
  const isRight = K1_REMAINDERS.has((weighted(text, K1) + Number(text[9])) % 11) && (weighted(text, K2) + Number(text[10])) % 11 === 0;
  return isRight ? (text as PersonNumber) : new Fault('has a wrong check digit');
}

/** Whether the first six of these digits are a day of some century as a person number writes it. */
export function beginsWithDate(digits: string): boolean {
  const dayField = Number(digits.slice(0, 2));
  const monthField = Number(digits.slice(2, 4));
  const day = dayField % 40;
  const month = monthField - (OFFSETS.find((offset) => monthField > offset && monthField <= offset + 12) ?? monthField);
  // A day of 71 and over is no D-number.
  if (dayField > 71 || day < 1 || month < 1 || day > (DAYS[month - 1] as number)) return false;
  // A century has a hundred years, so that its leap years are those that four divides; 00 is one in 2000.
  return month !== 2 || day !== 29 || Number(digits.slice(4, 6)) % 4 === 0;
}

/** Whether it is a number that no person is given: of a test population, by its month. */
export function isSynthetic(person: PersonNumber): boolean {
  return Number(person.slice(2, 4)) > 12;
}

/** Nine digits with the two control digits of a number given before 2032, if that is a person number: one in six has none. */
export function withCheckDigits(nineDigits: string): PersonNumber | Fault {
  const first = (11 - (weighted(nineDigits, K1) % 11)) % 11;
  const ten = `${nineDigits}${first}`;
  return parsePersonNumber(`${ten}${(11 - (weighted(ten, K2) % 11)) % 11}`);
}

function weighted(text: string, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) sum += (weights[i] as number) * (text.charCodeAt(i) - 48);
  return sum;
}
