/** The languages that pages are written in, the first where nothing else is asked for. */
export const LANGUAGES = ['nb', 'nn', 'en'] as const;
/** One of them. */
export type Language = (typeof LANGUAGES)[number];

/** What other names mean; Sami readers are given Norwegian, which they have chosen over English unless they name that too. */
const MEANT: Readonly<Record<string, Language>> = { no: 'nb', se: 'nb', smj: 'nb', sma: 'nb', da: 'nb', sv: 'nb' };

/** The language that a tag such as `nn` or `en-GB` means (RFC 5646); undefined if it is none of ours. */
export function languageIn(tag: string): Language | undefined {
  const primary = tag.toLowerCase().split(/[-_]/)[0] as string;
  return LANGUAGES.find((language) => language === primary) ?? (Object.hasOwn(MEANT, primary) ? MEANT[primary] : undefined);
}

/** The first of ours in a list with blanks between, as `ui_locales` has it (OpenID Connect Core 1.0 §3.1.2.1). */
export function languageOfLocales(locales: string | undefined): Language | undefined {
  return (locales ?? '')
    .split(' ')
    .map(languageIn)
    .find((language) => language !== undefined);
}

/** The most wanted of ours in an Accept-Language (RFC 9110 §12.5.4). */
export function languageAccepted(header: string | undefined): Language | undefined {
  const wanted = (header ?? '').split(',', 20).flatMap((part) => {
    const [tag = '', ...parameters] = part.trim().split(';');
    const language = languageIn(tag);
    const quality = Number(parameters.find((one) => /^\s*q=/.test(one))?.split('=')[1] ?? 1);
    return language === undefined || !(quality > 0) ? [] : [{ language, quality }];
  });
  // Equals stay in their order.
  return wanted.sort((a, b) => b.quality - a.quality)[0]?.language;
}

/** Where the same page stands in each language: the path with `lang`, and what else of the query the page needs. */
export function languageLinks(
  path: string,
  query: Readonly<Record<string, string>> | readonly (readonly [string, string])[] = {},
): Readonly<Record<Language, string>> {
  const sent = Array.isArray(query) ? query : Object.entries(query);
  const link = (lang: Language): string => `${path}?${new URLSearchParams([...sent, ['lang', lang]])}`;
  return { nb: link('nb'), nn: link('nn'), en: link('en') };
}
