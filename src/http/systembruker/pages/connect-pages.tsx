import type { ReactElement } from 'react';
import type { Orgnr } from '#domain';
import type { OwnSystem } from '#systembruker';
import { Alert, Button, ButtonLink, ErrorSummary, Facts, Field, Form, type Language, Page, TextArea } from '../../pages/index.js';
import { detailsOf } from '../own-token.js';
import { addressOf } from './addresses.js';
import { Failures } from './answer-parts.js';
import { type Saved, SavedAlert } from './overview-page.js';
import { Heading, RightsChoices } from './rights-words.js';
import type { FailureWords, NamedOrganisation, RightsWords } from './views.js';
import { WORDS, type Words } from './words/words.js';

type Links = Readonly<Record<Language, string>>;

/** What is wrong with what was sent. */
export type ConnectFault = 'name' | 'empty' | 'scopes' | 'key' | 'keyPrivate' | 'quota';

/** What the form shows by which a system of one's own is connected. */
export interface ConnectProps {
  readonly language: Language;
  readonly languages: Links | undefined;
  readonly party: NamedOrganisation;
  readonly sent: {
    readonly name: string;
    readonly key: string;
    readonly scopes: string;
    readonly sought: string;
    readonly ticked: ReadonlySet<string>;
  };
  readonly offered: RightsWords;
  readonly isMore: boolean;
  readonly hasSignedTerms: boolean;
  readonly faults: readonly ConnectFault[];
  readonly failures: readonly FailureWords[];
  readonly logInHigher: string;
  readonly token: string;
}

/** Making a key, line by line. */
const MAKE_KEY = `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out nokkel.pem
openssl pkey -in nokkel.pem -pubout`;

/** The form; or, before the terms of use are signed, who can sign them. */
export function ConnectPage(props: ConnectProps): ReactElement {
  const { language, languages, party, faults, hasSignedTerms } = props;
  const words = WORDS[language];
  const { own } = words;
  const above = { href: addressOf(party.orgnr), text: words.overviewLink };
  return (
    <Page {...{ language, languages, above }} title={own.title}>
      <ErrorSummary language={language} faults={faults.map((fault) => ({ name: FIELDS[fault], text: faultText(words, fault) }))} />
      <Failures {...props} lead={words.failed.leadSelf} />
      <p className="ds-paragraph">{own.lead(party.name)}</p>
      {hasSignedTerms ? <ConnectForm {...props} /> : <Unsigned {...{ language, party }} />}
    </Page>
  );
}

const FIELDS: Readonly<Record<ConnectFault, string>> = {
  name: 'navn',
  empty: 'hva',
  scopes: 'scopes',
  key: 'nokkel',
  keyPrivate: 'nokkel',
  quota: 'navn',
};

function faultText({ own, create }: Words, fault: ConnectFault): string {
  return {
    name: create.nameFault,
    empty: own.empty,
    scopes: own.scopesFault,
    key: own.keyFault,
    keyPrivate: own.keyPrivate,
    quota: own.quota,
  }[fault];
}

function Unsigned({ language, party }: Pick<ConnectProps, 'language' | 'party'>): ReactElement {
  const { own } = WORDS[language];
  return (
    <Alert color="warning">
      <p>
        <strong>{own.unsigned}</strong>
      </p>
      <p>{own.whoSigns(party.name)}</p>
    </Alert>
  );
}

function ConnectForm({ language, party, sent, offered, isMore, faults, token }: ConnectProps): ReactElement {
  const words = WORDS[language];
  const { own } = words;
  const told = (name: string): string | undefined => {
    const fault = faults.find((one) => FIELDS[one] === name && one !== 'quota');
    return fault === undefined ? undefined : faultText(words, fault);
  };
  const isNone = offered.services.length + offered.packages.length === 0;
  return (
    <Form action={addressOf(party.orgnr, 'eget')} token={token}>
      <Field name="navn" label={own.name} description={own.nameHint} value={sent.name} fault={told('navn')} autoComplete="off" />
      <Heading text={own.what} id="hva" />
      <div className="t-search">
        <Field name="q" label={own.search} value={sent.sought} autoComplete="off" />
        <Button variant="secondary" name="sok" value="ja" formNoValidate>
          {own.submit}
        </Button>
      </div>
      {isNone ? <p className="ds-paragraph">{own.nothing}</p> : <RightsChoices language={language} rights={offered} ticked={sent.ticked} />}
      {isMore ? <p className="t-count">{own.more}</p> : null}
      <Field name="scopes" label={own.scopes} description={own.scopesHint} value={sent.scopes} fault={told('scopes')} autoComplete="off" />
      <details className="t-more">
        <summary>{own.how}</summary>
        <p className="ds-paragraph">{own.howText}</p>
        <pre className="t-code">{MAKE_KEY}</pre>
      </details>
      <TextArea name="nokkel" label={own.key} description={own.keyHint} value={sent.key} fault={told('nokkel')} autoComplete="off" />
      <p className="ds-paragraph">{words.request.later}</p>
      <div className="t-actions">
        <Button>{own.yes}</Button>
        <ButtonLink variant="secondary" href={addressOf(party.orgnr)}>
          {words.cancel}
        </ButtonLink>
      </div>
    </Form>
  );
}

/** What the program needs, once it is connected. */
export function ConnectedPage(props: {
  readonly language: Language;
  readonly languages?: Links | undefined;
  readonly party: Orgnr;
  readonly own: OwnSystem;
  /** The Maskinporten. */
  readonly issuer: string;
  /** Of the form by which its client gets more scopes. */
  readonly action: string;
  readonly token: string;
  /** Those that were sent and cannot be had. */
  readonly refused: string | undefined;
  readonly saved?: Saved | undefined;
}): ReactElement {
  const { language, languages, party, own: made, issuer, action, token, refused, saved } = props;
  const words = WORDS[language];
  const { own } = words;
  const { title, externalRef, id } = made.user.value;
  const facts = [
    [own.clientId, made.clientId],
    [own.kid, made.kid],
    [own.systemId, made.systemId],
    [own.reference, externalRef],
    [own.issuer, issuer],
    ...(made.scopes.length === 0 ? [] : ([[own.hasScopes, made.scopes.join(' ')]] as const)),
  ] as const;
  const fault = refused === undefined ? undefined : own.scopesFault;
  return (
    <Page {...{ language, languages }} title={own.done(title)} above={{ href: addressOf(party), text: words.overviewLink }}>
      <ErrorSummary language={language} faults={fault === undefined ? [] : [{ name: 'scopes', text: fault }]} />
      <SavedAlert {...{ language, saved }} />
      <p className="ds-paragraph">{own.doneLead}</p>
      <Facts facts={facts} />
      {made.scopes.length === 0 ? <Alert color="warning">{own.noScopes}</Alert> : null}
      <Heading text={own.command} />
      <p className="ds-paragraph">{own.commandText}</p>
      <pre className="t-code">{commandOf(made, party, issuer)}</pre>
      <Heading text={own.library} />
      <p className="ds-paragraph">{own.libraryText}</p>
      <pre className="t-code">{claimsOf(made, party, issuer)}</pre>
      <pre className="t-code">{`curl ${issuer}token -d grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer -d assertion="$JWT"`}</pre>
      <Form action={action} token={token}>
        <Field name="scopes" label={own.moreScopes} description={own.scopesHint} value={refused ?? ''} fault={fault} autoComplete="off" />
        <div className="t-actions">
          <Button variant="secondary">{own.addScopes}</Button>
        </div>
      </Form>
      <div className="t-actions">
        <ButtonLink variant="secondary" href={addressOf(party, id)}>
          {own.toUser}
        </ButtonLink>
      </div>
    </Page>
  );
}

function commandOf({ clientId, kid, scopes }: OwnSystem, party: Orgnr, issuer: string): string {
  const scope = scopes.length === 0 ? '<scope>' : scopes.join(' ');
  return `tilgang token --client ${clientId} --key nokkel.pem --kid ${kid} --scope ${scope} --system-user ${party} --issuer ${issuer}`;
}

function claimsOf({ clientId, scopes }: OwnSystem, party: Orgnr, issuer: string): string {
  const claims = {
    iss: clientId,
    aud: issuer,
    scope: scopes.length === 0 ? '<scope>' : scopes.join(' '),
    authorization_details: [detailsOf(party)],
  };
  return JSON.stringify(claims, undefined, 2);
}
