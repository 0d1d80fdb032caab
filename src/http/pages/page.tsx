import type { ReactElement, ReactNode } from 'react';
import { assetPath } from './assets.js';
import { LANGUAGES, type Language } from './language.js';
import { OWN_NAMES, SHELL_WORDS } from './words.js';

/** What every page says of itself. */
export interface PageProps {
  readonly language: Language;
  /** Also its first heading. It holds nothing about a person: it stands in the browser's history. */
  readonly title: string;
  /** Where it stands in each language; without, it offers no other, as the answer to a form must not. */
  readonly languages?: Readonly<Record<Language, string>> | undefined;
  /** A line above everything, on what kind of place this is, such as that nobody is really logged in. */
  readonly notice?: ReactNode;
  /** The page above this one. */
  readonly above?: { readonly href: string; readonly text: string } | undefined;
  readonly children: ReactNode;
}

/** A whole page: head, header with the languages, its one heading and its content. */
export function Page({ language, title, languages, notice, above, children }: PageProps): ReactElement {
  const words = SHELL_WORDS[language];
  return (
    <html lang={language} data-color-scheme="auto" data-size="md">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{`${title} – ${words.product}`}</title>
        <link rel="icon" type="image/svg+xml" href={assetPath('icon')} />
        <link rel="stylesheet" href={assetPath('pages')} />
      </head>
      <body>
        <a className="ds-skip-link" href="#innhold">
          {words.skip}
        </a>
        <header className="t-header">
          <div className="t-header-row">
            <p className="t-brand">
              <Mark />
              <strong>{words.product}</strong>
            </p>
            {languages === undefined ? null : <LanguageSwitch language={language} languages={languages} />}
          </div>
        </header>
        <main id="innhold" className="t-main" tabIndex={-1}>
          {notice === undefined ? null : (
            <div className="ds-alert t-notice" data-color="warning" data-size="sm">
              {notice}
            </div>
          )}
          {above === undefined ? null : (
            <nav aria-label={words.above} className="ds-breadcrumbs">
              <a className="ds-link" href={above.href}>
                {above.text}
              </a>
            </nav>
          )}
          <h1 className="ds-heading" data-size="md">
            {title}
          </h1>
          {children}
        </main>
      </body>
    </html>
  );
}

function LanguageSwitch({ language, languages }: Required<Pick<PageProps, 'language' | 'languages'>>): ReactElement {
  return (
    <nav aria-label={SHELL_WORDS[language].languages} className="t-languages">
      <ul>
        {LANGUAGES.map((one) => (
          <li key={one}>
            {one === language ? (
              <span aria-current="true" lang={one}>
                {OWN_NAMES[one]}
              </span>
            ) : (
              <a className="ds-link" href={languages?.[one]} hrefLang={one} lang={one}>
                {OWN_NAMES[one]}
              </a>
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A keyhole. */
function Mark(): ReactElement {
  return (
    <svg className="t-mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="6" />
      <path d="M16 8a4.5 4.5 0 0 1 2.1 8.5L20 24h-8l1.9-7.5A4.5 4.5 0 0 1 16 8z" />
    </svg>
  );
}
