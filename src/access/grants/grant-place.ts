import {
  type AppId,
  type Application,
  type BrukerId,
  DAY_MS,
  type Grant,
  type GrantDocument,
  type GrantTerms,
  type Instant,
  keptGrantOf,
  type Orgnr,
  present,
  toInstant,
} from '#domain';
import { type FieldFault, ProblemError } from '#problem';
import type { Stored } from '#storage';
import { type AdminRequest, authorize, type Clearance, type JudgedGrant, refuse } from '../administer/authorize.js';
import { clearedApplication } from '../administer/clearances.js';
import type { AccessParts } from '../parts.js';
import { documentsOfPerson } from '../people/person-grants.js';

/** Whose grant: one person's, in one application, by one konsument. What was sent and is no such name is `undefined`. */
export interface GrantPlace {
  readonly orgnr: Orgnr | undefined;
  readonly appId: AppId | undefined;
  readonly brukerId: BrukerId | undefined;
}

/** What the policy is told of a grant on these terms. */
export function judgedGrant(
  subject: BrukerId,
  { roles, from, until }: GrantTerms,
  now: Instant,
  place?: JudgedGrant['place'],
): JudgedGrant {
  const begins = from === undefined || from < now ? now : from;
  const days = until === undefined ? {} : { until, days: (Date.parse(until) - Date.parse(begins)) / DAY_MS };
  return { ...present({ place }), subject, roles, ...days };
}

/**
 * Leave to do something about one grant, and on these terms if there are some.
 * @throws ProblemError as authorize says; `invalid-request` for roles that the application does not know
 */
export async function clearedForGrant(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, appId, brukerId }: GrantPlace,
  action: string,
  terms?: GrantTerms,
): Promise<Clearance> {
  const about = { action, orgnr, about: { appId } };
  const act =
    terms === undefined || brukerId === undefined ? about : { ...about, grants: [judgedGrant(brukerId, terms, toInstant(parts.clock()))] };
  const clearance = await authorize(parts, request, act);
  const [reasons = []] = clearance.grantFaults;
  if (terms !== undefined && reasons[0] === 'role_unknown') throw unknownRoles(clearedApplication(clearance), terms.roles);
  if (reasons.length > 0) throw await refuse(parts, request, act, clearance.organisation, reasons);
  return clearance;
}

/** Names each of the roles that is none of the application's. */
function unknownRoles({ roles: known }: Application, roles: readonly string[]): ProblemError {
  const at = roles.flatMap((role, i): FieldFault[] =>
    known.includes(role) ? [] : [{ pointer: `/roller/${i}`, detail: `is no role of the application; known: ${known.join(', ')}` }],
  );
  return new ProblemError('invalid-request', { at });
}

/** A grant that is kept, with the document that it stands in. */
export interface KeptGrant {
  readonly stored: Stored<GrantDocument>;
  readonly grant: Grant;
}

/** The konsument's kept grant to a person; of whom the konsument knows nothing, nothing is read. */
export async function keptGrantAt(
  parts: AccessParts,
  { organisation, application }: Clearance,
  brukerId: BrukerId | undefined,
): Promise<KeptGrant | undefined> {
  if (brukerId === undefined) return undefined;
  const own = await documentsOfPerson(parts, organisation.orgnr, brukerId);
  const stored = own.find(({ value }) => value.appId === application?.value.id);
  const grant = keptGrantOf(stored?.value, organisation.orgnr);
  return stored === undefined || grant === undefined ? undefined : { stored, grant };
}
