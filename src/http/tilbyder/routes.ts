import {
  type AdminRequest,
  changeApplication,
  createApplication,
  leaveToRegister,
  listApplications,
  listKonsumenter,
  ownOrganisation,
  readApplication,
  readLogo,
  retireApplication,
  setLogo,
  tryDecision,
  whyForTilbyder,
} from '#access';
import { isFault, type Orgnr, parseOrgnr, present } from '#domain';
import { type LogoType, MAX_LOGO_BYTES, makeLogoSafe } from '#images';
import { invalid, invalidParameter } from '#problem';
import type { Places, RateLimit } from '#serving';
import { type AdminExchange, adminApi } from '../admin-api.js';
import type { Api } from '../api.js';
import { callerName } from '../callers.js';
import type { ApiParts, DescribedApi } from '../described-api.js';
import { explained, whyQuestion } from '../explained.js';
import { type BodyLimits, mediaType, readBytes } from '../json-body.js';
import { appIdIn } from '../path-names.js';
import { etagOf, ifMatch, ifNoneMatch } from '../preconditions.js';
import type { Reply } from '../state.js';
import { levelIn, momentOf, neste, personNumber, rangeOf, sound } from '../wire-parts.js';
import type { operations } from './wire.gen.js';
import { applicationOut, konsumentOut, patched, stateIn, termsIn, triedGrants, triedOut, type Wire } from './wire.js';

type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>;
type Ask<Body = undefined, Sent = unknown> = AdminExchange<Body, Sent>;

type Handlers = DescribedApi<AdminRequest>['handlers'];

/** What a logo may do in a browser: be seen. */
const LOGO_HEADERS = {
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'public, max-age=300',
};

/** The tilbyder API, leverandor-tjenester-api-v1. @param lookUps how many look-ups of persons a caller may make in a minute */
export function tilbyderApi(parts: ApiParts, lookUps: RateLimit): Api {
  return adminApi(
    import.meta.url,
    parts,
    { ...applicationHandlers(), ...logoHandlers(parts.limits, parts.places), ...useHandlers(lookUps) },
    {
      async opprettApplikasjon({ access, request, query }: Ask<Wire<'NyApplikasjon'>, Query<'opprettApplikasjon'>>) {
        return leaveToRegister(access, request, tilbyderIn(request, query.tilbyder));
      },
    },
  );
}

/** Registering applications and keeping them. */
function applicationHandlers(): Handlers {
  return {
    async listApplikasjoner({ access, request, query }: Ask<undefined, Query<'listApplikasjoner'>>): Promise<Reply> {
      const { tilstand, sok } = query;
      const filter = present({ state: tilstand === undefined ? undefined : stateIn(tilstand), search: sok });
      const { items, next } = await listApplications(access, request, tilbyderIn(request, query.tilbyder), filter, rangeOf(query));
      const body: Wire<'Applikasjonsliste'> = { applikasjoner: items.map(applicationOut), ...neste(next) };
      return { status: 200, body };
    },
    async opprettApplikasjon({ access, ctx, request, query, body, identity }: Ask<Wire<'NyApplikasjon'>, Query<'opprettApplikasjon'>>) {
      const seed = identity === undefined ? undefined : identity + JSON.stringify(body);
      const view = await createApplication(access, request, tilbyderIn(request, query.tilbyder), termsIn(body), seed);
      const headers = { ETag: etagOf(view.revision), Location: `${ctx.path}/${view.application.id}` };
      return { status: 201, headers, body: applicationOut(view) };
    },
    async hentApplikasjon({ access, request, params }: Ask) {
      const view = await readApplication(access, request, appIdIn(params));
      return { status: 200, headers: { ETag: etagOf(view.revision) }, body: applicationOut(view) };
    },
    async endreApplikasjon({ access, ctx, request, params, body }: Ask<Wire<'ApplikasjonPatch'>>) {
      const view = await changeApplication(access, request, appIdIn(params), ifMatch(ctx), (application) => patched(application, body));
      return { status: 200, headers: { ETag: etagOf(view.revision) }, body: applicationOut(view) };
    },
    async avviklApplikasjon({ access, ctx, request, params }: Ask) {
      await retireApplication(access, request, appIdIn(params), ifMatch(ctx));
      return { status: 204 };
    },
  };
}

/** The picture of an application. */
function logoHandlers(limits: BodyLimits, places: Places): Handlers {
  // One picture of a tilbyder at a time: whoever sends many waits for oneself, not others for that one.
  const cleaned = async (tilbyder: Orgnr, bytes: Buffer, type: LogoType): ReturnType<typeof makeLogoSafe> => {
    const giveBack = await places.take([{ of: `logos of tilbyder ${tilbyder}`, most: 1 }], 1);
    return makeLogoSafe(bytes, type).finally(giveBack);
  };
  return {
    async hentLogo({ access, ctx, request, params }: Ask) {
      const { value, revision } = await readLogo(access, request, appIdIn(params));
      const headers = { ...LOGO_HEADERS, ETag: etagOf(revision) };
      if (ifNoneMatch(ctx, headers.ETag)) return { status: 304, headers };
      return { status: 200, headers: { ...headers, 'Content-Type': value.type }, body: Buffer.from(value.content, 'base64') };
    },
    async settLogo({ access, ctx, request, params }: Ask) {
      const precondition = ifMatch(ctx);
      const { type } = mediaType(ctx.req, ['image/png', 'image/svg+xml']);
      // Asked before a picture is worked on: whoever may not gets no work done.
      const { application } = await readApplication(access, request, appIdIn(params));
      const bytes = await readBytes(ctx.req, { ...limits, maxBodyBytes: MAX_LOGO_BYTES });
      const safe = await cleaned(application.tilbyder, bytes, type as LogoType);
      if (isFault(safe)) throw invalid('', safe.detail);
      const logo = { type: safe.type, content: safe.bytes.toString('base64') };
      const revision = await setLogo(access, request, appIdIn(params), logo, precondition);
      return { status: 204, headers: { ETag: etagOf(revision) } };
    },
    async slettLogo({ access, ctx, request, params }: Ask) {
      await setLogo(access, request, appIdIn(params), undefined, ifMatch(ctx));
      return { status: 204 };
    },
  };
}

/** Who uses an application, and what a question about it would be answered. */
function useHandlers(lookUps: RateLimit): Handlers {
  return {
    async listKonsumenter({ access, request, params, query }: Ask<undefined, Query<'listKonsumenter'>>) {
      const { items, next } = await listKonsumenter(access, request, appIdIn(params), rangeOf(query));
      const body: Wire<'Konsumentliste'> = { konsumenter: items.map(konsumentOut), ...neste(next) };
      return { status: 200, body };
    },
    async forklarAvgjorelse({ access, ctx, request, params, query, body }: Ask<Wire<'Forklaringsporsmal'>, Query<'forklarAvgjorelse'>>) {
      await lookUps.use(callerName(request.caller));
      const konsument = sound('/orgnr', parseOrgnr(body.orgnr));
      return explained(ctx, query.sprak, await whyForTilbyder(access, request, appIdIn(params), whyQuestion(body), konsument));
    },
    async provAvgjorelse({ access, request, params, body }: Ask<Wire<'Proving'>>) {
      const { brukerIdent, rolle, tidspunkt, sikkerhetsniva, tilganger } = body;
      const person = personNumber(brukerIdent);
      const at = tidspunkt === undefined ? undefined : momentOf(tidspunkt);
      const trial = present({ person, grants: triedGrants(tilganger), role: rolle, at, securityLevel: levelIn(sikkerhetsniva) });
      return { status: 200, body: triedOut(await tryDecision(access, request, appIdIn(params), trial)) };
    },
  };
}

/** The tilbyder that is named, which is judged like any other; a person has to name one, a machine is one. @throws ProblemError `invalid-request` without */
function tilbyderIn({ caller }: AdminRequest, named: string | undefined): Orgnr | undefined {
  const own = ownOrganisation(caller);
  if (named === undefined && own === undefined) {
    const detail = 'is missing: a person names the organisation number of the tilbyder, only a machine is one itself';
    throw invalidParameter('tilbyder', detail);
  }
  if (named === undefined) return own;
  const orgnr = parseOrgnr(named);
  return isFault(orgnr) ? undefined : orgnr;
}
