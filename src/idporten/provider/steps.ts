import { errors, type Interaction, type InteractionResults, type Provider } from 'oidc-provider';
import { type PersonNumber, present } from '#domain';
import type { Client } from '#maskinporten';
import type { LastingScope } from '../authorizations/index.js';
import { findClient } from './citizens-client.js';
import { leastLevel, strengthOf } from './levels.js';
import { endSessionOf, type LogoutParts } from './logout.js';
import type { ConsentStep, EidStep, LoginOutcome, StepExchange } from './ports.js';

/** What the steps of a login work with. */
export interface StepParts extends LogoutParts {
  readonly eid: EidStep;
  readonly consent: ConsentStep;
}

/** The part of a path below the issuer that names a request which is under way, and what follows. */
export function stepOf(path: string): { readonly uid: string; readonly below: string } | undefined {
  const [, uid, below = ''] = /^\/interaction\/([A-Za-z0-9_-]{1,64})(\/.*)?$/.exec(path) ?? [];
  return uid === undefined ? undefined : { uid, below };
}

/**
 * A request to a page of a login that is under way. The browser must be the one in which it began.
 * @throws errors.SessionNotFound if it is not, or has ended
 */
export async function takeStep(parts: StepParts, provider: Provider, uid: string, exchange: StepExchange): Promise<void> {
  const { req, res } = exchange;
  const interaction = await provider.interactionDetails(req, res);
  const client = await findClient(parts, textOf(interaction.params['client_id']) ?? '');
  if (interaction.uid !== uid || client === undefined) throw new errors.SessionNotFound('the login is another one');
  const result =
    interaction.prompt.name === 'login'
      ? await logIn(parts, interaction, client, exchange)
      : await ask(parts, interaction, client, exchange);
  if (result === undefined) return;
  const { login } = result;
  if (login !== undefined) await leaveOthersSession(parts, provider, { interaction, login, exchange });
  interaction.result = 'error' in result ? result : { ...interaction.lastSubmission, ...result };
  await interaction.persist();
  res.writeHead(303, { Location: interaction.returnTo, 'Content-Length': '0' }).end();
}

async function logIn(
  { eid, issuer }: StepParts,
  interaction: Interaction,
  client: Client,
  exchange: StepExchange,
): Promise<InteractionResults | undefined> {
  const { uid, params } = interaction;
  const least = leastLevel(textOf(params['acr_values']));
  const outcome = await eid.step(
    {
      uid,
      path: `${issuer}/interaction/${uid}`,
      client,
      leastAcr: least,
      prompt: (textOf(params['prompt']) ?? '').split(' '),
      loginHint: textOf(params['login_hint']),
      uiLocales: textOf(params['ui_locales']),
    },
    exchange,
  );
  return outcome && resultOf(outcome, least);
}

/** Whoever was recognised less surely than was asked for has not logged in. */
function resultOf(outcome: LoginOutcome, least: string | undefined): InteractionResults {
  if ('cancelled' in outcome) return { error: 'access_denied', error_description: 'the person did not log in' };
  const { person, acr, amr, authTime } = outcome;
  if (strengthOf(acr) < Math.max(1, strengthOf(least))) {
    return {
      error: 'unmet_authentication_requirements',
      error_description: 'the person was not recognised at the level that was asked for',
    };
  }
  return { login: { accountId: person, acr, amr: [...amr], remember: true, ...present({ ts: authTime }) } };
}

async function ask(
  { consent, issuer }: StepParts,
  interaction: Interaction,
  client: Client,
  exchange: StepExchange,
): Promise<InteractionResults | undefined> {
  const { uid, params, session, prompt } = interaction;
  const answer = await consent.step(
    {
      uid,
      path: `${issuer}/interaction/${uid}`,
      client,
      person: session?.accountId as PersonNumber,
      ask: (prompt.details['ask'] ?? []) as readonly LastingScope[],
      uiLocales: textOf(params['ui_locales']),
    },
    exchange,
  );
  return answer && { consent: { given: [...answer.given] } as NonNullable<InteractionResults['consent']> };
}

/**
 * Somebody else logs in where another one still is: that one is logged out first, everywhere. Whoever is logged in now counts, not who was when the request came: another
 * tab may have logged somebody in since.
 */
async function leaveOthersSession(
  parts: LogoutParts,
  provider: Provider,
  { interaction, login, exchange: { req, res } }: LeftStep,
): Promise<void> {
  const { session: former } = interaction;
  const current = await provider.Session.get(provider.createContext(req, res) as never);
  const others = [current, former].filter((one) => one?.accountId !== undefined && one.accountId !== login.accountId);
  for (const uid of new Set(others.map((one) => one?.uid as string))) await endSessionOf(parts, provider, uid);
  if (former === undefined || (former.uid === current.uid && others.length === 0)) return;
  delete interaction.session;
}

/** A login that has ended well. */
interface LeftStep {
  readonly interaction: Interaction;
  readonly login: NonNullable<InteractionResults['login']>;
  readonly exchange: StepExchange;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
