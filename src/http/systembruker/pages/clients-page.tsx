import type { ReactElement } from 'react';
import { Button, ErrorSummary, Form, type Language, List, Page } from '../../pages/index.js';
import { addressOf } from './addresses.js';
import { More, type Saved, SavedAlert } from './overview-page.js';
import { Heading, Packages } from './rights-words.js';
import { userAddress } from './user-pages.js';
import type { Listed, NamedOrganisation, RightsWords, UserView } from './views.js';
import { WORDS } from './words/words.js';

/** For whom an agent acts, and for whom it could. */
export interface ClientsProps {
  readonly language: Language;
  readonly languages?: Readonly<Record<Language, string>> | undefined;
  readonly agent: Pick<UserView, 'id' | 'title' | 'party'> & { readonly has: RightsWords };
  readonly added: Listed<NamedOrganisation>;
  readonly available: Listed<NamedOrganisation>;
  readonly token: string;
  readonly saved?: Saved | undefined;
  /** The client that was to be added is none. */
  readonly isUnknown: boolean;
}

/** The clients of an agent. */
export function ClientsPage(props: ClientsProps): ReactElement {
  const { language, languages, agent, added, available, token, saved, isUnknown } = props;
  const { clients } = WORDS[language];
  const form = (name: 'legg-til' | 'fjern', { orgnr, name: client }: NamedOrganisation): ReactElement => (
    <Button
      variant="secondary"
      data-size="sm"
      name={name}
      value={orgnr}
      aria-label={name === 'fjern' ? clients.removeOne(client) : clients.addOne(client)}
    >
      {name === 'fjern' ? clients.remove : clients.add}
    </Button>
  );
  const row = (name: 'legg-til' | 'fjern') => (client: NamedOrganisation) => ({
    key: client.orgnr,
    content: (
      <div className="t-row t-with-button">
        <div>
          <p className="ds-paragraph">{client.name}</p>
          <p className="t-count">{clients.orgnr(client.orgnr)}</p>
        </div>
        {form(name, client)}
      </div>
    ),
  });
  return (
    <Page
      language={language}
      title={clients.title(agent.title)}
      languages={languages}
      above={{ href: addressOf(agent.party.orgnr), text: WORDS[language].overviewLink }}
    >
      <SavedAlert {...{ language, saved }} />
      <ErrorSummary language={language} faults={isUnknown ? [{ name: 'ledige', text: clients.notFound }] : []} />
      <p className="ds-paragraph">{clients.lead}</p>
      <Packages language={language} packages={agent.has.packages} />
      <Form action={userAddress(agent, 'klienter')} token={token}>
        <Heading text={clients.added} />
        {added.items.length === 0 ? <p className="ds-paragraph">{clients.none}</p> : null}
        <List label={clients.added} items={added.items.map(row('fjern'))} />
        <More language={language} href={added.more} />
        <Heading text={clients.available} id="ledige" />
        {available.items.length === 0 ? <p className="ds-paragraph">{clients.noneAvailable}</p> : null}
        <List label={clients.available} items={available.items.map(row('legg-til'))} />
        <More language={language} href={available.more} />
      </Form>
    </Page>
  );
}
