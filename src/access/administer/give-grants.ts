import type { AppId, BrukerId, Grant, GrantDocument, GrantSource, Instant, Orgnr, PersonNumber } from '#domain';
import { ended, toInstant, type Withdrawal } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, PutOrder } from '#storage';
import { type AccessParts, collectionsOf, documentKey } from '../parts.js';
import { changeDocument } from './change-document.js';

/** One grant to be given. Giving again what is already so changes nothing; giving anew what was withdrawn restores it. */
export interface GrantOrder {
  readonly appId: AppId;
  readonly person: PersonNumber;
  /** The person's name, if it has been made already: making it costs more than all else about an order. */
  readonly brukerId?: BrukerId;
  readonly konsument: Orgnr;
  readonly roles: readonly string[];
  readonly from?: Instant;
  readonly until?: Instant;
  readonly reason?: string;
}

export type GiveOutcome = 'given' | 'changed' | 'unchanged';

export interface GiveOptions {
  /** Who gives: an organisation number, a BrukerId or `operator`. */
  readonly actor: string;
  /** `operator` if absent. */
  readonly source?: GrantSource;
  /** More of the facts of the change. */
  readonly facts?: Pick<ChangeFacts, 'onBehalfOf' | 'requestId' | 'reason'>;
  /** Only say what would happen. */
  readonly dryRun?: boolean;
}

/**
 * Gives grants, one write per person and application, all written together.
 * @returns the outcome of each order, in their order, once all of them are durable
 * @throws ProblemError `store-unavailable`
 */
export async function giveGrants(parts: AccessParts, orders: readonly GrantOrder[], options: GiveOptions): Promise<GiveOutcome[]> {
  const { actor, source = 'operator', facts, dryRun } = options;
  const outcomes: GiveOutcome[] = new Array(orders.length);
  const perDocument = new Map<string, { readonly order: GrantOrder; readonly at: number }[]>();
  for (const [at, order] of orders.entries()) {
    const key = documentKey(order.appId, order.brukerId ?? parts.vault.nameOf(order.person));
    const same = perDocument.get(key);
    if (same === undefined) perDocument.set(key, [{ order, at }]);
    else same.push({ order, at });
  }
  const keys = [...perDocument.keys()];
  const documents = await collectionsOf(parts.store).grantDocuments.getMany(keys);
  const giver = { givenBy: actor, givenAt: toInstant(parts.clock()), source };
  const rewrite = (key: string, before: GrantDocument | undefined): GrantDocument | undefined => {
    let after = before;
    for (const { order, at } of perDocument.get(key) ?? []) {
      const given = withGrant(parts, after, order, giver);
      outcomes[at] = given.outcome;
      after = given.document;
    }
    return after;
  };
  const puts: PutOrder<GrantDocument>[] = [];
  const changed: string[] = [];
  for (const [i, key] of keys.entries()) {
    const before = documents[i];
    const after = rewrite(key, before?.value);
    if (dryRun === true || after === undefined || after === before?.value) continue;
    puts.push({ value: after, expect: before?.revision ?? 'absent' });
    changed.push(key);
  }
  const change = { ...facts, action: 'grant.give', at: giver.givenAt, actor };
  const written = await collectionsOf(parts.store).grantDocuments.putMany(puts, change);
  // Whoever was faster than one of them is read again, one by one.
  await Promise.all(
    changed.map(async (key, i) => {
      const outcome = written[i];
      if (!(outcome instanceof ProblemError)) return;
      if (outcome.slug !== 'conflict') throw outcome;
      const now = await collectionsOf(parts.store).grantDocuments.get(key);
      await changeDocument(parts, key, now, (before) => rewrite(key, before), change);
    }),
  );
  return outcomes;
}

type Giver = Pick<Grant, 'givenBy' | 'givenAt' | 'source'>;

/** The document with the order carried out. */
export function withGrant(
  { vault }: AccessParts,
  before: GrantDocument | undefined,
  order: GrantOrder,
  giver: Giver,
): { readonly document: GrantDocument; readonly outcome: GiveOutcome } {
  const { appId, person, konsument, roles, from, until, reason } = order;
  const at = before?.grants.findIndex((grant) => grant.konsument === konsument) ?? -1;
  const held = before?.grants[at];
  if (before !== undefined && held !== undefined && isSame(held, order)) return { document: before, outcome: 'unchanged' };
  const grant: Grant = {
    konsument,
    roles,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(reason === undefined ? {} : { reason }),
    ...giver,
    revision: (held?.revision ?? 0) + 1,
  };
  const brukerId = before?.brukerId ?? order.brukerId ?? vault.nameOf(person);
  const grants = before?.grants ?? [];
  return {
    document: {
      appId,
      brukerId,
      sealed: before?.sealed ?? vault.seal(person, brukerId),
      grants: held === undefined ? [...grants, grant] : grants.with(at, grant),
    },
    outcome: held === undefined || held.withdrawn !== undefined ? 'given' : 'changed',
  };
}

/** The document with one of its grants withdrawn: it stays, marked. */
export function withoutGrant(before: GrantDocument, held: Grant, by: Withdrawal): GrantDocument {
  return { ...before, grants: before.grants.map((one) => (one === held ? ended(held, by) : one)) };
}

/** Whether the grant already gives exactly that; another reason alone is no other grant. */
export function isSame(held: Grant, { roles, from, until }: Pick<GrantOrder, 'roles' | 'from' | 'until'>): boolean {
  return (
    held.withdrawn === undefined &&
    held.from === from &&
    held.until === until &&
    roles.every((role) => held.roles.includes(role)) &&
    held.roles.every((role) => roles.includes(role))
  );
}
