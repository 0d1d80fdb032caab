import { setImmediate } from 'node:timers/promises';
import { isTexts, type Rule } from '#decisions';
import {
  type AppId,
  type Application,
  DEFAULT_ROLE,
  type Instant,
  type Organisation,
  type Orgnr,
  type PersonNumber,
  present,
  type SecurityLevel,
} from '#domain';
import { ProblemError } from '#problem';
import { type AdminRequest, authorize, type Clearance } from '../administer/authorize.js';
import type { OwnRules } from '../bundles/own-rules.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import { recordLookUp } from '../people/look-up-person.js';
import { authorizeForApplication } from '../registry/applications.js';
import { type Explanation, explainAccess, type RuleRef } from './explain-access.js';
import { aroundOf, type LoadedDecision, loadDecision } from './load-decision.js';
import { type ExplainedReason, reasonText } from './reason-texts.js';

/** What somebody wants to know the reasons of. */
export interface WhyQuestion {
  readonly person: PersonNumber;
  /** `use` if absent. */
  readonly role?: string;
  /** Of the log-in that is meant; absent: nobody told. */
  readonly securityLevel?: SecurityLevel;
}

/** One decision with its reasons. */
export interface ExplainedDecision {
  readonly konsument: Organisation;
  readonly allowed: boolean;
  readonly reasons: readonly ExplainedReason[];
  /** The rules that say so: all that were asked of a yes, the one that stands in the way of a no. */
  readonly decidedBy: readonly RuleRef[];
  /** Revision of the grant that it was made from, for whom that concerns; absent without one. */
  readonly grantRevision?: number;
}

/** What was asked, and when; and the decisions that the asker may know. */
export interface WhyAnswer {
  readonly application: Application;
  readonly role: string;
  readonly securityLevel?: SecurityLevel;
  readonly time: Instant;
  readonly decisions: readonly ExplainedDecision[];
}

/** What a reader is told of one decision. */
export interface Told {
  readonly shown: boolean;
  readonly reasons: readonly string[];
  readonly grant: boolean;
}

/** See tilgang/explained. */
export const TOLD: Rule<readonly Told[]> = { entrypoint: 'tilgang/explained/told', isAnswer: isToldList };

/**
 * Why a person may use an application for an organisation, or may not: for the organisation, of its own grant. It is a look-up of the person.
 * @throws ProblemError as authorize says; `evaluation-failed`
 */
export async function whyForKonsument(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, appId }: { readonly orgnr: Orgnr | undefined; readonly appId: AppId | undefined },
  question: WhyQuestion,
): Promise<WhyAnswer> {
  const clearance = await authorize(parts, request, { action: 'grant.explain', orgnr, about: { appId } });
  const own = clearance.organisation.orgnr;
  return explained(parts, clearance, { kind: 'konsument', orgnr: own }, question, own);
}

/**
 * The same for the tilbyder of the application, of one organisation; and for the operator, of all in which the person has a grant if none is named.
 * @throws ProblemError as authorize says; `invalid-request` for an organisation that is not registered; `evaluation-failed`
 */
export async function whyForTilbyder(
  parts: AccessParts,
  request: AdminRequest,
  appId: AppId | undefined,
  question: WhyQuestion,
  konsument?: Orgnr,
): Promise<WhyAnswer> {
  const clearance = await authorizeForApplication(parts, request, appId, 'application.explain');
  const reader = request.caller.kind === 'operator' ? { kind: 'operator' } : { kind: 'tilbyder', orgnr: clearance.organisation.orgnr };
  return explained(parts, clearance, reader, question, konsument);
}

async function explained(
  parts: AccessParts,
  clearance: Clearance,
  reader: object,
  { person, role = DEFAULT_ROLE, securityLevel }: WhyQuestion,
  named: Orgnr | undefined,
): Promise<WhyAnswer> {
  const subject = parts.vault.nameOf(person);
  await recordLookUp(parts, clearance, subject);
  const application = clearance.application?.value as Application;
  const loaded = await loadDecision(parts, application.id, subject);
  const time = clearance.at;
  parts.ownBundles.assertFresh(application.id);
  const rules = parts.ownBundles.rulesOf(loaded.binding);
  const own = rules instanceof Promise ? await rules : rules;
  const { grants } = loaded;
  const found: { readonly konsument: Organisation; readonly explanation: Explanation }[] = [];
  for (const konsument of await askedAbout(parts, loaded, named)) {
    const around = await aroundOf(parts, application.id, konsument);
    const question = { subject, application, role, grants, time, securityLevel, konsument: konsument.orgnr, around };
    found.push({ konsument, explanation: await explainAccess(parts.judge, own, question) });
    // Somebody may have very many.
    await setImmediate();
  }
  const input = { reader, decisions: found.map(({ konsument, explanation }) => judgedPart(konsument.orgnr, explanation, named)) };
  const { answer } = await parts.judge.ask(TOLD, input, ({ length }) => length === found.length);
  const decisions = found.flatMap((one, i) => shownAs(one, answer[i] as Told, loaded, own));
  return present({ application, role, securityLevel, time, decisions });
}

/** The one that was named, else all in which the person has a grant. */
async function askedAbout({ store }: AccessParts, { grants }: LoadedDecision, named: Orgnr | undefined): Promise<readonly Organisation[]> {
  if (named === undefined) return grants.flatMap(({ organisation }) => (organisation === undefined ? [] : [organisation]));
  const known = (await collectionsOf(store).organisations.get(named))?.value;
  if (known !== undefined) return [known];
  throw new ProblemError('invalid-request', { at: [{ pointer: '/orgnr', detail: 'is no organisation that is registered here' }] });
}

function judgedPart(konsument: Orgnr, { reasons, isOwn }: Explanation, named: Orgnr | undefined): object {
  const [standard, own] = isOwn ? [['granted'], reasons] : [reasons, []];
  return { konsument, named: konsument === named, standard, own };
}

function shownAs(
  { konsument, explanation }: { readonly konsument: Organisation; readonly explanation: Explanation },
  { shown, reasons, grant }: Told,
  loaded: LoadedDecision,
  own: OwnRules | undefined,
): readonly ExplainedDecision[] {
  if (!shown) return [];
  const { allowed, decidedBy, isOwn } = explanation;
  const texts = isOwn ? own?.texts : undefined;
  const revision = loaded.grants.find((one) => one.grant.konsument === konsument.orgnr)?.grant.revision;
  const told = reasons.map((slug) => present({ slug, text: reasonText(slug, texts) }));
  return [present({ konsument, allowed, reasons: told, decidedBy, grantRevision: grant ? revision : undefined })];
}

function isToldList(value: unknown): value is readonly Told[] {
  return (
    Array.isArray(value) &&
    value.every((one: Partial<Told> | null) => typeof one?.shown === 'boolean' && typeof one.grant === 'boolean' && isTexts(one.reasons))
  );
}
