import { type Asker, isTexts, type Rule } from '#decisions';
import { type Instant, type Orgnr, present, toInstant } from '#domain';
import { JsonText } from '#policy';
import type { Client, Scope } from '../../nouns.js';
import { isOwnScope } from '../../registry/own-scopes.js';
import { scopesToJudge } from '../../registry/scopes-to-judge.js';
import { type FaultName, isFaultName } from '../fault-catalogue.js';
import type { JsonObject } from '../json-object.js';
import type { DetailsQuestion, TokenParts, ToldDetails } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';
import type { AskedDetails } from './authorization-details.js';
import type { FoundClient } from './client.js';

/** What is issued, by the rules. */
export interface Grant {
  readonly consumer: Orgnr;
  readonly supplier: Orgnr | null;
  readonly delegationSource: string | null;
  /** Seconds. */
  readonly lifetime: number;
  /** Empty: the token is for no audience in particular. */
  readonly audience: readonly string[];
}

/** A fault as the rules name it; `at` is the place of the scope among those that are asked for. */
interface JudgedFault {
  readonly name: FaultName;
  readonly at?: number;
  readonly consumer?: string;
  readonly supplier?: string;
}

interface Verdict {
  /** Empty, or those of the first step that has any. */
  readonly faults: readonly JudgedFault[];
  readonly grant: Grant | null;
}

const EVALUATE: Rule<Verdict> = { entrypoint: 'maskinporten/token/evaluate', isAnswer: isVerdict, isLogged: true };

/** What the token is to say. */
export interface Issued {
  readonly grant: Grant;
  readonly details?: readonly JsonObject[];
}

/**
 * Whether the client may have a token with all the scopes, for whom and for how long (`maskinporten/token/evaluate`), and what else was asked for, by the rule of
 * that: one question, which the decision log has once.
 */
export async function judgeScopes(known: Assertion & FoundClient & AskedDetails, parts: TokenParts): Promise<Issued | TokenFault> {
  const { claims, client, asked } = known;
  const question = asked instanceof TokenFault ? undefined : asked;
  const { input, more, at } = await toldOf(known, question, parts);
  const by = present({ requestedBy: client.orgnr, documentRevision: more?.documentRevision });
  const judged = parts.judge.ask(question === undefined ? EVALUATE : ruleOf(question), input, undefined, by as Exclude<Asker, 'nobody'>);
  const { answer } = judged instanceof Promise ? await judged : judged;
  const [first] = answer.faults;
  if (first !== undefined || answer.grant === null) return faultOf(first as JudgedFault, claims.scopes, client);
  if (asked instanceof TokenFault) return asked;
  const details = more?.details(answer as Verdict & Readonly<Record<string, unknown>>, at);
  if (details === undefined) return { grant: answer.grant };
  return details instanceof TokenFault ? details : { grant: answer.grant, details: [details] };
}

function ruleOf({ entrypoint, isAnswer }: DetailsQuestion): Rule<Verdict> {
  return {
    ...EVALUATE,
    entrypoint,
    isAnswer: (value): value is Verdict => isVerdict(value) && (value.grant === null || isAnswer({ ...value })),
  };
}

function faultOf({ name, at, consumer = '', supplier = '' }: JudgedFault, scopes: readonly string[], client: Client): TokenFault {
  const scope = at === undefined ? '' : (scopes[at] ?? '');
  const detail = name === 'MP-201' ? client.integrationType : `number ${(at ?? 0) + 1} of the ${scopes.length} in the claim scope`;
  return new TokenFault(name, { scope, consumer, supplier, detail });
}

/** All documents that the question can depend on, read in one round trip, as the text that the rules are given: what is undefined is not in it. */
async function toldOf(
  { claims, client }: Assertion & FoundClient,
  question: DetailsQuestion | undefined,
  parts: TokenParts,
): Promise<{ readonly input: JsonText; readonly at: Instant; readonly more?: ToldDetails }> {
  const { scopes, consumerOrg, onBehalfOf, resource } = claims;
  const { names, refs, told } = scopesToJudge({ client, scopes, consumerOrg, onBehalfOf }, parts, judgedScope);
  const read = parts.store.read(question === undefined ? refs : [...refs, ...question.refs]);
  const reading = read instanceof Promise ? await read : read;
  const asked = question?.told(reading.documents.slice(refs.length));
  const more = asked instanceof Promise ? await asked : asked;
  const at = toInstant(parts.clock());
  const { orgnr, supplier, active, integrationType, grantTypes, accessTokenLifetime } = client;
  const input = {
    client: { orgnr, supplier, active, integrationType, grantTypes, scopes: names, accessTokenLifetime },
    request: { scopes, resource, consumer: consumerOrg, onBehalfOf: onBehalfOf === undefined ? undefined : true },
    ...(await told(reading.documents, reading, question?.concerned)),
    context: { time: at },
    ...more?.input,
  };
  return present({ input: new JsonText(JSON.stringify(input)), at, more });
}

/** What the rules read of a scope: the rest is for people. */
function judgedScope(scope: Scope): object {
  const { active, accessibleForAll, allowedIntegrationTypes, requiresUserConsent, requiresUserAuthentication, atMaxAge } = scope;
  const { delegationSource, enforcedAudience } = scope;
  return {
    // The product's own are nobody's: whoever owns them may cease, and the product goes on.
    owner: isOwnScope(scope.name) ? undefined : scope.owner,
    active,
    accessibleForAll,
    allowedIntegrationTypes,
    requiresUserConsent,
    requiresUserAuthentication,
    atMaxAge,
    delegationSource,
    enforcedAudience,
  };
}

function isVerdict(value: unknown): value is Verdict {
  const { faults, grant } = (value ?? {}) as Partial<Verdict>;
  return Array.isArray(faults) && faults.every(isJudgedFault) && (faults.length === 0 ? isGrant(grant) : grant === null);
}

function isJudgedFault(value: unknown): value is JudgedFault {
  const { name, at } = (value ?? {}) as Partial<JudgedFault>;
  return typeof name === 'string' && isFaultName(name) && (at === undefined || Number.isSafeInteger(at));
}

function isGrant(value: unknown): value is Grant {
  const { consumer, supplier, delegationSource, lifetime, audience } = (value ?? {}) as Partial<Grant>;
  const isTextOrNull = (one: unknown): boolean => one === null || typeof one === 'string';
  const isWhole = Number.isSafeInteger(lifetime) && (lifetime as number) > 0;
  return typeof consumer === 'string' && isTextOrNull(supplier) && isTextOrNull(delegationSource) && isWhole && isTexts(audience);
}
