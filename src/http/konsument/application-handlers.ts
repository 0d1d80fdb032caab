import { listOffers, readOffer, setActivation } from '#access';
import { present } from '#domain';
import { orgnrIn, placeIn } from '../path-names.js';
import { ifMatch } from '../preconditions.js';
import { neste, rangeOf, reasonOf } from '../wire-parts.js';
import { type Ask, answer, type Query } from './exchange.js';
import { activationOut, offerOut, type Wire } from './wire.js';

/** Applications as a konsument is offered them, switched on and off. */
export const applicationHandlers = {
  async listApplikasjoner({ access, request, params, query }: Ask<undefined, Query<'listApplikasjoner'>>) {
    const filter = ({ alle: 'all', aktivert: 'activated', tilbud: 'offered' } as const)[query.vis ?? 'alle'];
    const { items, next } = await listOffers(access, request, orgnrIn(params), present({ filter, search: query.sok }), rangeOf(query));
    return answer({ applikasjoner: items.map(offerOut), ...neste(next) } satisfies Wire<'Applikasjonsliste'>);
  },
  async hentApplikasjon({ access, request, params }: Ask) {
    const view = await readOffer(access, request, placeIn(params));
    return answer(offerOut(view), view.revision);
  },
  async hentAktivering({ access, request, params }: Ask) {
    const view = await readOffer(access, request, placeIn(params));
    return answer(activationOut(view), view.revision);
  },
  async settAktivering({ access, ctx, request, params, body }: Ask<Wire<'AktiveringInn'>>) {
    const change = { active: body.aktiv, ...reasonOf(body) };
    const view = await setActivation(access, request, placeIn(params), change, ifMatch(ctx));
    return answer(activationOut(view), view.revision);
  },
  async deaktiver({ access, ctx, request, params }: Ask) {
    await setActivation(access, request, placeIn(params), { active: false }, ifMatch(ctx));
    return { status: 204 };
  },
};
