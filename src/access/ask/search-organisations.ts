import { isTexts, type Rule } from '#decisions';
import {
  type AppId,
  type Application,
  DEFAULT_ROLE,
  type GrantDocument,
  type Organisation,
  type Orgnr,
  type PersonNumber,
  toInstant,
} from '#domain';
import { ProblemError } from '#problem';
import { type AccessParts, activationKey, collectionsOf, documentKey } from '../parts.js';

/** What the policy is told of whoever asks. */
export type AccessCaller =
  | {
      readonly kind: 'machine';
      readonly consumer: Orgnr;
      readonly supplier?: Orgnr;
      readonly clientId: string;
      readonly scopes: readonly string[];
    }
  | { readonly kind: 'person'; readonly clientId: string; readonly scopes: readonly string[] };

export interface SearchQuestion {
  readonly caller: AccessCaller;
  /** Absent if what was sent is no App-ID: it is judged like an unknown application. */
  readonly appId: AppId | undefined;
  readonly person: PersonNumber;
  /** The role that is asked for; `use` if absent. */
  readonly action?: string;
}

export interface SearchAnswer {
  /** Whether this caller may ask at all. */
  readonly allowed: boolean;
  /** Why not, as slugs of the policy. */
  readonly reasons: readonly string[];
  /** The organisations for which the person has access, by organisation number; empty if not allowed. */
  readonly organisations: readonly Organisation[];
  /** What it was judged by and from: the bundle's revision, and the grant document's (0: there is none). */
  readonly policyRevision: string;
  readonly documentRevision: number;
}

/** Whether a caller may ask about an application: nothing of a person's is read before it is settled. */
const MAY_ASK: Rule<Pick<SearchAnswer, 'allowed' | 'reasons'>> = { entrypoint: 'tilgang/access/may_ask', isAnswer: isVerdict };
const SEARCH: Rule<readonly string[]> = { entrypoint: 'tilgang/access/search', isAnswer: isTexts };

/**
 * For which organisations may this person use the application? (AuthZEN 1.0: resource search)
 * @throws ProblemError `evaluation-failed` if the policy gives anything but a whole answer: that is neither a yes nor a no
 */
export async function searchOrganisations(parts: AccessParts, question: SearchQuestion): Promise<SearchAnswer> {
  const { appId, caller } = question;
  const application = appId === undefined ? undefined : await collectionsOf(parts.store).applications.get(appId);
  const { answer, revision: policyRevision } = await parts.judge.ask(MAY_ASK, { caller, application: requirementsOf(application?.value) });
  if (!answer.allowed || application === undefined) {
    return { allowed: answer.allowed, reasons: answer.reasons, organisations: [], policyRevision, documentRevision: 0 };
  }
  return { allowed: true, reasons: [], policyRevision, ...(await reachable(parts, question, application.value)) };
}

/** The organisations for which the person may use the application, whoever asks. */
async function reachable(
  parts: AccessParts,
  { person, action = DEFAULT_ROLE }: SearchQuestion,
  { id, state, roles }: Application,
): Promise<Pick<SearchAnswer, 'organisations' | 'documentRevision'>> {
  const document = await collectionsOf(parts.store).grantDocuments.get(documentKey(id, parts.vault.nameOf(person)));
  const konsumenter = document === undefined ? [] : await konsumenterOf(parts, document.value);
  const input = {
    application: { state, roles },
    action: { name: action },
    grants: (document?.value.grants ?? []).map(({ konsument, roles, from, until, withdrawn }, i) => ({
      konsument,
      roles,
      // JSON leaves out what is undefined, and what the policy does not read it need not parse.
      from,
      until,
      withdrawn,
      activated: konsumenter[i]?.activated ?? false,
      mayBeKonsument: konsumenter[i]?.organisation?.mayBeKonsument ?? false,
    })),
    context: { time: toInstant(parts.clock()) },
  };
  const { answer } = await parts.judge.ask(SEARCH, input);
  const organisations = answer.map((orgnr) => {
    const found = konsumenter.find(({ organisation }) => organisation?.orgnr === orgnr)?.organisation;
    if (found === undefined) {
      throw new ProblemError('evaluation-failed', {
        cause: new Error(`${SEARCH.entrypoint} gave an organisation that was not among the grants`),
      });
    }
    return found;
  });
  return { organisations, documentRevision: document?.revision ?? 0 };
}

/** What an application requires of its callers; absent if there is none. */
function requirementsOf(application: Application | undefined): object | undefined {
  return application === undefined ? undefined : { tilbyder: application.tilbyder, clients: application.clients };
}

interface Konsument {
  readonly activated: boolean;
  readonly organisation: Organisation | undefined;
}

/** What is known of the konsument of each grant, in the order of the grants. */
async function konsumenterOf({ store }: AccessParts, { appId, grants }: GrantDocument): Promise<readonly Konsument[]> {
  const { activations, organisations } = collectionsOf(store);
  const [states, known] = await Promise.all([
    activations.getMany(grants.map(({ konsument }) => activationKey(appId, konsument))),
    organisations.getMany(grants.map(({ konsument }) => konsument)),
  ]);
  return grants.map((_, i) => ({ activated: states[i]?.value.active ?? false, organisation: known[i]?.value }));
}

function isVerdict(value: unknown): value is Pick<SearchAnswer, 'allowed' | 'reasons'> {
  const { allowed, reasons } = (value ?? {}) as Partial<SearchAnswer>;
  return typeof allowed === 'boolean' && isTexts(reasons) && allowed === (reasons.length === 0);
}
