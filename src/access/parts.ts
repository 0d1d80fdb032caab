import { setImmediate } from 'node:timers/promises';
import type { Decisions, Judge } from '#decisions';
import {
  type Activation,
  type Administrators,
  type AppId,
  type Application,
  type BrukerId,
  type Day,
  type Grant,
  type GrantDocument,
  type Instant,
  type Logo,
  type Organisation,
  type OrganisationSettings,
  type Orgnr,
  type PolicyBinding,
  present,
} from '#domain';
import type { PersonVault } from '#persons';
import { type Collection, type Entity, openedOnce, type Store, type Stored } from '#storage';
import type { AccessQuestion } from './ask/access-input.js';
import type { JudgedKinds } from './authzen/judged-kinds.js';
import type { RoomKinds } from './authzen/room-kinds.js';
import {
  bundleParts,
  bundleReports,
  bundleRooms,
  policyBindings,
  policyBundles,
  policyKeys,
  policySources,
  standardBundles,
} from './bundles/entities.js';
import type { OwnBundles } from './bundles/own-rules.js';
import { keptComparisons } from './comparison/approval-entity.js';
import { shadowReports } from './comparison/shadow-report.js';
import type { Quotas } from './settings.js';
import type { AccessUses } from './uses/use-kind.js';

/** Key: organisation number. */
export const organisations: Entity<Organisation> = {
  name: 'organisation',
  isRegistry: true,
  key: ({ orgnr }) => orgnr,
  indexes: { kommunenummer: { unique: true, values: ({ kommunenummer }) => (kommunenummer === undefined ? [] : [kommunenummer]) } },
  concerns: (before, after) => ownersOf(before?.orgnr, after?.orgnr),
};

/** Key: App-ID. */
export const applications: Entity<Application> = {
  name: 'application',
  isRegistry: true,
  key: ({ id }) => id,
  indexes: {
    tilbyder: { values: ({ tilbyder }) => [tilbyder] },
    stage: { values: ({ tilbyder, state }) => [stageIndex(tilbyder, state)] },
    // What konsumenter are offered: they never read what others prepare.
    offered: { values: ({ id, state }) => (state === 'active' ? [id] : []) },
    seat: { unique: true, values: ({ tilbyder, state, seats }) => (state === 'retired' || !seats ? [] : [seatIndex(tilbyder, seats.any)]) },
    draftSeat: {
      unique: true,
      values: ({ tilbyder, state, seats }) => (state === 'draft' && seats ? [seatIndex(tilbyder, seats.draft)] : []),
    },
  },
  concerns: (before, after) => ownersOf(before?.tilbyder, after?.tilbyder),
};

/** Key: App-ID. Apart from the application, so that a decision does not read a picture. */
export const logos: Entity<Logo> = {
  name: 'logo',
  key: ({ appId }) => appId,
  indexes: {},
  concerns: (before, after) => ownersOf(before?.tilbyder, after?.tilbyder),
};

/** Key: App-ID and konsument. */
export const activations: Entity<Activation> = {
  name: 'activation',
  isRegistry: true,
  key: ({ appId, konsument }) => activationKey(appId, konsument),
  indexes: {
    konsument: { values: ({ konsument }) => [konsument] },
    on: { values: ({ konsument, appId, active }) => (active ? [onIndex(konsument, appId)] : []) },
  },
  concerns: (before, after) => ownersOf(before?.konsument, after?.konsument),
};

/** Key: App-ID and person, so that a decision is one point read and an application's documents lie side by side. */
export const grantDocuments: Entity<GrantDocument> = {
  name: 'grant-document',
  key: ({ appId, brukerId }) => documentKey(appId, brukerId),
  indexes: {
    konsument: { values: ({ appId, grants }) => grants.map((grant) => konsumentIndex(grant.konsument, appId, standingOf(grant))) },
    ending: {
      values: ({ grants }) =>
        grants.flatMap(({ konsument, until, withdrawn }) =>
          until === undefined || withdrawn !== undefined ? [] : [endingIndex(konsument, until)],
        ),
    },
    // Withdrawn ones too: where a konsument's person is to be looked for, whatever others have given.
    person: { values: ({ brukerId, grants }) => grants.map(({ konsument }) => personIn(konsument, brukerId)) },
  },
  // Whose grant is another one after the change: a konsument hears nothing of what others do.
  concerns: (before, after) => {
    const was = new Map(before?.grants.map((grant) => [grant.konsument, grant.revision]));
    return (after?.grants ?? []).flatMap(({ konsument, revision }) =>
      was.get(konsument) === revision ? [] : [konsument, personIn(konsument, (after as GrantDocument).brukerId)],
    );
  },
};

/** Key: organisation number. */
export const administrators: Entity<Administrators> = {
  name: 'administrators',
  isRegistry: true,
  key: ({ orgnr }) => orgnr,
  indexes: {
    bruker: {
      values: ({ assignments }) => assignments.flatMap(({ brukerId, withdrawn }) => (withdrawn === undefined ? [brukerId] : [])),
    },
  },
  // The organisation, and each person of it whose assignment is another one after the change.
  concerns: (before, after) => {
    const was = new Map(before?.assignments.map(({ brukerId, revision }) => [brukerId, revision]));
    const changed = (after?.assignments ?? []).filter(({ brukerId, revision }) => was.get(brukerId) !== revision);
    return [
      ...ownersOf(before?.orgnr, after?.orgnr),
      ...changed.map(({ brukerId }) => personIn((after as Administrators).orgnr, brukerId)),
    ];
  },
};

/** Key: organisation number. */
export const settings: Entity<OrganisationSettings> = {
  name: 'settings',
  isRegistry: true,
  key: ({ orgnr }) => orgnr,
  indexes: {},
  concerns: (before, after) => ownersOf(before?.orgnr, after?.orgnr),
};

/** The last attempt of somebody that was refused; those before it are in its history. */
export interface Refusal {
  readonly actor: string;
  readonly action: string;
  /** Only if there is such an organisation. */
  readonly orgnr?: Orgnr;
  readonly appId?: AppId;
  readonly reasons: readonly string[];
}

/** Key: who tried. */
export const refusals: Entity<Refusal> = {
  name: 'refusal',
  key: ({ actor }) => actor,
  indexes: {},
  concerns: (_, after) => ownersOf(after?.orgnr),
};

/** Who looked a person up last for an organisation; those before are in its history. */
export interface LookUp {
  readonly orgnr: Orgnr;
  /** Who was looked up, known here or not. */
  readonly brukerId: BrukerId;
  readonly actor: string;
  /** What was asked about, if it was a moment in the past. */
  readonly at?: Instant;
}

/** Key: organisation number and who was looked up, so that a person can be told who has. */
export const lookUps: Entity<LookUp> = {
  name: 'look-up',
  key: ({ orgnr, brukerId }) => personIn(orgnr, brukerId),
  indexes: {},
  concerns: (_, after) => (after === undefined ? [] : [after.orgnr, personIn(after.orgnr, after.brukerId)]),
};

/** How far an import has come that its caller may have to send again. */
export interface ImportProgress {
  /** Of caller, organisation and Idempotency-Key. */
  readonly key: string;
  readonly expiresAt: Instant;
  /** Lines that are done, and what they were: fingerprint of their fields. */
  readonly lines: number;
  readonly digest: string;
  readonly given: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Lines that may not be given; they are not judged again. */
  readonly refused: number;
  /** The applications in which something was given: whoever asks again must reach them still. */
  readonly applications?: readonly AppId[];
  /** The first of them. */
  readonly faults: readonly { readonly line: number; readonly field?: string; readonly detail: string }[];
  /** Until when an attempt is thought to be at work: no other may begin before. */
  readonly atWorkUntil?: Instant;
  /** How many grants it withdrew; present once it is finished. */
  readonly withdrawn?: number;
}

/** Key: of caller, organisation and Idempotency-Key. */
export const importProgress: Entity<ImportProgress> = {
  name: 'import-progress',
  key: ({ key }) => key,
  indexes: {},
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

/** The last day on which a grant was what somebody was let in by. */
export interface GrantUse {
  readonly appId: AppId;
  readonly brukerId: BrukerId;
  readonly konsument: Orgnr;
  readonly day: Day;
}

/** Key: App-ID, person and konsument. Apart from the grants: it changes by being used, not by anybody's doing. */
export const grantUses: Entity<GrantUse> = {
  name: 'grant-use',
  key: ({ appId, brukerId, konsument }) => useKey(appId, brukerId, konsument),
  indexes: {},
  keepsNoHistory: true,
};

/** Since when it is noted that grants are used: of those before, nobody knows. */
export interface UseRecord {
  readonly name: 'use-record';
  readonly since: Day;
}

/** One document. */
export const useRecords: Entity<UseRecord> = { name: 'use-record', key: ({ name }) => name, indexes: {}, keepsNoHistory: true };

/** All that this room keeps, by the names of its collections. */
const KEPT = {
  organisations,
  applications,
  logos,
  activations,
  grantDocuments,
  administrators,
  settings,
  refusals,
  lookUps,
  importProgress,
  grantUses,
  useRecords,
  policyBundles,
  bundleParts,
  policyBindings,
  policyKeys,
  keptComparisons,
  shadowReports,
  policySources,
  standardBundles,
  bundleReports,
  bundleRooms,
};

/** All that this room keeps. */
export const entities = Object.values(KEPT);

function ownersOf(...orgnr: readonly (Orgnr | undefined)[]): Orgnr[] {
  return orgnr.filter((one) => one !== undefined);
}

/** Both parts have a fixed alphabet without `/`, so two pairs never meet in one key. */
export function documentKey(appId: AppId, brukerId: BrukerId): string {
  return `${appId}/${brukerId}`;
}

/** The key of a grant's last use. */
export function useKey(appId: AppId, brukerId: BrukerId, konsument: Orgnr): string {
  return `${documentKey(appId, brukerId)}/${konsument}`;
}

/** A person as one organisation knows it: what is kept, found and told under this name has nothing of other organisations. */
export function personIn(orgnr: Orgnr, brukerId: BrukerId): string {
  return `${orgnr}/${brukerId}`;
}

/** The key of an activation; without a konsument it is the prefix of all of an application. */
export function activationKey(appId: AppId, konsument: Orgnr): string {
  return `${appId}/${konsument}`;
}

type Standing = 'kept' | 'withdrawn';

function standingOf({ withdrawn }: Grant): Standing {
  return withdrawn === undefined ? 'kept' : 'withdrawn';
}

/** Where a konsument's grants stand in the index `konsument`; without the last parts it is the prefix of more of them. */
export function konsumentIndex(konsument: Orgnr, appId?: AppId, standing?: Standing): string {
  return `${konsument}/${appId === undefined ? '' : `${appId}/${standing ?? ''}`}`;
}

/** Where a konsument's grant that ends then stands in the index `ending`. */
export function endingIndex(konsument: Orgnr, until: Instant): string {
  return `${konsument}/${until}`;
}

/** Where a tilbyder's applications of a state stand in the index `stage`. */
export function stageIndex(tilbyder: Orgnr, state: Application['state']): string {
  return `${tilbyder}/${state}`;
}

/** Where a seat stands in an index of them, in the order of the numbers; without one it is the prefix of all of their owner. */
export function seatIndex(owner: string, seat?: number): string {
  if (seat === undefined) return `${owner}/`;
  // Behind all that have six digits.
  return seat < 1e6 ? `${owner}/${String(seat).padStart(6, '0')}` : `${owner}/~${String(seat).padStart(9, '0')}`;
}

/** Where what a konsument has switched on stands in the index `on`, in the order of the App-IDs; without one it is the prefix of all of it. */
export function onIndex(konsument: Orgnr, appId = ''): string {
  return `${konsument}/${appId}`;
}

/** Takes what was answered, for rules that judge beside. */
export interface Shadowing {
  note(binding: PolicyBinding | undefined, standard: Judge, question: AccessQuestion): void;
  /** Tells the store what was seen. */
  tell(): Promise<void>;
}

/** What a process works with; the gateway makes one. */
export interface Installation {
  readonly store: Store;
  readonly vault: PersonVault;
  readonly decisions: Decisions;
  /** What judges beside the standard rules. */
  readonly ownBundles: OwnBundles;
  /** What judges beside, without touching answers. */
  readonly shadows: Shadowing;
  readonly quotas: Quotas;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The operator's bundles that judge kinds of their own, as they are now; absent where nobody asks about such. */
  readonly kinds?: (() => readonly JudgedKinds[]) | undefined;
  /** Kinds that rooms beside this one judge; absent where nobody asks about such. */
  readonly rooms?: readonly RoomKinds[] | undefined;
  /** Where it is noted that an access was used; absent where nobody uses one. */
  readonly uses?: AccessUses | undefined;
}

/** What the use cases work with during one request or command. */
export interface AccessParts extends Omit<Installation, 'decisions'> {
  /** Judges all of the request. */
  readonly judge: Judge;
}

/** The parts for one request: its judge is pinned. @param requestId as the decision log has it */
export function partsFor(installation: Installation, requestId?: string): AccessParts {
  // All of it: leaving one out costs more than the rest of this.
  return { ...installation, judge: installation.decisions.pinned(requestId) };
}

/** The collections of a store that this room keeps, opened once. */
export const collectionsOf = openedOnce(KEPT);

/** Read in one turn; some milliseconds at worst. */
const PAGE = 100;

/** Which documents: of an index, or by the beginning of their key. */
export type Where = Parameters<Collection<unknown>['count']>[0];

/** The documents that a query finds, page by page. @param limit how many are read in one turn */
export async function* pagesOf<T>(
  collection: Collection<T>,
  where: Where = {},
  limit: number = PAGE,
): AsyncGenerator<readonly Stored<T>[]> {
  let cursor: string | undefined;
  do {
    const page = await collection.query({ ...where, limit, ...present({ cursor }) });
    yield page.items;
    cursor = page.next;
    // The store answers at once: requests that wait get their turn between pages.
    if (cursor !== undefined) await setImmediate();
  } while (cursor !== undefined);
}

/** Every value that a query finds. */
export async function* everyOf<T>(collection: Collection<T>, where: Where = {}): AsyncGenerator<T> {
  for await (const page of pagesOf(collection, where)) for (const { value } of page) yield value;
}
