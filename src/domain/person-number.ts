import { Fault } from './fault.js';

declare const brand: unique symbol;

/**
 * A fødselsnummer or D-number, real or synthetic, in the clear. It never goes into a log, an error, a URL or the store:
 * #persons turns it into a BrukerId and a sealed value.
 */
export type PersonNumber = string & { readonly [brand]: 'PersonNumber' };

/** Of each month in a leap year. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const K1 = [3, 7, 6, 1, 8, 9, 4, 5, 2];
const K2 = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/**
 * Eleven digits: a day (+40 for a D-number), a month (+40, +65 or +80 for a synthetic person, +80 being Skatteetaten's),
 * a two-digit year, an individual number and two check digits, modulus 11.
 */
export function parsePersonNumber(text: string): PersonNumber | Fault {
  if (!/^[0-9]{11}$/.test(text)) return new Fault('is not eleven digits');
  const day = Number(text.slice(0, 2)) % 40;
  const monthField = Number(text.slice(2, 4));
  const month = [0, 40, 65, 80].map((offset) => monthField - offset).find((candidate) => candidate >= 1 && candidate <= 12);
  // A day of 71 and over is no D-number, and 2000 is a leap year: the century stays unknown here.
  if (Number(text.slice(0, 2)) > 71 || day < 1 || month === undefined || day > (DAYS[month - 1] as number)) {
    return new Fault('does not begin with a date');
  }
  return checkDigit(text, K1) === Number(text[9]) && checkDigit(text, K2) === Number(text[10])
    ? (text as PersonNumber)
    : new Fault('has a wrong check digit');
}

/** Whether it is a number that no person is given: of a test population, by its month. */
export function isSynthetic(person: PersonNumber): boolean {
  return Number(person.slice(2, 4)) > 12;
}

/** Nine digits with the two check digits that they ask for, if that is a person number: one in eleven has none. */
export function withCheckDigits(nineDigits: string): PersonNumber | Fault {
  const first = checkDigit(nineDigits, K1);
  return parsePersonNumber(`${nineDigits}${first}${checkDigit(`${nineDigits}${first}`, K2)}`);
}

function checkDigit(text: string, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) sum += (weights[i] as number) * (text.charCodeAt(i) - 48);
  return (11 - (sum % 11)) % 11;
}

/** Six digits and five, also apart by a blank or a hyphen, which no other digit touches: a person number until proven otherwise. */
const PERSON_NUMBER_LIKE = /(?<![0-9])[0-9]{6}[ -]?[0-9]{5}(?![0-9])/g;

/** Whether something in the text reads as a person number, right or wrong: such a text is kept and sent nowhere as it is. */
export function holdsPersonNumber(text: string): boolean {
  return text.search(PERSON_NUMBER_LIKE) >= 0;
}

/** The text with `[masked]` for all in it that reads as a person number: so it may stand in a log or on a terminal. */
export function maskPersonNumbers(text: string): string {
  return text.replace(PERSON_NUMBER_LIKE, '[masked]');
}
