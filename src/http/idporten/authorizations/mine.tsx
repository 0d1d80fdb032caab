import Router from '@koa/router';
import type { ReactElement } from 'react';
import { type PageOf, partsFor } from '#access';
import { type BrukerId, present } from '#domain';
import {
  type AuthorizationEvent,
  type AuthorizationParts,
  type AuthorizationRequest,
  type AuthorizationView,
  CITIZENS_PATH,
  type IdportenEndpoint,
  type Login,
  listLogins,
  listOwnAuthorizations,
  listOwnHistory,
  withdrawAuthorization,
} from '#idporten';
import type { Side } from '#maskinporten';
import type { ProblemError } from '#problem';
import { answer } from '../../answer.js';
import type { Api } from '../../api.js';
import type { ApiParts } from '../../described-api.js';
import { readForm } from '../../form-body.js';
import {
  Alert,
  Button,
  ButtonLink,
  Form,
  type Language,
  List,
  languageLinks,
  momentInWords,
  Page,
  type Pages,
  pageReply,
  problemPage,
} from '../../pages/index.js';
import { routed } from '../../routed.js';
import { type Context, exactPaths, type Reply, type RequestState } from '../../state.js';
import { ownLogin, seeOther } from '../own-login.js';
import { localeOf, ScopeWords } from './scope-words.js';
import { WORDS } from './words.js';

const ISSUER_PATH = '/idporten';
const PATH = `${ISSUER_PATH}${CITIZENS_PATH}`;
const MAX_FORM_BYTES = 8 * 1024;
const LISTED = 50;

/** What the page of persons works with beside what all have. */
export interface MineParts {
  readonly side: Side;
  readonly pages: Pages;
  readonly provider: Pick<IdportenEndpoint, 'loggedIn'>;
}

type Citizen = Extract<AuthorizationRequest['caller'], { readonly kind: 'citizen' }>;
/** Who reads the page, and what its use cases work with. */
interface Reading {
  readonly parts: AuthorizationParts;
  readonly request: AuthorizationRequest & { readonly caller: Citizen & { readonly brukerId: BrukerId } };
}

/** The page on which persons see and withdraw what they have given, and see where they have logged in. Who is not logged in logs in first. */
export function minePage(api: ApiParts, { side, pages, provider }: MineParts): Api {
  const router = new Router<RequestState>(exactPaths);
  const bounds = { ...api.limits, maxBodyBytes: Math.min(api.limits.maxBodyBytes, MAX_FORM_BYTES) };
  const back = `${side.origin}${PATH}`;
  const readingOf = async (ctx: Context): Promise<Reading | undefined> => {
    ctx.state.route = PATH;
    ctx.state.writesProblem = (problem) => problemReply(pages, ctx, problem);
    const found = await provider.loggedIn(ctx);
    if (found === undefined) return undefined;
    const access = partsFor(api.installation, ctx.state.requestId);
    const caller = present({ kind: 'citizen' as const, brukerId: access.vault.nameOf(found.person), acr: found.acr });
    return { parts: { ...access, side }, request: { caller, requestId: ctx.state.requestId } };
  };
  router.get(PATH, async (koa) => {
    const ctx = koa as Context;
    const reading = await readingOf(ctx);
    answer(ctx, reading === undefined ? ownLogin({ back }) : await shown(pages, ctx, reading));
    await reading?.parts.judge.written();
  });
  router.post(PATH, async (koa) => {
    const ctx = koa as Context;
    const reading = await readingOf(ctx);
    if (reading === undefined) return answer(ctx, ownLogin({ back }));
    const form = await readForm(ctx.req, bounds);
    const id = form.get('authorization') ?? '';
    pages.takeForm(ctx, form, purposeOf(reading, id));
    await withdrawAuthorization(reading.parts, reading.request, id);
    // Read again by GET: the form is not sent twice by going back or loading again.
    answer(ctx, seeOther(`${PATH}?trukket=ja`));
  });
  return { mounts: [PATH], handler: routed(router) };
}

/** A form counts for the person that it was shown to, and for that one thing. */
function purposeOf({ request }: Reading, id: string): string {
  return `withdraw ${request.caller.brukerId} ${id}`;
}

function problemReply(pages: Pages, ctx: Context, problem: ProblemError): Reply {
  if (problem.slug !== 'security-level-too-low') return problemPage(pages, ctx, problem);
  const language = pages.language(ctx);
  const { title, text, again } = WORDS[language].mine.weak;
  return pageReply(
    <Page language={language} title={title} languages={pages.languages(ctx)}>
      <p className="ds-paragraph">{text}</p>
      <div className="t-actions">
        <ButtonLink href={`${ISSUER_PATH}/logout`}>{again}</ButtonLink>
      </div>
    </Page>,
    { status: 403 },
  );
}

async function shown(pages: Pages, ctx: Context, reading: Reading): Promise<Reply> {
  const { parts, request } = reading;
  const { query } = ctx;
  const cursor = typeof query['markor'] === 'string' ? query['markor'] : undefined;
  const [given, history, logins] = await Promise.all([
    listOwnAuthorizations(parts, request, present({ limit: LISTED, cursor })),
    listOwnHistory(parts, request, LISTED),
    listLogins(parts, request, { limit: LISTED }),
  ]);
  const language = pages.language(ctx);
  const locale = localeOf(language, undefined, ctx.req.headers['accept-language']);
  const tokens = new Map(given.items.map(({ authorization: { id } }) => [id, pages.formToken(ctx, purposeOf(reading, id))]));
  const isWithdrawn = query['trukket'] === 'ja';
  return pageReply(<MinePage {...{ language, locale, given, history, logins, tokens, isWithdrawn }} />);
}

interface MinePageProps {
  readonly language: Language;
  readonly locale: Language | 'se';
  readonly given: PageOf<AuthorizationView>;
  readonly history: { readonly events: readonly AuthorizationEvent[]; readonly isWhole: boolean };
  readonly logins: PageOf<Login>;
  readonly tokens: ReadonlyMap<string, string>;
  readonly isWithdrawn: boolean;
}

function MinePage({ language, locale, given, history, logins, tokens, isWithdrawn }: MinePageProps): ReactElement {
  const words = WORDS[language].mine;
  const { events, isWhole } = history;
  return (
    <Page language={language} title={words.title} languages={languageLinks(PATH)}>
      {isWithdrawn ? <Alert color="success">{words.withdrawn}</Alert> : null}
      <p className="ds-paragraph">{words.lead}</p>
      <Heading text={words.given} />
      {given.items.length === 0 ? <p className="ds-paragraph">{words.nothing}</p> : null}
      <List
        label={words.given}
        items={given.items.map((view) => ({
          key: view.authorization.id,
          content: <Given {...{ language, locale, view }} token={tokens.get(view.authorization.id) ?? ''} />,
        }))}
      />
      {given.next === undefined ? null : (
        <a className="ds-link" href={`${PATH}?${new URLSearchParams({ markor: given.next })}`}>
          {words.more}
        </a>
      )}
      <Heading text={words.history} />
      {isWhole ? null : <p className="t-count">{words.latest(events.length)}</p>}
      {events.length === 0 ? <p className="ds-paragraph">{words.none}</p> : null}
      <List
        label={words.history}
        items={events.map((event, at) => ({ key: String(at), content: <Happened {...{ language, event }} /> }))}
      />
      <Heading text={words.logins} />
      {logins.next === undefined ? null : <p className="t-count">{words.latest(logins.items.length)}</p>}
      {logins.items.length === 0 ? <p className="ds-paragraph">{words.none}</p> : null}
      <List
        label={words.logins}
        items={logins.items.map(({ at, id, service, amr }) => ({
          key: id,
          content: <Row what={service.name} when={`${momentInWords(language, at)}, ${amr.join(', ')}`} />,
        }))}
      />
      <div className="t-actions">
        <ButtonLink variant="secondary" href={`${ISSUER_PATH}/logout`}>
          {words.logOut}
        </ButtonLink>
      </div>
    </Page>
  );
}

function Heading({ text }: { readonly text: string }): ReactElement {
  return (
    <h2 className="ds-heading" data-size="xs">
      {text}
    </h2>
  );
}

function Given(
  props: Pick<MinePageProps, 'language' | 'locale'> & { readonly view: AuthorizationView; readonly token: string },
): ReactElement {
  const { language, locale, token } = props;
  const { authorization, client, scopes } = props.view;
  const words = WORDS[language].mine;
  const name = client?.name ?? authorization.clientId;
  return (
    <>
      <h3 className="ds-heading" data-size="2xs">
        {name}
      </h3>
      <p className="t-count">
        {`${words.since(momentInWords(language, authorization.given))}. ${words.until(momentInWords(language, authorization.expires))}.`}
      </p>
      <ul className="ds-list">
        {scopes.map(({ name: scope, consented, scope: described }) => (
          <li key={scope}>
            <ScopeWords name={scope} scope={described} locale={locale} /> <span>{`(${consented ? words.asked : words.carried})`}</span>
          </li>
        ))}
      </ul>
      <Form action={PATH} token={token}>
        <input type="hidden" name="authorization" value={authorization.id} />
        <div className="t-actions">
          <Button variant="secondary">{words.withdraw(name)}</Button>
        </div>
      </Form>
    </>
  );
}

function Happened({ language, event }: { readonly language: Language; readonly event: AuthorizationEvent }): ReactElement {
  const words = WORDS[language].mine;
  const { at, kind, client, isOwn } = event;
  const what = kind === 'given' ? words.gave(client) : words.took(client);
  return <Row what={what} when={`${momentInWords(language, at)}${isOwn ? '' : `, ${words.byOthers}`}`} />;
}

function Row({ what, when }: { readonly what: string; readonly when: string }): ReactElement {
  return (
    <p className="t-row">
      <strong>{what}</strong> <span className="t-place">{when}</span>
    </p>
  );
}
