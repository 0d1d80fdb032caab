import { setImmediate as turn } from 'node:timers/promises';
import { GAP_PATH } from '#decisions';
import { type Application, type BundleRef, type Instant, present, type SecurityLevel, toInstant } from '#domain';
import type { AdminRequest } from '../administer/authorize.js';
import type { AccessQuestion } from '../ask/access-input.js';
import { type BundleLeave, type BundlePlace, leaveFor, storedBundle } from '../bundles/leave.js';
import type { OwnRules } from '../bundles/own-rules.js';
import { type AccessParts, collectionsOf, pagesOf } from '../parts.js';
import { keepComparison } from './approval.js';
import { compareMany, type Difference, type RuleSets } from './difference.js';
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
/** How many questions and grants are compared in one turn of the event loop: the standard rules answer at once, so that it is some milliseconds. */
const CHUNK = 400;
/** Chunks that are under way at once: enough for a thread that it never waits for us, and less than may wait for it. */
const UNDER_WAY = 3;
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
  const chunks = new Chunks((groups) => compareGroups(compared, groups, options));
  for await (const page of pagesOf(grantDocuments, where, PAGE)) {
    const documents = page.map(({ value }) => value);
    for (const group of await questions.of(documents)) if (chunks.isFilledBy(group)) await chunks.begin();
    done += page.length;
    onProgress?.(done, total);
    if (over?.aborted === true) break;
  }
  await chunks.end();
  const comparison = { ...found(compared), isComplete: over?.aborted !== true };
  return options.at === undefined && options.levels === undefined ? keepComparison(parts, leave, comparison) : comparison;
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
  const chunks = new Chunks((groups) => compareGroups(compared, groups, options));
  let isWhole = true;
  let done = 0;
  for await (const { path, input } of decisions) {
    if (path === GAP_PATH) isWhole = false;
    if (path !== SEARCH || !isAbout(input, application)) continue;
    const question = questionOf(input, application);
    if (question === undefined) isWhole = false;
    else if (chunks.isFilledBy([question])) await chunks.begin();
    done += 1;
    if (done % PAGE === 0) options.onProgress?.(done, done);
    if (options.over?.aborted === true) break;
  }
  await chunks.end();
  options.onProgress?.(done, done);
  return { ...found(compared), isComplete: isWhole && options.over?.aborted !== true };
}

/** Questions about one person in one role, in several circumstances: what differs in any of them differs once. */
type Group = readonly AccessQuestion[];

/**
 * Gathers groups for work that takes many at once: as many as are a chunk, or what came in one turn of the event loop. A few such works are under way together, and
 * others have their turn between them.
 */
class Chunks {
  readonly #work: (groups: readonly Group[]) => Promise<void>;
  readonly #underWay = new Set<Promise<void>>();
  #groups: Group[] = [];
  #weight = 0;
  #fault: { readonly cause: unknown } | undefined;

  constructor(work: (groups: readonly Group[]) => Promise<void>) {
    this.#work = work;
  }

  /** Takes one more group: whether it is time to begin. */
  isFilledBy(group: Group): boolean {
    if (this.#groups.length === 0) setImmediate(() => this.#start());
    this.#groups.push(group);
    for (const { grants } of group) this.#weight += 1 + grants.length;
    return this.#weight >= CHUNK;
  }

  /** Begins with what was gathered, once there is room. @throws what work has thrown that was begun before */
  async begin(): Promise<void> {
    while (this.#underWay.size >= UNDER_WAY) await Promise.race(this.#underWay);
    this.#start();
    await turn();
    if (this.#fault !== undefined) throw this.#fault.cause;
  }

  /** Begins with the rest, and waits for all of it. @throws as begin */
  async end(): Promise<void> {
    await this.begin();
    await Promise.all(this.#underWay);
    if (this.#fault !== undefined) throw this.#fault.cause;
  }

  #start(): void {
    if (this.#groups.length === 0 || this.#underWay.size >= UNDER_WAY) return;
    const work = this.#work(this.#groups)
      .catch((cause: unknown) => {
        this.#fault ??= { cause };
      })
      .finally(() => {
        this.#underWay.delete(work);
        this.#start();
      });
    this.#underWay.add(work);
    this.#groups = [];
    this.#weight = 0;
  }
}

interface Compared {
  readonly leave: BundleLeave;
  readonly rules: RuleSets;
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
  const [before, next] = await Promise.all([ownBundles.rulesOf(leave.binding), rulesOfCandidate(parts, leave, candidate)]);
  return {
    leave,
    rules: { standard, before, after: next.rules },
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

async function compareGroups(
  { rules, tally }: Compared,
  groups: readonly Group[],
  { onDifference }: Pick<ComparisonOptions, 'onDifference'>,
): Promise<void> {
  const all = await compareMany(rules, groups.flat());
  let end = 0;
  for (const group of groups) {
    end += group.length;
    const found = all.slice(end - group.length, end);
    for (const one of found) tally.asked(one);
    for (const difference of onceEach(found.flatMap(({ differences }) => differences))) {
      tally.differs(difference);
      await onDifference?.(difference);
    }
  }
}

/** What differs in several circumstances, with the reasons of all. */
function onceEach(differences: readonly Difference[]): readonly Difference[] {
  if (differences.length < 2) return differences;
  const once = new Map<string, Difference>();
  for (const difference of differences) {
    const key = `${difference.kind} ${difference.konsument}`;
    const known = once.get(key);
    const reasons = [...new Set([...(known?.reasons ?? []), ...difference.reasons])];
    once.set(key, { ...(known ?? difference), reasons });
  }
  return [...once.values()];
}

function isAbout(input: unknown, { id }: Application): boolean {
  return (input as { readonly application?: { readonly id?: unknown } } | null)?.application?.id === id;
}

function found({ leave, candidate, tally }: Compared): Omit<Comparison, 'isComplete'> {
  return { ...tally.totals, counts: tally.counts, ...present({ active: leave.binding.active, candidate }) };
}
