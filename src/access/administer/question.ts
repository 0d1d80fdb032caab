import { isRuling, isTexts, type Rule, type Ruling } from '#decisions';
import { type Application, DAY_MS, type Instant, type Organisation, type OrganisationSettings, type RoleAssignment } from '#domain';
import type { Act, AdminCaller, JudgedOrganisation, SettingsTerms } from './act.js';
import type { Basis } from './basis.js';

/** What tilgang/admin says of an act. */
export interface Verdict extends Ruling {
  readonly grants: readonly (readonly string[])[];
  readonly organisations: readonly (readonly string[])[];
  readonly shown: readonly boolean[];
  readonly applications: readonly string[] | null;
  readonly held: Standing | null;
  readonly settings: SettingsTerms | null;
  /** The change waits until another one confirms it. */
  readonly needsTwo: boolean;
  /** Nobody would be left who could undo everything. */
  readonly strands: boolean;
}

/** How the assignment of somebody who is to be appointed stands: ended, such that the caller may replace it, or in the way. */
export type Standing = 'over' | 'open' | 'standing';

/** The question that every administrative act is. */
export const EVALUATE: Rule<Verdict> = { entrypoint: 'tilgang/admin/evaluate', isAnswer: isVerdict, isLogged: true };

/** The input of EVALUATE; of it only what a whole answer is measured by. */
export interface Question {
  readonly grants: readonly object[];
  readonly organisations: readonly object[] | undefined;
  readonly candidates: readonly (object | null)[] | undefined;
}

/** What the policy is asked, as policies/schemas/admin-input.json says; JSON leaves out what is undefined. */
export function questionOf(caller: AdminCaller, act: Act, basis: Basis, time: Instant): Question & Record<string, unknown> {
  const { application, organisation } = basis;
  const activated = basis.activation?.value.active ?? false;
  const standing = basis.administrators?.value.assignments ?? [];
  const held = heldBy(act, basis);
  return {
    caller,
    action: { name: act.action, to: act.to },
    concernsOrganisation: act.orgnr !== 'all',
    organisation: toldOrganisation(organisation?.value, basis),
    // Said aloud: what is left out by mistake is judged as the strictest.
    settings: basis.settings === undefined ? null : toldSettings(basis.settings.value),
    assignments: caller.kind === 'person' ? standing.filter(({ brukerId }) => brukerId === caller.brukerId).map(toldAssignment) : [],
    concernsApplication: act.about !== undefined,
    application: application === undefined ? undefined : { ...toldApplication(application.value), activated },
    grants: (act.grants ?? []).map(({ place, ...rest }) => {
      const { id, state, roles } = (place === undefined ? application?.value : place.application) ?? {};
      return { ...rest, application: id, state, knownRoles: roles, activated: place?.activated ?? activated };
    }),
    organisations: act.organisations?.map(toldMember),
    candidates:
      act.named === undefined
        ? act.candidates?.map((one) => one ?? null)
        : basis.named.map((one) => (one === undefined ? null : { state: one.value.state, tilbyder: one.value.tilbyder })),
    administrator:
      act.administrator === undefined
        ? undefined
        : { ...toldAssignment({ roles: [], ...act.administrator }), subject: act.administrator.brukerId },
    held: held === undefined ? undefined : toldAssignment(held),
    standing: act.remaining === undefined ? undefined : standing.map(toldAssignment),
    remaining: act.remaining?.(standing).map(toldAssignment),
    successor: act.successor,
    ...toldOfTwo(act, basis, time),
    subject: act.subject,
    context: { time },
  };
}

/** Whether a verdict answers each thing that was asked about. */
export function isWholeFor(input: Question): (verdict: Verdict) => boolean {
  return ({ allowed, grants, organisations, shown }) =>
    !allowed ||
    (grants.length === input.grants.length &&
      organisations.length === (input.organisations?.length ?? 0) &&
      shown.length === (input.candidates?.length ?? 0));
}

/** The assignment of whomever the act is about, withdrawn or not. */
export function heldBy({ whom }: Act, { administrators }: Basis): RoleAssignment | undefined {
  return whom === undefined ? undefined : administrators?.value.assignments.find(({ brukerId }) => brukerId === whom);
}

function toldOrganisation(known: Organisation | undefined, { orgnr, isForeign }: Basis): object | undefined {
  if (known === undefined) return isForeign ? { orgnr } : undefined;
  const { mayBeTilbyder, mayBeKonsument, closed } = known;
  return { orgnr: known.orgnr, mayBeTilbyder, mayBeKonsument, closed: closed ?? null };
}

function toldMember({ orgnr, mayBeTilbyder, mayBeKonsument, closed, assignments }: JudgedOrganisation): object {
  return { orgnr, mayBeTilbyder, mayBeKonsument, closed: closed ?? null, assignments: assignments?.map(toldAssignment) };
}

function toldSettings({ fourEyes, longestGrantDays }: OrganisationSettings): object {
  return { fourEyes, longestGrantDays };
}

/** What two do together: the one asks for it, the other confirms. */
function toldOfTwo({ asked, isOfPending }: Act, { administrators, settings }: Basis, time: Instant): object {
  if (asked === undefined && isOfPending === undefined) return {};
  const pending = isOfPending === true ? settings?.value.pending : undefined;
  const since = Date.parse(pending?.askedAt ?? time);
  return {
    asked,
    pending: isOfPending === true ? (pending === undefined ? null : { askedBy: pending.askedBy, until: pending.until }) : undefined,
    staff: (administrators?.value.assignments ?? []).map((one) => ({
      ...toldAssignment(one),
      subject: one.brukerId,
      givenBy: one.givenBy,
      daysBefore: (since - Date.parse(one.givenAt)) / DAY_MS,
    })),
  };
}

function toldApplication({ id, tilbyder, state, roles }: Application): object {
  return { id, tilbyder, state, roles };
}

/** What the policies of all sides are told of what somebody may administer. */
export function toldAssignment(assignment: Pick<RoleAssignment, 'roles'> & Partial<RoleAssignment>): object {
  const { roles, applications, mayGive, from, until, withdrawn } = assignment;
  return { roles, applications, mayGive, from, until, withdrawn };
}

function isVerdict(value: unknown): value is Verdict {
  const verdict = value as Verdict;
  return (
    isRuling(value) &&
    isListOfTexts(verdict.grants) &&
    isListOfTexts(verdict.organisations) &&
    Array.isArray(verdict.shown) &&
    verdict.shown.every((one) => typeof one === 'boolean') &&
    (verdict.applications === null || isTexts(verdict.applications)) &&
    (verdict.held === null || ['over', 'open', 'standing'].includes(verdict.held)) &&
    (verdict.settings === null || typeof verdict.settings?.fourEyes === 'boolean') &&
    typeof verdict.needsTwo === 'boolean' &&
    typeof verdict.strands === 'boolean'
  );
}

function isListOfTexts(value: unknown): value is readonly (readonly string[])[] {
  return Array.isArray(value) && value.every(isTexts);
}
