import type { ReactElement } from 'react';
import type { Instant, Orgnr } from '#domain';
import { Button, ButtonLink, ErrorSummary, Field, Form, type Language, List, momentInWords, Page } from '../../pages/index.js';
import { addressOf } from './addresses.js';
import { More, type Saved, SavedAlert } from './overview-page.js';
import { Heading, RightsChoices } from './rights-words.js';
import type { Listed, NamedOrganisation, RightsWords } from './views.js';
import { WORDS } from './words/words.js';

/** What is wrong with what was to be given. */
export type GivenFault = 'orgnr' | 'packages' | 'quota';

/** What another organisation has, and from where. */
export interface GivenView {
  readonly provider: NamedOrganisation;
  readonly has: RightsWords;
  /** Given by the organisation itself; else a register says so. */
  readonly isOwn: boolean;
  readonly until?: Instant | undefined;
}

/** What the page shows on which packages are given to others. */
export interface GivenProps {
  readonly language: Language;
  readonly languages: Readonly<Record<Language, string>> | undefined;
  readonly party: NamedOrganisation;
  readonly relations: Listed<GivenView>;
  readonly offered: RightsWords;
  /** Whose packages are changed; absent: some are given to another one. */
  readonly changing: GivenView | undefined;
  /** Where its forms go. */
  readonly action: string;
  /** Where one's packages are changed. */
  change(provider: Orgnr): string;
  readonly orgnr: string;
  readonly ticked: ReadonlySet<string>;
  readonly fault: GivenFault | undefined;
  readonly token: string;
  readonly saved?: Saved | undefined;
}

const FIELDS: Readonly<Record<GivenFault, string>> = { orgnr: 'mottaker', packages: 'pakker', quota: 'mottaker' };

/** What an organisation has given others, with a form to give more. */
export function GivenPage(props: GivenProps): ReactElement {
  const { language, languages, party, relations, fault, action, change, token, saved } = props;
  const words = WORDS[language];
  const { given } = words;
  const text = fault === undefined ? '' : faultText(props, fault);
  const items = relations.items.map((one) => ({
    key: `${one.provider.orgnr} ${one.isOwn}`,
    content: <Relation {...{ language, change, one }} />,
  }));
  return (
    <Page {...{ language, languages }} title={given.title(party.name)} above={{ href: addressOf(party.orgnr), text: words.overviewLink }}>
      <SavedAlert {...{ language, saved }} />
      <ErrorSummary language={language} faults={fault === undefined ? [] : [{ name: FIELDS[fault], text }]} />
      <p className="ds-paragraph">{given.lead}</p>
      {items.length === 0 ? <p className="ds-paragraph">{given.nothing}</p> : null}
      <Form action={action} token={token} id="gitt">
        <List label={given.list} items={items} />
      </Form>
      <More language={language} href={relations.more} />
      <GiveForm {...props} />
    </Page>
  );
}

function faultText({ language }: GivenProps, fault: GivenFault): string {
  const { given } = WORDS[language];
  return { orgnr: given.orgnrFault, packages: given.packagesFault, quota: given.quota }[fault];
}

function Relation({ language, change, one }: Pick<GivenProps, 'language' | 'change'> & { readonly one: GivenView }): ReactElement {
  const { given, clients } = WORDS[language];
  const { provider, has, isOwn, until } = one;
  const names = has.packages.map(({ key, title }) => (title === undefined ? key : title[language]));
  return (
    <div className="t-row t-with-button">
      <div>
        <p className="ds-paragraph">{provider.name}</p>
        <p className="t-count">{clients.orgnr(provider.orgnr)}</p>
        <p className="ds-paragraph">{new Intl.ListFormat(language, { type: 'conjunction' }).format(names)}</p>
        {until === undefined ? null : <p className="t-count">{given.until(momentInWords(language, until))}</p>}
        {isOwn ? null : <p className="t-count">{given.fromRegister}</p>}
      </div>
      {!isOwn ? null : (
        <div className="t-actions">
          <ButtonLink variant="secondary" data-size="sm" href={`${change(provider.orgnr)}#gi`} aria-label={given.changeOne(provider.name)}>
            {given.change}
          </ButtonLink>
          <Button variant="secondary" data-size="sm" name="ta-tilbake" value={provider.orgnr} aria-label={given.takeBackOne(provider.name)}>
            {given.takeBack}
          </Button>
        </div>
      )}
    </div>
  );
}

function GiveForm(props: GivenProps): ReactElement {
  const { language, party, offered, changing, action, orgnr, ticked, fault, token } = props;
  const words = WORDS[language];
  const { given } = words;
  const isWrong = fault === 'orgnr' || fault === 'quota';
  return (
    <Form action={action} token={token}>
      <Heading text={changing === undefined ? given.give : given.changeTitle(changing.provider.name)} id="gi" />
      {changing === undefined ? (
        <Field name="mottaker" label={given.orgnr} value={orgnr} fault={isWrong ? faultText(props, fault) : undefined} autoComplete="off" />
      ) : (
        <>
          <input type="hidden" name="mottaker" value={changing.provider.orgnr} />
          {changing.until === undefined ? null : <input type="hidden" name="til" value={changing.until} />}
        </>
      )}
      <div id="pakker">
        <RightsChoices language={language} rights={offered} ticked={ticked} />
      </div>
      <div className="t-actions">
        <Button>{changing === undefined ? given.yes : given.save}</Button>
        <ButtonLink variant="secondary" href={addressOf(party.orgnr)}>
          {words.cancel}
        </ButtonLink>
      </div>
    </Form>
  );
}
