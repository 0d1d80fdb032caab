import type { RoleAssignment } from '#domain';
import { ProblemError } from '#problem';

/** How many applications and roles the assignments of an organisation may name in all: they stand in one document, which every act reads. */
const MOST_NAMED = 5000;

/** The assignments with this one in the place of the person’s own. */
export function replaced(standing: readonly RoleAssignment[], assignment: RoleAssignment): readonly RoleAssignment[] {
  const at = standing.findIndex(({ brukerId }) => brukerId === assignment.brukerId);
  return at === -1 ? [...standing, assignment] : standing.with(at, assignment);
}

/**
 * The same, held to what one document may hold; it is written at the revision that it was made from, so nothing comes in between. Of those that are
 * withdrawn the latest are kept, as many as may stand, and not what they were limited to: that is in the history.
 * @throws ProblemError `quota-reached` if this one makes more than may be; never for one that is withdrawn
 */
export function seated(before: readonly RoleAssignment[], assignment: RoleAssignment, most: number): readonly RoleAssignment[] {
  const after = replaced(before, assignment);
  const standing = after.filter(isStanding);
  if (isStanding(assignment)) {
    const isMore = standing.length > before.filter(isStanding).length;
    if (isMore && standing.length > most)
      throw new ProblemError('quota-reached', {
        detail: `An organisation may have ${most} administrators: remove one that is no longer needed, or ask the operator for more.`,
      });
    if (
      namedBy(standing) > MOST_NAMED &&
      namedBy([assignment]) > namedBy(before.filter(({ brukerId }) => brukerId === assignment.brukerId))
    )
      throw new ProblemError('quota-reached', {
        detail: `The administrators of an organisation may name ${MOST_NAMED} applications and roles together: leave out \`applikasjoner\` or \`kanGi\` where all are meant, or remove administrators.`,
      });
  }
  const withdrawn = after.filter((one) => !isStanding(one)).map(({ applications: _, mayGive: __, ...rest }) => rest);
  const dropped = new Set(withdrawn.sort(byWithdrawal).slice(0, -most));
  const kept = new Map(withdrawn.filter((one) => !dropped.has(one)).map((one) => [one.brukerId, one]));
  return after.flatMap((one) => (isStanding(one) ? one : (kept.get(one.brukerId) ?? [])));
}

function isStanding({ withdrawn }: RoleAssignment): boolean {
  return withdrawn === undefined;
}

function namedBy(assignments: readonly RoleAssignment[]): number {
  return assignments.reduce((sum, { applications = [], mayGive = [] }) => sum + applications.length + mayGive.length, 0);
}

function byWithdrawal(a: RoleAssignment, b: RoleAssignment): number {
  return (a.withdrawn?.at ?? '') < (b.withdrawn?.at ?? '') ? -1 : 1;
}
