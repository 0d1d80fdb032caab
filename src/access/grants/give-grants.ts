import { setImmediate } from 'node:timers/promises';
import { type GrantDocument, type GrantOrigin, givesThat, grantOf, withGrant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, PutOrder } from '#storage';
import { type AdminRequest, refuse } from '../administer/authorize.js';
import { type AccessParts, collectionsOf, documentKey } from '../parts.js';
import { changeDocument } from './change-document.js';
import type { GrantOrder, NamedOrder } from './grant-order.js';
import { judgeOrders } from './judge-orders.js';

/** Documents that are made in one turn of the event loop. */
const TURN_DOCUMENTS = 64;

/** What became of an order. */
export type GiveOutcome = 'given' | 'changed' | 'unchanged';

/**
 * Gives grants of many organisations in one go: for the operator.
 * @returns the outcome of each order, in their order, once all of them are durable
 * @throws ProblemError as authorize says, and then nothing is given; `store-unavailable`
 */
export async function giveGrants(parts: AccessParts, request: AdminRequest, orders: readonly GrantOrder[]): Promise<GiveOutcome[]> {
  const named = orders.map((order) => ({ ...order, brukerId: order.brukerId ?? parts.vault.nameOf(order.person) }));
  const { clearance, reasons } = await judgeOrders(parts, request, 'all', named);
  const [refused] = reasons.values();
  if (refused !== undefined) throw await refuse(parts, request, { action: 'grant.import', orgnr: 'all' }, undefined, [refused]);
  const origin = { givenBy: clearance.actor, givenAt: clearance.at, source: 'operator' } as const;
  return writeGrants(parts, named, origin, clearance.facts('grant.give'));
}

/**
 * Writes what has been judged, one write per person and application, all written together.
 * @param facts of the changes; absent to say only what would happen
 * @returns the outcome of each order, in their order, once all of them are durable
 * @throws ProblemError `store-unavailable`
 */
export async function writeGrants(
  parts: AccessParts,
  orders: readonly NamedOrder[],
  origin: GrantOrigin,
  facts: ChangeFacts | undefined,
): Promise<GiveOutcome[]> {
  const { grantDocuments } = collectionsOf(parts.store);
  const outcomes: GiveOutcome[] = new Array(orders.length);
  const perDocument = new Map<string, number[]>();
  for (const [at, { appId, brukerId }] of orders.entries()) {
    const key = documentKey(appId, brukerId);
    const same = perDocument.get(key);
    if (same === undefined) perDocument.set(key, [at]);
    else same.push(at);
  }
  const keys = [...perDocument.keys()];
  const documents = await grantDocuments.getMany(keys);
  const rewrite = (key: string, before: GrantDocument | undefined): GrantDocument | undefined => {
    let after = before;
    for (const at of perDocument.get(key) ?? []) {
      const given = carriedOut(parts, after, orders[at] as NamedOrder, origin);
      outcomes[at] = given.outcome;
      after = given.document;
    }
    return after;
  };
  const puts: PutOrder<GrantDocument>[] = [];
  const changed: string[] = [];
  for (const [i, key] of keys.entries()) {
    if (i % TURN_DOCUMENTS === 0) await setImmediate(); // Requests that wait get their turn.
    const before = documents[i];
    const after = rewrite(key, before?.value);
    if (after === undefined || after === before?.value) continue;
    puts.push({ value: after, expect: before?.revision ?? 'absent' });
    changed.push(key);
  }
  if (facts === undefined) return outcomes;
  const written = await grantDocuments.putMany(puts, facts);
  // Whoever was faster than one of them is read again, one by one.
  await Promise.all(
    changed.map(async (key, i) => {
      const outcome = written[i];
      if (!(outcome instanceof ProblemError)) return;
      if (outcome.slug !== 'conflict') throw outcome;
      await changeDocument(parts, key, await grantDocuments.get(key), (before) => rewrite(key, before), facts);
    }),
  );
  return outcomes;
}

/** The document with the order carried out. */
function carriedOut(
  { vault }: AccessParts,
  before: GrantDocument | undefined,
  order: NamedOrder,
  origin: GrantOrigin,
): { readonly document: GrantDocument; readonly outcome: GiveOutcome } {
  const { appId, brukerId, person, konsument } = order;
  const held = grantOf(before, konsument);
  if (before !== undefined && held !== undefined && givesThat(held, order)) return { document: before, outcome: 'unchanged' };
  const document = before ?? { appId, brukerId, sealed: vault.seal(person, brukerId), grants: [] };
  return {
    document: withGrant(document, konsument, order, origin),
    outcome: held === undefined || held.withdrawn !== undefined ? 'given' : 'changed',
  };
}
