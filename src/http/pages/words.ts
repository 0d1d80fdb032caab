import type { Language } from './language.js';

/** What the shell itself says. */
export const SHELL_WORDS = {
  nb: {
    skip: 'Hopp til hovedinnhold',
    languages: 'Språk',
    product: 'Tilgang',
    faults: 'Dette må rettes',
    noNumbers: 'Skriv et navn, ikke et nummer',
  },
  nn: {
    skip: 'Hopp til hovudinnhald',
    languages: 'Språk',
    product: 'Tilgang',
    faults: 'Dette må rettast',
    noNumbers: 'Skriv eit namn, ikkje eit nummer',
  },
  en: {
    skip: 'Skip to main content',
    languages: 'Language',
    product: 'Tilgang',
    faults: 'Please correct this',
    noNumbers: 'Write a name, not a number',
  },
} as const satisfies Record<Language, object>;

/** What each language calls itself. */
export const OWN_NAMES: Readonly<Record<Language, string>> = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' };
