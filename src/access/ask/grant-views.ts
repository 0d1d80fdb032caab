import {
  type AppId,
  type BrukerId,
  type Day,
  dayOf,
  type Grant,
  type GrantDocument,
  grantOf,
  type Instant,
  type Organisation,
  type PersonNumber,
  present,
} from '#domain';
import { type AccessParts, activationKey, collectionsOf } from '../parts.js';
import { lastUsesOf } from '../uses/note-uses.js';
import { type GrantSurroundings, type HeldRoles, heldRoles } from './held-roles.js';

/** One konsument's grant to one person, as its administrators see it. */
export interface GrantView {
  readonly appId: AppId;
  readonly brukerId: BrukerId;
  readonly person: PersonNumber;
  readonly grant: Grant;
  /** The roles that it gives at the moment asked about. */
  readonly inEffect: readonly string[];
  /** Why it does not give all of its roles then, as slugs of the policy. */
  readonly hindrances: readonly string[];
  /** The last day on which somebody was let in by it, until that moment; absent: never, as far as is known. */
  readonly lastUsed?: Day;
}

/** A grant and whose it is. */
export interface OwnedGrant {
  readonly owner: Pick<GrantDocument, 'appId' | 'brukerId' | 'sealed'>;
  readonly grant: Grant;
}

/** Views of grants in one application, in their order: one question to its judge. @throws ProblemError `evaluation-failed` */
export async function viewsIn(
  { judge, vault, store }: AccessParts,
  surroundings: GrantSurroundings,
  owned: readonly OwnedGrant[],
  time: Instant,
): Promise<readonly GrantView[]> {
  const grants = owned.map(({ grant }) => grant);
  const uses = owned.map(({ owner: { appId, brukerId }, grant: { konsument } }) => ({ appId, brukerId, konsument }));
  const [held, days] = await Promise.all([heldRoles(judge, surroundings, grants, time), lastUsesOf(store, uses)]);
  const today = dayOf(time);
  return owned.map(({ owner: { appId, brukerId, sealed }, grant }, i) => {
    const { roles: inEffect, hindrances } = held[i] as HeldRoles;
    const day = days[i];
    const lastUsed = day === undefined || day > today ? undefined : day;
    return present({ appId, brukerId, person: vault.unseal(sealed, brukerId), grant, inEffect, hindrances, lastUsed });
  });
}

/** The konsument's grants among those of the documents, withdrawn or not; documents without one are left out. */
export function ownedBy({ orgnr }: Pick<Organisation, 'orgnr'>, documents: readonly GrantDocument[]): readonly OwnedGrant[] {
  return documents.flatMap((owner) => {
    const grant = grantOf(owner, orgnr);
    return grant === undefined ? [] : [{ owner, grant }];
  });
}

/** Views of a konsument's grants in several applications, in their order, as they count now: one question for each application. */
export async function viewsAcross(
  parts: AccessParts,
  { orgnr, mayBeKonsument }: Organisation,
  owned: readonly OwnedGrant[],
  time: Instant,
): Promise<readonly GrantView[]> {
  const { applications, activations } = collectionsOf(parts.store);
  const places = new Map<AppId, number[]>();
  for (const [at, { owner }] of owned.entries()) {
    const same = places.get(owner.appId);
    if (same === undefined) places.set(owner.appId, [at]);
    else same.push(at);
  }
  const appIds = [...places.keys()];
  const [known, states] = await Promise.all([
    applications.getMany(appIds),
    activations.getMany(appIds.map((appId) => activationKey(appId, orgnr))),
  ]);
  const views: GrantView[] = new Array(owned.length);
  await Promise.all(
    appIds.map(async (appId, i) => {
      const at = places.get(appId) ?? [];
      const surroundings = { application: known[i]?.value, activated: states[i]?.value.active ?? false, mayBeKonsument };
      const found = await viewsIn(
        parts,
        surroundings,
        at.map((place) => owned[place] as OwnedGrant),
        time,
      );
      for (const [j, view] of found.entries()) views[at[j] as number] = view;
    }),
  );
  return views;
}
