import { type Instant, present } from '#domain';
import type { DelegationSource, Scope, ScopeName } from '../nouns.js';
import type { Side } from '../parts.js';
import { partsOf } from './names.js';

/** How a scope differs from most. */
type Otherwise = Partial<Pick<Scope, 'allowedIntegrationTypes' | 'delegationSource'>>;

/** How the source of the delegations that are kept here is stored: its issuer is made of the address by which callers come, which may become another. */
export const OWN_SOURCE = 'own';

const OF_MACHINES: Otherwise = { allowedIntegrationTypes: ['maskinporten', 'krr'] };
const OF_PERSONS: Otherwise = { allowedIntegrationTypes: ['api_klient'] };

/** What each of them lets a machine do, or a person's client, as it is listed. */
const OWN: readonly (readonly [name: string, visibility: 'PUBLIC' | 'INTERNAL', description: string, otherwise?: Otherwise])[] = [
  ['idporten:scopes.read', 'INTERNAL', 'Lese egne scopes og tilganger'],
  ['idporten:scopes.write', 'INTERNAL', 'Administrere egne scopes og tilganger'],
  ['idporten:dcr.read', 'INTERNAL', 'Lese egne klienter'],
  ['idporten:dcr.modify', 'INTERNAL', 'Endre nøkler og onbehalfof på egne klienter'],
  ['idporten:dcr.write', 'INTERNAL', 'Administrere egne klienter'],
  ['idporten:dcr.supplier', 'INTERNAL', 'Opprette klienter for andre virksomheter'],
  ['idporten:dcr.datasharing', 'INTERNAL', 'Forenklet oppsett av klienter for datadeling'],
  ['idporten:dcr/onbehalfof.write', 'INTERNAL', 'Administrere onbehalfof på egne klienter'],
  ['idporten:dcr/onbehalfof:write', 'INTERNAL', 'Administrere onbehalfof på egne klienter'],
  [
    'idporten:authorizations',
    'PUBLIC',
    'Se og trekke tilbake det innbyggere har gitt egne klienter og scopes',
    { allowedIntegrationTypes: ['maskinporten', 'api_klient'] },
  ],
  [
    'idporten:user.log.read',
    'PUBLIC',
    'Se hvor en innlogget innbygger har logget inn i egne tjenester',
    { allowedIntegrationTypes: ['api_klient'] },
  ],
  [
    'idporten:token.introspection',
    'PUBLIC',
    'Spørre om token med egne scopes',
    { allowedIntegrationTypes: ['maskinporten', 'api_klient'] },
  ],
  ['maskinporten:delegations.read', 'INTERNAL', 'Lese delegeringer'],
  ['maskinporten:delegations.write', 'INTERNAL', 'Delegere scopes til leverandører'],
  ['ks:fiks', 'PUBLIC', 'Spørre om tilganger i egne applikasjoner'],
  ['ks:fiks.begrunnelse', 'PUBLIC', 'Få vite hvorfor, sammen med svar om tilganger'],
  ['ks:fiks.tilbyder', 'PUBLIC', 'Administrere egne applikasjoner'],
  ['ks:fiks.konsument', 'PUBLIC', 'Administrere tilganger for egen organisasjon'],
  ['krr:global/kontaktinformasjon.read', 'PUBLIC', 'Slå opp personers kontaktinformasjon og reservasjon', OF_MACHINES],
  ['krr:global/digitalpost.read', 'PUBLIC', 'Slå opp personers digitale postkasse', OF_MACHINES],
  [
    'krr:global/kontaktinfo.read',
    'PUBLIC',
    'Slå opp personers kontaktinformasjon på vegne av andre',
    { ...OF_MACHINES, delegationSource: OWN_SOURCE },
  ],
  [
    'krr:global/postkasse.read',
    'PUBLIC',
    'Slå opp personers digitale postkasse på vegne av andre',
    { ...OF_MACHINES, delegationSource: OWN_SOURCE },
  ],
  ['krr:user/kontaktinformasjon.read', 'PUBLIC', 'Lese din kontaktinformasjon i kontakt- og reservasjonsregisteret', OF_PERSONS],
  ['krr:user/digitalpost.read', 'PUBLIC', 'Lese hvilken digital postkasse du har', OF_PERSONS],
  ['krr:user/spraak.write', 'PUBLIC', 'Endre språket som det offentlige skriver til deg på', OF_PERSONS],
  ['altinn:authentication/systemregister.write', 'PUBLIC', 'Registrere og administrere egne fagsystemer'],
  ['altinn:authentication/systemregister.admin', 'INTERNAL', 'Administrere alle leverandørers fagsystemer'],
  ['altinn:authentication/systemuser.request.write', 'PUBLIC', 'Be kunder om systembrukere, og om endring av dem'],
  ['altinn:authentication/systemuser.request.read', 'PUBLIC', 'Lese egne forespørsler om systembrukere'],
  ['altinn:maskinporten/systemuser.read', 'INTERNAL', 'Slå opp hvilken systembruker en klient kan opptre som'],
  ['altinn:resourceregistry/resource.write', 'PUBLIC', 'Registrere og administrere egne tjenester'],
  ['altinn:authorization/authorize', 'PUBLIC', 'Spørre hva systembrukere kan gjøre i egne tjenester'],
  ['altinn:portal/enduser', 'PUBLIC', 'Administrere systembrukere for virksomheter du har en rolle i', OF_PERSONS],
  ['altinn:clientdelegations.read', 'PUBLIC', 'Se hvilke klienter systembrukere opptrer for', OF_PERSONS],
  ['altinn:clientdelegations.write', 'PUBLIC', 'Bestemme hvilke klienter systembrukere opptrer for', OF_PERSONS],
  ['global/idporten.authlevel.read', 'PUBLIC', 'Spørre om en person har logget inn på høyeste nivå'],
];

const NAMES: ReadonlySet<string> = new Set(OWN.map(([name]) => name));

/** Whether it is one of the product's own. */
export function isOwnScope(name: string): boolean {
  return NAMES.has(name);
}

/** When they came; they have no history. */
const SINCE = '2026-11-27T00:00:00.000Z' as Instant;

const made = new Map<string, ReadonlyMap<ScopeName, Scope>>();

/** The scopes of the product's own APIs, which are no documents: only accesses to them are. A token with one is meant for the gateway. */
export function ownScopes({ origin, operatorOrgnr }: Side): ReadonlyMap<ScopeName, Scope> {
  const key = `${origin} ${operatorOrgnr}`;
  let scopes = made.get(key);
  if (scopes === undefined) {
    scopes = new Map(
      OWN.map(([name, visibility, description, otherwise]) =>
        scopeOf({ origin, operatorOrgnr }, name, { visibility, description, ...otherwise }),
      ).map((scope) => [scope.name, scope]),
    );
    made.set(key, scopes);
  }
  return scopes;
}

function scopeOf({ origin, operatorOrgnr }: Side, name: string, told: Pick<Scope, 'visibility' | 'description'> & Otherwise): Scope {
  const [prefix, subscope] = partsOf(name);
  return present({
    name: name as ScopeName,
    prefix,
    subscope,
    owner: operatorOrgnr,
    tokenType: 'SELF_CONTAINED' as const,
    atMaxAge: 0,
    authorizationMaxLifetime: 0,
    requiresUserConsent: false,
    requiresUserAuthentication: false,
    requiresPseudonymousTokens: false,
    accessibleForAll: false,
    // Whoever keeps scopes and clients does it oneself; asking and administering may be left to a supplier.
    delegationSource: prefix === 'ks' ? OWN_SOURCE : undefined,
    allowedIntegrationTypes: ['maskinporten'] as const,
    enforcedAudience: origin,
    active: true,
    created: SINCE,
    updated: SINCE,
    ...told,
  });
}

/** How a source that somebody names by its issuer is stored. */
export function keptSource(issuer: string, { origin }: Side): string {
  return issuer === ownSource(origin).issuer ? OWN_SOURCE : issuer;
}

/** The issuer of a source that is stored. */
export function sourceIssuer(kept: string, { origin }: Pick<Side, 'origin'>): string {
  return kept === OWN_SOURCE ? ownSource(origin).issuer : kept;
}

/** The source of the delegations that are kept here. */
export function ownSource(origin: string): DelegationSource {
  return { issuer: `${origin}/maskinporten/delegations`, name: 'Tilgang' };
}

/** All that a scope may name: our own, and those that others keep. */
export function delegationSources(origin: string): readonly DelegationSource[] {
  return [
    ownSource(origin),
    { issuer: 'https://www.altinn.no', name: 'Altinn' },
    { issuer: 'https://tt02.altinn.no/', name: 'Altinn TT02' },
  ];
}
