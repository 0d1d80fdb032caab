import type { Language } from './language.js';

/** A moment as people in Norway write it. */
export function momentInWords(language: Language, at: string): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'Europe/Oslo',
  }).format(Date.parse(at));
}

/** A day likewise. */
export function dayInWords(language: Language, day: string): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'long', timeZone: 'UTC' }).format(Date.parse(day));
}
