import type { ReactElement } from 'react';
import type { AskedConsent, ConsentStep, DescribedAsk, LastingScope } from '#idporten';
import type { Client } from '#maskinporten';
import {
  Button,
  ErrorSummary,
  Form,
  type Language,
  List,
  languageLinks,
  Page,
  type Pages,
  pageReply,
  sendPage,
} from '../../pages/index.js';
import { LongWords, localeOf, ScopeWords } from './scope-words.js';
import { timeInWords, WORDS } from './words.js';

/** Tells what is asked for in words. */
export type DescribeAsk = (client: Client, ask: readonly LastingScope[]) => Promise<DescribedAsk>;

/** The page on which a person says yes or no to what a client asks for: who asks, for what, whose it is, and for how long. */
export function consentStep(pages: Pages, describe: DescribeAsk): ConsentStep {
  return {
    async step(asked, exchange) {
      const { ask, client, uiLocales } = asked;
      const purpose = `consent ${asked.uid}`;
      const { form, req } = exchange;
      if (form !== undefined) {
        pages.takeForm(exchange, form, purpose);
        const answer = form.get('answer');
        if (answer === 'yes') return { given: ask.map(({ scope }) => scope) };
        if (answer === 'no') return { given: [] };
      }
      const language = pages.language(exchange, uiLocales);
      const locale = localeOf(language, uiLocales, req.headers['accept-language']);
      const token = pages.formToken(exchange, purpose);
      const page = (
        <ConsentPage {...{ language, locale, asked, token }} told={await describe(client, ask)} isUnanswered={form !== undefined} />
      );
      sendPage(exchange, pageReply(page, { formTargets: client.redirectUris, status: form === undefined ? 200 : 422 }));
      return undefined;
    },
  };
}

interface ConsentPageProps {
  readonly language: Language;
  readonly locale: Language | 'se';
  readonly asked: AskedConsent;
  readonly told: DescribedAsk;
  readonly token: string;
  /** Whether a form said neither yes nor no. */
  readonly isUnanswered: boolean;
}

function ConsentPage({ language, locale, asked: { client, path }, told, token, isUnanswered }: ConsentPageProps): ReactElement {
  const words = WORDS[language].consent;
  const { organisation, scopes } = told;
  const items = scopes.map(({ scope: name, lasts, described, owner }) => ({
    key: name,
    content: (
      <>
        <p className="ds-paragraph">
          <ScopeWords name={name} scope={described} locale={locale} />
        </p>
        <LongWords scope={described} locale={locale} />
        <p className="t-count">
          {[owner === undefined ? undefined : words.from(owner), words.lasts(timeInWords(language, lasts))].filter(Boolean).join('. ')}.
        </p>
      </>
    ),
  }));
  return (
    <Page language={language} title={words.title(client.name)} languages={languageLinks(path)}>
      {organisation === undefined ? null : <p className="ds-paragraph">{words.by(organisation)}</p>}
      <ErrorSummary language={language} faults={isUnanswered ? [{ name: 'svar', text: words.missing }] : []} />
      <h2 className="ds-heading" data-size="xs">
        {words.scopes}
      </h2>
      <List label={words.scopes} items={items} />
      <p className="ds-paragraph">{words.choice}</p>
      <p className="ds-paragraph">
        {words.later} <span className="t-address">{new URL('../mine', path).href}</span>
      </p>
      <Form action={path} token={token}>
        <div className="t-actions" id="svar">
          <Button name="answer" value="yes">
            {words.yes}
          </Button>
          <Button name="answer" value="no" variant="secondary">
            {words.no}
          </Button>
        </div>
      </Form>
    </Page>
  );
}
