import { isTexts, type Rule } from '#decisions';
import type { AppId, Application, BrukerId, Grant, GrantDocument, Instant, Orgnr, PersonNumber } from '#domain';
import { type AccessParts, activationKey, collectionsOf } from '../parts.js';

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
}

/** A grant and all that decides what it gives. */
export interface HeldItem {
  readonly application: Pick<Application, 'state' | 'roles'> | undefined;
  readonly grant: Grant;
  readonly activated: boolean;
  readonly mayBeKonsument: boolean;
}

export interface Held {
  readonly roles: readonly string[];
  readonly hindrances: readonly string[];
}

const ROLES: Rule<readonly Held[]> = { entrypoint: 'tilgang/held/roles', isAnswer: isHeldList };

/**
 * What each grant gives at a moment, in the order of the items.
 * @throws ProblemError `evaluation-failed`
 */
export async function heldRoles(parts: AccessParts, items: readonly HeldItem[], time: Instant): Promise<readonly Held[]> {
  // Most grants of a page are alike: each kind is asked about once.
  const kinds = new Map<string, number>();
  const asked: object[] = [];
  const places = items.map(({ application, grant: { konsument, roles, from, until, withdrawn }, activated, mayBeKonsument }) => {
    const item = {
      application: { state: application?.state ?? 'retired', roles: application?.roles ?? [] },
      grant: { konsument, roles, from, until, withdrawn, activated, mayBeKonsument },
    };
    const kind = JSON.stringify(item);
    const place = kinds.get(kind) ?? asked.push(item) - 1;
    kinds.set(kind, place);
    return place;
  });
  if (asked.length === 0) return [];
  const { answer } = await parts.judge.ask(ROLES, { items: asked, context: { time } }, ({ length }) => length === asked.length);
  return places.map((place) => answer[place] as Held);
}

function isHeldList(value: unknown): value is readonly Held[] {
  return Array.isArray(value) && value.every((one: Partial<Held> | null) => isTexts(one?.roles) && isTexts(one?.hindrances));
}

/** The grant of a konsument in a document, withdrawn or not. */
export function grantOf(document: GrantDocument | undefined, konsument: Orgnr): Grant | undefined {
  return document?.grants.find((grant) => grant.konsument === konsument);
}

/** The grants of a konsument in these documents, as they count now; documents without one are left out. */
export async function viewsOf(
  parts: AccessParts,
  documents: readonly GrantDocument[],
  konsument: Orgnr,
  time: Instant,
): Promise<readonly GrantView[]> {
  const { applications, activations, organisations } = collectionsOf(parts.store);
  const found = documents.flatMap((document) => {
    const grant = grantOf(document, konsument);
    return grant === undefined ? [] : [{ document, grant }];
  });
  const appIds = [...new Set(found.map(({ document }) => document.appId))];
  const [organisation, known, states] = await Promise.all([
    organisations.get(konsument),
    applications.getMany(appIds),
    activations.getMany(appIds.map((appId) => activationKey(appId, konsument))),
  ]);
  const placeOf = new Map(appIds.map((appId, i) => [appId, i]));
  const held = await heldRoles(
    parts,
    found.map(({ document, grant }) => {
      const place = placeOf.get(document.appId) as number;
      return {
        application: known[place]?.value,
        grant,
        activated: states[place]?.value.active ?? false,
        mayBeKonsument: organisation?.value.mayBeKonsument ?? false,
      };
    }),
    time,
  );
  return found.map(({ document: { appId, brukerId, sealed }, grant }, i) => ({
    appId,
    brukerId,
    person: parts.vault.unseal(sealed, brukerId),
    grant,
    inEffect: held[i]?.roles ?? [],
    hindrances: held[i]?.hindrances ?? [],
  }));
}
