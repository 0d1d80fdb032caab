import { type Orgnr, present } from '#domain';
import { organisationClaim } from '#maskinporten';
import type { SentRight, SentSystem, System, SystemChange } from '#systembruker';
import { packagesOut, rightsOut, type WireRight } from '../rights.js';
import type { components } from './wire.gen.js';

type Schemas = components['schemas'];
/** A form of the API by its name in openapi.yaml. */
export type Wire<Name extends keyof Schemas> = Schemas[Name];

/** A system as it was sent. */
export function systemIn(sent: Wire<'SentSystem'>): SentSystem {
  return {
    id: sent.id.trim(),
    vendor: (sent.vendor.ID ?? sent.vendor.id ?? '').trim(),
    name: sent.name,
    description: sent.description,
    rights: rightsIn(sent.rights ?? []),
    packages: packagesIn(sent.accessPackages ?? []),
    clientIds: sent.clientId ?? [],
    redirectUrls: sent.allowedRedirectUrls ?? [],
    isVisible: sent.isVisible ?? true,
  };
}

/** Rights as they were sent. */
export function rightsIn(sent: Wire<'Rights'>): readonly SentRight[] {
  return sent.map(({ action, resource }) => present({ action, resource }));
}

/** Packages as they were sent. */
export function packagesIn(sent: Wire<'AccessPackages'>): readonly string[] {
  return sent.map(({ urn }) => urn);
}

/** A system as those see it who choose one. @param names of organisations, as far as they are known */
export function dtoOf(system: System, names: ReadonlyMap<Orgnr, string>): Wire<'SystemDto'> {
  return {
    systemId: system.id,
    systemVendorOrgNumber: system.vendor,
    systemVendorOrgName: names.get(system.vendor) ?? '',
    name: system.name,
    description: system.description,
    rights: rightsOut(system),
    accessPackages: packagesOut(system),
    isVisible: system.isVisible,
  };
}

/** A system as its vendor sees it. */
export function wholeOf(system: System): Wire<'WholeSystem'> {
  return {
    internalId: system.internalId,
    id: system.id,
    vendor: organisationClaim(system.vendor),
    name: system.name,
    description: system.description,
    rights: rightsOut(system),
    accessPackages: packagesOut(system),
    clientId: [...system.clientIds],
    allowedRedirectUrls: [...system.redirectUrls],
    isVisible: system.isVisible,
    isDeleted: system.deleted !== undefined,
  };
}

/** A change of a system as its vendor sees it. */
export function changeOut({ internalId, by, kind, after, at }: SystemChange): Wire<'Change'> {
  return {
    systemInternalId: internalId,
    changedByOrgNumber: by,
    changeType: kind,
    changedData: wholeOf(after),
    created: at,
    ...present({ clientId: after.changedBy }),
  };
}

/** Rights in which an app is named by its owner and its name, as it was before it was a service like others. */
export function oldFormatOf(rights: readonly WireRight[]): WireRight[] {
  return rights.map((right) => ({ ...right, resource: right.resource.flatMap((one) => appOf(one.value) ?? [one]) }));
}

function appOf(resource: string): WireRight['resource'] | undefined {
  const [, org, app] = /^app_([^_]+)_(.+)$/.exec(resource) ?? [];
  if (org === undefined || app === undefined) return undefined;
  return [
    { id: 'urn:altinn:org', value: org },
    { id: 'urn:altinn:app', value: app },
  ];
}
