import {
  type AppId,
  type Application,
  DEFAULT_ROLE,
  type Instant,
  isSynthetic,
  type Organisation,
  type Orgnr,
  type PersonNumber,
  present,
  type SecurityLevel,
  toInstant,
} from '#domain';
import { ProblemError } from '#problem';
import type { AdminRequest } from '../administer/authorize.js';
import type { OwnRules } from '../bundles/own-rules.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import { authorizeForApplication } from '../registry/applications.js';
import { type Explanation, explainAccess } from './explain-access.js';
import { type AccessCaller, mayAsk } from './may-ask.js';

/** A grant that is thought up. */
export interface TriedGrant {
  readonly konsument: Orgnr;
  readonly roles: readonly string[];
  readonly from?: Instant;
  readonly until?: Instant;
  readonly activated: boolean;
}

/** What would be decided for one grant. */
export interface TriedDecision {
  readonly organisation: Organisation;
  readonly allowed: boolean;
  /** As slugs of the policy. */
  readonly reasons: readonly string[];
}

/** What is thought up. */
export interface Trial {
  readonly person: PersonNumber;
  readonly role?: string;
  readonly at?: Instant;
  /** Of the log-in that is thought up. */
  readonly securityLevel?: SecurityLevel;
  readonly grants: readonly TriedGrant[];
}

/**
 * What the Tilgang API would answer about a test person if the grants were so and the application in use: nothing is stored. The application's
 * real limits of clients are heeded: a machine asks as the client that it is, a person as one of those that may.
 * @returns a decision for each grant, in their order
 * @throws ProblemError as authorize says; `invalid-request` for a person who is not synthetic, or an organisation that is not registered; `evaluation-failed`
 */
export async function tryDecision(
  parts: AccessParts,
  request: AdminRequest,
  appId: AppId | undefined,
  trial: Trial,
): Promise<readonly TriedDecision[]> {
  const subject = { synthetic: isSynthetic(trial.person) };
  const { application, organisation } = await authorizeForApplication(parts, request, appId, 'application.try', { subject });
  const konsumenter = await registered(parts, trial.grants);
  const inUse: Application = { ...application.value, state: 'active' };
  const permission = await mayAsk(parts.judge, askingClient(request, organisation.orgnr, inUse), inUse, 'nobody');
  parts.ownBundles.assertFresh(inUse.id);
  const own = await parts.ownBundles.rulesOf((await collectionsOf(parts.store).policyBindings.get(inUse.id))?.value);
  return Promise.all(
    trial.grants.map(async (grant, i) => {
      const konsument = konsumenter[i] as Organisation;
      const { allowed, reasons } = permission.allowed ? await evaluated(parts, own, inUse, trial, grant, konsument) : permission;
      return { organisation: konsument, allowed, reasons };
    }),
  );
}

/** Who would ask. */
function askingClient({ caller }: AdminRequest, tilbyder: Orgnr, { clients }: Application): AccessCaller {
  const scopes = ['ks:fiks'];
  if (caller.kind !== 'machine') return { kind: 'machine', consumer: tilbyder, clientId: clients?.ids?.[0] ?? '', scopes };
  const { consumer, supplier, clientId } = caller;
  return { kind: 'machine', consumer, clientId, scopes, ...present({ supplier }) };
}

/** @throws ProblemError `invalid-request` for those that are not */
async function registered({ store }: AccessParts, grants: Trial['grants']): Promise<readonly Organisation[]> {
  const found = await collectionsOf(store).organisations.getMany(grants.map(({ konsument }) => konsument));
  const unknown = found.flatMap((one, i) =>
    one === undefined ? [{ pointer: `/tilganger/${i}/orgnr`, detail: 'is no organisation that is registered here' }] : [],
  );
  if (unknown.length > 0) throw new ProblemError('invalid-request', { at: unknown });
  return found.map((one) => one?.value as Organisation);
}

async function evaluated(
  { judge, vault, clock }: AccessParts,
  own: OwnRules | undefined,
  application: Application,
  { person, role = DEFAULT_ROLE, at, securityLevel }: Trial,
  grant: TriedGrant,
  { orgnr: konsument, mayBeKonsument }: Organisation,
): Promise<Explanation> {
  const grants = [{ grant, activated: grant.activated, mayBeKonsument }];
  const time = at ?? toInstant(clock());
  return explainAccess(judge, own, { subject: vault.nameOf(person), application, role, grants, konsument, time, securityLevel });
}
