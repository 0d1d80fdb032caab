import type { ReactElement } from 'react';
import type { ProblemError } from '#problem';
import type { Context, Reply } from '../state.js';
import type { Language } from './language.js';
import { Page } from './page.js';
import type { Pages } from './reader.js';
import { pageReply } from './render.js';

/** What a reader is told of a problem: what has happened, and what can be done about it. */
export interface ProblemText {
  readonly title: string;
  readonly text: string;
}

const REFERENCE = { nb: 'Referanse', nn: 'Referanse', en: 'Reference' } as const;

/** By the kind of status: a reader can do nothing with the rest. */
const TOLD = {
  nb: {
    form: {
      title: 'Skjemaet kan ikke brukes lenger',
      text: 'Det ble åpnet for en stund siden, eller i en annen nettleser. Gå tilbake, last siden på nytt og prøv en gang til.',
    },
    missing: {
      title: 'Siden finnes ikke',
      text: 'Adressen er feil, eller det du holdt på med er avsluttet. Gå tilbake til tjenesten du kom fra og begynn på nytt.',
    },
    busy: { title: 'For mange forsøk', text: 'Vent et minutt før du prøver igjen.' },
    request: {
      title: 'Forespørselen er feil',
      text: 'Tjenesten du kom fra har sendt noe som ikke kan brukes. Gå tilbake og prøv på nytt. Skjer det igjen, si fra til tjenesten.',
    },
    unavailable: {
      title: 'Tjenesten er ikke tilgjengelig nå',
      text: 'Feilen er hos oss eller hos dem vi er avhengige av. Prøv igjen om noen minutter.',
    },
  },
  nn: {
    form: {
      title: 'Skjemaet kan ikkje brukast lenger',
      text: 'Det vart opna for ei stund sidan, eller i ein annan nettlesar. Gå tilbake, last sida på nytt og prøv ein gong til.',
    },
    missing: {
      title: 'Sida finst ikkje',
      text: 'Adressa er feil, eller det du heldt på med er avslutta. Gå tilbake til tenesta du kom frå og byrja på nytt.',
    },
    busy: { title: 'For mange forsøk', text: 'Vent eit minutt før du prøver igjen.' },
    request: {
      title: 'Førespurnaden er feil',
      text: 'Tenesta du kom frå har sendt noko som ikkje kan brukast. Gå tilbake og prøv på nytt. Skjer det igjen, sei frå til tenesta.',
    },
    unavailable: {
      title: 'Tenesta er ikkje tilgjengeleg no',
      text: 'Feilen er hos oss eller hos dei vi er avhengige av. Prøv igjen om nokre minutt.',
    },
  },
  en: {
    form: {
      title: 'The form can no longer be used',
      text: 'It was opened some time ago, or in another browser. Go back, load the page again and try once more.',
    },
    missing: {
      title: 'There is no such page',
      text: 'The address is wrong, or what you were doing has ended. Go back to the service you came from and start again.',
    },
    busy: { title: 'Too many attempts', text: 'Wait a minute before you try again.' },
    request: {
      title: 'The request is wrong',
      text: 'The service you came from has sent something that cannot be used. Go back and try again. If it happens again, tell that service.',
    },
    unavailable: {
      title: 'The service is not available now',
      text: 'The fault is with us or with those we depend on. Try again in a few minutes.',
    },
  },
} as const satisfies Record<Language, Record<string, ProblemText>>;

function kindOf({ slug, entry: { status } }: ProblemError): keyof (typeof TOLD)['nb'] {
  if (slug === 'form-not-accepted') return 'form';
  if (status === 404 || status === 405 || status === 410) return 'missing';
  if (status === 429) return 'busy';
  return status >= 500 ? 'unavailable' : 'request';
}

/** A problem as a page, in the language of whoever reads it and with the others at hand. The request's id stands there, by which the operator finds it in the log. */
export function problemPage(pages: Pages, ctx: Context, problem: ProblemError): Reply {
  const language = pages.language(ctx);
  const { title, text } = TOLD[language][kindOf(problem)];
  return pageReply(
    <Page language={language} title={title} languages={pages.languages(ctx)}>
      <p className="ds-paragraph">{text}</p>
      <Reference language={language} reference={ctx.state.requestId} />
    </Page>,
    { status: problem.entry.status },
  );
}

/** Whether a page is wanted rather than a document for programs, as browsers say when they go somewhere. */
export function wantsPage(ctx: Context): boolean {
  return ctx.accepts('application/problem+json', 'text/html') === 'text/html';
}

/** By what the operator finds in the log what a page tells of; nothing, if there is nothing. */
export function Reference({
  language,
  reference,
}: {
  readonly language: Language;
  readonly reference?: string | undefined;
}): ReactElement | null {
  if (reference === undefined) return null;
  return (
    <p className="ds-paragraph t-reference" data-size="sm">
      {REFERENCE[language]}: <code>{reference}</code>
    </p>
  );
}
