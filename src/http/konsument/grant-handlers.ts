import {
  changeGrant,
  type GrantView,
  giveGrant,
  leaveToGive,
  listEndingGrants,
  listGrants,
  listHoldersAt,
  readGrant,
  withdrawGrant,
} from '#access';
import { DAY_MS, type Day, dayOf, isFault, parseDay, present, toInstant } from '#domain';
import { ProblemError } from '#problem';
import { orgnrIn, placeIn } from '../path-names.js';
import { etagOf, ifMatch } from '../preconditions.js';
import type { Reply } from '../state.js';
import { neste, pastIn, personNumber, rangeOf, reasonOf } from '../wire-parts.js';
import { type Ask, answer, type Query, type Reasoned } from './exchange.js';
import { grantOut, grantTerms, patchedGrant, type Wire } from './wire.js';

/** Access in one application, given, changed and withdrawn; and what is about to end in all of them. */
export const grantHandlers = {
  async listBrukere({ access, request, params, query }: Ask<undefined, Query<'listBrukere'>>) {
    const at = query.tidspunkt === undefined ? undefined : pastIn(query.tidspunkt, access.clock(), 'tidspunkt');
    if (at !== undefined && query.ubruktSiden !== undefined) throw unfit('ubruktSiden', 'must not stand beside `tidspunkt`');
    const { items, next } =
      at === undefined
        ? await listGrants(access, request, { ...placeIn(params), ...present({ since: sinceIn(query, access.clock()) }) }, rangeOf(query))
        : await listHoldersAt(access, request, placeIn(params), at, rangeOf(query));
    return answer({ brukere: items.map(grantOut), ...neste(next) } satisfies Wire<'Brukerliste'>);
  },
  async giTilgang({ access, ctx, request, params, body: { brukerIdent, ...terms } }: Ask<Wire<'NyBruker'>>) {
    const { view, isNew } = await giveGrant(access, request, placeIn(params), personNumber(brukerIdent), grantTerms(terms));
    return given(view, isNew ? 201 : 200, `${ctx.path}/${view.brukerId}`);
  },
  async hentBruker({ access, request, params }: Ask) {
    return given(await readGrant(access, request, placeIn(params)), 200);
  },
  async endreTilgang({ access, ctx, request, params, body }: Ask<Wire<'BrukerPatch'>>) {
    return given(await changeGrant(access, request, placeIn(params), ifMatch(ctx), (grant) => patchedGrant(grant, body)), 200);
  },
  async trekkTilgang({ access, ctx, request, params, body }: Ask<Reasoned | undefined>) {
    await withdrawGrant(access, request, placeIn(params), ifMatch(ctx), reasonOf(body).reason);
    return { status: 204 };
  },
  async listUtlop({ access, request, params, query }: Ask<undefined, Query<'listUtlop'>>) {
    const until = toInstant(access.clock() + (query.innenDager ?? 30) * DAY_MS);
    const { items, next } = await listEndingGrants(access, request, orgnrIn(params), until, rangeOf(query));
    return answer({ brukere: items.map(grantOut), ...neste(next) } satisfies Wire<'Brukerliste'>);
  },
};

/** The day since which access is not used. @throws ProblemError `invalid-request` */
function sinceIn({ ubruktSiden }: Query<'listBrukere'>, nowMs: number): Day | undefined {
  if (ubruktSiden === undefined) return undefined;
  const day = parseDay(ubruktSiden);
  if (!isFault(day) && day <= dayOf(toInstant(nowMs))) return day;
  throw unfit('ubruktSiden', 'must be a date that is not in the future, such as 2026-01-31');
}

function unfit(parameter: string, detail: string): ProblemError {
  return new ProblemError('invalid-request', { at: [{ pointer: '', parameter, detail }] });
}

/** The leave that giving asks for. */
export const grantLeaves = {
  async giTilgang({ access, request, params, body: { brukerIdent, ...terms } }: Ask<Wire<'NyBruker'>>) {
    return leaveToGive(access, request, placeIn(params), personNumber(brukerIdent), grantTerms(terms));
  },
};

function given(view: GrantView, status: number, location?: string): Reply {
  return { status, headers: present({ ETag: etagOf(view.grant.revision), Location: location }), body: grantOut(view) };
}
