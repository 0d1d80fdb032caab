import {
  addOnBehalfOf,
  changeOnBehalfOf,
  listOnBehalfOf,
  namesOf,
  type OnBehalfOfView,
  readOnBehalfOf,
  removeOnBehalfOf,
  type Side,
  type SideParts,
} from '#maskinporten';
import { invalid } from '#problem';
import { pageOut, rangeOf } from '../../linked-pages.js';
import { ifMatchSent } from '../../preconditions.js';
import type { Reply } from '../../state.js';
import { clientIdIn } from './client-handlers.js';
import { onBehalfOfIn, onBehalfOfOut } from './client-wire.js';
import { type Ask, answer, askingOf, type Handlers, type Query } from './exchange.js';
import type { Wire } from './wire.js';

const valueIn = ({ params }: Pick<Ask, 'params'>): string => params['onbehalfof'] ?? '';

/** On whose behalf clients act. */
export function onBehalfOfHandlers(side: Side): Handlers {
  return {
    async listOnBehalfOf(ask: Ask<undefined, Query<'listOnBehalfOf'>>) {
      const { parts, asking } = askingOf(side, ask as Ask);
      const { items, next } = await listOnBehalfOf(parts, asking, clientIdIn(ask), rangeOf(ask.query));
      return pageOut(ask.ctx, next, await allOut(parts, items));
    },
    async addOnBehalfOf(ask: Ask<Wire<'NewOnBehalfOf'>>) {
      const { parts, asking } = askingOf(side, ask as Ask<never>);
      return one(parts, await addOnBehalfOf(parts, asking, clientIdIn(ask), ask.body.onbehalfof, onBehalfOfIn(ask.body)));
    },
    async readOnBehalfOf(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      return one(parts, await readOnBehalfOf(parts, asking, clientIdIn(ask), valueIn(ask)));
    },
    async changeOnBehalfOf(ask: Ask<Wire<'ChangedOnBehalfOf'>>) {
      const { parts, asking } = askingOf(side, ask as Ask<never>);
      const { onbehalfof } = ask.body;
      if (onbehalfof !== undefined && onbehalfof !== valueIn(ask)) throw invalid('/onbehalfof', 'must be that of the path, or be left out');
      return one(parts, await changeOnBehalfOf(parts, asking, clientIdIn(ask), valueIn(ask), ifMatchSent(ask.ctx), onBehalfOfIn(ask.body)));
    },
    async removeOnBehalfOf(ask: Ask) {
      const { parts, asking } = askingOf(side, ask);
      await removeOnBehalfOf(parts, asking, clientIdIn(ask), valueIn(ask), ifMatchSent(ask.ctx));
      return { status: 200 };
    },
  };
}

async function allOut(parts: SideParts, views: readonly OnBehalfOfView[]): Promise<Wire<'OnBehalfOf'>[]> {
  const names = await namesOf(
    parts,
    views.map(({ value }) => value.orgnr),
  );
  return views.map((view) => onBehalfOfOut(view, names));
}

async function one(parts: SideParts, view: OnBehalfOfView): Promise<Reply> {
  const [body] = await allOut(parts, [view]);
  return answer(body as object, view.revision);
}
