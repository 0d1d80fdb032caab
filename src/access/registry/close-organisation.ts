import {
  type AppId,
  type BrukerId,
  type GrantDocument,
  givesThat,
  grantOf,
  type Instant,
  joined,
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
  /** Those whose persons had a grant of the new organisation already that gives all that the old one gave: it was left as it is. */
  readonly kept: number;
  /** Those that were joined with the new organisation's grant to one that gives what both gave. */
  readonly joined: number;
  /** Those whose persons have less afterwards: no one grant gives what both gave and nothing else, so the new organisation's was left as it is. */
  readonly lessened: number;
  /** Applications switched on for the new organisation. */
  readonly activated: number;
  /** Applications that the old organisation had on and the new one has switched off, and leaves off: what moves gives nothing there. */
  readonly leftOff: number;
}

/** What somebody has less of after a merge; without a person it is everybody's access in the application, which the new organisation has off. */
export interface Lessened {
  readonly appId: AppId;
  readonly brukerId?: BrukerId;
}

/** What a closing or merge has done, or would do. */
export interface Closing {
  readonly old: Organisation;
  readonly successor: Organisation | undefined;
  readonly report: ClosingReport;
  /** The first thousand of those that are `lessened` or `leftOff`. */
  readonly lessened: readonly Lessened[];
  /** Applications that the old organisation has registered; they are left as they are. */
  readonly ownApplications: number;
  /** What became of what other sides keep for it, in plain words, and how many. */
  readonly ofSides: ReadonlyMap<string, number>;
}

/** The end of an organisation, as another side has to do with it. */
export interface Ending {
  readonly orgnr: Orgnr;
  /** Where what it has goes on, if anywhere. */
  readonly into: Orgnr | undefined;
  /** Nothing is written. */
  readonly dryRun: boolean;
  readonly at: Instant;
  /** As events name who ends it. */
  readonly actor: string;
  /** The facts of a change. */
  facts(action: string): ChangeFacts;
  /** One more of what is told of. */
  count(what: string): void;
}

/** What another side keeps for organisations. Both may be broken off and begun anew. */
export interface EndingSide {
  /** Before a merged organisation ends: lets the other one have what goes on. */
  goesOn(parts: AccessParts, ending: Ending): Promise<void>;
  /** Once it has ceased: ends what is left. */
  end(parts: AccessParts, ending: Ending): Promise<void>;
}

const TOGETHER = 2000;
const MOST_NAMED = 1000;

/**
 * Ends an organisation. Without `into` it is konsument no more at once, then its grants are withdrawn, each with its event. With `into` what was
 * switched on is switched on there and the grants move to it on the same terms, each in one change, before the old organisation ends: at no moment
 * has anybody less than before, but for those that the report names. What other sides keep for it goes on or ends alike. May be repeated after an interruption.
 * @param options with `dryRun` nothing is written, and the report tells what would be
 * @throws ProblemError as authorize says; `organisation-not-found`, `invalid-request` if it would be merged into itself or into one that may
 * not be konsument, or has ceased already in another way
 */
export async function closeOrganisation(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr,
  options: { readonly into?: Orgnr; readonly reason?: string; readonly dryRun?: boolean; readonly sides?: readonly EndingSide[] },
): Promise<Closing> {
  const { into, reason, dryRun = false, sides = [] } = options;
  const successor = into === undefined ? undefined : (await collectionsOf(parts.store).organisations.get(into))?.value;
  const clearance = await leaveToClose(parts, request, orgnr, into, successor);
  const { at, actor } = clearance;
  const work: Work = {
    orgnr,
    into,
    dryRun,
    facts: present({ at, actor, reason }),
    count: { withdrawn: 0, moved: 0, kept: 0, joined: 0, lessened: 0, activated: 0, leftOff: 0 },
    named: [],
  };
  const ofSides = new Map<string, number>();
  const ending = endingOf(work, ofSides);
  if (into !== undefined) {
    await activateFor(parts, work, into);
    await sweep(parts, work);
    for (const side of sides) await side.goesOn(parts, ending);
  }
  if (!dryRun) await end(parts, work);
  // After its end nobody can give in its name any more. In a dry run all has been counted.
  if (!dryRun || into === undefined) {
    await sweep(parts, work);
    for (const side of sides) await side.end(parts, ending);
  }
  const ownApplications = await collectionsOf(parts.store).applications.count({ index: 'tilbyder', equals: orgnr });
  return { old: clearance.organisation, successor, report: work.count, lessened: work.named, ownApplications, ofSides };
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
  readonly named: Lessened[];
}

function endingOf({ orgnr, into, dryRun, facts }: Work, counted: Map<string, number>): Ending {
  return {
    orgnr,
    into,
    dryRun,
    at: facts.at,
    actor: facts.actor,
    facts: (action) => ({ ...facts, action, onBehalfOf: orgnr }),
    count: (what) => void counted.set(what, (counted.get(what) ?? 0) + 1),
  };
}

function name({ named }: Work, lessened: Lessened): void {
  if (named.length < MOST_NAMED) named.push(lessened);
}

/** Switches on for the new organisation what the old one had on; what the new one has decided for itself stands. */
async function activateFor({ store }: AccessParts, work: Work, into: Orgnr): Promise<void> {
  const { orgnr, dryRun, facts, count } = work;
  const { activations } = collectionsOf(store);
  for await (const { appId, active } of everyOf(activations, { index: 'konsument', equals: orgnr })) {
    if (!active) continue;
    const ours = await activations.get(activationKey(appId, into));
    if (ours?.value.active === false) {
      count.leftOff += 1;
      name(work, { appId });
    }
    if (ours !== undefined) continue;
    count.activated += 1;
    const activation = { konsument: into, appId, active: true, changedAt: facts.at };
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
async function sweep(parts: AccessParts, work: Work): Promise<void> {
  const { orgnr, into, dryRun, facts, count } = work;
  const { grantDocuments } = collectionsOf(parts.store);
  const change = { ...facts, action: into === undefined ? 'grant.withdraw' : 'grant.move', onBehalfOf: orgnr };
  let together: Promise<void>[] = [];
  for await (const document of everyOf(grantDocuments, { index: 'konsument', prefix: konsumentIndex(orgnr) })) {
    if (keptGrantOf(document, orgnr) === undefined) continue;
    const { appId, brukerId } = document;
    const key = documentKey(appId, brukerId);
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
        if (done.outcome === 'lessened') name(work, { appId, brukerId });
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
  readonly outcome?: 'withdrawn' | 'moved' | 'kept' | 'joined' | 'lessened';
}

/** Both halves in one change of one document: nobody is ever without, or has it twice. */
async function moved({ judge }: AccessParts, document: GrantDocument, from: Orgnr, into: Orgnr | undefined, at: Instant): Promise<Moved> {
  const held = keptGrantOf(document, from);
  if (held === undefined) return { document };
  const withdrawal = { at, by: 'operator' };
  const withdrawn = withoutGrant(document, from, withdrawal);
  if (into === undefined) return { document: withdrawn, outcome: 'withdrawn' };
  const there = grantOf(document, into);
  if (there === undefined || (await isOver(judge, there, at)))
    return { document: withMovedGrant(document, from, into, held, withdrawal), outcome: 'moved' };
  if (await isOver(judge, held, at)) return { document: withdrawn, outcome: 'kept' };
  // What is there already counts as long as it gives as much: that it is there says nothing of when.
  const both = joined(there, held, at);
  if (both === undefined) return { document: withdrawn, outcome: 'lessened' };
  if (givesThat(there, both)) return { document: withdrawn, outcome: 'kept' };
  return { document: withMovedGrant(document, from, into, both, withdrawal), outcome: 'joined' };
}
