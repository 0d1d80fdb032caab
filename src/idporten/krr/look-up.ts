import { setImmediate } from 'node:timers/promises';
import type { AdminRequest } from '#access';
import type { IdportenParts } from '../parts.js';
import { leaveFor } from './leave.js';
import { type ContactQuestion, type ToldContact, tellContacts } from './tell-contacts.js';

/** Read and judged in one turn of the event loop: some milliseconds. */
const TOGETHER = 250;

/** What a machine is told of many persons, in their order, each once. @throws ProblemError as leaveFor and tellContacts */
export async function lookUpContacts(
  parts: IdportenParts,
  request: AdminRequest,
  { persons, includesUnregistered }: Omit<ContactQuestion, 'names'>,
): Promise<readonly ToldContact[]> {
  const each = [...new Set(persons)];
  const names = each.map((person) => parts.vault.nameOf(person));
  const leave = await leaveFor(parts, request, 'person.list', names);
  // While the addresses of some are opened the next ones are read.
  const told = Array.from({ length: Math.ceil(each.length / TOGETHER) }, async (_, turn) => {
    for (let i = 0; i < turn; i += 1) await setImmediate();
    const [from, until] = [turn * TOGETHER, (turn + 1) * TOGETHER];
    return tellContacts(parts, leave, { persons: each.slice(from, until), names: names.slice(from, until), includesUnregistered });
  });
  return (await Promise.all(told)).flat();
}
