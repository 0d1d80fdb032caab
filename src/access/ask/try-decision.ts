import { isTexts, type Rule } from '#decisions';
import {
  type AppId,
  type Application,
  DEFAULT_ROLE,
  type Instant,
  isSynthetic,
  type Organisation,
  type Orgnr,
  type PersonNumber,
  toInstant,
} from '#domain';
import { ProblemError } from '#problem';
import type { AdminRequest } from '../administer/authorize.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import { authorizeForApplication } from '../registry/applications.js';

/** A grant that is thought up. */
export interface TriedGrant {
  readonly konsument: Orgnr;
  readonly roles: readonly string[];
  readonly from?: Instant;
  readonly until?: Instant;
  readonly activated: boolean;
}

export interface TriedDecision {
  readonly organisation: Organisation;
  readonly allowed: boolean;
  /** As slugs of the policy. */
  readonly reasons: readonly string[];
}

const EVALUATE: Rule<Pick<TriedDecision, 'allowed' | 'reasons'>> = { entrypoint: 'tilgang/access/evaluate', isAnswer: isVerdict };

/**
 * What the Tilgang API would answer about a test person if the grants were so and the application in use: nothing is stored.
 * @returns a decision for each grant, in their order
 * @throws ProblemError as authorize says; `invalid-request` for a person who is not synthetic, or an organisation that is not registered; `evaluation-failed`
 */
export async function tryDecision(
  parts: AccessParts,
  request: AdminRequest,
  appId: AppId | undefined,
  trial: { readonly person: PersonNumber; readonly role?: string; readonly at?: Instant; readonly grants: readonly TriedGrant[] },
): Promise<readonly TriedDecision[]> {
  const subject = { synthetic: isSynthetic(trial.person) };
  const { application, organisation } = await authorizeForApplication(parts, request, appId, 'application.try', { subject });
  const { id, tilbyder, roles }: Application = application.value;
  const konsumenter = await collectionsOf(parts.store).organisations.getMany(trial.grants.map(({ konsument }) => konsument));
  const unknown = konsumenter.flatMap((found, i) =>
    found === undefined ? [{ pointer: `/tilganger/${i}/orgnr`, detail: 'is not registered' }] : [],
  );
  if (unknown.length > 0) throw new ProblemError('invalid-request', { at: unknown });
  const grants = trial.grants.map((grant, i) => ({ ...grant, mayBeKonsument: konsumenter[i]?.value.mayBeKonsument ?? false }));
  const shared = {
    caller: { kind: 'machine', consumer: organisation.orgnr, clientId: 'try', scopes: ['ks:fiks'] },
    application: { id, tilbyder, state: 'active', roles },
    subject: { type: 'person', id: parts.vault.nameOf(trial.person) },
    action: { name: trial.role ?? DEFAULT_ROLE },
    context: { time: trial.at ?? toInstant(parts.clock()) },
  };
  return Promise.all(
    grants.map(async (grant, i) => {
      const input = { ...shared, grants: [grant], resource: { type: 'organisation', id: grant.konsument } };
      const { answer } = await parts.judge.ask(EVALUATE, input);
      const { allowed, reasons } = answer;
      return { organisation: konsumenter[i]?.value as Organisation, allowed, reasons };
    }),
  );
}

function isVerdict(value: unknown): value is Pick<TriedDecision, 'allowed' | 'reasons'> {
  const { allowed, reasons } = (value ?? {}) as Partial<TriedDecision>;
  return typeof allowed === 'boolean' && isTexts(reasons);
}
