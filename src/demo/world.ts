import {
  type Activation,
  type AdminRole,
  type AppId,
  type Application,
  type ApplicationState,
  DAY_MS,
  DEFAULT_ROLE,
  type Instant,
  isFault,
  type Kommunenummer,
  type Organisation,
  type Orgnr,
  type PersonNumber,
  parseAppId,
  parseOrgnr,
  toInstant,
  uuidOf,
} from '#domain';
import { DEMO_OPERATOR } from './entities.js';
import { type DemoIdporten, demoIdporten } from './idporten-world.js';
import { KOMMUNER } from './kommuner.js';
import { type DemoMaskinporten, demoMaskinporten, OF_SERVICE_OWNERS, OF_VENDORS, REGISTER_SCOPES } from './maskinporten-world.js';
import { type Random, seededRandom, syntheticOrgnr, syntheticPersonNumber } from './synthetic-numbers.js';
import { BRREG, SKATTEETATEN } from './systembruker-catalogue.js';
import { type DemoSystembruker, demoSystembruker } from './systembruker-world.js';

/** An organisation of the demo world. */
export interface DemoOrganisation extends Organisation {
  /** Present if the organisation is invented, and its number with it. */
  readonly syntheticOrgnr?: true;
}

/** Why a grant counts (`open`, `open-from-now`, `no-kommune`) or does not count (the others) for role `use` at the world's moment. */
export type DemoGrantSort =
  | 'open'
  | 'open-from-now'
  | 'no-kommune'
  | 'expired'
  | 'expires-now'
  | 'not-yet'
  | 'withdrawn'
  | 'not-activated'
  | 'switched-off'
  | 'may-not-be-konsument'
  | 'other-role'
  | 'retired-application';

/** A grant of the demo world, with what it is an example of. */
export interface DemoGrant {
  readonly appId: AppId;
  readonly brukerIdent: PersonNumber;
  readonly konsument: Orgnr;
  readonly roles: readonly string[];
  readonly from?: Instant;
  readonly until?: Instant;
  readonly withdrawn?: true;
  readonly sort: DemoGrantSort;
}

/** A machine client in Maskinporten; with a supplier, `orgnr` is the consumer that delegated to it. */
export interface DemoClient {
  readonly id: string;
  readonly name: string;
  readonly orgnr: Orgnr;
  readonly supplierOrgnr?: Orgnr;
  readonly scopes: readonly string[];
}

/** The right answer about one person in one application, role `use`, at the world's moment; both lists ascending. */
export interface DemoExpectation {
  readonly appId: AppId;
  readonly kommuner: readonly Kommunenummer[];
  /** All konsumenter, those that are no kommune among them. */
  readonly orgnr: readonly Orgnr[];
}

/** A person of the demo world, with the right answers about him or her. */
export interface DemoPerson {
  /** `person-001` and on. */
  readonly id: string;
  readonly brukerIdent: PersonNumber;
  /** One for each application, also if empty. */
  readonly expected: readonly DemoExpectation[];
}

/** Somebody who administers an organisation of the demo world. */
export interface DemoAdministrator {
  /** Such as `oslo-leder`. */
  readonly id: string;
  readonly brukerIdent: PersonNumber;
  readonly orgnr: Orgnr;
  readonly roles: readonly AdminRole[];
}

/** All that the demo is filled with, and what is right to answer about it at its moment. */
export interface DemoWorld {
  readonly now: Instant;
  readonly organisations: readonly DemoOrganisation[];
  readonly applications: readonly Application[];
  readonly activations: readonly Activation[];
  readonly persons: readonly DemoPerson[];
  /** At most one for each application, person and konsument. */
  readonly grants: readonly DemoGrant[];
  readonly clients: readonly DemoClient[];
  /** Scopes, accesses and registered clients. */
  readonly maskinporten: DemoMaskinporten;
  /** The contact register and who has logged in. */
  readonly idporten: DemoIdporten;
  /** Services and packages that system users are given, systems, and what vendors have asked customers for. */
  readonly systembruker: DemoSystembruker;
  /** None of them is one of the persons. */
  readonly administrators: readonly DemoAdministrator[];
  /** A question whose answer has at least two kommuner. */
  readonly first: { readonly clientId: string; readonly appId: AppId; readonly brukerIdent: PersonNumber };
}

// Real organisations; numbers found in github FinnurO/regel-ide, src/RegelIde.Data/Seed/organisasjoner-norge.json.
const FHI = realOrgnr('983744516');
const DIBK = realOrgnr('974760223');
const TRONDELAG = realOrgnr('817920632');
// Invented organisations.
const SUPPLIER = syntheticOrgnr('Demoleverandør AS');
const STRANGER = syntheticOrgnr('Fremmed Demo AS');
const BARRED = syntheticOrgnr('Avviklet Demo IKS');
/** Who has to do with system users; invented, too. */
const BUSINESSES = {
  vendor: 'Bedriftshjelp AS',
  otherVendor: 'Nye Tall AS',
  customer: 'Rørlegger Hansen & Sønner AS',
  accountant: 'Tallvang Regnskap AS',
  client: 'Hjørnebakeriet Demo AS',
};
const [VENDOR, OTHER_VENDOR, CUSTOMER, ACCOUNTANT, CLIENT] = Object.values(BUSINESSES).map((name) => syntheticOrgnr(name)) as [
  Orgnr,
  Orgnr,
  Orgnr,
  Orgnr,
  Orgnr,
];

const PERSONS = 300;
/** Oslo, Bergen, Trondheim, Stavanger. */
const KOMMUNER_WITH_SCOPES = ['0301', '4601', '5001', '1103'].map(kommune) as [Orgnr, ...Orgnr[]];
const SCOPE = 'ks:fiks';
const TILBYDER_SCOPE = 'ks:fiks.tilbyder';
const KONSUMENT_SCOPE = 'ks:fiks.konsument';
const APPLICATIONS: readonly (readonly [name: string, tilbyder: Orgnr, state: ApplicationState, description: string, more?: string])[] = [
  ['Smittevernmelding', FHI, 'active', 'Melder utbrudd til Folkehelseinstituttet.', 'saksbehandler'],
  ['Vaksineoversikt', FHI, 'active', 'Viser vaksinasjonsdekningen i kommunen.', 'saksbehandler'],
  ['Folkehelseprofil', FHI, 'active', 'Henter kommunens folkehelseprofil.'],
  ['Byggesaksinnsyn', DIBK, 'active', 'Gir innsyn i byggesaker.', 'saksbehandler'],
  ['Tilsynsrapport', DIBK, 'active', 'Sender rapport om tilsyn i byggesaker.', 'tilsyn'],
  ['Vannprøveregister', FHI, 'draft', 'Skal ta imot drikkevannsprøver.'],
  ['Byggesøknad 2010', DIBK, 'retired', 'Erstattet av Byggesaksinnsyn.', 'saksbehandler'],
];
const EVERYWHERE: ReadonlySet<string> = new Set(['Smittevernmelding', 'Byggesaksinnsyn']);
/** What each person in turn gets beside open grants. */
const EXTRA_SORTS: readonly DemoGrantSort[] = [
  'expired',
  'not-yet',
  'withdrawn',
  'not-activated',
  'no-kommune',
  'may-not-be-konsument',
  'other-role',
  'retired-application',
  'switched-off',
  'expires-now',
  'open-from-now',
  'open',
];

/** The demo world at a moment: the same moment gives the same world, and only dates differ between two moments. */
export function demoWorld(now: Instant): DemoWorld {
  let world = made.get(now);
  if (world === undefined) {
    world = makeWorld(now);
    if (made.size === REMEMBERED) made.clear();
    made.set(now, world);
  }
  return world;
}

/** It takes some milliseconds to make one, and whoever asks for a token asks again. */
const REMEMBERED = 8;
const made = new Map<Instant, DemoWorld>();

function makeWorld(now: Instant): DemoWorld {
  const random = seededRandom(20_240_101);
  const applications = listApplications();
  const offered = offerApplications(applications, now, random);
  const idents = new Set<PersonNumber>();
  while (idents.size < PERSONS) idents.add(syntheticPersonNumber(random));
  const grants: DemoGrant[] = [];
  const persons = [...idents].map((brukerIdent, index): DemoPerson => {
    const { given, reached } = giveTo(brukerIdent, index, applications, offered, now, random);
    grants.push(...given);
    return { id: `person-${String(index + 1).padStart(3, '0')}`, brukerIdent, expected: expectedOf(applications, reached) };
  });
  const first = { clientId: 'fhi', appId: (applications[0] as Application).id, brukerIdent: (persons[0] as DemoPerson).brukerIdent };
  const administrators = listAdministrators(idents);
  const numberOf = (name: string): PersonNumber => (administrators.find(({ id }) => id === name) as DemoAdministrator).brukerIdent;
  return {
    now,
    organisations: listOrganisations(),
    applications,
    activations: offered.activations,
    persons,
    grants,
    clients: listClients(),
    maskinporten: demoMaskinporten({
      ...{ fhi: FHI, dibk: DIBK, supplier: SUPPLIER, stranger: STRANGER, kommuner: KOMMUNER_WITH_SCOPES },
      ...{ taxes: SKATTEETATEN, vendor: VENDOR, otherVendor: OTHER_VENDOR },
    }),
    idporten: demoIdporten([...idents, ...administrators.map(({ brukerIdent }) => brukerIdent)], now),
    systembruker: demoSystembruker({
      ...{ vendor: VENDOR, otherVendor: OTHER_VENDOR, customer: CUSTOMER, accountant: ACCOUNTANT, client: CLIENT },
      ...{ customerLeader: numberOf('hansen-leder'), accountantLeader: numberOf('tallvang-leder'), chosen: KOMMUNER_WITH_SCOPES[0] },
    }),
    administrators,
    first,
  };
}

function listApplications(): Application[] {
  return APPLICATIONS.map(([name, tilbyder, state, description, more]) => ({
    id: demoAppId(name),
    tilbyder,
    name: { nb: name },
    description: { nb: description },
    url: `https://demo.example/${applicationPath(name)}`,
    state,
    roles: more === undefined ? [DEFAULT_ROLE] : [DEFAULT_ROLE, more],
  }));
}

type ByApplication = Map<AppId, Orgnr[]>;

/** Which kommuner have, have had and never had an application switched on. */
interface Offered {
  readonly activations: Activation[];
  readonly switchedOn: ByApplication;
  readonly switchedOff: ByApplication;
  readonly untouched: ByApplication;
}

function offerApplications(applications: readonly Application[], now: Instant, random: Random): Offered {
  const activations: Activation[] = [];
  const switchedOn: ByApplication = new Map();
  const switchedOff: ByApplication = new Map();
  const untouched: ByApplication = new Map();
  for (const { id: appId, name, state } of applications) {
    if (state === 'draft') continue;
    for (const { orgnr: konsument } of KOMMUNER) {
      // The first application of each tilbyder is switched on by every kommune.
      const lot = EVERYWHERE.has(name.nb) ? 0 : random();
      const changedAt = daysAfter(now, -30 - Math.floor(random() * 700));
      append(lot < 0.8 ? switchedOn : lot < 0.9 ? switchedOff : untouched, appId, konsument);
      if (lot < 0.9) activations.push({ konsument, appId, active: lot < 0.8, changedAt });
    }
    // The barred organisation has switched everything on too: only its standing keeps it out.
    for (const konsument of [TRONDELAG, BARRED]) activations.push({ konsument, appId, active: true, changedAt: daysAfter(now, -90) });
  }
  return { activations, switchedOn, switchedOff, untouched };
}

/** The grants of one person, and where those that count reach. */
function giveTo(
  brukerIdent: PersonNumber,
  index: number,
  applications: readonly Application[],
  offered: Offered,
  now: Instant,
  random: Random,
): { readonly given: readonly DemoGrant[]; readonly reached: ByApplication } {
  const activeApps = applications.filter(({ state }) => state === 'active');
  const given: DemoGrant[] = [];
  const reached: ByApplication = new Map();
  const taken = new Set<string>();
  const give = (sort: DemoGrantSort, app: Application, pool: readonly Orgnr[]): void => {
    const konsument = pickFree(pool, app.id, taken, random);
    const more = app.roles.filter((role) => role !== DEFAULT_ROLE);
    const both = random() < 0.3;
    const days = 1 + Math.floor(random() * 400);
    const roles = sort === 'other-role' ? more : both ? app.roles : [DEFAULT_ROLE];
    given.push({ appId: app.id, brukerIdent, konsument, roles, ...periodOf(sort, days, now), sort });
    if (sort === 'open' || sort === 'open-from-now' || sort === 'no-kommune') append(reached, app.id, konsument);
  };
  const giveExtra = (sort: DemoGrantSort): void => {
    const app = pick(applicationsFor(sort, applications, offered), random);
    give(sort, app, konsumenterFor(sort, app.id, offered));
  };
  // Every tenth person but the first has no open grant of a kommune to begin with.
  const home = index === 0 ? (activeApps[0] as Application) : pick(activeApps, random);
  const openGrants = index === 0 ? 3 : index % 10 === 9 ? 0 : 1 + Math.floor(random() * 4);
  for (let i = 0; i < openGrants; i += 1) give('open', home, offered.switchedOn.get(home.id) ?? []);
  giveExtra(EXTRA_SORTS[index % EXTRA_SORTS.length] as DemoGrantSort);
  // A second one from the other half of the list, so never the same sort twice.
  giveExtra(EXTRA_SORTS[(index + 6) % EXTRA_SORTS.length] as DemoGrantSort);
  return { given, reached };
}

/** The applications in which a grant of that sort can be given. */
function applicationsFor(sort: DemoGrantSort, applications: readonly Application[], { untouched, switchedOff }: Offered): Application[] {
  if (sort === 'retired-application') return applications.filter(({ state }) => state === 'retired');
  const active = applications.filter(({ state }) => state === 'active');
  if (sort === 'other-role') return active.filter(({ roles }) => roles.length > 1);
  if (sort === 'not-activated') return active.filter(({ id }) => untouched.has(id));
  if (sort === 'switched-off') return active.filter(({ id }) => switchedOff.has(id));
  return active;
}

/** The konsumenter whose grant is of that sort in the application. */
function konsumenterFor(sort: DemoGrantSort, appId: AppId, { switchedOn, switchedOff, untouched }: Offered): readonly Orgnr[] {
  if (sort === 'no-kommune') return [TRONDELAG];
  if (sort === 'may-not-be-konsument') return [BARRED];
  const pool = sort === 'not-activated' ? untouched : sort === 'switched-off' ? switchedOff : switchedOn;
  return pool.get(appId) ?? [];
}

const KOMMUNENUMMER_OF: ReadonlyMap<Orgnr, Kommunenummer> = new Map(KOMMUNER.map(({ orgnr, kommunenummer }) => [orgnr, kommunenummer]));

function expectedOf(applications: readonly Application[], reached: ByApplication): DemoExpectation[] {
  return applications.map(({ id: appId }) => {
    const orgnr = [...(reached.get(appId) ?? [])].sort();
    return { appId, kommuner: orgnr.flatMap((konsument) => KOMMUNENUMMER_OF.get(konsument) ?? []).sort(), orgnr };
  });
}

function daysAfter(now: Instant, days: number): Instant {
  return toInstant(Date.parse(now) + days * DAY_MS);
}

function listOrganisations(): DemoOrganisation[] {
  const organisation = (orgnr: Orgnr, name: string, mayBeTilbyder: boolean, mayBeKonsument: boolean): DemoOrganisation => ({
    orgnr,
    name,
    fiksOrgId: uuidOf(`organisasjon:${orgnr}`),
    mayBeTilbyder,
    mayBeKonsument,
  });
  return [
    ...KOMMUNER.map(({ orgnr, name, kommunenummer }) => ({ ...organisation(orgnr, kommuneName(name), false, true), kommunenummer })),
    organisation(FHI, 'Folkehelseinstituttet', true, false),
    organisation(DIBK, 'Direktoratet for byggkvalitet', true, false),
    organisation(DEMO_OPERATOR, 'KS', false, false),
    organisation(TRONDELAG, 'Trøndelag fylkeskommune', false, true),
    { ...organisation(SUPPLIER, 'Demoleverandør AS', false, false), syntheticOrgnr: true },
    { ...organisation(STRANGER, 'Fremmed Demo AS', false, false), syntheticOrgnr: true },
    { ...organisation(BARRED, 'Avviklet Demo IKS', false, false), syntheticOrgnr: true },
    organisation(SKATTEETATEN, 'Skatteetaten', false, false),
    organisation(BRREG, 'Brønnøysundregistrene', false, false),
    ...Object.values(BUSINESSES).map(
      (name): DemoOrganisation => ({ ...organisation(syntheticOrgnr(name), name, false, false), syntheticOrgnr: true }),
    ),
  ];
}

function listClients(): DemoClient[] {
  const tilbyder = [SCOPE, TILBYDER_SCOPE];
  return [
    { id: 'fhi', name: 'Folkehelseinstituttet', orgnr: FHI, scopes: tilbyder },
    { id: 'dibk', name: 'Direktoratet for byggkvalitet', orgnr: DIBK, scopes: tilbyder },
    { id: 'leverandor', name: 'Demoleverandør AS for DiBK', orgnr: DIBK, supplierOrgnr: SUPPLIER, scopes: tilbyder },
    { id: 'uten-scope', name: 'Folkehelseinstituttet uten scope', orgnr: FHI, scopes: ['ks:annet'] },
    { id: 'fremmed', name: 'Fremmed Demo AS', orgnr: STRANGER, scopes: [...tilbyder, KONSUMENT_SCOPE] },
    { id: 'oslo', name: 'Oslo kommune, identitetssystem', orgnr: kommune('0301'), scopes: [KONSUMENT_SCOPE] },
    { id: 'oslo-varsling', name: 'Oslo kommune, varsling', orgnr: kommune('0301'), scopes: REGISTER_SCOPES },
    { id: 'bedriftshjelp', name: 'Bedriftshjelp AS', orgnr: VENDOR, scopes: OF_VENDORS },
    { id: 'nye-tall', name: 'Nye Tall AS', orgnr: OTHER_VENDOR, scopes: OF_VENDORS },
    { id: 'skatteetaten', name: 'Skatteetaten', orgnr: SKATTEETATEN, scopes: OF_SERVICE_OWNERS },
  ];
}

/** @param taken numbers of others */
function listAdministrators(taken: ReadonlySet<PersonNumber>): DemoAdministrator[] {
  const random = seededRandom(20_260_101);
  const numbers = new Set<PersonNumber>();
  const fresh = (): PersonNumber => {
    for (;;) {
      const number = syntheticPersonNumber(random);
      if (taken.has(number) || numbers.has(number)) continue;
      numbers.add(number);
      return number;
    }
  };
  const administrator = (id: string, orgnr: Orgnr, role: AdminRole): DemoAdministrator => ({
    id,
    brukerIdent: fresh(),
    orgnr,
    roles: [role],
  });
  return [
    administrator('oslo-leder', kommune('0301'), 'organisasjonsadministrator'),
    administrator('oslo-tilgang', kommune('0301'), 'tilgangsadministrator'),
    administrator('oslo-applikasjon', kommune('0301'), 'applikasjonsadministrator'),
    administrator('bergen-leder', kommune('4601'), 'organisasjonsadministrator'),
    administrator('fhi-leder', FHI, 'organisasjonsadministrator'),
    administrator('dibk-applikasjon', DIBK, 'applikasjonsadministrator'),
    administrator('hansen-leder', CUSTOMER, 'tilgangsstyrer'),
    administrator('hansen-kontor', CUSTOMER, 'klientadministrator'),
    administrator('tallvang-leder', ACCOUNTANT, 'tilgangsstyrer'),
    administrator('hansen-eier', CUSTOMER, 'organisasjonsadministrator'),
  ];
}

function kommune(number: string): Orgnr {
  const found = KOMMUNER.find(({ kommunenummer }) => kommunenummer === number);
  if (found === undefined) throw new TypeError(`there is no kommune ${number}`);
  return found.orgnr;
}

function periodOf(sort: DemoGrantSort, days: number, now: Instant): Pick<DemoGrant, 'from' | 'until' | 'withdrawn'> {
  const after = (later: number): Instant => daysAfter(now, later);
  if (sort === 'expired') return { from: after(-days - 365), until: after(-days) };
  if (sort === 'expires-now') return { until: now };
  if (sort === 'not-yet') return { from: after(days + 365) };
  if (sort === 'open-from-now') return { from: now };
  if (sort === 'withdrawn') return { withdrawn: true };
  // Far enough away that what is expected stays so for a year of playing with the demo.
  return days % 3 === 0 ? { from: after(-days), until: after(days + 365) } : {};
}

// Voss and Ulvik call themselves herad.
function kommuneName(name: string): string {
  return name === 'Voss' || name === 'Ulvik' ? `${name} herad` : `${name} kommune`;
}

function applicationPath(name: string): string {
  return name.toLowerCase().replaceAll('ø', 'o').replaceAll(' ', '-');
}

function demoAppId(name: string): AppId {
  const appId = parseAppId(uuidOf(`applikasjon:${name}`));
  if (isFault(appId)) throw new TypeError('a derived App-ID is no UUID');
  return appId;
}

function realOrgnr(text: string): Orgnr {
  const orgnr = parseOrgnr(text);
  if (isFault(orgnr)) throw new TypeError(`${text} is no organisation number`);
  return orgnr;
}

function pick<T>(from: readonly T[], random: Random): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new TypeError('nothing to pick from');
  return chosen;
}

function pickFree(pool: readonly Orgnr[], appId: AppId, taken: Set<string>, random: Random): Orgnr {
  for (;;) {
    const konsument = pick(pool, random);
    const key = `${appId} ${konsument}`;
    if (taken.has(key)) continue;
    taken.add(key);
    return konsument;
  }
}

function append(lists: Map<AppId, Orgnr[]>, key: AppId, value: Orgnr): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
