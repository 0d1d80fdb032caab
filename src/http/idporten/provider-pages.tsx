import type { ReactElement } from 'react';
import type { ProviderPage, ShowPage } from '#idporten';
import {
  Alert,
  Button,
  ButtonLink,
  type Language,
  Page,
  type Pages,
  type ProblemText,
  pageReply,
  Reference,
  sendPage,
} from '../pages/index.js';

const WORDS = {
  nb: {
    ask: {
      title: 'Vil du logge ut?',
      text: 'Du blir logget ut av alle tjenester som du har logget inn på her. Vil du ikke det, kan du lukke siden.',
    },
    yes: 'Logg ut',
    ending: { title: 'Du logges ut', text: 'De andre tjenestene som du har vært logget inn på, får beskjed.' },
    ended: { title: 'Du er logget ut', text: 'Lukk nettleseren hvis andre bruker samme maskin.' },
    next: 'Gå videre',
    error: {
      client: {
        title: 'Tjenesten er ikke kjent her',
        text: 'Tjenesten du kom fra, er ikke registrert, eller adressen den vil ha deg tilbake til, er ikke det. Gå tilbake og si fra til tjenesten.',
      },
      over: {
        title: 'Innloggingen er ikke i gang lenger',
        text: 'Den tok for lang tid, eller er fullført i et annet vindu. Gå tilbake til tjenesten du kom fra og begynn på nytt.',
      },
      request: {
        title: 'Forespørselen er feil',
        text: 'Hit sender tjenester deg når du skal logge inn, og det som fulgte med, kan ikke brukes. Gå tilbake til tjenesten og prøv på nytt. Skjer det igjen, si fra til tjenesten.',
      },
      fault: { title: 'Tjenesten er ikke tilgjengelig nå', text: 'Prøv igjen om noen minutter.' },
    },
  },
  nn: {
    ask: {
      title: 'Vil du logge ut?',
      text: 'Du blir logga ut av alle tenester som du har logga inn på her. Vil du ikkje det, kan du lukke sida.',
    },
    yes: 'Logg ut',
    ending: { title: 'Du blir logga ut', text: 'Dei andre tenestene som du har vore logga inn på, får beskjed.' },
    ended: { title: 'Du er logga ut', text: 'Lukk nettlesaren om andre bruker same maskin.' },
    next: 'Gå vidare',
    error: {
      client: {
        title: 'Tenesta er ikkje kjend her',
        text: 'Tenesta du kom frå, er ikkje registrert, eller adressa ho vil ha deg tilbake til, er ikkje det. Gå tilbake og sei frå til tenesta.',
      },
      over: {
        title: 'Innlogginga er ikkje i gang lenger',
        text: 'Ho tok for lang tid, eller er fullført i eit anna vindauge. Gå tilbake til tenesta du kom frå og byrja på nytt.',
      },
      request: {
        title: 'Førespurnaden er feil',
        text: 'Hit sender tenester deg når du skal logge inn, og det som følgde med, kan ikkje brukast. Gå tilbake til tenesta og prøv på nytt. Skjer det igjen, sei frå til tenesta.',
      },
      fault: { title: 'Tenesta er ikkje tilgjengeleg no', text: 'Prøv igjen om nokre minutt.' },
    },
  },
  en: {
    ask: {
      title: 'Do you want to log out?',
      text: 'You will be logged out of every service that you have logged in to here. If you do not want that, close this page.',
    },
    yes: 'Log out',
    ending: { title: 'You are being logged out', text: 'The other services that you have been logged in to are being told.' },
    ended: { title: 'You are logged out', text: 'Close the browser if others use the same machine.' },
    next: 'Continue',
    error: {
      client: {
        title: 'The service is not known here',
        text: 'The service you came from is not registered, or the address it wants you back at is not. Go back, and tell that service.',
      },
      over: {
        title: 'The login is no longer under way',
        text: 'It took too long, or was completed in another window. Go back to the service you came from and start again.',
      },
      request: {
        title: 'The request is wrong',
        text: 'Services send you here to log in, and what came along cannot be used. Go back to the service and try again. If it happens again, tell that service.',
      },
      fault: { title: 'The service is not available now', text: 'Try again in a few minutes.' },
    },
  },
} as const satisfies Record<Language, object>;

/** How long somebody stays where other clients are told, before going on alone; whoever is in a hurry has a link. */
const TELLING_SECONDS = 2;

interface ShownPage {
  readonly language: Language;
  readonly page: ProviderPage;
  /** Where the page stands in each language, if it can be shown again. */
  readonly languages?: Readonly<Record<Language, string>> | undefined;
}

/** The pages of the OpenID provider: its errors and the ways out. */
export function showProviderPage(pages: Pages): ShowPage {
  return (exchange, page) => {
    const language = pages.language(exchange, page.uiLocales);
    const { kind, status, frames = [], next } = page;
    const reference = exchange.res.getHeader('X-Request-Id') as string | undefined;
    const formTargets = next === undefined ? [] : [next];
    const headers = kind === 'logging-out' && next !== undefined ? { Refresh: `${TELLING_SECONDS}; url=${next}` } : {};
    const languages = kind === 'error' ? pages.languages(exchange) : undefined;
    sendPage(
      exchange,
      pageReply(<ProviderPages {...{ language, languages, page, reference }} />, { status, formTargets, frames, headers }),
    );
  };
}

function ProviderPages({ language, languages, page, reference }: ShownPage & { readonly reference?: string | undefined }): ReactElement {
  const words = WORDS[language];
  if (page.kind === 'error') {
    const { title, text } = words.error[errorKind(page)];
    return (
      <Page language={language} title={title} languages={languages}>
        <p className="ds-paragraph">{text}</p>
        <Reference language={language} reference={reference} />
      </Page>
    );
  }
  if (page.kind === 'logout') return <AskPage language={language} page={page} />;
  const { title, text }: ProblemText = page.kind === 'logging-out' ? words.ending : words.ended;
  return (
    <Page language={language} title={title}>
      {page.kind === 'logged-out' ? <Alert color="success">{text}</Alert> : <p className="ds-paragraph">{text}</p>}
      {page.next === undefined ? null : (
        <div className="t-actions">
          <ButtonLink href={page.next}>{words.next}</ButtonLink>
        </div>
      )}
      {page.frames?.map((address) => (
        <iframe key={address} src={address} title={new URL(address).host} className="t-hidden-frame" tabIndex={-1} aria-hidden="true" />
      ))}
    </Page>
  );
}

function AskPage({ language, page }: ShownPage): ReactElement {
  const { ask, yes } = WORDS[language];
  return (
    <Page language={language} title={ask.title}>
      <p className="ds-paragraph">{ask.text}</p>
      <form method="post" action={page.form?.action} className="t-form">
        {Object.entries(page.form?.fields ?? {}).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <div className="t-actions">
          <Button>{yes}</Button>
        </div>
      </form>
    </Page>
  );
}

function errorKind({ error, status }: ProviderPage): keyof (typeof WORDS)['nb']['error'] {
  if (error === 'invalid_client' || error === 'invalid_redirect_uri') return 'client';
  if (error === 'session_not_found' || status === 404) return 'over';
  return status >= 500 ? 'fault' : 'request';
}
