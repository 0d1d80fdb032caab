import { type AccessParts, operatorRequest } from '#access';
import {
  addAgentClient,
  approveRequest,
  askForSystemUser,
  createSystem,
  type FaultCode,
  type FieldCode,
  findSystemUser,
  importCatalogue,
  importRelations,
  SystembrukerFault,
  type SystembrukerSideParts,
  type SystemUserView,
} from '#systembruker';
import type { DemoSystembruker } from './systembruker-world.js';

/** As the settings have it where nobody has said otherwise. */
const REQUEST_DAYS = 180;

/** Writes the systembruker side into the store, through the use cases; may be run again over one that was interrupted. @param origin where callers reach the gateway */
export async function fillSystembruker(
  access: AccessParts,
  { resources, packages, systems, relations, asked }: DemoSystembruker,
  origin: string,
): Promise<void> {
  const parts = { ...access, side: { origin, requestDays: REQUEST_DAYS, receivers: { networks: [], isTrial: true } } };
  const request = operatorRequest();
  await importCatalogue(parts, request, { resources, packages });
  await Promise.all(systems.map((system) => createSystem(parts, request, system).then(done, unlessFault('AUTH.VLD-00002', done))));
  await importRelations(parts, request, rowsOf(relations), {});
  await Promise.all(asked.map((one) => fillAsked(parts, one)));
}

/** What a vendor asks for, and what the customer does with it. */
async function fillAsked(
  parts: SystembrukerSideParts,
  { sent, approvedBy, clients = [] }: DemoSystembruker['asked'][number],
): Promise<void> {
  const request = operatorRequest();
  const { value } = await askForSystemUser(parts, request, sent).then(
    ({ view }): SystemUserView => view,
    unlessFault('AUTH-00004', () => findSystemUser(parts, request, sent)),
  );
  if (approvedBy === undefined) return;
  const caller = { kind: 'citizen' as const, brukerId: parts.vault.nameOf(approvedBy), acr: 'idporten-loa-high' };
  if (value.status === 'New') await approveRequest(parts, { caller }, value);
  for (const client of clients) await addAgentClient(parts, { caller }, value.id, client);
}

/** For what is there already. */
function unlessFault<T>(code: FaultCode | FieldCode, otherwise: () => Promise<T>) {
  return (error: unknown): Promise<T> => {
    if (error instanceof SystembrukerFault && (error.code === code || error.fields.some((field) => field.code === code)))
      return otherwise();
    throw error;
  };
}

async function done(): Promise<void> {}

async function* rowsOf(relations: DemoSystembruker['relations']) {
  for (const [i, fields] of relations.entries()) yield { line: i + 1, fields };
}
