import type { ReactElement, ReactNode } from 'react';
import { ErrorSummary, type Language, Page } from '../../pages/index.js';
import { AnswerForm, type Asked, RequestFailures, StandingAlert } from './answer-parts.js';
import { Heading, Packages, Rights, Services } from './rights-words.js';
import type { ChangeView, RequestView } from './views.js';
import { WORDS } from './words/words.js';

type Links = Readonly<Record<Language, string>>;

/** How a page with a question is shown. */
interface AskedPage extends Omit<Asked, 'request'> {
  readonly languages?: Links | undefined;
  /** A form said neither yes nor no. */
  readonly isUnanswered: boolean;
}

/** The page on which a customer says yes or no to a system user that a vendor asks for. */
export function RequestPage(props: AskedPage & { readonly request: RequestView }): ReactElement {
  const { language, request } = props;
  const { title, system, party, type, asked, standing } = request;
  const [name, isAgent] = [system.name[language], type === 'agent'];
  const text = WORDS[language].request;
  const lead = isAgent ? text.agentLead : text.lead;
  return (
    <QuestionPage
      {...props}
      title={isAgent ? text.agentTitle(name) : text.title(name)}
      lead={lead(system.vendor.name, name, party.name)}
      yes={text.yes}
      no={text.no}
    >
      <Heading text={isAgent ? text.agentWhat : text.what} />
      <Rights language={language} rights={asked} />
      {title === name ? null : <p className="ds-paragraph">{text.called(title)}</p>}
      {isAgent ? <p className="ds-paragraph">{text.agentNext}</p> : null}
      {standing === 'open' ? <p className="ds-paragraph">{text.later}</p> : null}
    </QuestionPage>
  );
}

/** The page on which a customer says yes or no to a change: what is added and what is taken away, packages and services apart. */
export function ChangePage(props: AskedPage & { readonly request: ChangeView }): ReactElement {
  const { language, request } = props;
  const { system, party, added, removed } = request;
  const name = system.name[language];
  const text = WORDS[language].change;
  const lists = [
    [text.addedPackages, <Packages key="1" language={language} packages={added.packages} />, added.packages.length],
    [text.addedServices, <Services key="2" language={language} services={added.services} />, added.services.length],
    [text.removedPackages, <Packages key="3" language={language} packages={removed.packages} />, removed.packages.length],
    [text.removedServices, <Services key="4" language={language} services={removed.services} />, removed.services.length],
  ] as const;
  const shown = lists.filter(([, , count]) => count > 0);
  return (
    <QuestionPage {...props} title={text.title(name)} lead={text.lead(system.vendor.name, name, party.name)} yes={text.yes} no={text.no}>
      {shown.map(([heading, list]) => (
        <section key={heading} className="t-form">
          <Heading text={heading} />
          {list}
        </section>
      ))}
      {shown.length === 0 && request.standing === 'open' ? <p className="ds-paragraph">{text.nothing}</p> : null}
    </QuestionPage>
  );
}

/** What both pages have around what is asked: how it stands before it, the form behind it. */
function QuestionPage(
  props: AskedPage &
    Pick<Asked, 'request'> & {
      readonly title: string;
      readonly lead: string;
      readonly yes: string;
      readonly no: string;
      readonly children: ReactNode;
    },
): ReactElement {
  const { language, languages, request, isUnanswered, title, lead, yes, no, children } = props;
  return (
    <Page language={language} title={title} languages={languages}>
      <StandingAlert {...{ language, request }} />
      <RequestFailures {...props} />
      <ErrorSummary language={language} faults={isUnanswered ? [{ name: 'svar', text: WORDS[language].request.missing }] : []} />
      <p className="ds-paragraph">{lead}</p>
      {children}
      <AnswerForm {...props} yes={yes} no={no} />
      <Vendor {...{ language, system: request.system }} />
    </Page>
  );
}

function Vendor({ language, system }: { readonly language: Language; readonly system: RequestView['system'] }): ReactElement {
  const { deliveredBy, party } = WORDS[language];
  return <p className="t-count">{deliveredBy(party(system.vendor.name, system.vendor.orgnr))}</p>;
}
