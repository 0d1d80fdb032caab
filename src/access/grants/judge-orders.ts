import { type AppId, type Application, type Orgnr, toInstant } from '#domain';
import { type AdminRequest, authorize, type Clearance, type JudgedGrant } from '../administer/authorize.js';
import { type AccessParts, activationKey, collectionsOf } from '../parts.js';
import type { NamedOrder } from './grant-order.js';
import { judgedGrant } from './grant-place.js';

/** Terms that are judged by one question to the policy. */
const JUDGED_TOGETHER = 100;

/** What the policy says of many orders. */
export interface JudgedOrders {
  readonly clearance: Clearance;
  /** Why an order may not be carried out, by its place among the orders; those that may are not there. */
  readonly reasons: ReadonlyMap<number, string>;
  /** The roles that the application of an order knows. */
  readonly knownRoles: (order: NamedOrder) => readonly string[];
}

/**
 * Asks whether the caller may give all that: one question for a batch, in which orders that the policy cannot tell apart stand once. It reads of the
 * person only whether that is the caller (four eyes); see docs/decisions/0024.
 * @param orgnr whose all the orders are, or `all`
 * @throws ProblemError as authorize says
 */
export async function judgeOrders(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | 'all',
  orders: readonly NamedOrder[],
): Promise<JudgedOrders> {
  const placeOf = await placesOf(parts, orders);
  const now = toInstant(parts.clock());
  const own = request.caller.kind === 'person' ? request.caller.brukerId : undefined;
  const kinds = new Map<string, { readonly grant: JudgedGrant; readonly orders: number[] }>();
  for (const [at, order] of orders.entries()) {
    const { appId, konsument, brukerId, roles, from, until } = order;
    const place = placeOf(appId, konsument);
    const kind = `${appId} ${place.activated} ${roles.join(',')} ${from ?? ''} ${until ?? ''} ${brukerId === own}`;
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, { grant: judgedGrant(brukerId, order, now, place), orders: [at] });
    else known.orders.push(at);
  }
  const all = [...kinds.values()];
  const reasons = new Map<number, string>();
  let clearance: Clearance | undefined;
  for (let first = 0; clearance === undefined || first < all.length; first += JUDGED_TOGETHER) {
    const part = all.slice(first, first + JUDGED_TOGETHER);
    clearance = await authorize(parts, request, { action: 'grant.import', orgnr, grants: part.map(({ grant }) => grant) });
    for (const [i, [reason]] of clearance.grantFaults.entries()) {
      if (reason !== undefined) for (const at of part[i]?.orders ?? []) reasons.set(at, reason);
    }
  }
  return { clearance, reasons, knownRoles: ({ appId, konsument }) => placeOf(appId, konsument).application?.roles ?? [] };
}

type JudgedPlace = NonNullable<JudgedGrant['place']>;

/** The applications of the orders, and whether their konsumenter have them on; each read once. */
async function placesOf({ store }: AccessParts, orders: readonly NamedOrder[]): Promise<(appId: AppId, konsument: Orgnr) => JudgedPlace> {
  const { applications, activations } = collectionsOf(store);
  const appIds = [...new Set(orders.map(({ appId }) => appId))];
  const keys = [...new Set(orders.map(({ appId, konsument }) => activationKey(appId, konsument)))];
  const [known, states] = await Promise.all([applications.getMany(appIds), activations.getMany(keys)]);
  const byId = new Map<AppId, Application | undefined>(appIds.map((appId, i) => [appId, known[i]?.value]));
  const activated = new Set(keys.filter((_, i) => states[i]?.value.active === true));
  return (appId, konsument) => ({
    application: byId.get(appId),
    activated: activated.has(activationKey(appId, konsument)),
  });
}
