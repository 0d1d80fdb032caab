import { setImmediate } from 'node:timers/promises';
import { present } from '#domain';
import type { Asking } from './asking.js';
import { assertMayAsk } from './evaluate.js';
import { candidatesOf, decideByKinds, type JudgedKinds } from './kinds.js';
import type { Action, Entity, Evaluation, Properties, Sought } from './nouns.js';
import { type AskedPage, type Found, MAX_PAGE, openPlace, sealPlace } from './page-place.js';

/** A search, with what is searched for left out or without an id. */
type Searched =
  | { readonly search: 'subject'; readonly subject: Sought; readonly action: Action; readonly resource: Entity }
  | { readonly search: 'resource'; readonly subject: Entity; readonly action: Action; readonly resource: Sought }
  | { readonly search: 'action'; readonly subject: Entity; readonly resource: Entity };

/** See searchKinds. */
export type KindsSearch = Searched & { readonly context: Properties | undefined };
type Result<Search extends KindsSearch> = Search['search'] extends 'action' ? Action : Entity;

/** So many are judged in one turn. */
const TOGETHER = 50;

/**
 * A search among kinds that a bundle judges: of those that may be meant each that evaluates to a yes, in the order of their ids or names.
 * @param who names the caller, for the token of the next page
 * @throws MayNotAsk; ProblemError `invalid-request`, `evaluation-failed`
 */
export async function searchKinds<Search extends KindsSearch>(
  asking: Asking,
  kinds: JudgedKinds,
  { search, context, ...question }: Search,
  page: AskedPage,
  who: string,
): Promise<Found<Result<Search>>> {
  const { parts, caller } = asking;
  const asked = ['kinds', who, search, question, context];
  const from = openPlace(parts, page.token, asked);
  const permission = await asking.mayAsk(kinds);
  assertMayAsk(permission);
  if (!permission.allowed) return { results: [] };
  const limit = page.limit ?? MAX_PAGE;
  const found: Result<Search>[] = [];
  const sought = (question as { readonly [part: string]: { readonly type?: string } })[search]?.type;
  const candidates = (await candidatesOf(kinds, search, present({ ...question, context }))) as readonly Result<Search>[];
  const left = candidates.filter((one) => (from === undefined || nameOf(one) > from) && (!('type' in one) || one.type === sought));
  for (let at = 0; at < left.length && found.length <= limit; at += TOGETHER) {
    const some = left.slice(at, at + TOGETHER);
    const evaluations = some.map((one) => present({ ...question, [search]: one, context }) as unknown as Evaluation);
    const outcomes = await Promise.all(evaluations.map((evaluation) => decideByKinds(parts.judge, caller, kinds, evaluation)));
    found.push(...some.filter((_, i) => outcomes[i]?.answer.decision === true));
    await setImmediate();
  }
  const results = found.slice(0, limit);
  const last = results.at(-1);
  return present({ results, nextToken: found.length > limit && last !== undefined ? sealPlace(parts, nameOf(last), asked) : undefined });
}

function nameOf(one: Entity | Action): string {
  return 'id' in one ? one.id : one.name;
}
