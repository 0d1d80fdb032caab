import { administeredBy } from '#access';
import type { Orgnr } from '#domain';
import type { SystembrukerParts } from '../parts.js';
import { type Asking, asAdmin } from './caller.js';
import { mayDo } from './leave.js';

/**
 * The organisations whose system users a person may see to, or at least the clients of their agents: those to choose among.
 * @param request names none @throws ProblemError as mayDo says
 */
export async function listKept(parts: SystembrukerParts, request: Omit<Asking, 'orgnr'>): Promise<readonly Orgnr[]> {
  const found = await administeredBy(parts, { caller: asAdmin(request.caller) });
  // Whoever may answer may see the clients of agents too.
  const act = (party: Orgnr) => ({ action: 'agent-client.list', object: { exists: true, party } });
  const rulings = await Promise.all(found.map((orgnr) => mayDo(parts, { ...request, orgnr }, act(orgnr))));
  return found.filter((_, i) => rulings[i]?.allowed === true);
}
