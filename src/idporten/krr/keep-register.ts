import { X509Certificate } from 'node:crypto';
import type { AdminRequest } from '#access';
import { Fault, type Orgnr, type PersonNumber } from '#domain';
import { invalid } from '#problem';
import { collectionsOf, type IdportenParts } from '../parts.js';
import type { RegisterImport } from './contact.js';
import { leaveFor } from './leave.js';
import { type ToldContact, tellContacts } from './tell-contacts.js';

/** All that the register has of a person, as it would be answered. @throws ProblemError as leaveFor and tellContacts */
export async function showContact(parts: IdportenParts, request: AdminRequest, person: PersonNumber): Promise<ToldContact> {
  const names = [parts.vault.nameOf(person)];
  const leave = await leaveFor(parts, request, 'register.show', names);
  const [told] = await tellContacts(parts, leave, { persons: [person], names, includesUnregistered: true });
  return told as ToldContact;
}

/** How the register stands. */
export interface RegisterStatus {
  /** Those who are deleted among them. */
  readonly persons: number;
  readonly latest: RegisterImport | undefined;
}

/** How many persons the register has, and what the latest import has done. @throws ProblemError as leaveFor */
export async function readRegisterStatus(parts: IdportenParts, request: AdminRequest): Promise<RegisterStatus> {
  await leaveFor(parts, request, 'register.status', []);
  const { contacts, registerImports } = collectionsOf(parts.store);
  const [persons, latest] = await Promise.all([contacts.count({}), registerImports.get('latest')]);
  return { persons, latest: latest?.value };
}

/**
 * Keeps the certificate of one who runs mailboxes: it is answered with each person who has one there.
 * @throws ProblemError `invalid-request` if the text is no certificate in PEM, and as leaveFor
 */
export async function putMailboxProvider(
  parts: IdportenParts,
  request: AdminRequest,
  { orgnr, certificate }: { readonly orgnr: Orgnr; readonly certificate: string },
): Promise<void> {
  const { at } = await leaveFor(parts, request, 'mailbox-provider.put', []);
  const read = parseCertificate(certificate);
  if (read instanceof Fault) throw invalid('/certificate', read.detail);
  const facts = { action: 'krr.mailbox-provider', at, actor: 'operator' };
  await collectionsOf(parts.store).mailboxProviders.put({ orgnr, certificate: read }, { expect: 'any', facts });
}

/** One certificate, written anew: whatever else the file holds is not kept. */
function parseCertificate(text: string): string | Fault {
  try {
    return new X509Certificate(text).toString();
  } catch {
    return new Fault('is no certificate in PEM');
  }
}
