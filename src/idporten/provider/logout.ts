import { errors, type Client as KnownClient, type Provider, type Session } from 'oidc-provider';
import { type PersonNumber, present } from '#domain';
import { unverifiedClaim } from '#tokens';
import { type ArtifactParts, artifacts, endSessionTokens } from './artifacts.js';
import { documentOf } from './clients.js';
import type { ProviderPage, StepExchange } from './ports.js';
import { personIn } from './store-adapter.js';
import { subjectOf } from './tokens.js';

/** What logging out works with. */
export interface LogoutParts extends ArtifactParts {
  readonly issuer: string;
  /** Is told of a client that did not hear of the logout. */
  readonly onUnheard: (clientId: string) => void;
}

/** What is asked for (OpenID Connect RP-Initiated Logout 1.0 §2). */
interface AskedLogout {
  readonly client?: KnownClient;
  /** Where to go on to; one of those that the client has registered. */
  readonly next?: string;
  /** Whom the id token names, towards its client. */
  readonly subject?: string;
  readonly uiLocales?: string;
}

/** A page, or the address that somebody is sent on to. */
export type LogoutAnswer = { readonly page: ProviderPage } | { readonly location: string };

/** Longest state that is sent back, in characters. */
const LONGEST_STATE = 2000;

/**
 * Ends the session of a browser, if whoever asks for it can be believed: a client that has an id token of the very person, else the person itself, who is asked. Other
 * clients are told, and what tokens are for the login alone end.
 * @throws errors.InvalidRequest, errors.InvalidClient
 */
export async function logOut(parts: LogoutParts, provider: Provider, exchange: StepExchange, sent: URLSearchParams): Promise<LogoutAnswer> {
  const ctx = provider.createContext(exchange.req, exchange.res);
  const session = await provider.Session.get(ctx as never);
  const asked = await askedLogout(provider, sent);
  if (session.accountId === undefined) return answerOf(asked, [], parts.issuer);
  const isBelieved =
    (asked.client !== undefined && asked.subject === subjectOf(parts, session.accountId, asked.client.clientId)) ||
    (sent.get('session') ?? '') === confirmationOf(parts, session);
  if (!isBelieved) return { page: question(parts, session, sent, asked) };
  return answerOf(asked, await endHere(parts, provider, ctx, session), parts.issuer);
}

/** Ends the session of a browser whose person has said so at a page of ours. @param next where to go on to */
export async function logOutHere(
  parts: LogoutParts,
  provider: Provider,
  { req, res }: Pick<StepExchange, 'req' | 'res'>,
  next: string | undefined,
): Promise<LogoutAnswer> {
  const ctx = provider.createContext(req, res);
  const session = await provider.Session.get(ctx as never);
  const frames = session.accountId === undefined ? [] : await endHere(parts, provider, ctx, session);
  return answerOf(present({ next }), frames, parts.issuer);
}

async function endHere(
  parts: LogoutParts,
  provider: Provider,
  ctx: ReturnType<Provider['createContext']>,
  session: Session,
): Promise<readonly string[]> {
  const frames = await endSession(parts, provider, session);
  ctx.cookies.set(provider.cookieName('session'), null, { path: '/', signed: true, httpOnly: true, sameSite: 'lax' });
  return frames;
}

/** Of the session that the question was about: another page cannot know it. */
function confirmationOf({ vault }: LogoutParts, session: Session): string {
  return vault.fingerprintOf(`idporten-logout\0${session.jti}`);
}

const SENT_AGAIN = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state', 'ui_locales'];

function question(parts: LogoutParts, session: Session, sent: URLSearchParams, { next, uiLocales }: AskedLogout): ProviderPage {
  const kept = SENT_AGAIN.flatMap((name) => (sent.get(name) === null ? [] : [[name, sent.get(name) as string]]));
  const fields = { ...(Object.fromEntries(kept) as Record<string, string>), session: confirmationOf(parts, session) };
  return { kind: 'logout', status: 200, form: { action: `${parts.issuer}/logout`, fields }, ...present({ next, uiLocales }) };
}

function answerOf({ next, uiLocales }: AskedLogout, frames: readonly string[], issuer: string): LogoutAnswer {
  const shown = present({ uiLocales });
  if (frames.length > 0) return { page: { kind: 'logging-out', status: 200, frames, next: next ?? `${issuer}/logout/done`, ...shown } };
  return next === undefined ? { page: { kind: 'logged-out', status: 200, ...shown } } : { location: next };
}

async function askedLogout(provider: Provider, sent: URLSearchParams): Promise<AskedLogout> {
  for (const name of new Set(sent.keys())) {
    if (sent.getAll(name).length > 1) throw new errors.InvalidRequest('a parameter stands there twice');
  }
  const hint = sent.get('id_token_hint') ?? undefined;
  const named = hint === undefined ? undefined : audienceOf(hint);
  const clientId = sent.get('client_id') ?? named;
  if (named !== undefined && clientId !== named) throw new errors.InvalidRequest('client_id is not the audience of id_token_hint');
  const client = clientId === undefined ? undefined : await provider.Client.find(clientId);
  if (clientId !== undefined && client === undefined) throw new errors.InvalidClient('no such client', '');
  const subject = hint === undefined || client === undefined ? undefined : await subjectIn(provider, hint, client);
  const uiLocales = sent.get('ui_locales') ?? undefined;
  const next = client && nextOf(client, sent);
  return present({ client, subject, next, uiLocales });
}

/** Only where the client has said that it is at home: else the person stays. */
function nextOf(client: KnownClient, sent: URLSearchParams): string | undefined {
  const uri = sent.get('post_logout_redirect_uri');
  if (uri === null || !client.postLogoutRedirectUriAllowed(uri)) return undefined;
  const state = sent.get('state');
  if (state === null) return uri;
  if (state.length > LONGEST_STATE || !/^[ -~]*$/.test(state)) throw new errors.InvalidRequest('state must be printable ASCII');
  return `${uri}${uri.includes('?') ? '&' : '?'}state=${encodeURIComponent(state)}`;
}

function audienceOf(hint: string): string {
  const audience = unverifiedClaim(hint, 'aud');
  if (audience === undefined) throw new errors.InvalidRequest('id_token_hint is no id token');
  return audience;
}

async function subjectIn(provider: Provider, hint: string, client: KnownClient): Promise<string> {
  const { payload } = await provider.IdToken.validate(hint, client).catch(() => {
    throw new errors.InvalidRequest('id_token_hint is not one of ours for this client');
  });
  return String(payload['sub']);
}

/** Ends a session beside its browser, such as that of one person where another logs in. */
export async function endSessionOf(parts: LogoutParts, provider: Provider, uid: string): Promise<void> {
  const session = await provider.Session.findByUid(uid);
  if (session !== undefined) await endSession(parts, provider, session);
}

/** Ends every session of a person, in whichever browser: where it showed who it is, it has logged out. */
export async function endSessionsOf(parts: LogoutParts, provider: Provider, person: PersonNumber): Promise<void> {
  const equals = personIn(parts.vault, person) as string;
  for (;;) {
    const { items, next } = await parts.store.collection(artifacts).query({ index: 'person', equals, limit: 100 });
    const uids = items.flatMap(({ value: { uid } }) => uid ?? []);
    for (const uid of uids) await endSessionOf(parts, provider, uid);
    if (next === undefined) return;
  }
}

/** @returns the addresses of those who want to be told in a frame (OpenID Connect Front-Channel Logout 1.0 §2) */
async function endSession(parts: LogoutParts, provider: Provider, session: Session): Promise<readonly string[]> {
  const frames: string[] = [];
  const ids = Object.keys(session.authorizations ?? {});
  await session.destroy();
  await endSessionTokens(parts, session.uid);
  await Promise.all(
    ids.map(async (id) => {
      const client = await provider.Client.find(id);
      if (client === undefined) return;
      const sid = session.sidFor(id);
      const { frontchannelLogoutUri, frontchannelLogoutSessionRequired, backchannelLogoutUri } = documentOf(client);
      if (frontchannelLogoutUri !== undefined) {
        const told = frontchannelLogoutSessionRequired ? new URLSearchParams({ iss: parts.issuer, sid: sid ?? '' }).toString() : '';
        frames.push(
          told === '' ? frontchannelLogoutUri : `${frontchannelLogoutUri}${frontchannelLogoutUri.includes('?') ? '&' : '?'}${told}`,
        );
      }
      if (backchannelLogoutUri === undefined || session.accountId === undefined) return;
      // One try (OpenID Connect Back-Channel Logout 1.0 §2.5): a client that is away does not keep anybody logged in.
      await tellBack(client, session.accountId, sid).catch(() => parts.onUnheard(id));
    }),
  );
  return frames;
}

function tellBack(client: KnownClient, person: string, sid: string | undefined): Promise<unknown> {
  return (client as unknown as { backchannelLogout(sub: string, sid: string | undefined): Promise<unknown> }).backchannelLogout(
    person,
    sid,
  );
}
