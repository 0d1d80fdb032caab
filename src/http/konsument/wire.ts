import type {
  AdministratorView,
  AssignmentTerms,
  GrantView,
  ImportFault,
  OfferView,
  OrganisationEvent,
  OrganisationImportReport,
  PersonView,
  SettingsView,
} from '#access';
import {
  type AdminRole,
  type AppId,
  type ApplicationState,
  DEFAULT_ROLE,
  type Grant,
  type GrantSource,
  type GrantTerms,
  type Organisation,
  type OrganisationSettings,
  parseRole,
  present,
  type RoleAssignment,
} from '#domain';
import { mergePatch } from '../merge-patch.js';
import { describedApplication, periodOf, reasonOf, STATES, sound } from '../wire-parts.js';
import type { components } from './wire.gen.js';

type Schemas = components['schemas'];
/** A schema of the description, by its name. */
export type Wire<Name extends keyof Schemas> = Schemas[Name];

const SOURCES = {
  person: 'person',
  machine: 'maskin',
  import: 'import',
  merge: 'sammenslaaing',
  operator: 'operator',
} as const satisfies Record<GrantSource, string>;

/** What may be said of a grant, as it is written. */
type WrittenTerms = Omit<Wire<'NyBruker'>, 'brukerIdent'>;

/** The terms of a grant as they were sent. @throws ProblemError `invalid-request` */
export function grantTerms(written: WrittenTerms): GrantTerms {
  const { roller = [DEFAULT_ROLE] } = written;
  return { roles: roller, ...periodOf(written), ...reasonOf(written) };
}

/** The terms of a grant with a merge patch on them. @throws ProblemError `invalid-request` */
export function patchedGrant({ roles, from, until, reason }: Grant, patch: unknown): GrantTerms {
  return grantTerms(mergePatch(present({ roller: roles, fra: from, til: until, begrunnelse: reason }), patch) as WrittenTerms);
}

type WrittenAssignment = Omit<Wire<'NyAdministrator'>, 'brukerIdent'>;

/** What an administrator is to be, as it was sent. @throws ProblemError `invalid-request` */
export function assignmentTerms(sent: WrittenAssignment): AssignmentTerms {
  const { roller, applikasjoner, kanGi } = sent;
  return {
    roles: roller as AdminRole[],
    ...present({
      applications: applikasjoner?.map((id) => id.toLowerCase() as AppId),
      mayGive: kanGi?.map((role, i) => sound(`/kanGi/${i}`, parseRole(role))),
    }),
    ...periodOf(sent),
    ...reasonOf(sent),
  };
}

/** The terms of an assignment with a merge patch on them. @throws ProblemError `invalid-request` */
export function patchedAssignment(assignment: RoleAssignment, patch: unknown): AssignmentTerms {
  const { roles: roller, applications: applikasjoner, mayGive: kanGi, from: fra, until: til, reason: begrunnelse } = assignment;
  return assignmentTerms(mergePatch(present({ roller, applikasjoner, kanGi, fra, til, begrunnelse }), patch) as WrittenAssignment);
}

/** An organisation on the wire. */
export function organisationOut({
  orgnr,
  name,
  kommunenummer,
  fiksOrgId,
  mayBeTilbyder,
  mayBeKonsument,
}: Organisation): Wire<'Organisasjon'> {
  return {
    orgnr,
    navn: name,
    ...present({ kommune: kommunenummer }),
    fiksOrgId,
    kanVaereTilbyder: mayBeTilbyder,
    kanVaereKonsument: mayBeKonsument,
  };
}

/** What an organisation may decide, on the wire. */
export function settingsTermsOut({
  fourEyes,
  longestGrantDays,
}: Pick<OrganisationSettings, 'fourEyes' | 'longestGrantDays'>): Pick<Wire<'Innstillinger'>, 'fireOyne' | 'lengsteTilgangDager'> {
  return present({ fireOyne: fourEyes, lengsteTilgangDager: longestGrantDays });
}

/** The settings of an organisation on the wire, with the change that waits. */
export function settingsOut({ settings }: Pick<SettingsView, 'settings'>): Wire<'Innstillinger'> {
  const { pending } = settings;
  if (pending === undefined) return settingsTermsOut(settings);
  const { askedBy, askedAt, until } = pending;
  return {
    ...settingsTermsOut(settings),
    ventende: { ...settingsTermsOut(pending), foreslaattAv: askedBy, foreslaatt: askedAt, til: until },
  };
}

/** An application on the wire, as a konsument sees it. */
export function offerOut({ application, activation }: OfferView): Wire<'Applikasjon'> {
  return { ...describedApplication(application), ...activationOut({ activation }) };
}

/** Whether an application is switched on, on the wire. */
export function activationOut({ activation }: Pick<OfferView, 'activation'>): Wire<'Aktivering'> {
  return present({ aktiv: activation?.active ?? false, endret: activation?.changedAt });
}

/** A grant on the wire. */
export function grantOut({ appId, brukerId, person, grant, inEffect, hindrances, lastUsed }: GrantView): Wire<'Bruker'> {
  const { roles, from, until, reason, givenBy, givenAt, source, revision } = grant;
  return {
    brukerId,
    brukerIdent: person,
    appId,
    roller: [...roles],
    ...present({ fra: from, til: until, begrunnelse: reason }),
    gittAv: givenBy,
    gitt: givenAt,
    kilde: SOURCES[source],
    gjelder: [...inEffect],
    hindringer: [...hindrances],
    ...present({ sistBrukt: lastUsed }),
    revisjon: revision,
  };
}

/** All that a person has in an organisation, on the wire. */
export function personOut({ brukerId, grants, assignment }: Pick<PersonView, 'brukerId' | 'grants' | 'assignment'>): Wire<'Person'> {
  return present({ brukerId, tilganger: grants.map(grantOut), administrator: assignment && [...assignment.roles] });
}

/** An administrator on the wire. */
export function administratorOut({ assignment, person }: AdministratorView): Wire<'Administrator'> {
  const { brukerId, roles, applications, mayGive, from, until, reason, givenBy, givenAt, revision } = assignment;
  return {
    brukerId,
    brukerIdent: person,
    roller: [...roles],
    ...present({ applikasjoner: applications && [...applications], kanGi: mayGive && [...mayGive] }),
    ...present({ fra: from, til: until, begrunnelse: reason }),
    utnevntAv: givenBy,
    utnevnt: givenAt,
    revisjon: revision,
  };
}

/** The report of an import on the wire. */
export function importOut(report: OrganisationImportReport): Wire<'Importrapport'> {
  return {
    linjer: report.lines,
    gitt: report.given,
    endret: report.changed,
    uendret: report.unchanged,
    trukket: report.withdrawn,
    feil: report.faulty,
    feilListe: report.faults.map(({ line, field, detail }: ImportFault) => ({ linje: line, ...present({ felt: field }), detalj: detail })),
    gjenopptattEtter: report.resumedAt,
  };
}

/** An event on the wire. */
export function eventOut(event: OrganisationEvent): Wire<'Hendelse'> {
  const { cursor, at, action, actor, onBehalfOf, reason, requestId, appId, brukerId, before, after, hash } = event;
  return {
    id: cursor,
    tidspunkt: at,
    handling: action,
    aktor: actor,
    ...present({ paaVegneAv: onBehalfOf, begrunnelse: reason, forespoersel: requestId, appId, brukerId }),
    ...present({
      foer: stateOut(before) as Record<string, never> | undefined,
      etter: stateOut(after) as Record<string, never> | undefined,
    }),
    hash,
  };
}

/** The words of stored states on the wire; what is not here keeps its name. */
const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    active: 'aktiv',
    action: 'handling',
    actor: 'aktor',
    algorithm: 'algoritme',
    applications: 'applikasjoner',
    askedAt: 'foreslaatt',
    askedBy: 'foreslaattAv',
    at: 'tidspunkt',
    before: 'forrige',
    by: 'av',
    changedAt: 'endret',
    clients: 'klienter',
    closed: 'opphoert',
    consumer: 'konsument',
    created: 'opprettet',
    description: 'beskrivelse',
    entrypoints: 'inngangspunkter',
    fourEyes: 'fireOyne',
    from: 'fra',
    givenAt: 'gitt',
    givenBy: 'gittAv',
    highest: 'hoyeste',
    ids: 'klientIder',
    into: 'inn',
    kommunenummer: 'kommune',
    longestGrantDays: 'lengsteTilgangDager',
    mayBeKonsument: 'kanVaereKonsument',
    mayBeTilbyder: 'kanVaereTilbyder',
    mayGive: 'kanGi',
    name: 'navn',
    owner: 'eier',
    pending: 'ventende',
    pushedAt: 'lastetOpp',
    pushedBy: 'lastetOppAv',
    reason: 'begrunnelse',
    reasons: 'grunner',
    revision: 'revisjon',
    revoked: 'trukketTilbake',
    roles: 'roller',
    scope: 'omfang',
    shadow: 'skygge',
    signedBy: 'signertAv',
    size: 'storrelse',
    source: 'kilde',
    state: 'tilstand',
    supplier: 'leverandor',
    suppliers: 'leverandorer',
    trusted: 'betrodd',
    until: 'til',
    updated: 'endret',
    warnings: 'advarsler',
    withdrawn: 'trukket',
  }),
);

function stateOut(state: unknown): unknown {
  if (Array.isArray(state)) return state.map(stateOut);
  if (typeof state !== 'object' || state === null) return state;
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => {
      if (name === 'state' && typeof value === 'string') return ['tilstand', STATES[value as ApplicationState] ?? value];
      if (name === 'source' && typeof value === 'string') return ['kilde', SOURCES[value as GrantSource] ?? value];
      // Of Maskinporten, which has its own word for it; that of a key is an application.
      if (name === 'scope' && typeof value === 'string' && value.includes(':')) return ['scope', value];
      return [WORDS.get(name) ?? name, stateOut(value)];
    }),
  );
}
