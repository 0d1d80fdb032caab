import { toInstant } from '#domain';
import {
  type AccessView,
  type DelegationView,
  giveDelegation,
  grantAccess,
  listAccesses,
  listAccessesOfConsumer,
  listDelegationSources,
  listDelegations,
  listOwnAccesses,
  namesOf,
  readDelegation,
  revokeAccess,
  type Side,
  type SideParts,
  withdrawDelegation,
} from '#maskinporten';
import { invalidParameter } from '#problem';
import { pageOut, rangeOf } from '../../linked-pages.js';
import { ifMatchSent } from '../../preconditions.js';
import type { Reply } from '../../state.js';
import { type Ask, answer, askingOf, type Handlers, numberOf, type Query } from './exchange.js';
import { accessOut, delegationOut, sourceOut, untilIn, type Wire } from './wire.js';

/** Who has which scope. */
export function accessHandlers(side: Side): Handlers {
  return {
    async listAccesses(ask: Ask<undefined, Query<'listAccesses'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { scope, consumer_orgno: consumer, inactive = false } = ask.query;
      if ((scope === undefined) === (consumer === undefined))
        throw invalidParameter('scope', 'must stand in the query, or else consumer_orgno; not both');
      const range = rangeOf(ask.query);
      const { items, next } =
        scope === undefined
          ? await listAccessesOfConsumer(parts, asking, { consumer: numberOf(consumer), inactive }, range)
          : await listAccesses(parts, asking, { scope, inactive }, range);
      return pageOut(ask.ctx, next, await accessesOut(parts, items));
    },
    async listOwnAccesses(ask: Ask<undefined, Query<'listOwnAccesses'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { items, next } = await listOwnAccesses(parts, asking, ask.query.inactive === true, rangeOf(ask.query));
      return pageOut(ask.ctx, next, await accessesOut(parts, items));
    },
    async grantAccess(ask: Ask<Wire<'TermsOfTime'> | undefined, Query<'grantAccess'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const place = { scope: ask.query.scope, consumer: numberOf(ask.params['consumer_orgno']) };
      return oneAccess(parts, await grantAccess(parts, asking, { ...place, ...untilIn(ask.body) }, ifMatchSent(ask.ctx)));
    },
    async revokeAccess(ask: Ask<undefined, Query<'revokeAccess'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const place = { scope: ask.query.scope, consumer: numberOf(ask.params['consumer_orgno']) };
      return oneAccess(parts, await revokeAccess(parts, asking, place, ifMatchSent(ask.ctx)));
    },
  };
}

/** Accesses as answers. */
export async function accessesOut(parts: SideParts, views: readonly AccessView[]): Promise<Wire<'ScopeAccess'>[]> {
  const names = await namesOf(
    parts,
    views.flatMap(({ value: { owner, consumer } }) => [owner, consumer]),
  );
  return views.map((view) => accessOut(view, names));
}

async function oneAccess(parts: SideParts, view: AccessView): Promise<Reply> {
  const [body] = await accessesOut(parts, [view]);
  return answer(body as object, view.revision);
}

/** Who may act for whom. */
export function delegationHandlers(side: Side): Handlers {
  return {
    async listDelegationSources(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      return answer((await listDelegationSources(parts, asking)).map(sourceOut));
    },
    async listDelegations(ask: Ask<undefined, Query<'listDelegations'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { role = 'consumer', inactive = false } = ask.query;
      const { items, next } = await listDelegations(parts, asking, { role, inactive }, rangeOf(ask.query));
      return pageOut(ask.ctx, next, await delegationsOut(parts, items));
    },
    async readDelegation(ask: Ask<undefined, Query<'readDelegation'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      return oneDelegation(parts, await readDelegation(parts, asking, placeOf(ask)));
    },
    async giveDelegation(ask: Ask<Wire<'TermsOfTime'> | undefined, Query<'giveDelegation'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const terms = { ...placeOf(ask), ...untilIn(ask.body) };
      return oneDelegation(parts, await giveDelegation(parts, asking, terms, ifMatchSent(ask.ctx)));
    },
    async withdrawDelegation(ask: Ask<undefined, Query<'withdrawDelegation'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      return oneDelegation(parts, await withdrawDelegation(parts, asking, placeOf(ask), ifMatchSent(ask.ctx)));
    },
  };
}

function placeOf({ params, query }: Ask<unknown, { readonly scope: string }>) {
  return { supplier: numberOf(params['supplier_orgno']), scope: query.scope };
}

async function delegationsOut(parts: SideParts, views: readonly DelegationView[]): Promise<Wire<'Delegation'>[]> {
  const names = await namesOf(
    parts,
    views.flatMap(({ value: { consumer, supplier } }) => [consumer, supplier]),
  );
  return views.map((view) => delegationOut(view, names, parts.side, toInstant(parts.clock())));
}

async function oneDelegation(parts: SideParts, view: DelegationView): Promise<Reply> {
  const [body] = await delegationsOut(parts, [view]);
  return answer(body as object, view.revision);
}
