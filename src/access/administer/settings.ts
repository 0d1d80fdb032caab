import { type BrukerId, DAY_MS, type Organisation, type OrganisationSettings, type Orgnr, present, toInstant } from '#domain';
import { type AccessParts, collectionsOf } from '../parts.js';
import { repeated } from '../repeated.js';
import type { SettingsTerms } from './act.js';
import { type AdminRequest, authorize, type Clearance } from './authorize.js';
import { checkPrecondition, type Precondition } from './precondition.js';

const WAITS_MS = 14 * DAY_MS;

/** An organisation's settings; the revision is 0 while they are those that everybody begins with. */
export interface SettingsView {
  /** `pending` is a change that still waits: one that has lapsed is not told. */
  readonly settings: OrganisationSettings;
  readonly revision: number;
}

/** What is registered of an organisation. @throws ProblemError as authorize says */
export async function readOrganisation(parts: AccessParts, request: AdminRequest, orgnr: Orgnr | undefined): Promise<Organisation> {
  return (await authorize(parts, request, { action: 'organisation.read', orgnr })).organisation;
}

/** The settings in force for an organisation. @throws ProblemError as authorize says */
export async function readSettings(parts: AccessParts, request: AdminRequest, orgnr: Orgnr | undefined): Promise<SettingsView> {
  return inForce(await authorize(parts, request, { action: 'settings.read', orgnr }));
}

/**
 * Changes an organisation's settings, or, where the policy asks for two, keeps the change until another one confirms it. What is already so
 * stays as it is, and so does what the caller has asked for already. Any other change takes the place of one that waits.
 * @param rewrite makes the new settings from those that stand
 * @returns the settings as they are then, and whether the change waits
 * @throws ProblemError as authorize says, `second-person-missing` among it; `precondition-failed`
 */
export async function changeSettings(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  precondition: Precondition,
  rewrite: (settings: SettingsTerms) => SettingsTerms,
): Promise<SettingsView & { readonly waits: boolean }> {
  return repeated(async () => {
    const leave = await authorize(parts, request, { action: 'settings.change', orgnr });
    const view = inForce(leave);
    checkPrecondition(precondition, view.revision);
    const { pending, ...before } = view.settings;
    const asked = rewrite(before);
    if (isSame(asked, before)) return { ...view, waits: false };
    const clearance = await authorize(parts, request, { action: 'settings.change', orgnr, asked }, leave.basis);
    const { actor, at, needsTwo } = clearance;
    if (!needsTwo) return { ...(await putSettings(parts, clearance, { ...asked, orgnr: before.orgnr }, 'settings.change')), waits: false };
    if (pending?.askedBy === actor && isSame(asked, pending)) return { ...view, waits: true };
    const until = toInstant(Date.parse(at) + WAITS_MS);
    const after = { ...before, pending: { ...asked, askedBy: actor as BrukerId, askedAt: at, until } };
    return { ...(await putSettings(parts, clearance, after, 'settings.ask')), waits: true };
  });
}

/** The settings that a clearance was given on, as they are shown. */
export function inForce({ settings, at }: Pick<Clearance, 'settings' | 'at'>): SettingsView {
  if (settings === undefined) throw new TypeError('the policy told no settings for an act about them');
  const { pending, ...rest } = settings.value;
  return {
    settings: { ...rest, ...present({ pending: pending !== undefined && at < pending.until ? pending : undefined }) },
    revision: settings.revision,
  };
}

/** Writes settings in the place of those that a clearance was given on. @throws ProblemError `conflict` if they are others by now */
export async function putSettings(
  { store }: AccessParts,
  { settings, facts }: Clearance,
  after: OrganisationSettings,
  action: string,
): Promise<SettingsView> {
  const expect = settings?.revision || 'absent';
  const { revision } = await collectionsOf(store).settings.put(after, { expect, facts: facts(action) });
  return { settings: after, revision };
}

function isSame(one: SettingsTerms, other: SettingsTerms): boolean {
  return one.fourEyes === other.fourEyes && one.longestGrantDays === other.longestGrantDays;
}
