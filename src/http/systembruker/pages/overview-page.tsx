import type { ReactElement } from 'react';
import { Alert, ButtonLink, type Language, List, momentInWords, Page, Tag } from '../../pages/index.js';
import { addressOf } from './addresses.js';
import type { Answered } from './answered-page.js';
import { Heading } from './rights-words.js';
import type { Listed, ListedUser, NamedOrganisation, PendingView } from './views.js';
import { WORDS, type Words } from './words/words.js';

type Links = Readonly<Record<Language, string>>;
/** What has been done, as the address says it to the page that is shown next. */
export type Saved = keyof Words['overview']['saved'] | Answered;

/** The words of it; `undefined` for what none are written for. */
export function savedWords(language: Language, saved: string): string | undefined {
  const { overview, answered } = WORDS[language];
  if (Object.hasOwn(answered.done, saved)) {
    const { title, text } = answered.done[saved as Answered];
    return `${title}. ${text}`;
  }
  return Object.hasOwn(overview.saved, saved) ? overview.saved[saved as keyof Words['overview']['saved']] : undefined;
}

/** Tells what has been done. */
export function SavedAlert({ language, saved }: { readonly language: Language; readonly saved: Saved | undefined }): ReactElement | null {
  if (saved === undefined) return null;
  return (
    <div role="status">
      <Alert color="success">{savedWords(language, saved)}</Alert>
    </div>
  );
}

/** The organisations in which somebody has a role, to choose one. */
export function OrganisationsPage(props: {
  readonly language: Language;
  readonly languages: Links;
  readonly organisations: readonly NamedOrganisation[];
}): ReactElement {
  const { language, languages, organisations } = props;
  const words = WORDS[language];
  const { overview, clients } = words;
  const items = organisations.map(({ orgnr, name }) => ({
    key: orgnr,
    content: (
      <p className="t-row">
        <a className="ds-link" href={addressOf(orgnr)}>
          {name}
        </a>{' '}
        <span className="t-place">{clients.orgnr(orgnr)}</span>
      </p>
    ),
  }));
  return (
    <Page language={language} title={items.length === 0 ? words.overviewLink : overview.choose} languages={languages}>
      <p className="ds-paragraph">{items.length === 0 ? overview.nobody : overview.chooseLead}</p>
      <List label={overview.choose} items={items} />
      <Leave language={language} />
    </Page>
  );
}

/** All that an organisation has, and what waits for its answer. */
export interface OverviewProps {
  readonly language: Language;
  readonly languages: Links;
  readonly party: NamedOrganisation;
  readonly pending: Listed<PendingView>;
  readonly own: Listed<ListedUser>;
  readonly forClients: Listed<ListedUser>;
  /** The one that was made just now. */
  readonly fresh?: string | undefined;
  readonly saved?: Saved | undefined;
  /** Whoever reads may keep the clients of agents, and nothing else. */
  readonly keepsClientsAlone?: boolean;
}

/** The page from which a customer sees to its system users. */
export function OverviewPage(props: OverviewProps): ReactElement {
  const { language, languages, party, pending, own, forClients, fresh, saved, keepsClientsAlone = false } = props;
  const words = WORDS[language].overview;
  const isEmpty = own.items.length + forClients.items.length === 0;
  return (
    <Page language={language} title={words.title(party.name)} languages={languages}>
      <SavedAlert {...{ language, saved }} />
      <p className="ds-paragraph">{words.lead}</p>
      {pending.items.length === 0 ? null : (
        <section className="t-form">
          <Heading text={words.pending} />
          <List
            label={words.pending}
            items={pending.items.map((one) => ({ key: one.key, content: <PendingRow {...{ language, one }} /> }))}
          />
          <More language={language} href={pending.more} />
        </section>
      )}
      {isEmpty ? <p className="ds-paragraph">{words.nothing}</p> : null}
      <Users {...{ language, party, fresh }} heading={words.own} users={own} />
      <Users
        {...{ language, party, fresh }}
        heading={words.forClients}
        users={forClients}
        act={keepsClientsAlone ? 'klienter' : undefined}
      />
      {keepsClientsAlone ? null : <Make {...{ language, party }} />}
      <Leave language={language} hasOthers />
    </Page>
  );
}

function Make({ language, party }: Pick<OverviewProps, 'language' | 'party'>): ReactElement {
  const { overview, own, given } = WORDS[language];
  return (
    <div className="t-actions">
      <ButtonLink href={addressOf(party.orgnr, 'ny')}>{overview.make}</ButtonLink>
      <ButtonLink variant="secondary" href={addressOf(party.orgnr, 'eget')}>
        {own.link}
      </ButtonLink>
      <ButtonLink variant="secondary" href={addressOf(party.orgnr, 'gitt')}>
        {given.link}
      </ButtonLink>
    </div>
  );
}

function PendingRow({ language, one }: { readonly language: Language; readonly one: PendingView }): ReactElement {
  const words = WORDS[language].overview;
  return (
    <>
      <p className="t-row">
        <a className="ds-link" href={one.href}>
          {one.title}
        </a>{' '}
        <span className="t-tags">
          {one.isChange ? <Tag color="info">{words.isChange}</Tag> : null}
          {one.isEscalated ? <Tag color="warning">{words.sentOn}</Tag> : null}
        </span>
      </p>
      <p className="t-count">{`${words.from(one.system.name[language], one.system.vendor.name)}. ${words.asked(momentInWords(language, one.created))}.`}</p>
    </>
  );
}

function Users(props: {
  readonly language: Language;
  readonly party: NamedOrganisation;
  readonly heading: string;
  readonly users: Listed<ListedUser>;
  readonly fresh: string | undefined;
  /** What of each it leads to; absent: to the whole. */
  readonly act?: 'klienter' | undefined;
}): ReactElement | null {
  const { language, party, heading, users, fresh, act } = props;
  const words = WORDS[language].overview;
  if (users.items.length === 0) return null;
  const items = users.items.map(({ id, title, system, created, isStopped }) => ({
    key: id,
    content: (
      <>
        <p className="t-row">
          <a className="ds-link" href={addressOf(party.orgnr, id, ...(act === undefined ? [] : [act]))}>
            {title}
          </a>{' '}
          <span className="t-tags">
            {id === fresh ? <Tag color="success">{words.fresh}</Tag> : null}
            {isStopped ? <Tag color="warning">{words.stopped}</Tag> : null}
          </span>
        </p>
        <p className="t-count">{`${words.from(system.name[language], system.vendor.name)}. ${words.made(momentInWords(language, created))}.`}</p>
      </>
    ),
  }));
  return (
    <section className="t-form">
      <Heading text={heading} />
      <List label={heading} items={items} />
      <More language={language} href={users.more} />
    </section>
  );
}

/** Leads to the rest of a list. */
export function More({ language, href }: { readonly language: Language; readonly href: string | undefined }): ReactElement | null {
  if (href === undefined) return null;
  return (
    <p className="ds-paragraph">
      <a className="ds-link" href={href}>
        {WORDS[language].more}
      </a>
    </p>
  );
}

function Leave({ language, hasOthers = false }: { readonly language: Language; readonly hasOthers?: boolean }): ReactElement {
  const { overview, logOut } = WORDS[language];
  return (
    <div className="t-actions">
      {hasOthers ? (
        <ButtonLink variant="tertiary" href={addressOf()}>
          {overview.otherParty}
        </ButtonLink>
      ) : null}
      <ButtonLink variant="tertiary" href="/idporten/logout">
        {logOut}
      </ButtonLink>
    </div>
  );
}
