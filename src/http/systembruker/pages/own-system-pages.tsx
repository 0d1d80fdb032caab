import type { ReactElement } from 'react';
import { Button, ButtonLink, ErrorSummary, Facts, Field, Form, type Language, Page, TextArea } from '../../pages/index.js';
import { addressOf } from './addresses.js';
import { Failures } from './answer-parts.js';
import { Heading, RightsChoices } from './rights-words.js';
import type { FailureWords, NamedOrganisation, RightsWords } from './views.js';
import { WORDS, type Words } from './words/index.js';

/** What was wrong in the form. */
export type OwnSystemFault = 'nameFault' | 'whatFault' | 'keyFault' | 'privateKeyFault' | 'tooMany';

/** The form in which a business sets up a system that is its own. */
export interface OwnSystemProps {
  readonly language: Language;
  readonly languages?: Readonly<Record<Language, string>> | undefined;
  readonly party: NamedOrganisation;
  readonly offered: RightsWords;
  readonly token: string;
  readonly name: string;
  readonly key: string;
  readonly ticked: ReadonlySet<string>;
  readonly faults: readonly OwnSystemFault[];
  readonly failures: readonly FailureWords[];
  readonly logInHigher?: string | undefined;
}

const FIELD: Readonly<Record<OwnSystemFault, string>> = {
  nameFault: 'navn',
  whatFault: 'hva',
  keyFault: 'nokkel',
  privateKeyFault: 'nokkel',
  tooMany: 'navn',
};

/** How a key pair is made where the system runs. */
const KEY_COMMANDS = `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out privat.pem
openssl pkey -in privat.pem -pubout -out offentlig.pem`;

/** Client, system, request and approval in one form: the business is its own vendor. */
export function OwnSystemPage(props: OwnSystemProps): ReactElement {
  const { language, languages, party, offered, token, name, key, ticked, faults } = props;
  const words = WORDS[language];
  const { ownSystem } = words;
  const faultOf = (field: string): string | undefined => {
    const found = faults.find((fault) => FIELD[fault] === field);
    return found === undefined ? undefined : ownSystem[found];
  };
  return (
    <Page
      language={language}
      title={ownSystem.title}
      languages={languages}
      above={{ href: addressOf(party.orgnr), text: words.overviewLink }}
    >
      <ErrorSummary language={language} faults={faults.map((fault) => ({ name: FIELD[fault], text: ownSystem[fault] }))} />
      <Failures {...props} />
      <p className="ds-paragraph">{ownSystem.lead(party.name)}</p>
      <Form action={addressOf(party.orgnr, 'eget-system')} token={token}>
        <Field
          name="navn"
          label={ownSystem.name}
          description={ownSystem.nameHint}
          value={name}
          fault={faultOf('navn')}
          autoComplete="off"
        />
        <Heading text={ownSystem.what} id="hva" />
        <RightsChoices {...{ language, ticked }} rights={offered} />
        <TextArea name="nokkel" label={ownSystem.key} description={ownSystem.keyHint} rows={9} value={key} fault={faultOf('nokkel')} />
        <details className="t-more">
          <summary>{ownSystem.keyCommand}</summary>
          <pre className="t-code">
            <code>{KEY_COMMANDS}</code>
          </pre>
        </details>
        <div className="t-actions">
          <Button>{ownSystem.yes}</Button>
          <ButtonLink variant="secondary" href={addressOf(party.orgnr)}>
            {words.cancel}
          </ButtonLink>
        </div>
      </Form>
    </Page>
  );
}

/** What the system needs to know of itself. */
export interface OwnSystemDone {
  readonly clientId: string;
  readonly kid: string;
  readonly systemId: string;
  readonly userId: string;
  /** Whose tokens it gets. */
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly orgnr: string;
  readonly scopes: readonly string[];
}

/** What was made, and how a token is fetched with it. */
export function OwnSystemDonePage(props: {
  readonly language: Language;
  readonly party: NamedOrganisation;
  readonly done: OwnSystemDone;
}): ReactElement {
  const { language, party, done } = props;
  const words = WORDS[language];
  const { ownSystem }: Words = words;
  return (
    <Page language={language} title={ownSystem.doneTitle} above={{ href: addressOf(party.orgnr), text: words.overviewLink }}>
      <p className="ds-paragraph">{ownSystem.doneLead}</p>
      <Facts
        facts={[
          [ownSystem.clientId, <code key="1">{done.clientId}</code>],
          [ownSystem.kid, <code key="2">{done.kid}</code>],
          [ownSystem.issuer, <code key="3">{done.issuer}</code>],
          [ownSystem.tokenEndpoint, <code key="6">{done.tokenEndpoint}</code>],
          [ownSystem.systemId, <code key="4">{done.systemId}</code>],
          [ownSystem.userId, <code key="5">{done.userId}</code>],
        ]}
      />
      <Heading text={ownSystem.tokenTitle} />
      <p className="ds-paragraph">{ownSystem.tokenText}</p>
      <pre className="t-code">
        <code>{JSON.stringify(grantOf(done), null, 2)}</code>
      </pre>
      <div className="t-actions">
        <ButtonLink href={addressOf(party.orgnr, done.userId)}>{words.answered.toOverview}</ButtonLink>
      </div>
    </Page>
  );
}

/** The claims of the assertion that the token endpoint takes; times and jti are the system's own. */
function grantOf({ clientId, issuer, orgnr, scopes }: OwnSystemDone): object {
  return {
    aud: issuer,
    iss: clientId,
    scope: scopes.join(' '),
    iat: '…',
    exp: '…',
    jti: '…',
    authorization_details: [{ type: 'urn:altinn:systemuser', systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${orgnr}` } }],
  };
}
