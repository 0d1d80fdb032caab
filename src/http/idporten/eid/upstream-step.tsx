import type { ReactElement } from 'react';
import { type AskedLogin, type EidStep, type LoginOutcome, type StepExchange, strengthOf, type UpstreamEid } from '#idporten';
import { ProblemError } from '#problem';
import { Button, ButtonLink, Form, type Language, Page, type Pages, pageReply, sendPage } from '../../pages/index.js';
import { EID_WORDS } from './words.js';

/** Below the path of the step: where the answer of the provider upstream is taken, in the browser that was sent there. */
export const ANSWER = '/svar';

/**
 * Showing who one is at another provider. Its answer comes to the address of eidApi, which every provider knows us by, and from there to the
 * request that is under way.
 * @param onFault is told what came of the other provider that cannot be used
 */
export function upstreamEidStep(pages: Pages, upstream: UpstreamEid, onFault: (fault: unknown) => void): EidStep {
  const purposeOf = ({ uid }: AskedLogin): string => `eid ${uid}`;
  const tell = (asked: AskedLogin, exchange: StepExchange, kind: 'unavailable' | 'weak'): undefined => {
    const language = pages.language(exchange, asked.uiLocales);
    const token = pages.formToken(exchange, purposeOf(asked));
    const terms = { status: kind === 'weak' ? 403 : 503, formTargets: asked.client.redirectUris };
    sendPage(exchange, pageReply(<StoppedPage {...{ language, asked, token, kind }} />, terms));
  };
  return {
    async step(asked, exchange) {
      if (exchange.form !== undefined) {
        pages.takeForm(exchange, exchange.form, purposeOf(asked));
        return { cancelled: true };
      }
      try {
        const outcome = exchange.below === ANSWER ? await upstream.finish(asked.uid, queryOf(exchange)) : undefined;
        if (outcome === undefined) {
          // Also for an answer that was used: whoever comes back by the back button begins anew.
          sendTo(exchange, await upstream.begin(asked));
          return undefined;
        }
        return isTooWeak(outcome, asked) ? tell(asked, exchange, 'weak') : outcome;
      } catch (error) {
        if (!(error instanceof ProblemError) || error.slug !== 'eid-unavailable') throw error;
        onFault(error);
        return tell(asked, exchange, 'unavailable');
      }
    },
  };
}

function isTooWeak(outcome: LoginOutcome, { leastAcr }: AskedLogin): boolean {
  return 'acr' in outcome && strengthOf(outcome.acr) < strengthOf(leastAcr);
}

function queryOf({ req }: StepExchange): URLSearchParams {
  return new URLSearchParams((req.url ?? '').split('?')[1]);
}

function sendTo({ res }: StepExchange, url: URL): void {
  res.writeHead(303, { Location: url.href, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'Content-Length': 0 });
  res.end();
}

function StoppedPage(props: {
  readonly language: Language;
  readonly asked: AskedLogin;
  readonly token: string;
  readonly kind: 'unavailable' | 'weak';
}): ReactElement {
  const { language, asked, token, kind } = props;
  const text = EID_WORDS[language];
  return (
    <Page language={language} title={kind === 'weak' ? text.weakTitle : text.unavailableTitle}>
      <p className="ds-paragraph">{kind === 'weak' ? text.weak : text.unavailable}</p>
      <Form action={asked.path} token={token}>
        <div className="t-actions">
          <ButtonLink href={asked.path}>{text.retry}</ButtonLink>
          <Button variant="secondary">{text.cancel}</Button>
        </div>
      </Form>
    </Page>
  );
}
