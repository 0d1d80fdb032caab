import { present } from '#domain';
import { Turns } from '../turns.js';
import type { Asking } from './asking.js';
import { assertMayAsk } from './evaluate.js';
import type { JudgedKinds } from './judged-kinds.js';
import { candidatesOf, decideByKinds } from './kinds.js';
import { type Action, type Entity, type Evaluation, nameOf, type Properties, type Sought } from './nouns.js';
import { type AskedPage, type Found, placeIn } from './page-place.js';

/** A search, with what is searched for left out or without an id. */
type Searched =
  | { readonly search: 'subject'; readonly subject: Sought; readonly action: Action; readonly resource: Entity }
  | { readonly search: 'resource'; readonly subject: Entity; readonly action: Action; readonly resource: Sought }
  | { readonly search: 'action'; readonly subject: Entity; readonly resource: Entity };

/** See searchKinds. */
export type KindsSearch = Searched & { readonly context: Properties | undefined };
type Result<Search extends KindsSearch> = Search['search'] extends 'action' ? Action : Entity;

/** So many are judged at most for one page. */
const MOST_JUDGED = 2000;

/**
 * A search among kinds that a bundle judges: of those that may be meant each that evaluates to a yes, in the order of their ids or names. Where few do, or
 * the question is long, a page is shorter than asked for and says that there is more.
 * @param who names the caller, for the token of the next page
 * @throws MayNotAsk; ProblemError `invalid-request`, `evaluation-failed`
 */
export async function searchKinds<Search extends KindsSearch>(
  asking: Asking,
  kinds: JudgedKinds,
  { search, context, ...asked }: Search,
  page: AskedPage,
  who: string,
): Promise<Found<Result<Search>>> {
  const question = { ...asked, ...soughtIn(search, asked) };
  const place = placeIn(asking.parts, page, ['kinds', who, search, question, context]);
  const permission = await asking.mayAsk(kinds);
  assertMayAsk(permission);
  if (!permission.allowed) return { results: [] };
  const candidates = (await candidatesOf(kinds, search, present({ ...question, context }))) as readonly Result<Search>[];
  const left = place.from === undefined ? candidates : candidates.filter((one) => nameOf(one) > (place.from as string));
  const results: Result<Search>[] = [];
  const turns = new Turns();
  for (const [at, one] of left.entries()) {
    const evaluation = present({ ...question, [search]: one, context }) as unknown as Evaluation;
    if ((await decideByKinds(asking, kinds, evaluation)).answer.decision) {
      if (results.length === place.limit) return { results, nextToken: place.next(nameOf(results.at(-1) as Result<Search>)) };
      results.push(one);
    }
    const isEnough = at + 1 === MOST_JUDGED || asking.work.isEnough;
    if (isEnough && at + 1 < left.length) return { results, nextToken: place.next(nameOf(one)) };
    await turns.next();
  }
  return { results };
}

/** Of what is searched for an id that was sent is ignored. */
function soughtIn(search: KindsSearch['search'], asked: { readonly [part: string]: unknown }): object {
  if (search === 'action') return {};
  const { type, properties } = asked[search] as Sought;
  return { [search]: present({ type, properties }) };
}
