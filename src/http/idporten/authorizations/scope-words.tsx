import type { ReactElement } from 'react';
import type { Scope } from '#maskinporten';
import type { Language } from '../../pages/index.js';

/** What a scope is called, in the reader's words where its owner has written them, else as it is described; a name says little. */
export function ScopeWords({
  name,
  scope,
  locale,
}: {
  readonly name: string;
  readonly scope: Scope | undefined;
  readonly locale: Language | 'se';
}): ReactElement {
  const told = scope?.descriptions?.[locale];
  const text = told ?? scope?.descriptions?.nb ?? scope?.description ?? name;
  return <strong lang={told === undefined ? norwegianIn(locale) : locale}>{text}</strong>;
}

/** How what its owner has written in Norwegian is marked among words of another language. */
function norwegianIn(locale: Language | 'se'): 'nb' | undefined {
  return locale === 'nb' || locale === 'nn' ? undefined : 'nb';
}

/** The longer description of a scope, if it has one: its signs of emphasis and headings are left out. */
export function LongWords(props: { readonly scope: Scope | undefined; readonly locale: Language | 'se' }): ReactElement | null {
  const { scope, locale } = props;
  const paragraphs = (scope?.longDescription ?? '').split(/\n\s*\n/).map((one) =>
    one
      .replace(/^#+\s*/gm, '')
      .replaceAll('*', '')
      .trim(),
  );
  if (paragraphs.every((one) => one === '')) return null;
  return (
    <>
      {paragraphs.map((text) => (
        <p key={text} className="ds-paragraph" data-size="sm" lang={norwegianIn(locale)}>
          {text}
        </p>
      ))}
    </>
  );
}

/** In which language scopes are told: Sami where it is wanted first, since some owners write it though our pages do not. */
export function localeOf(language: Language, uiLocales: string | undefined, accepted: string | undefined): Language | 'se' {
  const [first = ''] = (uiLocales ?? accepted ?? '')
    .trim()
    .toLowerCase()
    .split(/[\s,;-]/, 1);
  return first === 'se' ? 'se' : language;
}
