import type { Organisation, OrganisationSettings, Orgnr } from '#domain';
import { type AccessParts, collectionsOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { type AdminRequest, authorize } from './authorize.js';
import { checkPrecondition, type Precondition } from './precondition.js';

/** An organisation's settings; the revision is 0 while they are those that everybody begins with. */
export interface SettingsView {
  readonly settings: OrganisationSettings;
  readonly revision: number;
}

/** What is registered of an organisation. @throws ProblemError as authorize says */
export async function readOrganisation(parts: AccessParts, request: AdminRequest, orgnr: Orgnr | undefined): Promise<Organisation> {
  return (await authorize(parts, request, { action: 'organisation.read', orgnr })).organisation;
}

/** @throws ProblemError as authorize says */
export async function readSettings(parts: AccessParts, request: AdminRequest, orgnr: Orgnr | undefined): Promise<SettingsView> {
  const { settings, organisation } = await authorize(parts, request, { action: 'settings.read', orgnr });
  const own = await collectionsOf(parts.store).settings.get(organisation.orgnr);
  return { settings: own?.value ?? settings, revision: own?.revision ?? 0 };
}

/**
 * Changes an organisation's settings. What is already so stays as it is.
 * @param rewrite makes the new settings from those that stand
 * @throws ProblemError as authorize says; `precondition-failed`
 */
export async function changeSettings(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  precondition: Precondition,
  rewrite: (settings: OrganisationSettings) => Omit<OrganisationSettings, 'orgnr'>,
): Promise<SettingsView> {
  return repeated(async () => {
    const { settings, organisation, facts } = await authorize(parts, request, { action: 'settings.change', orgnr });
    const collection = collectionsOf(parts.store).settings;
    const own = await collection.get(organisation.orgnr);
    checkPrecondition(precondition, own?.revision ?? 0);
    const before = own?.value ?? settings;
    const value = { ...rewrite(before), orgnr: organisation.orgnr };
    const isSame = value.fourEyes === before.fourEyes && value.longestGrantDays === before.longestGrantDays;
    if (isSame) return { settings: before, revision: own?.revision ?? 0 };
    const { revision } = await collection.put(value, { expect: own?.revision ?? 'absent', facts: facts('settings.change') });
    return { settings: value, revision };
  });
}
