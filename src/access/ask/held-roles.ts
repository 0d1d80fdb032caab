import { isTexts, type Judge, type Rule } from '#decisions';
import type { Application, Grant, Instant } from '#domain';

/** What grants in one application by one konsument depend on besides themselves. */
export interface GrantSurroundings {
  /** Absent if it is not registered (any more). */
  readonly application: Pick<Application, 'state' | 'roles'> | undefined;
  readonly activated: boolean;
  readonly mayBeKonsument: boolean;
}

/** What one grant gives at a moment. */
export interface HeldRoles {
  readonly roles: readonly string[];
  /** Why it does not give all of its roles then, as slugs of the policy. */
  readonly hindrances: readonly string[];
}

const ROLES: Rule<readonly HeldRoles[]> = { entrypoint: 'tilgang/held/roles', isAnswer: isHeldList };

/**
 * What each of the grants gives at a moment, in their order. One question, about one application: its judge may be its own.
 * @throws ProblemError `evaluation-failed`
 */
export async function heldRoles(
  judge: Judge,
  { application, activated, mayBeKonsument }: GrantSurroundings,
  grants: readonly Grant[],
  time: Instant,
): Promise<readonly HeldRoles[]> {
  if (grants.length === 0) return [];
  // Most grants of a page are alike: what the policy is told of them is asked about once.
  const kinds = new Map<string, number>();
  const asked: object[] = [];
  const places = grants.map(({ roles, from, until, withdrawn }) => {
    const grant = { roles, from, until, withdrawn, activated, mayBeKonsument };
    const kind = JSON.stringify(grant);
    const place = kinds.get(kind) ?? asked.push(grant) - 1;
    kinds.set(kind, place);
    return place;
  });
  const judged = application === undefined ? undefined : { state: application.state, roles: application.roles };
  const input = { application: judged, grants: asked, context: { time } };
  const { answer } = await judge.ask(ROLES, input, ({ length }) => length === asked.length);
  return places.map((place) => answer[place] as HeldRoles);
}

function isHeldList(value: unknown): value is readonly HeldRoles[] {
  return Array.isArray(value) && value.every((one: Partial<HeldRoles> | null) => isTexts(one?.roles) && isTexts(one?.hindrances));
}
