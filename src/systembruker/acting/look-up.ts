import type { AdminRequest } from '#access';
import { leaveFor } from '../administer/leave.js';
import { SystembrukerFault } from '../faults.js';
import type { SystemUser } from '../nouns.js';
import type { SystembrukerParts } from '../parts.js';
import { type SystemUserLookUp, systemUserOfClient } from './token.js';

/**
 * The system user that a client of some Maskinporten may act as now, for that Maskinporten.
 * @throws ProblemError as leaveFor says; SystembrukerFault `AUTH-00015`, whatever does not fit
 */
export async function lookUpSystemUser(parts: SystembrukerParts, request: AdminRequest, asked: SystemUserLookUp): Promise<SystemUser> {
  const { at } = await leaveFor(parts, request, { action: 'system-user.look-up' });
  const requestedBy = request.caller.kind === 'machine' ? request.caller.consumer : undefined;
  const found = await systemUserOfClient(parts, asked, { at, requestedBy });
  if ('reason' in found) throw new SystembrukerFault('AUTH-00015');
  return found.systemUser;
}
