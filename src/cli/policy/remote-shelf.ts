import { type AppId, isFault, type Orgnr, parseOrgnr, present } from '#domain';
import { type Call, caller, type RemotePlace, refusedThere, type Sending, strange } from '../gateway-call.js';
import type {
  NewKey,
  Shelf,
  ShelfStatus,
  ShelvedBundle,
  ShelvedConduct,
  ShelvedKey,
  ShelvedProcess,
  ShelvedTotals,
  Turned,
} from './shelf.js';

/** A gateway somewhere else, over `/policy/api/v1`. */
export function remoteShelf(place: RemotePlace): Shelf {
  const call = caller(place);
  const ownerOf = async (appId: AppId): Promise<Orgnr> => {
    const { tilbyder } = await call<{ readonly tilbyder: string }>(`/leverandor-tjenester/api/v1/applikasjoner/${appId}`);
    const orgnr = parseOrgnr(tilbyder);
    if (isFault(orgnr)) throw strange(place.origin);
    return orgnr;
  };
  const base = async (appId: AppId): Promise<string> => `/policy/api/v1/organisasjoner/${await ownerOf(appId)}/applikasjoner/${appId}`;
  const turn = async (appId: AppId, path: string, sending: Sending): Promise<Turned> => {
    const at = await base(appId);
    const before = await call<Binding>(`${at}/regelpakke/aktiv`);
    const after = await call<Binding>(`${at}/regelpakke/${path}`, { ...sending, ifMatch: true });
    return { isChanged: before.bindingsrevisjon !== after.bindingsrevisjon, ...revisionsOf(after) };
  };
  return {
    where: place.origin,
    async push(appId, tarball) {
      const at = `${await base(appId)}/regelpakker`;
      const { status, value } = await call.answered<Regelpakke>(at, { method: 'POST', tarball });
      return { isNew: status === 201, bundle: shelved(value) };
    },
    list: async (appId) => allOf(call, `${await base(appId)}/regelpakker`),
    activate: (appId, revisjon, begrunnelse) => turn(appId, 'aktiv', { method: 'PUT', json: present({ revisjon, begrunnelse }) }),
    deactivate: (appId, reason) => turn(appId, 'aktiv', { method: 'DELETE', ...reasoned(reason) }),
    rollBack: (appId, revisjon, begrunnelse) => turn(appId, 'tilbakerulling', { method: 'POST', json: { revisjon, begrunnelse } }),
    async status(appId): Promise<ShelfStatus> {
      const { binding, prosesser } = await call<{ readonly binding: Binding; readonly prosesser: readonly Prosess[] }>(
        `${await base(appId)}/regelpakke/status`,
      );
      return { ...revisionsOf(binding), processes: prosesser.map(processIn) };
    },
    ...comparing(call, base, turn),
    ownerOf,
    async keys(owner) {
      const { nokler } = await call<{ readonly nokler: readonly Nokkel[] }>(keysPath(owner));
      return nokler.map(keyIn);
    },
    async addKey(owner, { kid, algorithm, jwk, scope, until }: NewKey) {
      const json = present({ algoritme: algorithm, jwk, omfang: scope, til: until });
      await call(keysPath(owner, kid), { method: 'PUT', ifMatch: true, json });
    },
    async revokeKey(owner, kid, reason) {
      await call(keysPath(owner, kid), { method: 'DELETE', ifMatch: true, ...reasoned(reason) });
    },
    close: async () => {},
  };
}

function reasoned(begrunnelse: string | undefined): Pick<Sending, 'json'> {
  return begrunnelse === undefined ? {} : { json: { begrunnelse } };
}

/** What another bundle would change, as the gateway tells it: no persons. */
function comparing(
  call: Call,
  base: (appId: AppId) => Promise<string>,
  turn: (appId: AppId, path: string, sending: Sending) => Promise<Turned>,
): Pick<Shelf, 'compare' | 'approve' | 'demand' | 'setShadow' | 'shadow'> {
  return {
    async compare(appId, candidate, { decisions }, { onDifference, at, levels }) {
      if (decisions !== undefined || onDifference !== undefined || at !== undefined || levels !== undefined) {
        throw refusedThere(
          'compares over all grants as of now, and names no persons: --log, --persons, --at and --level are for where it runs',
        );
      }
      if (candidate === 'standard' || !('revision' in candidate))
        throw refusedThere('compares bundles that were pushed: push it, and name its revision');
      const told = await call<Sammenligning>(`${await base(appId)}/regelpakke/sammenligning`, {
        method: 'POST',
        json: { revisjon: candidate.revision },
      });
      return { ...totalsIn(told), isComplete: told.fullstendig, ...present({ keptAt: told.tidspunkt }) };
    },
    async approve(appId, { revision: revisjon, at }, begrunnelse) {
      const told = await call<Godkjenning>(`${await base(appId)}/regelpakke/godkjenning`, {
        method: 'POST',
        json: { revisjon, tidspunkt: at, begrunnelse },
      });
      const { kandidat, aktiv, tidspunkt, far, mister, feil } = told;
      const compared = { at: tidspunkt, gains: far, losses: mister, failures: feil };
      return present({ revision: kandidat.revisjon, active: aktiv?.revisjon, ...compared });
    },
    demand: (appId, what) =>
      turn(appId, 'krav', { method: 'PUT', json: { krav: what === undefined ? 'ingen' : what === 'empty' ? 'tomt' : 'godkjent' } }),
    setShadow: (appId, revisjon) =>
      turn(appId, 'skygge', revisjon === undefined ? { method: 'DELETE' } : { method: 'PUT', json: { revisjon } }),
    async shadow(appId, withPersons) {
      if (withPersons) throw refusedThere('names no persons: --samples is for where it runs');
      const told = await call<Skygge>(`${await base(appId)}/regelpakke/skygge`);
      const { pakke, fra, til, prosesser, forbigatt } = told;
      return {
        ...totalsIn(told),
        ...present({ revision: pakke?.revisjon, since: fra, until: til }),
        processes: prosesser,
        passedOver: forbigatt,
      };
    },
  };
}

interface Tall {
  readonly sporsmal: number;
  readonly far: number;
  readonly mister: number;
  readonly feilFor: number;
  readonly feilEtter: number;
  readonly tall: readonly { readonly orgnr: string; readonly endring: 'far' | 'mister'; readonly grunn: string; readonly antall: number }[];
}

interface Sammenligning extends Tall {
  readonly fullstendig: boolean;
  readonly tidspunkt?: string;
}

interface Godkjenning {
  readonly kandidat: Pakkenavn;
  readonly aktiv?: Pakkenavn;
  readonly tidspunkt: string;
  readonly far: number;
  readonly mister: number;
  readonly feil: number;
}

interface Skygge extends Tall {
  readonly pakke?: Pakkenavn;
  readonly fra?: string;
  readonly til?: string;
  readonly prosesser: number;
  readonly forbigatt: number;
}

function totalsIn({ sporsmal, far, mister, feilFor, feilEtter, tall }: Tall): ShelvedTotals {
  const counts = tall.map(({ orgnr, endring, grunn, antall }) => {
    const kind = endring === 'far' ? ('gain' as const) : ('loss' as const);
    return { konsument: orgnr, kind, reason: grunn, count: antall };
  });
  return { questions: sporsmal, gains: far, losses: mister, failedBefore: feilFor, failedAfter: feilEtter, counts };
}

function keysPath(owner: Orgnr | 'operator', kid?: string): string {
  if (owner === 'operator') throw refusedThere("keeps the operator's keys for itself: name --orgnr or --app");
  return `/policy/api/v1/organisasjoner/${owner}/nokler${kid === undefined ? '' : `/${encodeURIComponent(kid)}`}`;
}

async function allOf(call: Call, path: string): Promise<readonly ShelvedBundle[]> {
  const found: ShelvedBundle[] = [];
  let markor: string | undefined;
  do {
    const query = markor === undefined ? '' : `&markor=${encodeURIComponent(markor)}`;
    const page = await call<{ readonly regelpakker: readonly Regelpakke[]; readonly neste?: string }>(`${path}?antall=500${query}`);
    found.push(...page.regelpakker.map(shelved));
    markor = page.neste;
  } while (markor !== undefined);
  return found;
}

interface Pakkenavn {
  readonly revisjon: string;
}

interface Binding {
  readonly aktiv?: Pakkenavn;
  readonly forrige?: Pakkenavn;
  readonly hoyeste?: string;
  readonly betrodd?: Pakkenavn;
  readonly skygge?: Pakkenavn;
  readonly krav?: keyof typeof DEMANDS;
  readonly bindingsrevisjon: number;
}

const DEMANDS = { tomt: 'empty', godkjent: 'approved' } as const;

function revisionsOf({ aktiv, forrige, hoyeste, betrodd, skygge, krav }: Binding) {
  const named = { active: aktiv?.revisjon, before: forrige?.revisjon, trusted: betrodd?.revisjon, shadow: skygge?.revisjon };
  return present({ ...named, highest: hoyeste, demands: krav && DEMANDS[krav] });
}

interface Feil {
  readonly tidspunkt: string;
  readonly detalj: string;
}

interface Prosess {
  readonly prosess: string;
  readonly tidspunkt: string;
  readonly lastet: readonly Lastet[];
  readonly lastefeil?: Feil & Pakkenavn;
}

interface Lastet extends Pakkenavn {
  readonly stilling?: string;
  readonly svar?: number;
  readonly feil?: number;
  readonly tidsavbrudd?: number;
  readonly minneavbrudd?: number;
  readonly avvist?: number;
  readonly mikrosekunder?: number;
  readonly sisteFeil?: Feil;
  readonly holdtTilbakeTil?: string;
}

function processIn({ prosess, tidspunkt, lastet, lastefeil }: Prosess): ShelvedProcess {
  const fault = lastefeil && { revision: lastefeil.revisjon, at: lastefeil.tidspunkt, detail: lastefeil.detalj };
  return present({ process: prosess, at: tidspunkt, loaded: lastet.map(conductIn), fault });
}

function conductIn(one: Lastet): ShelvedConduct {
  return present({
    revision: one.revisjon,
    standing: one.stilling,
    answered: one.svar,
    failed: one.feil,
    timedOut: one.tidsavbrudd,
    outOfMemory: one.minneavbrudd,
    refused: one.avvist,
    meanMicros: one.mikrosekunder === undefined ? undefined : Math.round(one.mikrosekunder),
    lastFault: one.sisteFeil && { at: one.sisteFeil.tidspunkt, detail: one.sisteFeil.detalj },
    heldBackUntil: one.holdtTilbakeTil,
  });
}

interface Regelpakke extends Pakkenavn {
  readonly digest: string;
  readonly storrelse: number;
  readonly inngangspunkter: readonly string[];
  readonly signertAv: { readonly eier: string; readonly kid: string };
  readonly lastetOpp: string;
  readonly lastetOppAv: string;
  readonly tilstand: keyof typeof STATES;
  readonly betrodd: boolean;
  readonly advarsler: readonly (keyof typeof WARNINGS)[];
}

const STATES = { aktiv: 'active', forrige: 'before', lastet: 'pushed' } as const;
const WARNINGS = { nei_til_alt: 'answers_no_to_all', ja_til_alt: 'answers_yes_to_all' } as const;

function shelved(bundle: Regelpakke): ShelvedBundle {
  const { revisjon, digest, storrelse, inngangspunkter, signertAv, lastetOpp, lastetOppAv, tilstand, betrodd, advarsler } = bundle;
  return {
    revision: revisjon,
    state: STATES[tilstand],
    digest,
    size: storrelse,
    entrypoints: inngangspunkter,
    signedBy: `${signertAv.kid} (${signertAv.eier})`,
    pushedBy: lastetOppAv,
    pushedAt: lastetOpp,
    isTrusted: betrodd,
    warnings: advarsler.map((one) => WARNINGS[one]),
  };
}

interface Nokkel {
  readonly kid: string;
  readonly algoritme: string;
  readonly omfang?: string;
  readonly til?: string;
  readonly trukketTilbake?: object;
}

function keyIn({ kid, algoritme, omfang, til, trukketTilbake }: Nokkel): ShelvedKey {
  return present({ kid, algorithm: algoritme, scope: omfang, until: til, isRevoked: trukketTilbake !== undefined });
}
