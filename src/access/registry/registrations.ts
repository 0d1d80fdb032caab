import { type Application, type Organisation, present } from '#domain';
import { type AdminRequest, authorize, type Leave, refuse } from '../administer/authorize.js';
import { type AccessParts, collectionsOf, everyOf } from '../parts.js';

/**
 * Registers an organisation, or replaces what is registered under its number; that one has ceased stays so.
 * @throws ProblemError as authorize says; `conflict` if its kommunenummer is another one's
 */
export async function registerOrganisation(parts: AccessParts, request: AdminRequest, organisation: Organisation): Promise<void> {
  const before = await collectionsOf(parts.store).organisations.get(organisation.orgnr);
  const after = present({ ...organisation, closed: before?.value.closed ?? organisation.closed });
  const act = { action: 'organisation.register', orgnr: 'all', organisations: [after] } as const;
  const leave = await authorize(parts, request, act);
  const [faults = []] = leave.organisationFaults;
  if (faults.length > 0) throw await refuse(parts, request, act, after, faults);
  await putOrganisation(parts, leave, after);
}

/** Writes an organisation that has been judged. */
export async function putOrganisation({ store }: AccessParts, leave: Leave, organisation: Organisation): Promise<void> {
  await collectionsOf(store).organisations.put(organisation, { expect: 'any', facts: leave.facts('organisation.register') });
}

/**
 * Registers an application as it is told, or replaces what is registered under its App-ID; its tilbyder must be registered.
 * @throws ProblemError as authorize says
 */
export async function registerApplication(parts: AccessParts, request: AdminRequest, application: Application): Promise<void> {
  const { facts } = await authorize(parts, request, { action: 'application.import', orgnr: application.tilbyder });
  await collectionsOf(parts.store).applications.put(application, { expect: 'any', facts: facts('application.register') });
}

/** Every organisation, in the order of their numbers. @throws ProblemError as authorize says */
export async function listOrganisations(parts: AccessParts, request: AdminRequest): Promise<AsyncIterable<Organisation>> {
  await authorize(parts, request, { action: 'organisation.list', orgnr: 'all' });
  return everyOf(collectionsOf(parts.store).organisations);
}
