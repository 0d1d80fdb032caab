import type { AppId, Grant, GrantDocument, Instant, Orgnr, PersonNumber } from '#domain';
import { toInstant } from '#domain';
import { changeDocument } from './change-document.js';
import { type AccessParts, collectionsOf, documentKey } from './parts.js';

/** One grant to be given. Giving again what is already so changes nothing; giving anew what was withdrawn restores it. */
export interface GrantOrder {
  readonly appId: AppId;
  readonly person: PersonNumber;
  readonly konsument: Orgnr;
  readonly roles: readonly string[];
  readonly from?: Instant;
  readonly until?: Instant;
}

export type GiveOutcome = 'given' | 'changed' | 'unchanged';

export interface GiveOptions {
  /** Who gives: an organisation number, a BrukerId or `operator`. */
  readonly actor: string;
  /** Only say what would happen. */
  readonly dryRun?: boolean;
}

/**
 * Gives grants, one write per person and application, all written together.
 * @returns the outcome of each order, in their order, once all of them are durable
 * @throws ProblemError `store-unavailable`
 */
export async function giveGrants(parts: AccessParts, orders: readonly GrantOrder[], options: GiveOptions): Promise<GiveOutcome[]> {
  const outcomes: GiveOutcome[] = new Array(orders.length);
  const perDocument = new Map<string, { readonly order: GrantOrder; readonly at: number }[]>();
  for (const [at, order] of orders.entries()) {
    const key = documentKey(order.appId, parts.vault.nameOf(order.person));
    const same = perDocument.get(key);
    if (same === undefined) perDocument.set(key, [{ order, at }]);
    else same.push({ order, at });
  }
  const keys = [...perDocument.keys()];
  const documents = await collectionsOf(parts.store).grantDocuments.getMany(keys);
  const now = toInstant(parts.clock());
  await Promise.all(
    keys.map(async (key, i) => {
      const own = perDocument.get(key) ?? [];
      const change = (before: GrantDocument | undefined): GrantDocument | undefined => {
        let after = before;
        for (const { order, at } of own) {
          const { document, outcome } = applied(parts, after, order, options.actor, now);
          outcomes[at] = outcome;
          after = document;
        }
        return after;
      };
      if (options.dryRun === true) change(documents[i]?.value);
      else await changeDocument(parts, key, documents[i], change, { action: 'grant.give', at: now, actor: options.actor });
    }),
  );
  return outcomes;
}

function applied(
  { vault }: AccessParts,
  before: GrantDocument | undefined,
  order: GrantOrder,
  actor: string,
  now: Instant,
): { readonly document: GrantDocument; readonly outcome: GiveOutcome } {
  const { appId, person, konsument, roles, from, until } = order;
  const at = before?.grants.findIndex((grant) => grant.konsument === konsument) ?? -1;
  const held = before?.grants[at];
  if (before !== undefined && held !== undefined && isSame(held, order)) return { document: before, outcome: 'unchanged' };
  const grant: Grant = {
    konsument,
    roles,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    givenBy: actor,
    givenAt: now,
  };
  const brukerId = before?.brukerId ?? vault.nameOf(person);
  const grants = before?.grants ?? [];
  return {
    document: {
      appId,
      brukerId,
      sealed: before?.sealed ?? vault.seal(person, brukerId),
      grants: held === undefined ? [...grants, grant] : grants.with(at, grant),
    },
    outcome: held === undefined ? 'given' : 'changed',
  };
}

function isSame(held: Grant, { roles, from, until }: GrantOrder): boolean {
  return (
    held.withdrawn === undefined &&
    held.from === from &&
    held.until === until &&
    roles.every((role) => held.roles.includes(role)) &&
    held.roles.every((role) => roles.includes(role))
  );
}
