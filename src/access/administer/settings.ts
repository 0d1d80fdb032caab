import type { Organisation, OrganisationSettings, Orgnr } from '#domain';
import { type AccessParts, collectionsOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { type AdminRequest, authorize, type Clearance } from './authorize.js';
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

/** The settings in force for an organisation. @throws ProblemError as authorize says */
export async function readSettings(parts: AccessParts, request: AdminRequest, orgnr: Orgnr | undefined): Promise<SettingsView> {
  const { value: settings, revision } = inForce(await authorize(parts, request, { action: 'settings.read', orgnr }));
  return { settings, revision };
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
    const clearance = await authorize(parts, request, { action: 'settings.change', orgnr });
    const { value: before, revision } = inForce(clearance);
    checkPrecondition(precondition, revision);
    const after = { ...rewrite(before), orgnr: before.orgnr };
    if (after.fourEyes === before.fourEyes && after.longestGrantDays === before.longestGrantDays) return { settings: before, revision };
    const change = { expect: revision === 0 ? 'absent' : revision, facts: clearance.facts('settings.change') } as const;
    const written = await collectionsOf(parts.store).settings.put(after, change);
    return { settings: after, revision: written.revision };
  });
}

function inForce({ settings }: Clearance): NonNullable<Clearance['settings']> {
  if (settings === undefined) throw new TypeError('the policy told no settings for an act about them');
  return settings;
}
