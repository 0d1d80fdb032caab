import { setImmediate } from 'node:timers/promises';
import type { AdminRequest } from '#access';
import type { IdportenParts } from '../parts.js';
import { leaveFor } from './leave.js';
import { type ContactQuestion, type ToldContact, tellContacts } from './tell-contacts.js';

/** Read, judged and unsealed in one turn of the event loop: some milliseconds. */
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
  const told: ToldContact[] = [];
  for (let from = 0; from < each.length; from += TOGETHER) {
    if (from > 0) await setImmediate();
    const until = from + TOGETHER;
    const some = { persons: each.slice(from, until), names: names.slice(from, until), includesUnregistered };
    told.push(...(await tellContacts(parts, leave, some)));
  }
  return told;
}
