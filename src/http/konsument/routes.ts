import { Readable } from 'node:stream';
import {
  appointAdministrator,
  changeAdministrator,
  changeGrant,
  changeSettings,
  checkPast,
  exportForOrganisation,
  type GrantView,
  giveGrant,
  importForOrganisation,
  listAdministrators,
  listEndingGrants,
  listEvents,
  listGrants,
  listHoldersAt,
  listOffers,
  listOwnOrganisations,
  lookUpPerson,
  lookUpPersonAt,
  readAdministrator,
  readGrant,
  readOffer,
  readOrganisation,
  readSettings,
  removeAdministrator,
  removePerson,
  setActivation,
  withdrawKeptGrant,
} from '#access';
import { type AppId, type BrukerId, type Instant, isFault, type Orgnr, parseAppId, parseBrukerId, parseOrgnr, toInstant } from '#domain';
import { type RowFormat, type RowOptions, readRows, rowWriter } from '#files';
import { ProblemError } from '#problem';
import { type AdminExchange, adminApi } from '../admin-api.js';
import type { Api } from '../api.js';
import { callerName } from '../callers.js';
import type { ApiParts } from '../described-api.js';
import { idempotencyKey } from '../idempotency.js';
import { bodyChunks, mediaType } from '../json-body.js';
import { mergePatch } from '../merge-patch.js';
import { etagOf, ifMatch } from '../preconditions.js';
import type { RateLimit } from '../rate-limit.js';
import type { Reply } from '../state.js';
import { momentOf, neste, personNumber, rangeOf, reasonOf } from '../wire-parts.js';
import type { operations } from './wire.gen.js';
import {
  activationOut,
  administratorOut,
  assignmentTerms,
  eventOut,
  grantOut,
  grantTerms,
  importOut,
  offerOut,
  organisationOut,
  patchedAssignment,
  patchedGrant,
  personOut,
  settingsOut,
  type Wire,
} from './wire.js';

type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>;
type Ask<Body = undefined, Sent = unknown> = AdminExchange<Body, Sent>;
interface Reasoned {
  readonly begrunnelse?: string;
}

const DAY_MS = 86_400_000;
/** In one process at a time: each may hold a file in memory. */
const MAX_IMPORTS = 4;
const FORMATS: Readonly<Record<string, RowFormat>> = { 'text/csv': 'csv', 'application/jsonl': 'jsonl', 'application/x-ndjson': 'jsonl' };
const CHARSETS: Readonly<Record<string, NonNullable<RowOptions['charset']>>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'iso-8859-1': 'iso-8859-1',
  latin1: 'iso-8859-1',
  'windows-1252': 'windows-1252',
};
const COLUMNS = ['app', 'brukerIdent', 'kommune', 'orgnr', 'roles', 'from', 'until', 'reason'];

/** The konsument API, konsument-bruker-api-v1. */
export function konsumentApi(parts: ApiParts, lookUps: RateLimit): Api {
  const { installation, limits } = parts;
  const now = (): Instant => toInstant(installation.clock());
  let importing = 0;
  return adminApi(
    import.meta.url,
    parts,
    {
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
          const { fireOyne, lengsteTilgangDager } = mergePatch(settingsOut({ settings }), body) as Wire<'Innstillinger'>;
          return { fourEyes: fireOyne, ...(lengsteTilgangDager === undefined ? {} : { longestGrantDays: lengsteTilgangDager }) };
        });
        return answer(settingsOut(view), view.revision);
      },

      async listApplikasjoner({ access, request, params, query }: Ask<undefined, Query<'listApplikasjoner'>>) {
        const filter = ({ alle: 'all', aktivert: 'activated', tilbud: 'offered' } as const)[query.vis ?? 'alle'];
        const search = query.sok === undefined ? {} : { search: query.sok };
        const { items, next } = await listOffers(access, request, orgnrIn(params), { filter, ...search }, rangeOf(query));
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

      async listBrukere({ access, request, params, query }: Ask<undefined, Query<'listBrukere'>>) {
        const at = query.tidspunkt === undefined ? undefined : pastIn(query.tidspunkt, 'tidspunkt');
        const { items, next } =
          at === undefined
            ? await listGrants(access, request, placeIn(params), rangeOf(query))
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
        await withdrawKeptGrant(access, request, placeIn(params), ifMatch(ctx), reasonOf(body).reason);
        return { status: 204 };
      },
      async listUtlop({ access, request, params, query }: Ask<undefined, Query<'listUtlop'>>) {
        const until = toInstant(access.clock() + (query.innenDager ?? 30) * DAY_MS);
        const { items, next } = await listEndingGrants(access, request, orgnrIn(params), until, rangeOf(query));
        return answer({ brukere: items.map(grantOut), ...neste(next) } satisfies Wire<'Brukerliste'>);
      },

      async slaaOppPerson({ access, request, params, body: { brukerIdent, tidspunkt } }: Ask<Wire<'Oppslag'>>) {
        await lookUps.use(callerName(request.caller));
        const brukerId = access.vault.nameOf(personNumber(brukerIdent));
        const whose = { orgnr: orgnrIn(params), brukerId };
        if (tidspunkt === undefined) return answer(personOut(await lookUpPerson(access, request, whose)));
        const grants = await lookUpPersonAt(access, request, whose, pastIn(tidspunkt, undefined));
        return answer(personOut({ brukerId, grants, assignment: undefined }));
      },
      async hentPerson({ access, request, params }: Ask) {
        await lookUps.use(callerName(request.caller));
        const view = await lookUpPerson(access, request, placeIn(params));
        return answer(personOut(view), view.revision);
      },
      async fjernPerson({ access, ctx, request, params, body }: Ask<Reasoned | undefined>) {
        const { withdrawn } = await removePerson(access, request, placeIn(params), ifMatch(ctx), reasonOf(body).reason);
        return answer({ trukket: withdrawn } satisfies Wire<'Fjernet'>);
      },

      async importer({ access, ctx, request, params, query }: Ask<undefined, Query<'importer'>>) {
        const { type, charset: named = 'utf-8' } = mediaType(ctx.req, Object.keys(FORMATS));
        const charset = CHARSETS[named];
        if (charset === undefined)
          throw new ProblemError('unsupported-media-type', { detail: `The charset is one of ${Object.keys(CHARSETS).join(', ')}.` });
        const key = idempotencyKey(ctx.req.headers['idempotency-key']);
        const rows = readRows(bodyChunks(ctx.req, limits), FORMATS[type] as RowFormat, { charset });
        if (importing === MAX_IMPORTS) throw new ProblemError('too-many-requests', { retryAfterSeconds: 5 });
        importing += 1;
        const report = await importForOrganisation(access, request, orgnrIn(params), rows, {
          mode: query.modus === 'erstatt' ? 'replace' : 'add',
          dryRun: query.proving === true,
          allOrNothing: query.altEllerIngenting === true,
          ...(key === undefined ? {} : { idempotencyKey: key }),
        }).finally(() => {
          importing -= 1;
        });
        return answer(importOut(report));
      },
      async eksporter({ access, request, params, query }: Ask<undefined, Query<'eksporter'>>) {
        const only = query.app === undefined ? {} : { appId: appIdIn(query.app) };
        const grants = await exportForOrganisation(access, request, { orgnr: orgnrIn(params), ...only });
        const format = query.format ?? 'csv';
        const writer = rowWriter(format, COLUMNS);
        const lines = async function* (): AsyncGenerator<string> {
          yield writer.head;
          for await (const grant of grants) yield writer.line({ ...grant });
        };
        return {
          status: 200,
          headers: {
            'Content-Type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl',
            'Content-Disposition': `attachment; filename="tilganger.${format}"`,
            'X-Content-Type-Options': 'nosniff',
          },
          body: Readable.from(lines()),
        };
      },

      async listAdministratorer({ access, request, params }: Ask) {
        const all = await listAdministrators(access, request, orgnrIn(params));
        return answer({ administratorer: all.map(administratorOut) } satisfies Wire<'Administratorliste'>);
      },
      async utnevnAdministrator({ access, ctx, request, params, body: { brukerIdent, ...terms } }: Ask<Wire<'NyAdministrator'>>) {
        const person = personNumber(brukerIdent);
        const { view, isNew } = await appointAdministrator(access, request, orgnrIn(params), person, assignmentTerms(terms));
        const { brukerId, revision } = view.assignment;
        const headers = { ETag: etagOf(revision), Location: `${ctx.path}/${brukerId}` };
        return { status: isNew ? 201 : 200, headers, body: administratorOut(view) };
      },
      async hentAdministrator({ access, request, params }: Ask) {
        const view = await readAdministrator(access, request, placeIn(params));
        return answer(administratorOut(view), view.assignment.revision);
      },
      async endreAdministrator({ access, ctx, request, params, body }: Ask<Wire<'AdministratorPatch'>>) {
        const view = await changeAdministrator(access, request, placeIn(params), ifMatch(ctx), (assignment) =>
          patchedAssignment(assignment, body),
        );
        return answer(administratorOut(view), view.assignment.revision);
      },
      async fjernAdministrator({ access, ctx, request, params, body }: Ask<Reasoned | undefined>) {
        await removeAdministrator(access, request, placeIn(params), ifMatch(ctx), reasonOf(body).reason);
        return { status: 204 };
      },

      async listHendelser({ access, request, params, query }: Ask<undefined, Query<'listHendelser'>>) {
        const { handling, app, bruker, aktor, fra, til } = query;
        const filter = {
          ...(handling === undefined ? {} : { action: handling }),
          ...(app === undefined ? {} : { appId: appIdIn(app) }),
          ...(bruker === undefined ? {} : { brukerId: bruker as BrukerId }),
          ...(aktor === undefined ? {} : { actor: aktor }),
          ...(fra === undefined ? {} : { from: momentOf(fra, 'fra') }),
          ...(til === undefined ? {} : { until: momentOf(til, 'til') }),
        };
        const { items, next } = await listEvents(access, request, orgnrIn(params), filter, rangeOf(query));
        return answer({ hendelser: items.map(eventOut), ...neste(next) } satisfies Wire<'Hendelsesliste'>);
      },
    },
    ({ access, request, params }) => readOrganisation(access, request, orgnrIn(params)),
  );

  /** A moment in the past. @param parameter the query parameter; absent if it stands in the body */
  function pastIn(text: string, parameter: string | undefined): Instant {
    const at = momentOf(text, parameter);
    checkPast(at, now(), parameter === undefined ? { pointer: '/tidspunkt' } : { pointer: '', parameter });
    return at;
  }
}

function answer(body: object, revision?: number): Reply {
  return { status: 200, body, ...(revision === undefined ? {} : { headers: { ETag: etagOf(revision) } }) };
}

function given(view: GrantView, status: number, location?: string): Reply {
  const headers = { ETag: etagOf(view.grant.revision), ...(location === undefined ? {} : { Location: location }) };
  return { status, headers, body: grantOut(view) };
}

type Params = Readonly<Record<string, string>>;

/** What is no organisation number is answered like an unknown organisation. */
function orgnrIn({ orgnr = '' }: Params): Orgnr | undefined {
  const parsed = parseOrgnr(orgnr);
  return isFault(parsed) ? undefined : parsed;
}

function placeIn(params: Params): {
  readonly orgnr: Orgnr | undefined;
  readonly appId: AppId | undefined;
  readonly brukerId: BrukerId | undefined;
} {
  const appId = parseAppId(params['appId'] ?? '');
  const brukerId = parseBrukerId(params['brukerId'] ?? '');
  return { orgnr: orgnrIn(params), appId: isFault(appId) ? undefined : appId, brukerId: isFault(brukerId) ? undefined : brukerId };
}

/** @throws ProblemError `invalid-request` */
function appIdIn(app: string): AppId {
  const appId = parseAppId(app);
  if (isFault(appId)) throw new ProblemError('invalid-request', { at: [{ pointer: '', parameter: 'app', detail: appId.detail }] });
  return appId;
}
