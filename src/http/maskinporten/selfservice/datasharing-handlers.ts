import { createSharedClient, deactivateSharedClient, listSharedAccesses, listSharedClients, type Side } from '#maskinporten';
import { pageOut, rangeOf } from '../../linked-pages.js';
import { accessesOut } from './access-handlers.js';
import { clientsOut, oneClient } from './client-handlers.js';
import { type Ask, askingOf, type Handlers, type Query } from './exchange.js';
import type { Wire } from './wire.js';

/** The simple way to a client for machines. */
export function dataSharingHandlers(side: Side): Handlers {
  return {
    async listSharedAccesses(ask: Ask<undefined, Query<'listSharedAccesses'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { items, next } = await listSharedAccesses(parts, asking, ask.query.inactive === true, rangeOf(ask.query));
      return pageOut(ask.ctx, next, await accessesOut(parts, items));
    },
    async listSharedClients(ask: Ask<undefined, Query<'listSharedClients'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { items, next } = await listSharedClients(parts, asking, ask.query.inactive === true, rangeOf(ask.query));
      return pageOut(ask.ctx, next, await clientsOut(parts, items));
    },
    async createSharedClient(ask: Ask<Wire<'SharedClient'>>) {
      const { parts, asking } = askingOf(side, ask as Ask<never>);
      return oneClient(parts, await createSharedClient(parts, asking, ask.body as Parameters<typeof createSharedClient>[2]));
    },
    async deactivateSharedClient(ask: Ask<undefined, Query<'deactivateSharedClient'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      return oneClient(parts, await deactivateSharedClient(parts, asking, ask.query.client_id));
    },
  };
}
