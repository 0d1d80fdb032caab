import { setImmediate } from 'node:timers/promises';
import { GAP_PATH } from '#decisions';
import { type Application, type BundleRef, type Instant, present, type SecurityLevel, toInstant } from '#domain';
import type { AdminRequest } from '../administer/authorize.js';
import { type BundleLeave, type BundlePlace, leaveFor, storedBundle } from '../bundles/leave.js';
import type { OwnRules } from '../bundles/own-rules.js';
import { type AccessParts, collectionsOf, pagesOf } from '../parts.js';
import { keepComparison } from './approval.js';
import { compareOne, type Difference, type RuleSet, ruleSets } from './difference.js';
import { type Circumstances, GrantQuestions, questionOf } from './questions.js';
import { type Comparison, Tally } from './tally.js';

/** What the active bundle is held against: one that was pushed, the bytes of one that was not, or the standard rules alone. */
export type Candidate = { readonly revision: string } | { readonly bytes: Uint8Array } | 'standard';

/** How two bundles are compared. */
export interface ComparisonOptions {
  /** The moment that persons ask at; now if absent. */
  readonly at?: Instant;
  /** The log-ins that they ask with; substantial and high if absent. */
  readonly levels?: readonly (SecurityLevel | undefined)[];
  /** Is told each difference; for the operator alone, since it names persons. */
  readonly onDifference?: (difference: Difference) => void | Promise<void>;
  /** Is told how many persons, or decisions, are behind us, and of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends it, not complete. */
  readonly over?: AbortSignal;
}

/** A decision of the log. */
export interface LoggedQuestion {
  readonly path: string;
  readonly input?: unknown;
}

const LEVELS: readonly SecurityLevel[] = ['substantial', 'high'];
/** Persons that are read at once, and decisions of which progress is told. */
const PAGE = 100;
/** Questions that are begun in one turn of the event loop: the standard rules answer at once, so that it is some milliseconds. */
const BEGUN_AT_ONCE = 50;
/** Questions that are under way at once: enough for a thread that it never waits for us, and far less than may wait for it. */
const MOST_UNDER_WAY = 300;
const SEARCH = 'tilgang/access/search';

/**
 * Who would gain and who would lose access, over all current grants of an application, if the candidate judged. Memory does not grow with the number of grants.
 * What a whole comparison of a pushed bundle has found is kept, if persons were asked about as they ask now: an activation may ask for it.
 * @throws ProblemError as authorize says; `not-found`, `bundle-invalid`; `evaluation-failed` if a bundle cannot be had
 */
export async function compareGrants(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  candidate: Candidate,
  options: ComparisonOptions = {},
): Promise<Comparison> {
  const compared = await begin(parts, request, place, candidate, options);
  const { leave, over } = compared;
  const { at = toInstant(parts.clock()), levels = LEVELS, onProgress } = options;
  const { grantDocuments } = collectionsOf(parts.store);
  const application = leave.application.value;
  const questions = new GrantQuestions(parts, application, { at, levels } satisfies Circumstances);
  const where = { prefix: `${application.id}/` };
  const total = await grantDocuments.count(where);
  let done = 0;
  // While the threads judge some persons the next are read, and judged by what judges here.
  const pace = new Pace();
  for await (const page of pagesOf(grantDocuments, where, PAGE)) {
    const documents = page.map(({ value }) => value);
    for (const group of await questions.of(documents)) await pace.begin(group.length, () => compareGroup(compared, group, options));
    done += page.length;
    onProgress?.(done, total);
    if (over?.aborted === true) break;
  }
  await pace.end();
  const comparison = { ...found(compared), isComplete: over?.aborted !== true };
  if (options.at === undefined && options.levels === undefined) await keepComparison(parts, leave, comparison);
  return comparison;
}

/**
 * Which of the decisions that were logged would be others if the candidate judged: each question is put again, as it was, to the rules that are active and to the
 * candidate's.
 * @param decisions of any application; those of others are passed over
 * @throws as compareGrants
 */
export async function compareDecisions(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  candidate: Candidate,
  decisions: AsyncIterable<LoggedQuestion>,
  options: Omit<ComparisonOptions, 'at' | 'levels'> = {},
): Promise<Comparison> {
  const compared = await begin(parts, request, place, candidate, options);
  const application = compared.leave.application.value;
  const pace = new Pace();
  let isWhole = true;
  let done = 0;
  for await (const { path, input } of decisions) {
    if (path === GAP_PATH) isWhole = false;
    if (path !== SEARCH || !isAbout(input, application)) continue;
    const question = questionOf(input, application);
    if (question === undefined) isWhole = false;
    else await pace.begin(1, () => compareGroup(compared, [question], options));
    done += 1;
    if (done % PAGE === 0) options.onProgress?.(done, done);
    if (options.over?.aborted === true) break;
  }
  await pace.end();
  options.onProgress?.(done, done);
  return { ...found(compared), isComplete: isWhole && options.over?.aborted !== true };
}

/** What is under way at once, within bounds; and in each turn of the event loop only so much is begun that others have theirs. */
class Pace {
  #questions = 0;
  #begun = 0;
  #fault: { readonly cause: unknown } | undefined;
  #waiting: { readonly most: number; readonly resolve: () => void } | undefined;

  /** Begins work of so many questions, once there is room. @throws what work has thrown that was begun before */
  async begin(questions: number, work: () => Promise<void>): Promise<void> {
    // Not for each that ends: what comes then goes to the thread together.
    if (this.#questions + questions > MOST_UNDER_WAY) await this.#until(MOST_UNDER_WAY / 2);
    this.#questions += questions;
    void work()
      .catch((cause: unknown) => {
        this.#fault ??= { cause };
      })
      .finally(() => {
        this.#questions -= questions;
        if (this.#waiting !== undefined && this.#questions <= this.#waiting.most) this.#waiting.resolve();
      });
    this.#begun += questions;
    if (this.#begun < BEGUN_AT_ONCE) return;
    this.#begun = 0;
    await setImmediate();
  }

  /** Waits for all of it. @throws as begin */
  async end(): Promise<void> {
    await this.#until(0);
  }

  async #until(most: number): Promise<void> {
    if (this.#questions > most) {
      await new Promise<void>((resolve) => {
        this.#waiting = { most, resolve };
      });
      this.#waiting = undefined;
    }
    if (this.#fault !== undefined) throw this.#fault.cause;
  }
}

interface Compared {
  readonly leave: BundleLeave;
  readonly before: RuleSet;
  readonly after: RuleSet;
  readonly tally: Tally;
  readonly candidate: BundleRef | undefined;
  readonly over: AbortSignal | undefined;
}

async function begin(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  candidate: Candidate,
  { onDifference, over }: ComparisonOptions,
): Promise<Compared> {
  const leave = await leaveFor(parts, request, place, 'bundle.compare');
  if (onDifference !== undefined) await leaveFor(parts, request, place, 'bundle.persons');
  const { judge: standard, ownBundles } = parts;
  const [own, next] = await Promise.all([ownBundles.rulesOf(leave.binding), rulesOfCandidate(parts, leave, candidate)]);
  const [before, after] = ruleSets(standard, own, next.rules);
  return {
    leave,
    before,
    after,
    tally: new Tally(),
    candidate: next.ref,
    over,
  };
}

async function rulesOfCandidate(
  parts: AccessParts,
  { application, binding }: BundleLeave,
  candidate: Candidate,
): Promise<{ readonly rules: OwnRules | undefined; readonly ref: BundleRef | undefined }> {
  const { ownBundles } = parts;
  const { id } = application.value;
  if (candidate === 'standard') return { rules: undefined, ref: undefined };
  if ('bytes' in candidate) {
    const rules = await ownBundles.compile(candidate.bytes, { name: `${id}/candidate`, isTrusted: false });
    return { rules, ref: undefined };
  }
  const { revision, digest } = await storedBundle(parts, id, candidate.revision);
  const ref = { revision, digest };
  return { rules: await ownBundles.rulesBy(id, ref, binding.trusted?.digest === ref.digest), ref };
}

/** Questions about one person in one role, in several circumstances: what differs in any of them differs once. */
async function compareGroup(
  { before, after, tally }: Compared,
  questions: Awaited<ReturnType<GrantQuestions['of']>>[number],
  { onDifference }: Pick<ComparisonOptions, 'onDifference'>,
): Promise<void> {
  const all = await Promise.all(questions.map((question) => compareOne(before, after, question)));
  const different = new Map<string, Difference>();
  for (const one of all) {
    tally.asked(one);
    for (const difference of one.differences) {
      const key = `${difference.kind} ${difference.konsument}`;
      const known = different.get(key);
      const reasons = [...new Set([...(known?.reasons ?? []), ...difference.reasons])];
      different.set(key, { ...(known ?? difference), reasons });
    }
  }
  for (const difference of different.values()) {
    tally.differs(difference);
    await onDifference?.(difference);
  }
}

function isAbout(input: unknown, { id }: Application): boolean {
  return (input as { readonly application?: { readonly id?: unknown } } | null)?.application?.id === id;
}

function found({ leave, candidate, tally }: Compared): Omit<Comparison, 'isComplete'> {
  return { ...tally.totals, counts: tally.counts, ...present({ active: leave.binding.active, candidate }) };
}
