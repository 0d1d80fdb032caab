import {
  type AppId,
  type Application,
  type BrukerId,
  DEFAULT_ROLE,
  type Organisation,
  type PersonNumber,
  type SecurityLevel,
  securityLevelOf,
  toInstant,
} from '#domain';
import { ProblemError } from '#problem';
import type { OwnRules } from '../bundles/own-rules.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import type { AccessQuestion } from './access-input.js';
import { decideMany, judgeAccess } from './judge-access.js';
import { type LoadedGrant, loadDecision, loadMany } from './load-decision.js';
import { type AccessCaller, mayAsk, requestedBy } from './may-ask.js';

/** For which organisations may the person use the application? */
export interface SearchQuestion {
  readonly caller: AccessCaller;
  /** Absent if what was sent is no App-ID: it is judged like an unknown application. */
  readonly appId: AppId | undefined;
  /** By number, or as this installation knows the person. */
  readonly person: PersonNumber | { readonly brukerId: BrukerId };
  /** The role that is asked for; `use` if absent. */
  readonly action?: string;
  /** How surely a machine that asks says that the person was recognised; of a person that asks the token says it. */
  readonly securityLevel?: SecurityLevel;
  /**
   * What the answer is for. `login` (if absent): the person is let in, and each grant that was found is used; `evaluation`: whoever asks says by noteUse under
   * which of them; `list`: nobody is let in.
   */
  readonly purpose?: 'login' | 'evaluation' | 'list';
}

/** The organisations that were found, or why this caller may not ask; and what it was judged by. */
export interface SearchAnswer {
  /** Whether this caller may ask at all. */
  readonly allowed: boolean;
  /** Why not, as slugs of the policy, the most telling first. */
  readonly reasons: readonly string[];
  /** The organisations for which the person has access, by organisation number; empty if not allowed. */
  readonly organisations: readonly Organisation[];
  /** What it was judged by and from: the revisions of the standard bundle, of the application's own if that has judged, and of the grant document (0: there is none). */
  readonly policyRevision: string;
  readonly ownRevision?: string;
  readonly documentRevision: number;
  /** The person, where the caller may ask. */
  readonly subject?: BrukerId;
  /** What the decision log calls it. */
  readonly decisionId?: string;
  /** What was judged, and by which rules beside the standard ones; absent if the caller may not ask. */
  readonly judged?: { readonly question: AccessQuestion<LoadedGrant>; readonly own: OwnRules | undefined };
}

/**
 * For which organisations may this person use the application? (AuthZEN 1.0: resource search)
 * Whether the caller may ask is settled before anything about the person is named, read or judged: a refusal costs the same whatever the person has.
 * A yes is settled by the application as it was known last, so that all else is one reading of the store; it counts if the reading says the same.
 * @throws ProblemError `evaluation-failed` if the policy gives anything but a whole answer: that is neither a yes nor a no
 */
export async function searchOrganisations(parts: AccessParts, question: SearchQuestion): Promise<SearchAnswer> {
  const { judge, store } = parts;
  const { appId, caller } = question;
  const recalled = appId === undefined ? undefined : store.recall(collectionsOf(store).applications, appId)?.value;
  const before = recalled === undefined ? undefined : await mayAsk(judge, caller, recalled);
  if (recalled !== undefined && before?.allowed === true) {
    const answer = await answerFor(parts, question, recalled);
    if (answer !== undefined) return answer;
  }
  for (;;) {
    const application = appId === undefined ? undefined : await applicationOf(parts, appId);
    const permission = before !== undefined && application === recalled ? before : await mayAsk(judge, caller, application);
    if (!permission.allowed || application === undefined) {
      return { ...permission, allowed: false, organisations: [], policyRevision: judge.revision, documentRevision: 0 };
    }
    const answer = await answerFor(parts, question, application);
    if (answer !== undefined) return answer;
  }
}

/** The answer, if the application still is the one by which the caller was allowed. */
async function answerFor(parts: AccessParts, question: SearchQuestion, application: Application): Promise<SearchAnswer | undefined> {
  const { judge, ownBundles, shadows, vault, clock, uses } = parts;
  const { person, action: role = DEFAULT_ROLE, purpose = 'login' } = question;
  const subject = typeof person === 'string' ? vault.nameOf(person) : person.brukerId;
  const { application: now, binding, revision: documentRevision, grants } = await loadDecision(parts, application.id, subject);
  if (now !== application) return undefined;
  ownBundles.assertFresh(application.id);
  const rules = ownBundles.rulesOf(binding);
  const own = rules instanceof Promise ? await rules : rules;
  const time = toInstant(clock());
  const asked = { subject, application, role, grants, time, securityLevel: levelOf(question) };
  const asker = { requestedBy: requestedBy(question.caller), documentRevision };
  const judging = judgeAccess(judge, own, asked, purpose === 'list' ? { ...asker, isForList: true } : asker);
  const { covering, revision: policyRevision, ownRevision, decisionId } = judging instanceof Promise ? await judging : judging;
  shadows.note(binding, judge, asked);
  const organisations = covering.map(konsumentOf);
  if (purpose === 'login') uses?.note(application.id, subject, organisations, time);
  const answer = {
    allowed: true,
    reasons: NONE,
    organisations,
    policyRevision,
    documentRevision,
    subject,
    decisionId,
    judged: { question: asked, own },
  };
  return ownRevision === undefined ? answer : { ...answer, ownRevision };
}

/** The same question about many persons. */
export type ManySearched = Omit<SearchQuestion, 'person' | 'purpose'> & { readonly persons: readonly SearchQuestion['person'][] };

/**
 * The same about many persons for an `evaluation`, in their order: their documents are read at once and judged together.
 * @returns nothing of whom is to be asked about alone: all if the caller may not ask, the application's own rules judge, or the evaluation failed
 * @throws ProblemError `store-unavailable`, `decision-log-unavailable`
 */
export async function searchForMany(parts: AccessParts, question: ManySearched): Promise<readonly (SearchAnswer | undefined)[]> {
  const { judge, store, ownBundles, shadows, vault, clock } = parts;
  const { appId, caller, persons, action: role = DEFAULT_ROLE } = question;
  const recalled = appId === undefined ? undefined : store.recall(collectionsOf(store).applications, appId)?.value;
  if (recalled === undefined || !(await mayAsk(judge, caller, recalled)).allowed) return [];
  const subjects = persons.map((person) => (typeof person === 'string' ? vault.nameOf(person) : person.brukerId));
  const { application, binding, loaded } = await loadMany(parts, recalled.id, subjects);
  if (application !== recalled || (await ownBundles.rulesOf(binding)) !== undefined) return [];
  ownBundles.assertFresh(application.id);
  const [time, securityLevel, by] = [toInstant(clock()), levelOf(question), requestedBy(caller)];
  const judged = subjects.map((subject, i) => {
    const { revision, grants } = loaded[i] as (typeof loaded)[number];
    return { subject, grants, asker: { requestedBy: by, documentRevision: revision } };
  });
  const verdicts = await decideMany(judge, { application, role, time, securityLevel }, judged).catch(unlessFailed);
  return (verdicts ?? []).map(({ covering, revision: policyRevision, decisionId }, i) => {
    const { subject, grants, asker } = judged[i] as (typeof judged)[number];
    const one = { subject, application, role, grants, time, securityLevel };
    shadows.note(binding, judge, one);
    if (covering.some(({ organisation }) => organisation === undefined)) return undefined;
    const organisations = covering.map(konsumentOf);
    const { documentRevision } = asker;
    return {
      allowed: true,
      reasons: NONE,
      organisations,
      policyRevision,
      documentRevision,
      subject,
      decisionId,
      judged: { question: one, own: undefined },
    };
  });
}

const NONE: readonly string[] = Object.freeze([]);

/** Whose evaluation has failed cannot be told: each is asked about alone. */
function unlessFailed(error: unknown): undefined {
  if (!(error instanceof ProblemError) || error.slug !== 'evaluation-failed') throw error;
}

/** Notes that a person was let in for some of the organisations that were found for an `evaluation`. */
export function noteUse(
  { uses, clock }: Pick<AccessParts, 'uses' | 'clock'>,
  appId: AppId | undefined,
  { subject }: SearchAnswer,
  organisations: readonly Organisation[],
): void {
  if (appId === undefined || subject === undefined) return;
  uses?.note(appId, subject, organisations, toInstant(clock()));
}

/** Of a person who asks, the log-in is that of the token, whatever else is said. */
function levelOf({ caller, securityLevel }: Pick<SearchQuestion, 'caller' | 'securityLevel'>): SecurityLevel | undefined {
  if (caller.kind === 'machine') return securityLevel;
  return caller.acr === undefined ? undefined : securityLevelOf(caller.acr);
}

async function applicationOf({ store }: AccessParts, appId: AppId): Promise<Application | undefined> {
  const read = store.read([]);
  const reading = read instanceof Promise ? await read : read;
  const found = reading.registry(collectionsOf(store).applications, appId);
  return (found instanceof Promise ? await found : found)?.value;
}

function konsumentOf({ organisation }: LoadedGrant): Organisation {
  if (organisation !== undefined) return organisation;
  throw new ProblemError('evaluation-failed', { cause: new Error('a grant was found whose organisation is not registered') });
}
