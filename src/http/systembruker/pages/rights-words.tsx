import type { ReactElement } from 'react';
import type { Texts } from '#systembruker';
import { type Language, List } from '../../pages/index.js';
import type { PackageWords, RightsWords, ServiceWords } from './views.js';
import { WORDS } from './words/words.js';

/** A heading of a part of a page. */
export function Heading({ text, id }: { readonly text: string; readonly id?: string }): ReactElement {
  return (
    <h2 className="ds-heading" data-size="xs" id={id}>
      {text}
    </h2>
  );
}

/** What a system may do: packages and services, each with what it is; something, in any case. */
export function Rights({ language, rights }: { readonly language: Language; readonly rights: RightsWords }): ReactElement {
  const words = WORDS[language].rights;
  const { services, packages } = rights;
  if (services.length + packages.length === 0) return <p className="ds-paragraph">{words.none}</p>;
  return (
    <>
      {packages.length === 0 || services.length === 0 ? null : <Subheading text={words.packages} />}
      <Packages language={language} packages={packages} />
      {packages.length === 0 || services.length === 0 ? null : <Subheading text={words.services} />}
      <Services language={language} services={services} />
    </>
  );
}

function Subheading({ text }: { readonly text: string }): ReactElement {
  return (
    <h3 className="ds-heading" data-size="2xs">
      {text}
    </h3>
  );
}

/** Services with a line between them; nothing, if there are none. */
export function Services({
  language,
  services,
}: {
  readonly language: Language;
  readonly services: readonly ServiceWords[];
}): ReactElement | null {
  const items = services.map((service) => ({ key: service.key, content: <ServiceLines {...{ language, service }} /> }));
  return <List label={WORDS[language].rights.services} items={items} />;
}

/** Packages likewise. */
export function Packages({
  language,
  packages,
}: {
  readonly language: Language;
  readonly packages: readonly PackageWords[];
}): ReactElement | null {
  const items = packages.map((one) => ({ key: one.key, content: <PackageLines {...{ language, one }} /> }));
  return <List label={WORDS[language].rights.packages} items={items} />;
}

function ServiceLines({ language, service }: { readonly language: Language; readonly service: ServiceWords }): ReactElement {
  const { key, title, description } = service;
  return (
    <>
      <p className="ds-paragraph">
        <strong>{title === undefined ? key : title[language]}</strong>
      </p>
      {title === undefined ? <p className="t-count">{WORDS[language].rights.gone}</p> : null}
      <Description language={language} text={description} />
      <p className="t-count">{serviceFacts(language, service)}</p>
    </>
  );
}

/** What may be done in it and whose it is, in a line. */
export function serviceFacts(language: Language, { actions, owner }: ServiceWords): string {
  const words = WORDS[language].rights;
  const told = actions.map((action) => (Object.hasOwn(words.actions, action) ? words.actions[action] : action));
  const list = new Intl.ListFormat(language, { type: 'conjunction' }).format(told as string[]);
  const facts = [actions.length === 0 ? undefined : words.mayDo(list), owner === undefined ? undefined : words.owner(owner)];
  return facts.flatMap((fact) => (fact === undefined ? [] : [`${fact}.`])).join(' ');
}

function PackageLines({ language, one }: { readonly language: Language; readonly one: PackageWords }): ReactElement {
  const { key, title, description, services } = one;
  return (
    <>
      <p className="ds-paragraph">
        <strong>{title === undefined ? key : title[language]}</strong>
      </p>
      <Description language={language} text={description} />
      {services.length === 0 ? null : <PackageServices {...{ language, services }} />}
    </>
  );
}

function Description({ language, text }: { readonly language: Language; readonly text: Texts | undefined }): ReactElement | null {
  return text === undefined || text[language] === '' ? null : <p className="ds-paragraph">{text[language]}</p>;
}

function PackageServices({ language, services }: { readonly language: Language; readonly services: readonly Texts[] }): ReactElement {
  const words = WORDS[language].rights;
  return (
    <details className="t-more">
      <summary>{`${words.holds} (${services.length})`}</summary>
      <ul className="ds-list">
        {services.map((title) => (
          <li key={title.nb}>{title[language]}</li>
        ))}
      </ul>
    </details>
  );
}

/** Several of them to tick; the form sends the keys of what is ticked. */
export function RightsChoices(props: {
  readonly language: Language;
  readonly rights: RightsWords;
  /** The keys of what is ticked. */
  readonly ticked: ReadonlySet<string>;
}): ReactElement {
  const { language, rights, ticked } = props;
  const words = WORDS[language].rights;
  const choice = (name: string, key: string, title: string, about: string): ReactElement => (
    <div key={key} className="ds-field">
      <input
        className="ds-input"
        type="checkbox"
        id={`${name}-${key}`}
        name={name}
        value={key}
        defaultChecked={ticked.has(key)}
        aria-describedby={about === '' ? undefined : `${name}-${key}-about`}
      />
      <label className="ds-label" data-weight="regular" htmlFor={`${name}-${key}`}>
        {title}
      </label>
      {about === '' ? null : (
        <p data-field="description" id={`${name}-${key}-about`}>
          {about}
        </p>
      )}
    </div>
  );
  const { services, packages } = rights;
  return (
    <>
      {packages.length === 0 ? null : (
        <fieldset className="ds-fieldset">
          <legend className="ds-label">{words.packages}</legend>
          {packages.map(({ key, title, description }) =>
            choice('pakke', key, title === undefined ? key : title[language], description?.[language] ?? ''),
          )}
        </fieldset>
      )}
      {services.length === 0 ? null : (
        <fieldset className="ds-fieldset">
          <legend className="ds-label">{words.services}</legend>
          {services.map((service) =>
            choice(
              'tjeneste',
              service.key,
              service.title === undefined ? service.key : service.title[language],
              serviceFacts(language, service),
            ),
          )}
        </fieldset>
      )}
    </>
  );
}
