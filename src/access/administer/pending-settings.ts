import { type Orgnr, present } from '#domain';
import { ProblemError } from '#problem';
import type { AccessParts } from '../parts.js';
import { repeated } from '../repeated.js';
import { type AdminRequest, authorize } from './authorize.js';
import { checkPrecondition, type Precondition } from './precondition.js';
import { inForce, putSettings, type SettingsView } from './settings.js';

/**
 * Confirms the change of an organisation's settings that another one has asked for: it is in force then.
 * @param precondition names what was read, since a change may have taken the place of another
 * @throws ProblemError as authorize says, `nothing-pending` among it; `precondition-failed`
 */
export async function confirmSettings(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  precondition: Precondition,
): Promise<SettingsView> {
  return repeated(async () => {
    const clearance = await authorize(parts, request, { action: 'settings.confirm', orgnr, isOfPending: true });
    const { settings, revision } = inForce(clearance);
    if (precondition === 'any')
      throw new ProblemError('precondition-failed', { detail: 'Who confirms a change names what was read of it: * does not.' });
    checkPrecondition(precondition, revision);
    if (settings.pending === undefined) throw new TypeError('the policy let a change be confirmed that is not there');
    const { fourEyes, longestGrantDays } = settings.pending;
    return putSettings(parts, clearance, { orgnr: settings.orgnr, fourEyes, ...present({ longestGrantDays }) }, 'settings.confirm');
  });
}

/**
 * Takes back or rejects the change of an organisation's settings that waits; that none waits is no fault.
 * @throws ProblemError as authorize says; `precondition-failed`
 */
export async function rejectSettings(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  precondition: Precondition,
): Promise<void> {
  return repeated(async () => {
    const clearance = await authorize(parts, request, { action: 'settings.reject', orgnr });
    const { settings, revision } = inForce(clearance);
    const { pending, ...kept } = settings;
    if (pending === undefined) return;
    checkPrecondition(precondition, revision);
    await putSettings(parts, clearance, kept, 'settings.reject');
  });
}
