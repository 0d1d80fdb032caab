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

const SEARCH: Rule<Verdict> = { entrypoint: 'tilgang/access/search', isAnswer: isVerdict };

/**
 * For which organisations may this person use the application? (AuthZEN 1.0: resource search)
 * @throws ProblemError `evaluation-failed` if the policy gives anything but a whole answer: that is neither a yes nor a no
 */
export async function searchOrganisations(parts: AccessParts, question: SearchQuestion): Promise<SearchAnswer> {
  const { appId, person, caller } = question;
  const collections = collectionsOf(parts.store);
  const brukerId = parts.vault.nameOf(person);
  const [application, document] =
    appId === undefined
      ? [undefined, undefined]
      : await Promise.all([collections.applications.get(appId), collections.grantDocuments.get(documentKey(appId, brukerId))]);
  const konsumenter = document === undefined ? [] : await konsumenterOf(parts, document.value);
  const input = {
    caller,
    ...(application === undefined ? {} : { application: judgedPart(application.value) }),
    subject: { type: 'person', id: brukerId },
    action: { name: question.action ?? DEFAULT_ROLE },
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
  const { answer: judged, revision: policyRevision } = await parts.judge.ask(SEARCH, input);
  return {
    allowed: judged.allowed,
    reasons: judged.reasons,
    organisations: judged.organisations.map((orgnr) => {
      const found = konsumenter.find(({ organisation }) => organisation?.orgnr === orgnr)?.organisation;
      if (found === undefined) {
        throw new ProblemError('evaluation-failed', {
          cause: new Error(`${SEARCH.entrypoint} gave an organisation that was not among the grants`),
        });
      }
      return found;
    }),
    policyRevision,
    documentRevision: document?.revision ?? 0,
  };
}

/** What the policy reads of an application: the rest is for people. */
function judgedPart({ id, tilbyder, state, roles, clients }: Application): object {
  return clients === undefined ? { id, tilbyder, state, roles } : { id, tilbyder, state, roles, clients };
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

interface Verdict {
  readonly allowed: boolean;
  readonly reasons: readonly string[];
  readonly organisations: readonly string[];
}

function isVerdict(value: unknown): value is Verdict {
  const verdict = value as Verdict | null | undefined;
  return (
    typeof verdict === 'object' &&
    verdict !== null &&
    typeof verdict.allowed === 'boolean' &&
    isTexts(verdict.reasons) &&
    isTexts(verdict.organisations) &&
    (verdict.allowed || verdict.organisations.length === 0)
  );
}
