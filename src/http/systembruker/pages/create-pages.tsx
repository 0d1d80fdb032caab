import type { ReactElement } from 'react';
import { Alert, Button, ButtonLink, ErrorSummary, Field, Form, type Language, List, Page, SearchField } from '../../pages/index.js';
import { addressOf } from './addresses.js';
import { Failures } from './answer-parts.js';
import { More } from './overview-page.js';
import { Rights, RightsChoices } from './rights-words.js';
import type { FailureWords, Listed, NamedOrganisation, RightsWords, SystemWords } from './views.js';
import { WORDS, type Words } from './words/words.js';

type Links = Readonly<Record<Language, string>>;

/** What a page shows on which a system is chosen. */
export interface ChooseProps {
  readonly language: Language;
  readonly languages: Links;
  readonly party: NamedOrganisation;
  /** What was searched for. */
  readonly sought: string;
  readonly systems: Listed<SystemWords>;
  /** Where the search is sent, and where each system leads. */
  readonly action: string;
  readonly link: (system: SystemWords) => string;
  /** Of a system user that is moved: what it is called, and the system that it has. */
  readonly moved?: { readonly title: string; readonly system: SystemWords; readonly back: string } | undefined;
}

/** Systems that a customer may choose by itself. */
export function ChoosePage({ language, languages, party, sought, systems, action, link, moved }: ChooseProps): ReactElement {
  const words = WORDS[language];
  const { create, move } = words;
  const items = systems.items.map((system) => ({
    key: system.id,
    content: (
      <>
        <p className="t-row">
          <a className="ds-link" href={link(system)}>
            {system.name[language]}
          </a>
        </p>
        <p className="t-count">{words.party(system.vendor.name, system.vendor.orgnr)}</p>
      </>
    ),
  }));
  const above = moved === undefined ? { href: addressOf(party.orgnr), text: words.overviewLink } : { href: moved.back, text: moved.title };
  return (
    <Page language={language} title={moved === undefined ? create.title : move.title(moved.title)} languages={languages} above={above}>
      <p className="ds-paragraph">{moved === undefined ? create.lead : move.lead(moved.system.name[language], moved.system.vendor.name)}</p>
      <Alert color="info">{create.warning}</Alert>
      <SearchField language={language} action={action} name="q" label={create.search} submit={create.submit} value={sought} />
      <p className="t-count" role="status">
        {foundText(create, items.length, systems.more !== undefined)}
      </p>
      <List label={create.list} items={items} />
      <More language={language} href={systems.more} />
    </Page>
  );
}

function foundText(create: Words['create'], count: number, isMore: boolean): string {
  if (count === 0) return isMore ? create.goOn : create.nothing;
  return isMore ? create.foundFirst(count) : create.found(count);
}

/** What is asked before a system is given what it wants. */
export interface GiveProps {
  readonly language: Language;
  readonly languages?: Links | undefined;
  readonly party: NamedOrganisation;
  readonly system: SystemWords;
  readonly rights: RightsWords;
  readonly action: string;
  readonly token: string;
  readonly failures: readonly FailureWords[];
  readonly logInHigher?: string | undefined;
  /** The list that it was chosen from. */
  readonly back: string;
}

/** What the system gets that was chosen, and the name of what is made. */
export function CreatePage(props: GiveProps & { readonly name: string; readonly isNameWrong: boolean }): ReactElement {
  const { language, languages, party, system, rights, action, token, name, isNameWrong, back } = props;
  const words = WORDS[language];
  const { create } = words;
  return (
    <Page
      language={language}
      title={create.systemTitle(system.name[language])}
      languages={languages}
      above={{ href: back, text: create.title }}
    >
      <ErrorSummary language={language} faults={isNameWrong ? [{ name: 'navn', text: create.nameFault }] : []} />
      <Failures {...props} />
      <About {...{ language, system }} />
      <p className="ds-paragraph">{create.systemLead(system.name[language], party.name)}</p>
      <Rights language={language} rights={rights} />
      <p className="ds-paragraph">{words.request.later}</p>
      <Form action={action} token={token}>
        <Field
          name="navn"
          label={create.name}
          description={create.nameHint}
          value={name}
          fault={isNameWrong ? create.nameFault : undefined}
          autoComplete="off"
        />
        <div className="t-actions">
          <Button>{create.yes}</Button>
          <ButtonLink variant="secondary" href={back}>
            {words.cancel}
          </ButtonLink>
        </div>
      </Form>
    </Page>
  );
}

/** What the system gets that takes over, and what the old one loses. */
export function MovePage(
  props: GiveProps & { readonly old: SystemWords; readonly ticked: ReadonlySet<string>; readonly isEmpty: boolean },
): ReactElement {
  const { language, languages, party, system, rights, action, token, old, back, ticked, isEmpty } = props;
  const words = WORDS[language];
  const { move } = words;
  const [name, vendor] = [system.name[language], system.vendor.name];
  return (
    <Page language={language} title={move.confirmTitle(name)} languages={languages} above={{ href: back, text: words.create.title }}>
      <ErrorSummary language={language} faults={isEmpty ? [{ name: 'rettigheter', text: move.empty }] : []} />
      <Failures {...props} />
      <Alert color="warning">{move.loses(old.name[language], old.vendor.name)}</Alert>
      <About {...{ language, system }} />
      <p className="ds-paragraph">{move.confirmLead(name, vendor, party.name)}</p>
      <Form action={action} token={token}>
        <div id="rettigheter" className="t-form">
          <RightsChoices {...{ language, rights, ticked }} />
        </div>
        <div className="t-actions">
          <Button>{move.yes}</Button>
          <ButtonLink variant="secondary" href={back}>
            {words.cancel}
          </ButtonLink>
        </div>
      </Form>
    </Page>
  );
}

function About({ language, system }: { readonly language: Language; readonly system: SystemWords }): ReactElement {
  const words = WORDS[language];
  const text = system.description?.[language] ?? '';
  return (
    <>
      {text === '' ? null : <p className="ds-paragraph">{text}</p>}
      <p className="t-count">{words.deliveredBy(words.party(system.vendor.name, system.vendor.orgnr))}</p>
    </>
  );
}
