import { type AdminRequest, repeated } from '#access';
import type { BrukerId, PersonNumber } from '#domain';
import { ProblemError } from '#problem';
import { collectionsOf, type IdportenParts } from '../parts.js';
import type { Contact, Language } from './contact.js';
import { leaveFor } from './leave.js';
import { type ToldContact, tellContacts } from './tell-contacts.js';

/** What a person is told of oneself. @param person of the token, which may have none @throws ProblemError as leaveFor and tellContacts */
export async function readOwnContact(parts: IdportenParts, request: AdminRequest, person: PersonNumber | undefined): Promise<ToldContact> {
  const names = named(parts, person);
  const leave = await leaveFor(parts, request, 'person.read', names);
  // The policy lets nobody through who names nobody.
  const [told] = await tellContacts(parts, leave, { persons: [person as PersonNumber], names, includesUnregistered: true });
  return told as ToldContact;
}

/** Has a person written to in another language. @throws ProblemError `person-not-found` for one who is not active in the register, and as leaveFor */
export async function changeOwnLanguage(
  parts: IdportenParts,
  request: AdminRequest,
  { person, language }: { readonly person: PersonNumber | undefined; readonly language: Language },
): Promise<void> {
  const subjects = named(parts, person);
  const { at } = await leaveFor(parts, request, 'language.change', subjects);
  // The policy lets nobody through who names nobody.
  const brukerId = subjects[0] as BrukerId;
  const { contacts } = collectionsOf(parts.store);
  const facts = { action: 'krr.language', at, actor: brukerId };
  await repeated(async () => {
    const stored = await contacts.get(brukerId);
    if (stored?.value.status !== 'AKTIV')
      throw new ProblemError('person-not-found', { detail: 'The person is not in the contact register.' });
    const changed: Contact = { ...stored.value, language: { code: language, updated: at } };
    await contacts.put(changed, { expect: stored.revision, facts });
  });
}

function named({ vault }: IdportenParts, person: PersonNumber | undefined): readonly BrukerId[] {
  return person === undefined ? [] : [vault.nameOf(person)];
}
