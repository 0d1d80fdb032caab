import { errors, type interactionPolicy, type KoaContextWithOIDC, interactionPolicy as policies } from 'oidc-provider';
import { type PersonNumber, present } from '#domain';
import {
  type AskedOfPerson,
  type AuthorizationParts,
  type GivenConsent,
  giveConsent,
  judgeScopes,
  type LastingScope,
} from '../authorizations/index.js';
import { stampedId } from './artifacts.js';
import { documentOf } from './clients.js';
import { leastLevel, strengthOf } from './levels.js';
import type { LoggedIn } from './ports.js';
import type { GrantWithLogin } from './remembered-login.js';
import { writeWith } from './request-writes.js';
import { PLAIN_SCOPES } from './scopes.js';

/** What the policy of logins asks and tells. */
export interface PolicyParts {
  /** What persons' authorizations are judged and kept with, of one request. */
  readonly authorizations: () => AuthorizationParts;
  /** Is told of each login, before the client is. */
  readonly recordLogin: (login: LoggedIn) => Promise<void>;
}

/** What a session remembers of a client beside what the provider does. */
interface Remembered {
  /** Of the login that it was made by, in seconds since the epoch; absent: by none of its own. */
  ownLogin?: number;
}

const { Check, Prompt } = policies;

/**
 * What stands between a request and its answer: that the person shows who it is, surely enough, and for this client if that takes no other's login; and that it says yes
 * to what the scopes want a yes for. What may be given is judged in policies/idporten/login.
 */
export function loginPolicy(parts: PolicyParts): interactionPolicy.DefaultPolicy {
  const policy = policies.base();
  const login = policy.get('login') as interactionPolicy.Prompt;
  const must = (reason: string, description: string, check: (ctx: KoaContextWithOIDC) => boolean | Promise<boolean>): void =>
    login.checks.add(new Check(reason, description, 'login_required', check));
  must('request', 'the request must be sound', isUnsound);
  must('level', 'the login is too weak', isTooWeak);
  must('isolated', 'the client takes no login of others, or the login is not for others', isOfOthers);
  must('anew', 'a scope asks for a login of its own', (ctx) => isLoggedIn(ctx) && !isFresh(ctx) && mustShowAnew(parts, ctx));
  policy.remove('consent');
  policy.add(
    new Prompt(
      { name: 'consent', requestable: true },
      (ctx) => ({ ask: asks.get(ctx) ?? [] }),
      new Check('scopes', 'the person must say yes to scopes', 'consent_required', (ctx) => mustAsk(parts, ctx)),
    ),
  );
  // A person is asked for what wants a yes; that there is a page to be asked on is no reason to show it.
  (policy.get('consent') as interactionPolicy.Prompt).checks.remove('consent_prompt');
  return policy;
}

/** @throws errors.InvalidRequest */
function isUnsound({ oidc }: KoaContextWithOIDC): boolean {
  const { client, params } = oidc;
  if (params?.['state'] === undefined && client?.tokenEndpointAuthMethod === 'none') {
    throw new errors.InvalidRequest('state must be sent by a client without a secret or key');
  }
  if (leastLevel(textOf(params?.['acr_values'])) === 'unknown') {
    throw new errors.InvalidRequest('acr_values must have one of acr_values_supported');
  }
  return false;
}

function isLoggedIn({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.session?.accountId !== undefined;
}

function isFresh({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.result?.login !== undefined;
}

function isTooWeak(ctx: KoaContextWithOIDC): boolean {
  const least = leastLevel(textOf(ctx.oidc.params?.['acr_values']));
  return isLoggedIn(ctx) && strengthOf(ctx.oidc.session?.acr) < strengthOf(least);
}

function isOfOthers(ctx: KoaContextWithOIDC): boolean {
  const { session, client } = ctx.oidc;
  if (session === undefined || client === undefined || !isLoggedIn(ctx)) return false;
  if (isFresh(ctx)) {
    for (const one of Object.values(session.authorizations ?? {}) as Remembered[]) delete one.ownLogin;
    if (documentOf(client).ssoDisabled) Object.assign(session.authorizationFor(client.clientId) ?? {}, { ownLogin: session.loginTs });
    return false;
  }
  const isClosed = Object.values(session.authorizations ?? {}).some((one) => (one as Remembered).ownLogin === session.loginTs);
  return documentOf(client).ssoDisabled || isClosed;
}

/** What is asked for, of the person who has logged in. */
function askedOf(ctx: KoaContextWithOIDC): AskedOfPerson {
  const { client, session, prompts, result, params } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined) throw new TypeError('nobody has logged in');
  const consent = result?.consent as { readonly given?: readonly string[] } | undefined;
  return {
    client: documentOf(client),
    person: session.accountId as PersonNumber,
    use: 'login',
    scopes: scopesOf(ctx),
    resource: resourcesOf(params?.['resource']),
    prompt: [...prompts],
    onBehalfOf: textOf(params?.['onbehalfof']),
    login: { acr: session.acr, fresh: isFresh(ctx) },
    answered: consent === undefined ? undefined : (consent.given ?? []),
  };
}

async function mustShowAnew({ authorizations }: PolicyParts, ctx: KoaContextWithOIDC): Promise<boolean> {
  return (await judgeScopes(authorizations(), askedOf(ctx))).reauthenticate;
}

/** What the person must be asked, for the page. */
const asks = new WeakMap<KoaContextWithOIDC, readonly LastingScope[]>();

function scopesOf({ oidc }: KoaContextWithOIDC): readonly string[] {
  return [...new Set((textOf(oidc.params?.['scope']) ?? '').split(' ').filter((scope) => scope !== ''))];
}

/** The addresses that a request names, as they were sent: NO_RESOURCE is none. */
export function resourcesOf(sent: unknown): readonly string[] {
  const all = Array.isArray(sent) ? (sent as string[]) : typeof sent === 'string' ? [sent] : [];
  return all.filter((resource) => resource !== NO_RESOURCE);
}

/** What the provider is told is asked for if nothing is: it knows no scope of an API without. */
export const NO_RESOURCE = 'urn:tilgang:any';

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Whether the person must be asked; if not, what it has given is kept, and the request is answered. @throws errors.InvalidScope, errors.UnauthorizedClient */
async function mustAsk(parts: PolicyParts, ctx: KoaContextWithOIDC): Promise<boolean> {
  if (!isLoggedIn(ctx)) return false;
  const authorizations = parts.authorizations();
  const grantId = stampedId(authorizations);
  const asked = askedOf(ctx);
  const given = await giveConsent(authorizations, asked, { grantId, userAgent: ctx.get('user-agent') });
  const { verdict } = given;
  const [fault] = verdict.faults;
  if (fault !== undefined) throw FAULTS[fault]?.() ?? new errors.UnauthorizedClient(fault);
  if (verdict.refused.some(({ reason }) => reason === 'scope_not_registered')) {
    throw new errors.InvalidScope('a scope is not registered on the client', undefined as unknown as string);
  }
  asks.set(ctx, verdict.ask);
  if (verdict.ask.length > 0) return true;
  await settle(parts, ctx, { asked, given, grantId });
  return false;
}

const FAULTS: Readonly<Record<string, () => Error>> = {
  person_blocked: () => new errors.AccessDenied('the person cannot log in'),
  audience_not_allowed: () => new errors.InvalidTarget('resource is none that the scopes are for'),
  onbehalfof_unknown: () => new errors.InvalidRequest('onbehalfof is not registered on the client'),
  onbehalfof_not_combinable: () => new errors.InvalidRequest('onbehalfof is not for a client that was made for a customer'),
};

interface Settled {
  readonly asked: AskedOfPerson;
  readonly given: GivenConsent;
  readonly grantId: string;
}

async function settle({ recordLogin }: PolicyParts, ctx: KoaContextWithOIDC, { asked, given, grantId }: Settled): Promise<void> {
  const { session, params, resourceServers } = ctx.oidc;
  const grant = ctx.oidc.grant as GrantWithLogin & typeof ctx.oidc.grant;
  const { verdict, round } = given;
  if (session === undefined || grant === undefined || verdict.token === null) return;
  const names = verdict.granted.map(({ scope }) => scope);
  const [acr, amr] = [session.acr ?? '', [...(session.amr ?? [])]];
  grant.jti = grantId;
  grant.addOIDCScope(names.filter((name) => PLAIN_SCOPES.includes(name)).join(' '));
  for (const resource of Object.keys(resourceServers ?? {})) grant.addResourceScope(resource, names.join(' '));
  grant.login = present({
    acr,
    locale: localeOf(textOf(params?.['ui_locales'])),
    scopes: names,
    onBehalfOf: asked.onBehalfOf,
    terms: verdict.token,
    round,
  });
  const { client, person } = asked;
  await Promise.all([grant.save(), writeWith(ctx, () => recordLogin({ client, person, acr, amr }))]);
  session.ensureClientContainer(client.id);
  session.grantIdFor(client.id, grantId);
}

const LOCALES: readonly string[] = ['nb', 'nn', 'en', 'se'];

/** The first language that is asked for and spoken here. */
export function localeOf(uiLocales: string | undefined): string {
  const asked = (uiLocales ?? '').split(' ').map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  return asked.map((tag) => (tag === 'no' ? 'nb' : tag)).find((tag) => LOCALES.includes(tag)) ?? 'nb';
}
