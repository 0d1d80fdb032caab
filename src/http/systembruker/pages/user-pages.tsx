import type { ReactElement } from 'react';
import {
  Alert,
  Button,
  ButtonLink,
  dayInWords,
  ErrorSummary,
  Facts,
  Form,
  type Language,
  List,
  momentInWords,
  Page,
  Tag,
} from '../../pages/index.js';
import { addressOf } from './addresses.js';
import { Failures } from './answer-parts.js';
import { type Saved, SavedAlert } from './overview-page.js';
import { Heading, Rights, RightsChoices } from './rights-words.js';
import type { FailureWords, HappenedView, RightsWords, UserView } from './views.js';
import { WORDS } from './words/words.js';

type Links = Readonly<Record<Language, string>>;

/** What is shown of one system user. */
interface UserProps {
  readonly language: Language;
  readonly languages?: Links | undefined;
  readonly user: UserView;
}

/** Where what is done to a system user is sent. */
export type UserAct = 'stopp' | 'start' | 'rettigheter' | 'flytt' | 'slett' | 'klienter';

/** The address of what is done to it. */
export function userAddress({ party, id }: Pick<UserView, 'party' | 'id'>, act?: UserAct): string {
  return act === undefined ? addressOf(party.orgnr, id) : addressOf(party.orgnr, id, act);
}

/** A system user: what it is, what it may do, and what can be done with it. @param token of the form by which it is stopped or started */
export function UserPage(props: UserProps & { readonly token: string; readonly saved?: Saved | undefined }): ReactElement {
  const { language, languages, user, saved } = props;
  const words = WORDS[language];
  const { detail } = words;
  return (
    <Page
      language={language}
      title={user.title}
      languages={languages}
      above={{ href: addressOf(user.party.orgnr), text: words.overviewLink }}
    >
      <SavedAlert {...{ language, saved }} />
      {user.system.isGone ? <Alert color="warning">{detail.systemGone}</Alert> : null}
      {user.pending.map((href) => (
        <Alert color="info" key={href}>
          <p>
            {detail.pendingChange}{' '}
            <a className="ds-link" href={href}>
              {detail.see}
            </a>
          </p>
        </Alert>
      ))}
      <Facts facts={factsOf(language, user)} />
      <Heading text={detail.what} />
      <Rights language={language} rights={user.has} />
      <Actions {...props} />
      <History language={language} user={user} />
    </Page>
  );
}

function factsOf(language: Language, user: UserView): readonly (readonly [string, ReactElement | string])[] {
  const words = WORDS[language];
  const { detail } = words;
  const { system, party, type, stopped, created, madeBy, lastUsed, reference } = user;
  const by = madeBy === 'vendor' ? detail.byVendor : detail.byCustomer;
  const status =
    stopped === undefined ? (
      <Tag color="success">{detail.active}</Tag>
    ) : (
      <Tag color="warning">{detail.stopped(momentInWords(language, stopped))}</Tag>
    );
  return [
    [detail.status, status],
    [detail.system, system.name[language]],
    [detail.vendor, words.party(system.vendor.name, system.vendor.orgnr)],
    [detail.party, party.name],
    [detail.kind, detail.kinds[type]],
    [detail.created, `${momentInWords(language, created)}, ${by}`],
    [detail.lastUsed, lastUsed === undefined ? detail.never : dayInWords(language, lastUsed)],
    ...(reference === undefined ? [] : ([[detail.reference, reference]] as const)),
  ];
}

function Actions({ language, user, token }: UserProps & { readonly token: string }): ReactElement {
  const { detail } = WORDS[language];
  const isStopped = user.stopped !== undefined;
  const isAgent = user.type === 'agent';
  return (
    <>
      <div className="t-actions">
        {isAgent ? <ButtonLink href={userAddress(user, 'klienter')}>{detail.clients}</ButtonLink> : null}
        <ButtonLink variant="secondary" href={userAddress(user, 'rettigheter')}>
          {detail.change}
        </ButtonLink>
        {isAgent ? null : (
          <ButtonLink variant="secondary" href={userAddress(user, 'flytt')}>
            {detail.move}
          </ButtonLink>
        )}
      </div>
      <Form action={userAddress(user, isStopped ? 'start' : 'stopp')} token={token}>
        {isStopped ? null : <p className="ds-paragraph">{detail.stopHint}</p>}
        <div className="t-actions">
          <Button variant="secondary">{isStopped ? detail.start : detail.stop}</Button>
          <ButtonLink variant="secondary" data-color="danger" href={userAddress(user, 'slett')}>
            {detail.remove}
          </ButtonLink>
        </div>
      </Form>
    </>
  );
}

function History({ language, user }: Omit<UserProps, 'languages'>): ReactElement {
  const { detail } = WORDS[language];
  const { items, more } = user.history;
  return (
    <>
      <Heading text={detail.history} />
      <List
        label={detail.history}
        items={items.map((one, place) => ({ key: String(place), content: <Happened {...{ language, one }} /> }))}
      />
      {more === undefined ? null : (
        <p className="ds-paragraph">
          <a className="ds-link" href={more}>
            {detail.older}
          </a>
        </p>
      )}
    </>
  );
}

function Happened({ language, one }: { readonly language: Language; readonly one: HappenedView }): ReactElement {
  const { detail } = WORDS[language];
  const { act, at, isOwn, added, removed } = one;
  const list = (things: HappenedView['added']): string =>
    new Intl.ListFormat(language, { type: 'conjunction' }).format(
      things.map((thing) => (typeof thing === 'string' ? thing : thing[language])),
    );
  const difference = [
    ...(added.length === 0 ? [] : [detail.added(list(added))]),
    ...(removed.length === 0 ? [] : [detail.removed(list(removed))]),
  ];
  return (
    <>
      <p className="t-row">
        <span>{[detail.acts[isOwn && act === 'changed' ? 'other' : act], ...(isOwn ? [detail.byYou] : [])].join(' ')}</span>{' '}
        <span className="t-place">{momentInWords(language, at)}</span>
      </p>
      {difference.length === 0 ? null : <p className="t-count">{difference.join(' ')}</p>}
    </>
  );
}

/** What may be given of all that the system can have. */
export interface RightsFormProps extends UserProps {
  readonly token: string;
  /** All that the system may ask for, and what it has beside. */
  readonly offered: RightsWords;
  readonly ticked: ReadonlySet<string>;
  readonly failures: readonly FailureWords[];
  readonly logInHigher?: string | undefined;
  readonly isEmpty: boolean;
  /** As it stood when it was shown. */
  readonly revision: string;
}

/** More or less for a system user. */
export function RightsPage(props: RightsFormProps): ReactElement {
  const { language, languages, user, token, offered, ticked, isEmpty, revision } = props;
  const words = WORDS[language];
  const { rightsForm } = words;
  return (
    <Page
      language={language}
      title={rightsForm.title(user.title)}
      languages={languages}
      above={{ href: userAddress(user), text: user.title }}
    >
      <ErrorSummary language={language} faults={isEmpty ? [{ name: 'rettigheter', text: rightsForm.empty }] : []} />
      <Failures {...props} />
      <p className="ds-paragraph">{rightsForm.lead(user.system.name[language])}</p>
      <Form action={userAddress(user, 'rettigheter')} token={token}>
        <input type="hidden" name="revisjon" value={revision} />
        <div id="rettigheter" className="t-form">
          <RightsChoices {...{ language, ticked }} rights={offered} />
        </div>
        <div className="t-actions">
          <Button>{rightsForm.yes}</Button>
          <ButtonLink variant="secondary" href={userAddress(user)}>
            {words.cancel}
          </ButtonLink>
        </div>
      </Form>
    </Page>
  );
}

/** Asks once more before a system user is deleted. */
export function RemovePage({ language, languages, user, token }: UserProps & { readonly token: string }): ReactElement {
  const words = WORDS[language];
  const { remove } = words;
  return (
    <Page language={language} title={remove.title(user.title)} languages={languages} above={{ href: userAddress(user), text: user.title }}>
      <p className="ds-paragraph">{remove.text(user.system.name[language], user.system.vendor.name)}</p>
      {user.stopped === undefined ? <p className="ds-paragraph">{remove.instead}</p> : null}
      <Form action={userAddress(user, 'slett')} token={token}>
        <div className="t-actions">
          <Button data-color="danger">{remove.yes}</Button>
          <ButtonLink variant="secondary" href={userAddress(user)}>
            {words.cancel}
          </ButtonLink>
        </div>
      </Form>
    </Page>
  );
}
