import {
  type GrantDocument,
  grantOf,
  type Instant,
  keptGrantOf,
  type Organisation,
  type Orgnr,
  present,
  withMovedGrant,
  withoutGrant,
} from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts } from '#storage';
import { type AdminRequest, type Clearance, judge, refuseAsJudged } from '../administer/authorize.js';
import { isOver } from '../ask/over.js';
import { changeDocument } from '../grants/change-document.js';
import { type AccessParts, activationKey, collectionsOf, documentKey, everyOf, konsumentIndex } from '../parts.js';
import { repeated } from '../repeated.js';

/** How many of what has ended, moved or been switched on. */
export interface ClosingReport {
  /** Grants of the old organisation that are withdrawn now. */
  readonly withdrawn: number;
  /** Those of them that the new organisation has given instead. */
  readonly moved: number;
  /** Those whose persons had a grant of the new organisation already, which was left as it is. */
  readonly kept: number;
  /** Applications switched on for the new organisation. */
  readonly activated: number;
}

/** What a closing or merge has done, or would do. */
export interface Closing {
  readonly old: Organisation;
  readonly successor: Organisation | undefined;
  readonly report: ClosingReport;
  /** Applications that the old organisation has registered; they are left as they are. */
  readonly ownApplications: number;
}

const TOGETHER = 2000;

/**
 * Ends an organisation. Without `into` it is konsument no more at once, then its grants are withdrawn, each with its event. With `into` what was
 * switched on is switched on there and the grants move to it on the same terms, each in one change, before the old organisation ends: nobody is
 * without meanwhile. May be repeated after an interruption.
 * @param options with `dryRun` nothing is written, and the report tells what would be
 * @throws ProblemError as authorize says; `organisation-not-found`, `invalid-request` if it would be merged into itself or into one that may
 * not be konsument, or has ceased already in another way
 */
export async function closeOrganisation(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr,
  options: { readonly into?: Orgnr; readonly reason?: string; readonly dryRun?: boolean },
): Promise<Closing> {
  const { into, reason, dryRun = false } = options;
  const successor = into === undefined ? undefined : (await collectionsOf(parts.store).organisations.get(into))?.value;
  const clearance = await leaveToClose(parts, request, orgnr, into, successor);
  const { at, actor } = clearance;
  const work: Work = {
    orgnr,
    into,
    dryRun,
    facts: present({ at, actor, reason }),
    count: { withdrawn: 0, moved: 0, kept: 0, activated: 0 },
  };
  if (into !== undefined) {
    await activateFor(parts, work, into);
    await sweep(parts, work);
  }
  if (!dryRun) await end(parts, work);
  // After its end nobody can give in its name any more. In a dry run all has been counted.
  if (!dryRun || into === undefined) await sweep(parts, work);
  const ownApplications = await collectionsOf(parts.store).applications.count({ index: 'tilbyder', equals: orgnr });
  return { old: clearance.organisation, successor, report: work.count, ownApplications };
}

async function leaveToClose(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr,
  into: Orgnr | undefined,
  successor: Organisation | undefined,
): Promise<Clearance> {
  const told = successor === undefined ? undefined : { orgnr: successor.orgnr, mayBeKonsument: successor.mayBeKonsument };
  const act = { action: into === undefined ? 'organisation.close' : 'organisation.merge', orgnr, successor: told };
  const judgement = await judge(parts, request, act);
  if (judgement.clearance !== undefined) return judgement.clearance;
  const problem = await refuseAsJudged(parts, request, act, judgement);
  const closed = judgement.basis.organisation?.value.closed;
  if (judgement.reasons[0] !== 'organisation_closed' || closed === undefined) throw problem;
  const how = closed.into === undefined ? 'without a successor' : `by a merge into ${closed.into}`;
  throw new ProblemError('invalid-request', { detail: `The organisation has ceased already, ${how}.` });
}

interface Work {
  readonly orgnr: Orgnr;
  readonly into: Orgnr | undefined;
  readonly dryRun: boolean;
  readonly facts: Pick<ChangeFacts, 'at' | 'actor' | 'reason'>;
  readonly count: { -readonly [K in keyof ClosingReport]: number };
}

/** Switches on for the new organisation what the old one had on; what the new one has decided for itself stands. */
async function activateFor({ store }: AccessParts, { orgnr, dryRun, facts, count }: Work, into: Orgnr): Promise<void> {
  const { activations, applications } = collectionsOf(store);
  for await (const { id } of everyOf(applications)) {
    const [theirs, ours] = await activations.getMany([activationKey(id, orgnr), activationKey(id, into)]);
    if (theirs?.value.active !== true || ours !== undefined) continue;
    count.activated += 1;
    const activation = { konsument: into, appId: id, active: true, changedAt: facts.at };
    const change = { ...facts, action: 'activation.activate', onBehalfOf: into };
    if (!dryRun) await activations.put(activation, { expect: 'absent', facts: change });
  }
}

async function end({ store }: AccessParts, { orgnr, into, facts }: Work): Promise<void> {
  const { organisations } = collectionsOf(store);
  await repeated(async () => {
    const old = await organisations.get(orgnr);
    if (old === undefined || old.value.closed !== undefined) return;
    const closed = present({ at: facts.at, into });
    const action = into === undefined ? 'organisation.close' : 'organisation.merge';
    const after = { ...old.value, mayBeKonsument: false, mayBeTilbyder: false, closed };
    await organisations.put(after, { expect: old.revision, facts: { ...facts, action, onBehalfOf: orgnr } });
  });
}

/** Moves or withdraws all grants that the organisation keeps. */
async function sweep(parts: AccessParts, { orgnr, into, dryRun, facts, count }: Work): Promise<void> {
  const { grantDocuments } = collectionsOf(parts.store);
  const change = { ...facts, action: into === undefined ? 'grant.withdraw' : 'grant.move', onBehalfOf: orgnr };
  let together: Promise<void>[] = [];
  for await (const document of everyOf(grantDocuments, { index: 'konsument', prefix: konsumentIndex(orgnr) })) {
    if (keptGrantOf(document, orgnr) === undefined) continue;
    const key = documentKey(document.appId, document.brukerId);
    let done: Moved = { document };
    const rewrite = async (before: GrantDocument | undefined): Promise<GrantDocument | undefined> => {
      if (before === undefined) return undefined;
      done = await moved(parts, before, orgnr, into, facts.at);
      return done.document;
    };
    const written = dryRun
      ? rewrite(document)
      : grantDocuments.get(key).then((stored) => changeDocument(parts, key, stored, rewrite, change));
    together.push(
      written.then(() => {
        if (done.outcome === undefined) return; // Somebody else has withdrawn it meanwhile.
        count.withdrawn += 1;
        if (done.outcome !== 'withdrawn') count[done.outcome] += 1;
      }),
    );
    if (together.length === TOGETHER) {
      await Promise.all(together);
      together = [];
    }
  }
  await Promise.all(together);
}

interface Moved {
  readonly document: GrantDocument;
  readonly outcome?: 'withdrawn' | 'moved' | 'kept';
}

/** Both halves in one change of one document: nobody is ever without, or has it twice. */
async function moved({ judge }: AccessParts, document: GrantDocument, from: Orgnr, into: Orgnr | undefined, at: Instant): Promise<Moved> {
  if (keptGrantOf(document, from) === undefined) return { document };
  const withdrawal = { at, by: 'operator' };
  if (into === undefined) return { document: withoutGrant(document, from, withdrawal), outcome: 'withdrawn' };
  const there = grantOf(document, into);
  if (there !== undefined && !(await isOver(judge, there, at)))
    return { document: withoutGrant(document, from, withdrawal), outcome: 'kept' };
  return { document: withMovedGrant(document, from, into, withdrawal), outcome: 'moved' };
}
