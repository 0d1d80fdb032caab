import type { ReactElement } from 'react';
import {
  ACR_VALUES,
  type AskedLogin,
  type EidStep,
  type FoundPersons,
  type LoginOutcome,
  pagesOf,
  type StepExchange,
  strengthOf,
  TEST_AMR,
  type TestPerson,
  type TestPersons,
} from '#idporten';
import {
  Alert,
  Button,
  ErrorSummary,
  Form,
  type Language,
  languageLinks,
  Page,
  PageLinks,
  type Pages,
  pageReply,
  SearchField,
  sendPage,
} from '../../pages/index.js';
import { EID_WORDS } from './words.js';

const OFFERED = ['idporten-loa-substantial', 'idporten-loa-high'] as const;

/**
 * Choosing an invented person, where nobody really logs in. What the form names a person by says nothing of its number.
 * @param persons all whom one can be
 */
export function demoEidStep(pages: Pages, persons: TestPersons): EidStep {
  return {
    async step(asked, exchange) {
      const hinted = exchange.form === undefined ? persons.hinted(asked.loginHint) : undefined;
      if (hinted !== undefined && hinted !== 'unknown' && strengthOf(hinted.acr) >= strengthOf(asked.leastAcr)) {
        return outcomeOf(hinted.person, hinted.acr);
      }
      const chosen = exchange.form && chosenIn(pages, asked, exchange, persons);
      if (typeof chosen === 'object') return chosen;
      const language = pages.language(exchange, asked.uiLocales);
      const token = pages.formToken(exchange, purposeOf(asked));
      const query = new URLSearchParams((exchange.req.url ?? '').split('?')[1]);
      const words = (query.get('q') ?? '').slice(0, 100);
      const found = persons.search(words, Number(query.get('side') ?? 1));
      const page = (
        <DemoPage {...{ asked, language, token, words, found }} isUnknown={hinted === 'unknown'} isMissing={chosen === 'nobody'} />
      );
      sendPage(exchange, pageReply(page, { formTargets: asked.client.redirectUris, status: chosen === 'nobody' ? 422 : 200 }));
      return undefined;
    },
  };
}

function purposeOf({ uid }: AskedLogin): string {
  return `eid ${uid}`;
}

/** @throws ProblemError `form-not-accepted` */
function chosenIn(pages: Pages, asked: AskedLogin, exchange: StepExchange, persons: TestPersons): LoginOutcome | 'nobody' {
  const form = exchange.form as URLSearchParams;
  pages.takeForm(exchange, form, purposeOf(asked));
  if (form.get('cancel') !== null) return { cancelled: true };
  const person = persons.find(form.get('person') ?? '');
  const [least] = levelsFor(asked);
  return person === undefined ? 'nobody' : outcomeOf(person, levelsFor(asked).find((acr) => acr === form.get('acr')) ?? (least as string));
}

function outcomeOf({ number }: TestPerson, acr: string): LoginOutcome {
  return { person: number, acr, amr: TEST_AMR };
}

/** The levels that will do, weakest first. */
function levelsFor({ leastAcr }: AskedLogin): readonly (typeof OFFERED)[number][] {
  return OFFERED.filter((acr) => strengthOf(acr) >= strengthOf(leastAcr));
}

interface DemoPageProps {
  readonly language: Language;
  readonly asked: AskedLogin;
  readonly token: string;
  /** What was searched for. */
  readonly words: string;
  readonly found: FoundPersons;
  /** Whether the login hint names nobody. */
  readonly isUnknown: boolean;
  /** Whether a form named nobody. */
  readonly isMissing: boolean;
}

function DemoPage({ language, asked, token, words, found, isUnknown, isMissing }: DemoPageProps): ReactElement {
  const text = EID_WORDS[language];
  const { persons, before, total } = found;
  const sought = words === '' ? {} : { q: words };
  const { page, pages } = pagesOf(found);
  const notice = (
    <p>
      <strong>{text.notice}</strong> {text.noticeMore}
    </p>
  );
  return (
    <Page language={language} title={text.title} notice={notice} languages={languageLinks(asked.path, sought)}>
      <p className="ds-paragraph">{text.asks(asked.client.name)}</p>
      {isUnknown ? <Alert color="info">{text.unknown}</Alert> : null}
      <ErrorSummary language={language} faults={isMissing ? [{ name: 'personer', text: text.missing }] : []} />
      <SearchField language={language} action={asked.path} name="q" label={text.search} submit={text.submit} value={words} />
      <Form action={asked.path} token={token}>
        <Levels language={language} asked={asked} />
        <div id="personer">
          <p className="t-count" role="status">
            {text.found(before + 1, before + persons.length, total)}
          </p>
          <Persons language={language} persons={persons} />
        </div>
        <PageLinks
          language={language}
          page={page}
          pages={pages}
          link={(to) => `${asked.path}?${new URLSearchParams({ ...sought, side: String(to) })}`}
        />
        <div className="t-actions">
          <Button variant="secondary" name="cancel" value="1">
            {text.cancel}
          </Button>
        </div>
      </Form>
    </Page>
  );
}

function Persons({ language, persons }: { readonly language: Language; readonly persons: readonly TestPerson[] }): ReactElement | null {
  const text = EID_WORDS[language];
  if (persons.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noRedundantRoles: Safari takes a list without bullets for none.
    <ul className="t-list t-choices" role="list" aria-label={text.persons}>
      {persons.map(({ id, name, about }) => (
        <li key={id}>
          <button type="submit" className="t-choice" name="person" value={id}>
            <strong lang="nb">{name}</strong> <span lang="nb">{about === undefined ? id : text.about(about.role, about.organisation)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Levels({ language, asked }: Pick<DemoPageProps, 'language' | 'asked'>): ReactElement {
  const text = EID_WORDS[language];
  const levels = levelsFor(asked);
  if (levels.length === 1) return <p className="ds-paragraph">{text.onlyLevel(text.levels[levels[0] ?? 'idporten-loa-high'])}</p>;
  return (
    <fieldset className="ds-fieldset">
      <legend className="ds-label">{text.levelLegend}</legend>
      {levels.map((acr) => (
        <div key={acr} className="ds-field">
          <input className="ds-input" type="radio" id={acr} name="acr" value={acr} defaultChecked={acr === ACR_VALUES[2]} />
          <label className="ds-label" data-weight="regular" htmlFor={acr}>
            {text.levels[acr]}
          </label>
        </div>
      ))}
    </fieldset>
  );
}
