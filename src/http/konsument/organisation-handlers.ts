import { changeSettings, confirmSettings, listEvents, listOwnOrganisations, readOrganisation, readSettings, rejectSettings } from '#access';
import { type BrukerId, present } from '#domain';
import { ProblemError } from '#problem';
import { mergePatch } from '../merge-patch.js';
import { appIdOf, orgnrIn } from '../path-names.js';
import { ifMatch } from '../preconditions.js';
import type { Reply } from '../state.js';
import { momentOf, neste, rangeOf } from '../wire-parts.js';
import { type Ask, answer, type Query } from './exchange.js';
import { eventOut, organisationOut, settingsOut, settingsTermsOut, type Wire } from './wire.js';

/** The organisation itself: which one may act for, what it has decided, what has happened. */
export const organisationHandlers = {
  async mineOrganisasjoner({ access, request }: Ask): Promise<Reply> {
    const own = await listOwnOrganisations(access, request);
    const body: Wire<'MineOrganisasjoner'> = {
      organisasjoner: own.map(({ orgnr, name, roles }) => ({ orgnr, navn: name, roller: [...roles] })),
    };
    return answer(body);
  },
  async hentOrganisasjon({ access, request, params }: Ask) {
    return answer(organisationOut(await readOrganisation(access, request, orgnrIn(params))));
  },
  async hentInnstillinger({ access, request, params }: Ask) {
    const view = await readSettings(access, request, orgnrIn(params));
    return answer(settingsOut(view), view.revision);
  },
  async endreInnstillinger({ access, ctx, request, params, body }: Ask<Wire<'InnstillingerPatch'>>) {
    const view = await changeSettings(access, request, orgnrIn(params), ifMatch(ctx), (settings) => {
      const { fireOyne, lengsteTilgangDager } = mergePatch(settingsTermsOut(settings), body) as Wire<'Innstillinger'>;
      return present({ fourEyes: fireOyne, longestGrantDays: lengsteTilgangDager });
    });
    return { ...answer(settingsOut(view), view.revision), status: view.waits ? 202 : 200 };
  },
  async bekreftInnstillinger({ access, ctx, request, params }: Ask) {
    const view = await confirmSettings(access, request, orgnrIn(params), ifMatch(ctx));
    return answer(settingsOut(view), view.revision);
  },
  async avvisInnstillinger({ access, ctx, request, params }: Ask) {
    await rejectSettings(access, request, orgnrIn(params), ifMatch(ctx));
    return { status: 204 };
  },
  async listHendelser({ access, request, params, query }: Ask<undefined, Query<'listHendelser'>>) {
    const { handling, app, bruker, aktor, fra, til } = query;
    const filter = present({
      action: handling,
      appId: app === undefined ? undefined : appIdOf('app', app),
      brukerId: bruker as BrukerId | undefined,
      actor: aktor,
      from: fra === undefined ? undefined : momentOf(fra, 'fra'),
      until: til === undefined ? undefined : momentOf(til, 'til'),
    });
    if (filter.from !== undefined && filter.until !== undefined && filter.until <= filter.from)
      throw new ProblemError('invalid-request', { at: [{ pointer: '', parameter: 'til', detail: 'must be later than fra' }] });
    const { items, next } = await listEvents(access, request, orgnrIn(params), filter, rangeOf(query));
    return answer({ hendelser: items.map(eventOut), ...neste(next) } satisfies Wire<'Hendelsesliste'>);
  },
};
