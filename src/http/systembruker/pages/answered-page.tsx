import type { ReactElement } from 'react';
import { Alert, ButtonLink, type Language, Page, type Pages, pageReply } from '../../pages/index.js';
import type { Context, Reply } from '../../state.js';
import { addressOf, BASE, withQuery } from './addresses.js';
import { WORDS, type Words } from './words/words.js';

/** Where whoever has answered, and was sent by no vendor's address elsewhere, is told what was answered: logged out by then. */
export const ANSWERED = addressOf('besvart');

/** What was answered. */
export type Answered = keyof Words['answered']['done'];

/** The page that says so. It names nobody and nothing: whoever opens it is logged in no more. */
export function answeredAddress(done: Answered): string {
  return withQuery(ANSWERED, { svar: done });
}

/** The same; `undefined` if the address says no answer. */
export function answeredReply(pages: Pages, ctx: Context): Reply | undefined {
  const { svar } = ctx.query;
  if (typeof svar !== 'string' || !Object.hasOwn(WORDS.nb.answered.done, svar)) return undefined;
  return pageReply(<AnsweredPage language={pages.language(ctx)} languages={pages.languages(ctx)} done={svar as Answered} />);
}

function AnsweredPage(props: {
  readonly language: Language;
  readonly languages: Readonly<Record<Language, string>> | undefined;
  readonly done: Answered;
}): ReactElement {
  const { language, languages, done } = props;
  const { answered } = WORDS[language];
  const { title, text } = answered.done[done];
  return (
    <Page language={language} languages={languages} title={title}>
      <Alert color="success">{text}</Alert>
      <p className="ds-paragraph">{answered.loggedOut}</p>
      <div className="t-actions">
        <ButtonLink variant="secondary" href={BASE}>
          {answered.toOverview}
        </ButtonLink>
      </div>
    </Page>
  );
}
