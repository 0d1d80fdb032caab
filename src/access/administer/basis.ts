import type { Activation, Administrators, Application, Organisation, OrganisationSettings, Orgnr } from '#domain';
import type { Stored } from '#storage';
import { type AccessParts, activationKey, collectionsOf, everyOf } from '../parts.js';
import { type Act, type AdminCaller, type AdminRequest, ownOrganisation } from './act.js';

/** What an act is judged from, as it was read for it; what is not there is `undefined`. */
export interface Basis {
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
export async function basisFor(parts: AccessParts, caller: AdminCaller, act: Act): Promise<Basis> {
  if (act.orgnr === 'of-application' && caller.kind !== 'machine') return basisOfApplication(parts, caller, act);
  const { organisations, settings, administrators, applications, activations } = collectionsOf(parts.store);
  const orgnr = act.orgnr === 'all' ? undefined : act.orgnr === 'of-application' ? ownOrganisation(caller) : act.orgnr;
  const appId = act.about?.appId;
  const reading = await parts.store.read([]);
  const [organisation, own, staff, application, activation, named] = await Promise.all([
    orgnr === undefined ? undefined : reading.registry(organisations, orgnr),
    orgnr === undefined ? undefined : reading.registry(settings, orgnr),
    orgnr === undefined ? undefined : reading.registry(administrators, orgnr),
    appId === undefined ? undefined : reading.registry(applications, appId),
    appId === undefined || orgnr === undefined ? undefined : reading.registry(activations, activationKey(appId, orgnr)),
    Promise.all((act.named ?? []).map((id) => reading.registry(applications, id))),
  ]);
  return { orgnr, isForeign: false, organisation, settings: own, administrators: staff, application, activation, named };
}

/** A person names only an application. Of its tilbyder nothing is read unless the person administers something there. */
async function basisOfApplication(parts: AccessParts, caller: AdminCaller, { about }: Act): Promise<Basis> {
  const { organisations, settings, administrators, applications } = collectionsOf(parts.store);
  const appId = about?.appId;
  const reading = await parts.store.read([]);
  const [application, own] = await Promise.all([
    appId === undefined ? undefined : reading.registry(applications, appId),
    administeredBy(parts, { caller }),
  ]);
  const orgnr = application?.value.tilbyder;
  const isOwn = orgnr !== undefined && (caller.kind === 'operator' || own.includes(orgnr));
  const isForeign = orgnr !== undefined && !isOwn;
  const [organisation, decided, staff] = isOwn
    ? await Promise.all([
        reading.registry(organisations, orgnr),
        reading.registry(settings, orgnr),
        reading.registry(administrators, orgnr),
      ])
    : [undefined, undefined, undefined];
  return { orgnr, isForeign, organisation, settings: decided, administrators: staff, application, activation: undefined, named: [] };
}

/** Where a person administers something, now or once; whoever else asks does so nowhere. */
export async function administeredBy(
  { store }: Pick<AccessParts, 'store'>,
  { caller }: Pick<AdminRequest, 'caller'>,
): Promise<readonly Orgnr[]> {
  if (caller.kind !== 'person') return [];
  const found: Orgnr[] = [];
  for await (const { orgnr } of everyOf(collectionsOf(store).administrators, { index: 'bruker', equals: caller.brukerId }))
    found.push(orgnr);
  return found;
}
