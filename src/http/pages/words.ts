import type { Language } from './language.js';

/** What the shell itself says. */
export const SHELL_WORDS = {
  nb: {
    skip: 'Hopp til hovedinnhold',
    languages: 'Språk',
    above: 'Du er her',
    product: 'Tilgang',
    faults: 'Dette må rettes',
    noNumbers: 'Skriv et navn, ikke et nummer',
    paging: 'Sider',
    previous: 'Forrige',
    next: 'Neste',
    place: (page: number, pages: number) => `Side ${page} av ${pages}`,
  },
  nn: {
    skip: 'Hopp til hovudinnhald',
    languages: 'Språk',
    above: 'Du er her',
    product: 'Tilgang',
    faults: 'Dette må rettast',
    noNumbers: 'Skriv eit namn, ikkje eit nummer',
    paging: 'Sider',
    previous: 'Førre',
    next: 'Neste',
    place: (page: number, pages: number) => `Side ${page} av ${pages}`,
  },
  en: {
    skip: 'Skip to main content',
    languages: 'Language',
    above: 'You are here',
    product: 'Tilgang',
    faults: 'Please correct this',
    noNumbers: 'Write a name, not a number',
    paging: 'Pages',
    previous: 'Previous',
    next: 'Next',
    place: (page: number, pages: number) => `Page ${page} of ${pages}`,
  },
} as const satisfies Record<Language, object>;

/** What each language calls itself. */
export const OWN_NAMES: Readonly<Record<Language, string>> = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' };
