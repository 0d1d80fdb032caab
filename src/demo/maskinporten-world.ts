import type { Orgnr } from '#domain';
import type { ScopeTerms } from '#maskinporten';

/** A scope of the demo world; what is left out is as most scopes have it. */
export interface DemoScope
  extends Pick<ScopeTerms, 'descriptions' | 'longDescription' | 'requiresUserConsent' | 'allowedIntegrationTypes'> {
  readonly name: string;
  readonly description: string;
  readonly visibility?: 'PRIVATE';
  /** Everybody gets tokens with it. */
  readonly accessibleForAll?: true;
  /** Those who have it may let a supplier act for them. */
  readonly delegated?: true;
}

/** A machine of the demo world as it is registered; they all sign with the one key in the data folder. */
export interface DemoRegistration {
  readonly id: string;
  readonly name: string;
  readonly orgnr: Orgnr;
  readonly scopes: readonly string[];
}

/** A client of the demo world by which persons log in: an app on the person's own machine, which has no key. */
export interface DemoLogin extends DemoRegistration {
  /** `api_klient` if left out. */
  readonly integrationType?: 'idporten';
  /** In seconds; two hours if left out. */
  readonly refreshTokenLifetime?: number;
  readonly authorizationLifetime?: number;
  readonly description: string;
  readonly redirectUris: readonly string[];
}

/** What the Maskinporten side of the demo is filled with. */
export interface DemoMaskinporten {
  readonly prefixes: readonly { readonly prefix: string; readonly owner: Orgnr }[];
  readonly scopes: readonly DemoScope[];
  readonly accesses: readonly { readonly scope: string; readonly consumer: Orgnr }[];
  readonly delegations: readonly { readonly scope: string; readonly consumer: Orgnr; readonly supplier: Orgnr }[];
  /** Who has signed the terms of use. */
  readonly signed: readonly Orgnr[];
  readonly clients: readonly DemoRegistration[];
  readonly logins: readonly DemoLogin[];
}

/** Organisations of the demo world that have a part in it. */
export interface DemoParties {
  readonly fhi: Orgnr;
  readonly dibk: Orgnr;
  readonly supplier: Orgnr;
  readonly stranger: Orgnr;
  /** Who owns services that system users are given, and vendors of systems. */
  readonly taxes: Orgnr;
  readonly vendor: Orgnr;
  readonly otherVendor: Orgnr;
  /** The first is Oslo. */
  readonly kommuner: readonly [oslo: Orgnr, ...others: Orgnr[]];
}

const FOR_TILBYDERE = ['ks:fiks', 'ks:fiks.tilbyder'];
const OWN_SCOPES = ['idporten:scopes.write'];
const OWN_CLIENTS = ['idporten:dcr.read', 'idporten:dcr.write'];
const OWN_DELEGATIONS = ['maskinporten:delegations.write'];
/** What it takes to ask the contact register and the history of logins. */
export const REGISTER_SCOPES: readonly string[] = [
  'krr:global/kontaktinformasjon.read',
  'krr:global/digitalpost.read',
  'global/idporten.authlevel.read',
];
/** What a client of persons has, and what an owner of their scopes has. */
const OF_PERSONS = ['dibk:byggesak/egne.read', 'fhi:vaksine/egne.read', 'idporten:authorizations', 'idporten:user.log.read'];
const FOR_PERSONS = ['idporten:authorizations', 'idporten:token.introspection'];
/** What a vendor's machine registers systems and asks for system users with. */
export const OF_VENDORS: readonly string[] = [
  'altinn:authentication/systemregister.write',
  'altinn:authentication/systemuser.request.write',
  'altinn:authentication/systemuser.request.read',
];
/** What an owner of services keeps them with, and asks what system users may do there. */
export const OF_SERVICE_OWNERS: readonly string[] = ['altinn:resourceregistry/resource.write', 'altinn:authorization/authorize'];
/** What a system asks for when it acts for a customer. */
const OF_SYSTEMS = ['skatteetaten:mva.write'];
/** What kommuner have. */
const OF_KOMMUNER = ['fhi:vaksine/oversikt.read', 'dibk:byggesak/innsyn.read'];
/** What a client of persons keeps system users with. */
const FOR_SYSTEM_USERS = ['altinn:portal/enduser', 'altinn:clientdelegations.read', 'altinn:clientdelegations.write'];
const SCOPES: readonly DemoScope[] = [
  { name: 'fhi:smittevern/melding.read', description: 'Lese meldinger om smitte i egen kommune', delegated: true },
  { name: 'fhi:smittevern/melding.write', description: 'Melde utbrudd' },
  { name: 'fhi:vaksine/oversikt.read', description: 'Lese vaksinasjonsdekningen i egen kommune' },
  { name: 'fhi:vaksine/statistikk.read', description: 'Lese landets vaksinestatistikk', accessibleForAll: true },
  { name: 'fhi:folkehelseprofil.read', description: 'Hente folkehelseprofiler', accessibleForAll: true },
  { name: 'fhi:drikkevann/prove.write', description: 'Sende inn drikkevannsprøver', visibility: 'PRIVATE' },
  { name: 'dibk:byggesak/innsyn.read', description: 'Lese byggesaker', delegated: true },
  { name: 'dibk:byggesak/soknad.write', description: 'Sende inn byggesøknader', delegated: true },
  { name: 'dibk:tilsyn/rapport.read', description: 'Lese egne tilsynsrapporter' },
  { name: 'dibk:tilsyn/rapport.write', description: 'Sende inn tilsynsrapporter' },
  { name: 'dibk:sentralgodkjenning.read', description: 'Slå opp i registeret over sentralt godkjente foretak', accessibleForAll: true },
  { name: 'dibk:produkttilsyn.read', description: 'Lese saker om byggevarer', visibility: 'PRIVATE' },
  { name: 'skatteetaten:mva.write', description: 'Levere MVA-meldinger', accessibleForAll: true },
  // Of persons: what the login carries, and what they are asked for.
  { name: 'dibk:byggesak/egne.read', description: 'Lese byggesakene dine', allowedIntegrationTypes: ['api_klient'] },
  {
    name: 'fhi:vaksine/egne.read',
    description: 'Lese vaksinene dine',
    descriptions: {
      nb: 'Lese vaksinene dine',
      nn: 'Lese vaksinane dine',
      en: 'Read your vaccinations',
      se: 'Lohkat du boahkuid',
    },
    longDescription: 'Tjenesten ser hvilke vaksiner du har fått, og når. Den ser ikke andre helseopplysninger.',
    requiresUserConsent: true,
    allowedIntegrationTypes: ['api_klient'],
  },
];

/** The Maskinporten side of the demo world, among those organisations. */
export function demoMaskinporten({ fhi, dibk, supplier, stranger, taxes, vendor, otherVendor, kommuner }: DemoParties): DemoMaskinporten {
  const [oslo] = kommuner;
  const of = (consumer: Orgnr, scopes: readonly string[]) => scopes.map((scope) => ({ scope, consumer }));
  return {
    prefixes: [
      { prefix: 'fhi', owner: fhi },
      { prefix: 'dibk', owner: dibk },
      { prefix: 'skatteetaten', owner: taxes },
    ],
    scopes: SCOPES,
    accesses: [
      ...[fhi, dibk].flatMap((one) => of(one, [...FOR_TILBYDERE, ...OWN_SCOPES, ...OWN_CLIENTS, ...OWN_DELEGATIONS])),
      ...[fhi, dibk].flatMap((one) => of(one, FOR_PERSONS)),
      ...of(oslo, [...OF_PERSONS, ...FOR_SYSTEM_USERS]),
      ...[fhi, dibk, taxes].flatMap((one) => of(one, OF_SERVICE_OWNERS)),
      ...[supplier, oslo, vendor, otherVendor].flatMap((one) => of(one, OF_VENDORS)),
      ...of(stranger, [...FOR_TILBYDERE, 'ks:fiks.konsument']),
      ...of(supplier, OWN_CLIENTS),
      ...of(oslo, ['ks:fiks.konsument', ...OWN_CLIENTS, ...OWN_DELEGATIONS, ...REGISTER_SCOPES]),
      ...kommuner.flatMap((one) => of(one, [...OF_KOMMUNER, 'fhi:smittevern/melding.read', 'fhi:smittevern/melding.write'])),
    ],
    delegations: [
      ...FOR_TILBYDERE.map((scope) => ({ scope, consumer: dibk, supplier })),
      { scope: 'dibk:byggesak/innsyn.read', consumer: oslo, supplier },
    ],
    signed: [fhi, dibk, supplier, stranger, oslo, taxes, vendor, otherVendor],
    logins: [loginOf(oslo), commandLineOf(oslo)],
    clients: registrations({ fhi, dibk, supplier, stranger, taxes, vendor, otherVendor, oslo }),
  };
}

function registrations({
  fhi,
  dibk,
  supplier,
  stranger,
  taxes,
  vendor,
  otherVendor,
  oslo,
}: Omit<DemoParties, 'kommuner'> & { readonly oslo: Orgnr }): readonly DemoRegistration[] {
  return [
    { id: 'fhi-innsyn', name: 'Folkehelseinstituttet, innsyn', orgnr: fhi, scopes: FOR_PERSONS },
    {
      id: 'fhi',
      name: 'Folkehelseinstituttet',
      orgnr: fhi,
      scopes: [...FOR_TILBYDERE, ...OWN_SCOPES, ...OWN_CLIENTS, ...OWN_DELEGATIONS, ...OF_SERVICE_OWNERS],
    },
    {
      id: 'dibk',
      name: 'Direktoratet for byggkvalitet',
      orgnr: dibk,
      scopes: [...FOR_TILBYDERE, ...OWN_SCOPES, ...OWN_CLIENTS, ...OWN_DELEGATIONS, ...OF_SERVICE_OWNERS],
    },
    {
      id: 'leverandor',
      name: 'Demoleverandør AS',
      orgnr: supplier,
      scopes: [...FOR_TILBYDERE, ...OWN_CLIENTS, ...OF_VENDORS, 'dibk:byggesak/innsyn.read'],
    },
    { id: 'fremmed', name: 'Fremmed Demo AS', orgnr: stranger, scopes: [...FOR_TILBYDERE, 'ks:fiks.konsument'] },
    {
      id: 'oslo',
      name: 'Oslo kommune, identitetssystem',
      orgnr: oslo,
      scopes: ['ks:fiks.konsument', ...OWN_CLIENTS, ...OWN_DELEGATIONS, ...OF_VENDORS, ...OF_KOMMUNER],
    },
    { id: 'oslo-varsling', name: 'Oslo kommune, varsling', orgnr: oslo, scopes: REGISTER_SCOPES },
    { id: 'skatteetaten', name: 'Skatteetaten', orgnr: taxes, scopes: OF_SERVICE_OWNERS },
    { id: 'bedriftshjelp', name: 'Bedriftshjelp AS, Regnskap 123', orgnr: vendor, scopes: [...OF_VENDORS, ...OF_SYSTEMS] },
    { id: 'bedriftshjelp-byra', name: 'Bedriftshjelp AS, Byrå 123', orgnr: vendor, scopes: OF_SYSTEMS },
    { id: 'nye-tall', name: 'Nye Tall AS, Bok', orgnr: otherVendor, scopes: [...OF_VENDORS, ...OF_SYSTEMS] },
  ];
}

/** By which people log in on the command line (`tilgang login`): they stay so for a working day. */
export const DEMO_COMMAND_LINE = 'tilgang-kommandolinje';

function commandLineOf(orgnr: Orgnr): DemoLogin {
  return {
    id: DEMO_COMMAND_LINE,
    name: 'Tilgang på kommandolinjen',
    description: 'Gi og ta fra folk tilgang fra terminalen',
    orgnr,
    integrationType: 'idporten',
    scopes: ['openid', 'profile'],
    redirectUris: ['http://127.0.0.1/callback'],
    refreshTokenLifetime: 8 * 3600,
    authorizationLifetime: 10 * 3600,
  };
}

function loginOf(oslo: Orgnr): DemoLogin {
  return {
    id: 'oslo-min-side',
    name: 'Oslo kommune, Min side',
    description: 'Alt kommunen vet om deg, på ett sted',
    orgnr: oslo,
    scopes: ['openid', 'profile', ...OF_PERSONS, ...FOR_SYSTEM_USERS],
    redirectUris: ['http://127.0.0.1:0/callback'],
  };
}
