import type { Activation, Administrators, Application, BrukerId, Organisation, OrganisationSettings, Orgnr } from '#domain';
import type { Stored } from '#storage';
import { type AccessParts, activationKey, collectionsOf, everyOf } from '../parts.js';
import { type Act, type AdminCaller, ownOrganisation } from './act.js';

/** What an act is judged from, as it was read for it; what is not there is `undefined`. */
export interface Reading {
  /** The organisation that it is about, known or not. */
  readonly orgnr: Orgnr | undefined;
  /** It is an application's tilbyder, in whose name the person administers nothing: no more is known of it here than its number. */
  readonly isForeign: boolean;
  readonly organisation: Stored<Organisation> | undefined;
  readonly settings: Stored<OrganisationSettings> | undefined;
  readonly administrators: Stored<Administrators> | undefined;
  readonly application: Stored<Application> | undefined;
  readonly activation: Stored<Activation> | undefined;
  readonly named: readonly (Stored<Application> | undefined)[];
}

/** Reads what the act is judged from: as often for what is unknown as for what is somebody else's. */
export async function readFor(parts: AccessParts, caller: AdminCaller, act: Act): Promise<Reading> {
  if (act.orgnr === 'of-application' && caller.kind !== 'machine') return readOfApplication(parts, caller, act);
  const { organisations, settings, administrators, applications, activations } = collectionsOf(parts.store);
  const orgnr = act.orgnr === 'all' ? undefined : act.orgnr === 'of-application' ? ownOrganisation(caller) : act.orgnr;
  const appId = act.about?.appId;
  const [organisation, own, staff, application, activation, named] = await Promise.all([
    orgnr === undefined ? undefined : organisations.get(orgnr),
    orgnr === undefined ? undefined : settings.get(orgnr),
    orgnr === undefined ? undefined : administrators.get(orgnr),
    appId === undefined ? undefined : applications.get(appId),
    appId === undefined || orgnr === undefined ? undefined : activations.get(activationKey(appId, orgnr)),
    act.named === undefined || act.named.length === 0 ? [] : applications.getMany(act.named),
  ]);
  return { orgnr, isForeign: false, organisation, settings: own, administrators: staff, application, activation, named };
}

/** A person names only an application. Of its tilbyder nothing is read unless the person administers something there. */
async function readOfApplication(parts: AccessParts, caller: AdminCaller, { about }: Act): Promise<Reading> {
  const { organisations, settings, administrators, applications } = collectionsOf(parts.store);
  const appId = about?.appId;
  const [application, own] = await Promise.all([
    appId === undefined ? undefined : applications.get(appId),
    caller.kind === 'person' ? ownOrganisations(parts, caller.brukerId) : ([] as Orgnr[]),
  ]);
  const orgnr = application?.value.tilbyder;
  const isOwn = orgnr !== undefined && own.includes(orgnr);
  const [organisation, decided, staff] = isOwn
    ? await Promise.all([organisations.get(orgnr), settings.get(orgnr), administrators.get(orgnr)])
    : [undefined, undefined, undefined];
  const isForeign = orgnr !== undefined && !isOwn;
  return { orgnr, isForeign, organisation, settings: decided, administrators: staff, application, activation: undefined, named: [] };
}

/** Where somebody administers, or has administered, something. */
async function ownOrganisations({ store }: AccessParts, brukerId: BrukerId): Promise<readonly Orgnr[]> {
  const found: Orgnr[] = [];
  for await (const { orgnr } of everyOf(collectionsOf(store).administrators, { index: 'bruker', equals: brukerId })) found.push(orgnr);
  return found;
}
