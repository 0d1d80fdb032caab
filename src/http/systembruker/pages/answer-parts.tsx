import type { ReactElement } from 'react';
import { Alert, Button, ButtonLink, Form, type Language, momentInWords } from '../../pages/index.js';
import { addressOf } from './addresses.js';
import type { FailureWords, NamedOrganisation, RequestView } from './views.js';
import { WORDS } from './words/words.js';

/** What both pages with a question are told: how it stands, and the form of whoever reads. */
export interface Asked {
  readonly language: Language;
  readonly request: Pick<RequestView, 'standing' | 'expires' | 'isEscalated' | 'mayAnswer' | 'party' | 'system' | 'redirectUrl'>;
  /** Where the form is sent. */
  readonly action: string;
  readonly token: string;
  /** It was opened from the overview of the organisation, so one comes back there; else one is logged out. */
  readonly isFromOverview: boolean;
  /** What of it cannot be given by whoever reads. */
  readonly failures: readonly FailureWords[];
  /** They were told by an answer that was refused; else already when it was opened. */
  readonly isRefused: boolean;
  readonly logInHigher?: string | undefined;
  /** It can be sent on to those who may answer. */
  readonly canBeSentOn: boolean;
}

/** That it is answered, or over; nothing while it is open. */
export function StandingAlert({ language, request }: Pick<Asked, 'language' | 'request'>): ReactElement | null {
  const words = WORDS[language].answered;
  const { standing, expires, system } = request;
  if (standing === 'open') return null;
  if (standing === 'accepted') return <Alert color="success">{words.accepted}</Alert>;
  const text = {
    rejected: words.rejected,
    expired: words.expired(momentInWords(language, expires), system.vendor.name),
    gone: words.gone,
  }[standing];
  return <Alert color="info">{text}</Alert>;
}

/** Each thing that cannot be given, with the reason. @param lead what follows from it */
export function Failures(props: {
  readonly language: Language;
  readonly failures: readonly FailureWords[];
  readonly logInHigher?: string | undefined;
  readonly lead?: string;
  /** `danger` if something was tried. */
  readonly color?: 'warning' | 'danger';
}): ReactElement | null {
  const { language, failures, logInHigher, color = 'danger' } = props;
  const words = WORDS[language].failed;
  if (failures.length === 0) return null;
  return (
    <div className="ds-alert t-failures" data-color={color} role={color === 'danger' ? 'alert' : undefined}>
      <h2 className="ds-heading" data-size="2xs">
        {words.title}
      </h2>
      <ul className="ds-list">
        {failures.map(({ key, what, why }) => (
          <li key={key}>{words.item(typeof what === 'string' ? what : what[language], words.reasons[why])}</li>
        ))}
      </ul>
      <p className="ds-paragraph">{props.lead ?? words.leadSelf}</p>
      {logInHigher === undefined || !failures.some(({ why }) => why === 'level') ? null : (
        <p className="ds-paragraph">
          <a className="ds-link" href={logInHigher}>
            {words.logInHigher}
          </a>
        </p>
      )}
    </div>
  );
}

/** The same of a request, which can be sent on. */
export function RequestFailures({
  language,
  failures,
  logInHigher,
  isRefused,
  canBeSentOn,
}: Pick<Asked, 'language' | 'failures' | 'logInHigher' | 'isRefused' | 'canBeSentOn'>): ReactElement | null {
  const { lead, ahead, aheadChange } = WORDS[language].failed;
  const told = [...(isRefused ? [lead] : []), canBeSentOn ? ahead : aheadChange].join(' ');
  return <Failures {...{ language, failures, logInHigher }} lead={told} color={isRefused ? 'danger' : 'warning'} />;
}

/** Yes or no; of who may not, whether it is to be sent on. Nothing once it is over. */
export function AnswerForm(props: Asked & { readonly yes: string; readonly no: string }): ReactElement | null {
  const { language, request, action, token, isFromOverview, failures, canBeSentOn, yes, no } = props;
  const words = WORDS[language];
  const { standing, mayAnswer, redirectUrl } = request;
  if (standing !== 'open') return <AfterAnswer language={language} party={request.party} mayAnswer={mayAnswer} />;
  if (!mayAnswer) return <EscalateForm {...props} />;
  const after = redirectUrl === undefined ? words.request.after : words.request.afterTo(new URL(redirectUrl).host);
  return (
    <>
      <p className="ds-paragraph">{words.request.until(momentInWords(language, request.expires))}</p>
      {isFromOverview ? null : <p className="ds-paragraph">{after}</p>}
      <Form action={action} token={token}>
        <div className="t-actions" id="svar">
          {failures.length > 0 ? null : (
            <Button name="svar" value="ja">
              {yes}
            </Button>
          )}
          {failures.length === 0 || request.isEscalated || !canBeSentOn ? null : (
            <Button name="svar" value="send-videre">
              {words.escalate.instead}
            </Button>
          )}
          <Button name="svar" value="nei" variant="secondary">
            {no}
          </Button>
        </div>
      </Form>
    </>
  );
}

function EscalateForm({ language, request, action, token, isFromOverview, canBeSentOn }: Asked): ReactElement {
  const { escalate, logOut } = WORDS[language];
  const { isEscalated, party } = request;
  const isAsked = canBeSentOn && !isEscalated;
  return (
    <>
      <Alert color="warning">
        <p>{escalate.cannot(party.name)}</p>
        {canBeSentOn ? <p>{isEscalated ? escalate.before : escalate.question}</p> : null}
      </Alert>
      <Form action={action} token={token}>
        <div className="t-actions" id="svar">
          {!isAsked ? null : (
            <Button name="svar" value="send-videre">
              {escalate.yes}
            </Button>
          )}
          {isFromOverview ? null : (
            <Button name="svar" value="logg-ut" variant="secondary">
              {isAsked ? escalate.no : logOut}
            </Button>
          )}
        </div>
      </Form>
    </>
  );
}

/** Where one goes from a page on which there is nothing to do. */
function AfterAnswer(props: {
  readonly language: Language;
  readonly party: NamedOrganisation;
  readonly mayAnswer: boolean;
}): ReactElement | null {
  const { language, party, mayAnswer } = props;
  const { answered } = WORDS[language];
  if (!mayAnswer) return null;
  return (
    <div className="t-actions">
      <ButtonLink variant="secondary" href={addressOf(party.orgnr)}>
        {answered.toOverview}
      </ButtonLink>
    </div>
  );
}
