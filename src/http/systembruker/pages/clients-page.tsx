import type { ReactElement } from 'react';
import { Button, ErrorSummary, Form, type Language, List, Page } from '../../pages/index.js';
import { More, type Saved, SavedAlert } from './overview-page.js';
import { Heading, Packages } from './rights-words.js';
import { userAddress } from './user-pages.js';
import type { ClientView, Listed, UserView } from './views.js';
import { WORDS } from './words/index.js';

/** For whom an agent acts, and for whom it could. */
export interface ClientsProps {
  readonly language: Language;
  readonly languages?: Readonly<Record<Language, string>> | undefined;
  readonly user: UserView;
  readonly added: Listed<ClientView>;
  readonly available: Listed<ClientView>;
  readonly token: string;
  readonly saved?: Saved | undefined;
  /** The client that was to be added is none. */
  readonly isUnknown: boolean;
}

/** The clients of an agent. */
export function ClientsPage(props: ClientsProps): ReactElement {
  const { language, languages, user, added, available, token, saved, isUnknown } = props;
  const { clients } = WORDS[language];
  const form = (name: 'legg-til' | 'fjern', { orgnr, name: client }: ClientView): ReactElement => (
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
  const row = (name: 'legg-til' | 'fjern') => (client: ClientView) => ({
    key: client.orgnr,
    content: (
      <div className="t-row t-with-button">
        <div>
          <p className="ds-paragraph">{client.name}</p>
          <p className="t-count">{client.isWhole ? clients.orgnr(client.orgnr) : `${clients.orgnr(client.orgnr)}. ${clients.lapsed}`}</p>
        </div>
        {form(name, client)}
      </div>
    ),
  });
  return (
    <Page language={language} title={clients.title(user.title)} languages={languages} above={{ href: userAddress(user), text: user.title }}>
      <SavedAlert {...{ language, saved }} />
      <ErrorSummary language={language} faults={isUnknown ? [{ name: 'ledige', text: clients.notFound }] : []} />
      <p className="ds-paragraph">{clients.lead}</p>
      <Packages language={language} packages={user.has.packages} />
      <Form action={userAddress(user, 'klienter')} token={token}>
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
