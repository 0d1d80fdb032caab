import {
  type ClientView,
  changeClient,
  createClient,
  deactivateClient,
  listClients,
  namesOf,
  readClient,
  renewSecret,
  type Side,
  type SideParts,
} from '#maskinporten';
import { pageOut, rangeOf } from '../../linked-pages.js';
import { ifMatchSent } from '../../preconditions.js';
import type { Reply } from '../../state.js';
import { clientIn, clientOut } from './client-wire.js';
import { type Ask, answer, askingOf, type Handlers, type Query } from './exchange.js';
import type { Wire } from './wire.js';

/** The id of a client in a path. */
export function clientIdIn({ params }: Pick<Ask, 'params'>): string {
  return params['client_id'] ?? '';
}

/** Clients. */
export function clientHandlers(side: Side): Handlers {
  return {
    async listClients(ask: Ask<undefined, Query<'listClients'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { items, next } = await listClients(parts, asking, { inactive: ask.query.inactive === true }, rangeOf(ask.query));
      return pageOut(ask.ctx, next, await clientsOut(parts, items));
    },
    async createClient(ask: Ask<Wire<'NewClient'>>) {
      const { parts, asking } = askingOf(side, ask as Ask<never>);
      return made(parts, await createClient(parts, asking, clientIn(ask.body)));
    },
    async readClient(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      return oneClient(parts, await readClient(parts, asking, clientIdIn(ask)));
    },
    async changeClient(ask: Ask<Wire<'ChangedClient'>>) {
      const { parts, asking } = askingOf(side, ask as Ask<never>);
      return oneClient(parts, await changeClient(parts, asking, clientIdIn(ask), ifMatchSent(ask.ctx), clientIn(ask.body)));
    },
    async deactivateClient(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      return oneClient(parts, await deactivateClient(parts, asking, clientIdIn(ask), ifMatchSent(ask.ctx)));
    },
    async renewClientSecret(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      return made(parts, await renewSecret(parts, asking, clientIdIn(ask)));
    },
  };
}

/** Clients as answers. */
export async function clientsOut(parts: SideParts, views: readonly ClientView[], secret?: string): Promise<Wire<'Client'>[]> {
  const names = await namesOf(
    parts,
    views.map(({ value }) => value.orgnr),
  );
  return views.map((view) => clientOut(view, names, parts.side, secret));
}

/** A client as an answer. */
export async function oneClient(parts: SideParts, view: ClientView, secret?: string): Promise<Reply> {
  const [body] = await clientsOut(parts, [view], secret);
  return answer(body as object, view.revision);
}

/** A client with its secret, if it has been given one. */
function made(parts: SideParts, view: ClientView & { readonly secret?: string }): Promise<Reply> {
  return oneClient(parts, view, view.secret);
}
