import type { Language } from './language.js';

/** What the shell itself says. */
export const SHELL_WORDS = {
  nb: { skip: 'Hopp til hovedinnhold', languages: 'Språk', product: 'Tilgang', mark: 'Påloggingstjeneste', faults: 'Dette må rettes' },
  nn: { skip: 'Hopp til hovudinnhald', languages: 'Språk', product: 'Tilgang', mark: 'Påloggingsteneste', faults: 'Dette må rettast' },
  en: { skip: 'Skip to main content', languages: 'Language', product: 'Tilgang', mark: 'Login service', faults: 'Please correct this' },
} as const satisfies Record<Language, object>;

/** What each language calls itself. */
export const OWN_NAMES: Readonly<Record<Language, string>> = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' };
