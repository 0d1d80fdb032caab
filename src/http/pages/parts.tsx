import type { AnchorHTMLAttributes, ButtonHTMLAttributes, ReactElement, ReactNode } from 'react';
import type { Language } from './language.js';
import { SHELL_WORDS } from './words.js';

/** The names of Designsystemet's kinds of button. */
export type ButtonVariant = 'primary' | 'secondary' | 'tertiary';

const BUTTON = 'ds-button';

/** A button, which sends the form that it stands in. */
export function Button({
  variant = 'primary',
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { readonly variant?: ButtonVariant }): ReactElement {
  return <button type="submit" className={BUTTON} data-variant={variant} {...rest} />;
}

/** A link that looks like a button, for the one thing that there is to do. */
export function ButtonLink({
  variant = 'primary',
  children,
  ...rest
}: AnchorHTMLAttributes<HTMLAnchorElement> & { readonly variant?: ButtonVariant }): ReactElement {
  return (
    <a className={BUTTON} data-variant={variant} {...rest}>
      {children}
    </a>
  );
}

/** The name of the field that carries a form's token. */
export const TOKEN_FIELD = 'form_token';

/** A form that changes something. @param token of Pages.formToken, for the same purpose as it is taken with */
export function Form(props: {
  readonly action: string;
  readonly token: string;
  readonly id?: string;
  readonly children: ReactNode;
}): ReactElement {
  const { action, token, id, children } = props;
  return (
    <form method="post" action={action} id={id} className="t-form">
      <input type="hidden" name={TOKEN_FIELD} value={token} />
      {children}
    </form>
  );
}

/** What holds no number of a person: the browser sends no search that does, since what is sought stands in the address. */
const NO_NUMBER = '(?!.*[0-9]{6}).*';

/** A search, as a plain form. */
export function SearchField(props: {
  readonly language: Language;
  readonly action: string;
  readonly name: string;
  readonly label: string;
  readonly submit: string;
  readonly value?: string;
  readonly description?: string;
}): ReactElement {
  const { language, action, name, label, submit, value, description } = props;
  const id = `search-${name}`;
  return (
    <search>
      <form method="get" action={action}>
        <div className="ds-field">
          <label className="ds-label" htmlFor={id}>
            {label}
          </label>
          {description === undefined ? null : (
            <p data-field="description" id={`${id}-description`}>
              {description}
            </p>
          )}
          <div className="ds-search">
            <input
              className="ds-input"
              type="search"
              id={id}
              name={name}
              defaultValue={value}
              maxLength={100}
              pattern={NO_NUMBER}
              title={SHELL_WORDS[language].noNumbers}
              autoComplete="off"
              aria-describedby={description === undefined ? undefined : `${id}-description`}
            />
            <button type="submit" className={BUTTON} data-variant="secondary">
              {submit}
            </button>
          </div>
        </div>
      </form>
    </search>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string;
  readonly description?: string;
  readonly fault?: string | undefined;
  readonly autoComplete?: string;
}

/** A labelled field, with what is wrong with it. */
export function Field({ type = 'text', ...props }: FieldProps & { readonly type?: 'text' | 'email' | 'tel' }): ReactElement {
  return <Labelled {...props}>{(rest) => <input {...rest} type={type} />}</Labelled>;
}

/** The same for a text of several lines. */
export function TextArea({ rows = 6, ...props }: FieldProps & { readonly rows?: number }): ReactElement {
  return <Labelled {...props}>{(rest) => <textarea {...rest} rows={rows} spellCheck={false} />}</Labelled>;
}

interface Typed {
  readonly className: string;
  readonly id: string;
  readonly name: string;
  readonly defaultValue: string | undefined;
  readonly autoComplete: string | undefined;
  readonly 'aria-invalid': true | undefined;
  readonly 'aria-describedby': string | undefined;
}

function Labelled(props: FieldProps & { readonly children: (typed: Typed) => ReactElement }): ReactElement {
  const { name, label, value, description, fault, autoComplete, children } = props;
  const told = [description && `${name}-description`, fault && `${name}-fault`].filter(Boolean).join(' ');
  return (
    <div className="ds-field">
      <label className="ds-label" htmlFor={name}>
        {label}
      </label>
      {description === undefined ? null : (
        <p data-field="description" id={`${name}-description`}>
          {description}
        </p>
      )}
      {children({
        ...{ className: 'ds-input', id: name, name, defaultValue: value, autoComplete },
        'aria-invalid': fault === undefined ? undefined : true,
        'aria-describedby': told === '' ? undefined : told,
      })}
      {fault === undefined ? null : (
        <p className="ds-validation-message" data-field="validation" id={`${name}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}

/** What is to be corrected in a form, above it; each leads to its field. */
export function ErrorSummary(props: {
  readonly language: Language;
  readonly faults: readonly { readonly name: string; readonly text: string }[];
}): ReactElement | null {
  const { language, faults } = props;
  if (faults.length === 0) return null;
  return (
    <div className="ds-error-summary" role="alert">
      <h2 className="ds-heading" data-size="2xs">
        {SHELL_WORDS[language].faults}
      </h2>
      <ul className="ds-list">
        {faults.map(({ name, text }) => (
          <li key={name}>
            <a className="ds-link" href={`#${name}`}>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Something that the reader should know; `data-color` says how it is meant. */
export function Alert(props: { readonly color: 'info' | 'success' | 'warning' | 'danger'; readonly children: ReactNode }): ReactElement {
  return (
    <div className="ds-alert" data-color={props.color}>
      {props.children}
    </div>
  );
}

/** A word or two on how something stands. */
export function Tag(props: { readonly color: 'info' | 'success' | 'warning' | 'neutral'; readonly children: ReactNode }): ReactElement {
  return (
    <span className="ds-tag" data-color={props.color} data-size="sm">
      {props.children}
    </span>
  );
}

/** Facts by their names. */
export function Facts(props: { readonly facts: readonly (readonly [name: string, fact: ReactNode])[] }): ReactElement {
  return (
    <dl className="t-facts">
      {props.facts.map(([name, fact]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A list of things with a line between them; nothing, if there are none. @param label what they are, for who does not see them */
export function List(props: {
  readonly label: string;
  readonly items: readonly { readonly key: string; readonly content: ReactNode }[];
}): ReactElement | null {
  if (props.items.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noRedundantRoles: Safari takes a list without bullets for none.
    <ul className="t-list" role="list" aria-label={props.label}>
      {props.items.map(({ key, content }) => (
        <li key={key}>{content}</li>
      ))}
    </ul>
  );
}

/** Links to the pages of a list before and after this one; nothing where there is one only. */
export function PageLinks(props: {
  readonly language: Language;
  readonly page: number;
  readonly pages: number;
  readonly link: (page: number) => string;
}): ReactElement | null {
  const { language, page, pages, link } = props;
  if (pages < 2) return null;
  const { paging, previous, next, place } = SHELL_WORDS[language];
  const step = (to: number, label: string, rel: 'prev' | 'next'): ReactElement | null =>
    to < 1 || to > pages ? null : (
      <a className="ds-link" href={link(to)} rel={rel}>
        {label}
      </a>
    );
  return (
    <nav aria-label={paging} className="t-pages">
      <span>{step(page - 1, previous, 'prev')}</span>
      <span className="t-place">{place(page, pages)}</span>
      <span>{step(page + 1, next, 'next')}</span>
    </nav>
  );
}
